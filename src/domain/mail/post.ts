/** Hands mails to the service that sends them. */
import { withTimeout } from '../../base/timeout.ts';
import type { Call, Mail } from '../permit.ts';
import { bodiesOf, type Letter } from './letter.ts';

/** How long the service may take, in milliseconds. */
const PATIENCE_MS = 5_000;
/** The pauses before further attempts, in milliseconds. All fits into the 30 s of a `waitUntil`. */
const PAUSES_MS = [1_000, 5_000] as const;

/** Why the service refused a mail, without the address that its sentence may name. */
function reasonOf(error: unknown, to: string): string {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  return [code, message]
    .filter((one) => one !== undefined)
    .join(': ')
    .replaceAll(to, '…');
}

/**
 * Hands over a mail. Returns whether the service took it. It does not throw: no change fails for
 * want of a mail.
 */
export async function post(
  { requestId }: Pick<Call, 'requestId'>,
  { binding, from }: Mail,
  to: string,
  letter: Letter,
): Promise<boolean> {
  const { subject } = letter;
  try {
    const sending = binding.send({ from, to, subject, ...bodiesOf(letter) }).then(() => true);
    if (await withTimeout(PATIENCE_MS, sending, false)) return true;
    console.warn({ requestId, mail: subject, reason: `no answer within ${PATIENCE_MS} ms` });
  } catch (error) {
    console.warn({ requestId, mail: subject, reason: reasonOf(error, to) });
  }
  return false;
}

/** The same for work behind the answer: tries again, and logs an error if all attempts fail. */
export async function postPatiently(
  call: Pick<Call, 'requestId'>,
  mail: Mail,
  to: string,
  letter: Letter,
): Promise<void> {
  for (const pause of [0, ...PAUSES_MS]) {
    await scheduler.wait(pause);
    if (await post(call, mail, to, letter)) return;
  }
  console.error({ requestId: call.requestId, mail: letter.subject, lost: true });
}
