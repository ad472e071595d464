/** Whether Latchkey answers at an address, before anything is sent there. */
import { stop } from './local.ts';

/** How long an address may take to answer at all, in milliseconds. */
const PATIENCE_MS = 5_000;

/** Why nothing can be fetched, by the codes of Node's errors; `url` is what was asked. */
const REASONS: [code: RegExp, reason: (url: string) => string][] = [
  [/^ECONNREFUSED$/, () => 'nothing listens there.'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, () => 'there is no machine of that name, or no network.'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, () => 'no way leads there.'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|TimeoutError)$/, () => 'it does not answer in time.'],
  [
    /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))$/,
    (url) => `it does not speak https. Perhaps it is ${url.replace(/^https/, 'http')}`,
  ],
  [
    /^(ECONNRESET|UND_ERR_SOCKET|HPE_\w+)$/,
    (url) =>
      url.startsWith('http:')
        ? `it does not speak http. Perhaps it is ${url.replace(/^http/, 'https')}`
        : 'it hangs up.',
  ],
  [
    /CERT|ALTNAME|SIGNATURE/,
    () =>
      'its certificate is not trusted here. Mend that, or name the authority of your company in NODE_EXTRA_CA_CERTS.',
  ],
];

/** Why `fetch` threw, as a clause. */
export function reasonOf(error: unknown, url: string): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  const code = cause?.code ?? name;
  const [, reason] = REASONS.find(([pattern]) => pattern.test(code)) ?? [];
  return reason?.(url) ?? cause?.message ?? message;
}

/** Stops where nothing answers at the address, or something else than Latchkey does: no try would help. */
export async function expectServed(url: string): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`${url}/health`, { signal, redirect: 'manual' }).catch((error) =>
    stop(
      `Nothing answers at ${url}: ${reasonOf(error, url)}\nStart one with \`npm start\`, or name another address with --url.`,
    ),
  );
  const { origin } = new URL(answer.headers.get('Location') ?? '', url);
  if (origin !== url) stop(`${url} leads to ${origin}: name that address with --url.`);
  const type = answer.headers.get('Content-Type') ?? '';
  if (type.startsWith('application/json')) {
    if (answer.ok) return;
    // It lacks something, and would go on to refuse all that is sent.
    stop(`${url}/health says: ${(await answer.text()).slice(0, 500)}`);
  }
  if (answer.status === 400 && url.startsWith('http:')) {
    stop(`${url} refuses what is no https. Perhaps it is ${url.replace(/^http/, 'https')}`);
  }
  stop(`What answers at ${url} is not Latchkey. Name the address with --url.`);
}
