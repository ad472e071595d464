/** API keys and access tokens: made, told apart from forgeries without I/O, and hashed. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { randomText } from './ids.ts';

/**
 * `lk_key_…` and `lk_ses_…` are followed by a public id (16 letters or digits), a secret (24: 142 bits)
 * and the first 80 bits of an HMAC-SHA-256 over all that, in hexadecimal.
 */
export type CredentialKind = 'key' | 'ses';
const ID = 16;
const SECRET = 24;
const CHECKSUM = 20;
const SHAPE = new RegExp(`^lk_(key|ses)_[0-9A-Za-z]{${ID + SECRET}}[0-9a-f]{${CHECKSUM}}$`);

/** A credential whose checksum is right: this deployment issued it, whether or not it still counts. */
export interface Credential {
  kind: CredentialKind;
  id: string;
  hash: string;
}

export interface MintedCredential extends Credential {
  /** Shown once, never stored. */
  token: string;
}

/** SHA-256, base64url. Fit for random secrets, which need no slow hash; not for passwords. */
export const hashSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url');

/** Compares hashes in constant time. */
export function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

const checksum = (body: string, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('hex').slice(0, CHECKSUM);

/** `secrets` as in TOKEN_SECRETS: the first issues. */
export function mintCredential(
  kind: CredentialKind,
  secrets: readonly [string, ...string[]],
): MintedCredential {
  const id = randomText(ID);
  const body = `lk_${kind}_${id}${randomText(SECRET)}`;
  const token = body + checksum(body, secrets[0]);
  return { kind, id, token, hash: hashSecret(token) };
}

/** Reads a credential that one of `secrets` issued; anything else is null, at the price of a hash or two. */
export function readCredential(token: string, secrets: readonly string[]): Credential | null {
  const kind = SHAPE.exec(token)?.[1] as CredentialKind | undefined;
  if (!kind) return null;
  const body = token.slice(0, -CHECKSUM);
  const sum = token.slice(-CHECKSUM);
  if (!secrets.some((secret) => sameHash(sum, checksum(body, secret)))) return null;
  const start = 'lk_xxx_'.length;
  return { kind, id: token.slice(start, start + ID), hash: hashSecret(token) };
}
