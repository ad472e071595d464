/** Codes of authenticator apps: RFC 6238 with SHA-1, 30 seconds and six digits, as is usual. */
import { createHmac } from 'node:crypto';
import { base32, RFC_4648 } from './base32.ts';
import { sameHash } from './secrets.ts';

/** RFC 4226, section 4, recommends 160 bits. */
const SECRET_BYTES = 20;
const STEP_MS = 30_000;
const DIGITS = 6;

export const newTotpSecret = (): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(SECRET_BYTES));

/** The secret as people type it into an app. */
export const secretText = (secret: Uint8Array): string => base32(secret, RFC_4648);

/** The number of a time, in epoch milliseconds. Codes change with it. */
export const stepAt = (now: number): number => Math.floor(now / STEP_MS);

/** The code of a step (RFC 4226, section 5.3). */
export function codeAt(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const bits = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fff_ffff;
  return String(bits % 10 ** digits).padStart(digits, '0');
}

/**
 * The step after `last` that a code belongs to. Null: to none. The steps before and after `now`
 * count too, since clocks differ and people type slowly (RFC 6238, section 5.2).
 */
export function stepOf(
  secret: Uint8Array,
  code: string,
  { now, last }: { now: number; last: number },
): number | null {
  const at = stepAt(now);
  const steps = [at - 1, at, at + 1].filter((step) => step > last);
  return steps.find((step) => sameHash(codeAt(secret, step), code)) ?? null;
}

/** What the QR code says: the app shows the company and the account above its codes. */
export function otpauthUri(secret: Uint8Array, issuer: string, account: string): string {
  // A colon separates the two, so that none may be in either.
  const [company, name] = [issuer, account].map((text) =>
    encodeURIComponent(text.replaceAll(':', ' ')),
  );
  return `otpauth://totp/${company}:${name}?secret=${secretText(secret)}&issuer=${company}`;
}
