/**
 * Standard Webhooks 1.0: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { bytesOf } from './secrets.ts';

/** What its receiver verifies with: `whsec_` and the bytes in base64. */
export const writeWebhookSecret = (secret: Uint8Array): string =>
  `whsec_${Buffer.from(secret).toString('base64')}`;

const sign = async (secret: Uint8Array<ArrayBuffer>, signed: Uint8Array<ArrayBuffer>) => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  return `v1,${Buffer.from(await crypto.subtle.sign('HMAC', key, signed)).toString('base64')}`;
};

/** What is signed and sent. */
export interface Delivery {
  /** Of the event: the same at each attempt. It has no dot. */
  id: string;
  /** Of the attempt, in epoch milliseconds. */
  at: number;
  body: string;
}

/**
 * The headers of a delivery: with a signature for each of `secrets`, of which a receiver needs to
 * know one.
 */
export async function signDelivery(
  secrets: readonly Uint8Array<ArrayBuffer>[],
  { id, at, body }: Delivery,
): Promise<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const seconds = String(Math.floor(at / 1000));
  const signed = bytesOf(`${id}.${seconds}.${body}`);
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, signed)));
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signatures.join(' '),
  };
}
