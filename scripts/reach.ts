/** Checks that Latchkey answers at a URL before anything is sent there. */
import { stop } from './local.ts';

/** How long a URL may take to answer, in milliseconds. */
const PATIENCE_MS = 5_000;

/** Why a fetch failed, by the error codes of Node. `url` is the one that was fetched. */
const REASONS: [code: RegExp, reason: (url: string) => string][] = [
  [/^ECONNREFUSED$/, () => 'nothing listens there.'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, () => 'there is no host of that name, or no network.'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, () => 'there is no route to it.'],
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
      'its certificate is not trusted here. Fix that, or name your company’s certificate ' +
      'authority in NODE_EXTRA_CA_CERTS.',
  ],
];

/** Why `fetch` threw, as part of a sentence. */
export function reasonOf(error: unknown, url: string): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  const code = cause?.code ?? name;
  const [, reason] = REASONS.find(([pattern]) => pattern.test(code)) ?? [];
  return reason?.(url) ?? cause?.message ?? message;
}

/**
 * Stops if nothing answers at the URL, or something other than Latchkey: repeating would not help.
 */
export async function expectServed(url: string): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`${url}/health`, { signal, redirect: 'manual' }).catch((error) =>
    stop(
      `Nothing answers at ${url}: ${reasonOf(error, url)}\nStart one with \`npm start\`, or ` +
        'name another URL with --url.',
    ),
  );
  const { origin } = new URL(answer.headers.get('Location') ?? '', url);
  if (origin !== url) stop(`${url} redirects to ${origin}. Name that URL with --url.`);
  const type = answer.headers.get('Content-Type') ?? '';
  if (type.startsWith('application/json')) {
    if (answer.ok) return;
    // The deployment is incomplete and would refuse everything.
    stop(`${url}/health says: ${(await answer.text()).slice(0, 500)}`);
  }
  if (answer.status === 400 && url.startsWith('http:')) {
    stop(`${url} only accepts https. Perhaps it is ${url.replace(/^http/, 'https')}`);
  }
  stop(`${url} is not Latchkey. Name another URL with --url.`);
}
