/** API keys, access tokens and their kin: issued, and told apart from forgeries without I/O. */
import { randomText } from './ids.ts';
import { Memory } from './memory.ts';
import { bytesOf, encoder, hashBytes, sameHash } from './secrets.ts';

/**
 * API keys, access tokens of sessions, tokens that reset a password: `lk_key_…`, `lk_ses_…` and `lk_rst_…` are followed by a public id (16 letters or digits), a secret (24: 142 bits)
 * and the first 80 bits of an HMAC-SHA-256 over all that, in hexadecimal.
 */
export type CredentialKind = 'key' | 'ses' | 'rst';
const PREFIX = 'lk_xxx_'.length;
const ID = 16;
const SECRET = 24;
const CHECKSUM_BYTES = 10;
const BODY = PREFIX + ID + SECRET;
const SHAPE = new RegExp(
  `^lk_(key|ses|rst)_[0-9A-Za-z]{${ID + SECRET}}[0-9a-f]{${2 * CHECKSUM_BYTES}}$`,
);

/** The kind of credential that a text looks like; null: none of these. */
export const kindOf = (token: string): CredentialKind | null =>
  (SHAPE.exec(token)?.[1] as CredentialKind | undefined) ?? null;

/** Tokens that an isolate knows to be genuine, and for how long: as long as it remembers their sessions. */
const REMEMBERED = 30_000;
const MEMORY_MS = 30_000;

/** A credential whose checksum is right: this deployment issued it, whether or not it still counts. */
export interface Credential {
  kind: CredentialKind;
  id: string;
  hash: string;
}

export interface IssuedCredential extends Credential {
  /** Shown once, never stored. */
  token: string;
}

const importKey = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytesOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);

async function checksum(body: Uint8Array<ArrayBuffer>, key: CryptoKey): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', key, body);
  return Buffer.from(mac, 0, CHECKSUM_BYTES).toString('hex');
}

/** Issues credentials and recognises its own. `secrets` as in TOKEN_SECRETS: the first issues, all verify. */
export class Issuer {
  readonly #keys: Promise<[CryptoKey, ...CryptoKey[]]>;
  /** Only genuine tokens get in, so that garbage cannot push them out. */
  readonly #recognised = new Memory<Credential>(REMEMBERED);

  constructor([first, ...retired]: readonly [string, ...string[]]) {
    this.#keys = Promise.all([importKey(first), ...retired.map(importKey)]);
  }

  async issue(kind: CredentialKind): Promise<IssuedCredential> {
    const id = randomText(ID);
    const body = `lk_${kind}_${id}${randomText(SECRET)}`;
    const [key] = await this.#keys;
    const token = body + (await checksum(bytesOf(body), key));
    return { kind, id, token, hash: await hashBytes(bytesOf(token)) };
  }

  /** The credential that a token is, if it was recognised a moment ago. */
  recall(token: string, now: number): Credential | undefined {
    return this.#recognised.get(token, now);
  }

  /** The credential that a token is, if it was issued here; anything else is null, at the price of a hash or two. */
  async recognise(token: string, now: number): Promise<Credential | null> {
    const known = this.recall(token, now);
    if (known) return known;
    const kind = kindOf(token);
    if (!kind) return null;
    const bytes = new Uint8Array(BODY + 2 * CHECKSUM_BYTES);
    encoder.encodeInto(token, bytes);
    if (!(await this.#isGenuine(bytes.subarray(0, BODY), token.slice(BODY)))) return null;
    const id = token.slice(PREFIX, PREFIX + ID);
    const credential = { kind, id, hash: await hashBytes(bytes) };
    this.#recognised.set(token, credential, now + MEMORY_MS);
    return credential;
  }

  async #isGenuine(body: Uint8Array<ArrayBuffer>, sum: string): Promise<boolean> {
    for (const key of await this.#keys) {
      if (sameHash(sum, await checksum(body, key))) return true;
    }
    return false;
  }
}
