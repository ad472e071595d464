/** One delivery: a signed POST, of whose answer the status counts, and nothing else. */

import { type Delivery as Signed, signDelivery } from '../../base/standard-webhook.ts';
import { withTimeout } from '../../base/timeout.ts';
import type { Call } from '../permit.ts';
import { retryAfter } from './schedule.ts';
import type { Delivery, Former } from './webhook.ts';

/** A receiver that takes longer is tried again, in milliseconds. */
export const PATIENCE_MS = 15_000;

const USER_AGENT = 'Latchkey-Webhooks/1';

export interface Attempt extends Delivery {
  /** How long the receiver wants us to wait, in milliseconds. */
  retryAfterMs: number;
}

interface Signing {
  id: string;
  secretId: string;
  version: number;
  formers: Former[];
}

/** The secrets that sign at `now`, in epoch milliseconds; null: the current one was dropped. */
export function secretsOf(
  { signer }: Call,
  { id, formers, ...current }: Signing,
  now: number,
): Uint8Array<ArrayBuffer>[] | null {
  const secret = signer.webhookSecret({ id, ...current });
  if (!secret) return null;
  const others = formers
    .filter(({ endsAt }) => endsAt > now)
    .map(({ secretId, version }) => signer.webhookSecret({ id, secretId, version }))
    .filter((one) => one !== null);
  return [secret, ...others];
}

/** Sends an event, and waits for the status of the answer. */
export async function attempt(
  url: string,
  secrets: readonly Uint8Array<ArrayBuffer>[],
  event: Pick<Signed, 'id' | 'body'>,
): Promise<Attempt> {
  const at = Date.now();
  const headers = {
    'content-type': 'application/json',
    'user-agent': USER_AGENT,
    ...(await signDelivery(secrets, { ...event, at })),
  };
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const asked = fetch(url, {
    ...{ method: 'POST', headers, body: event.body, signal },
    redirect: 'manual',
  })
    // Refused, reset, unknown or garbled: all the same to us.
    .catch(() => null);
  const answer = await withTimeout(PATIENCE_MS, asked, null);
  if (!answer) giveUp.abort();
  const now = Date.now();
  // What it says is nobody's, however long it is.
  await answer?.body?.cancel().catch(() => {});
  return {
    ...{ at, eventId: event.id, durationMs: now - at, status: answer?.status ?? null },
    retryAfterMs: retryAfter(answer?.headers.get('Retry-After') ?? null, now),
  };
}

/** Whether the receiver took the event: its status is 2xx. */
export const isTaken = ({ status }: Pick<Delivery, 'status'>): boolean =>
  status !== null && status >= 200 && status < 300;
