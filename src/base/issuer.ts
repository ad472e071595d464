/** API keys, access tokens and their kin: issued, and told apart from forgeries without I/O. */
import { createHash } from 'node:crypto';
import { randomText } from './ids.ts';
import { bytesOf, sameHash } from './secrets.ts';
import { TtlCache } from './ttl-cache.ts';

/**
 * API keys, access tokens of sessions, tokens that reset a password: `lk_key_…`, `lk_ses_…` and `lk_rst_…` are followed by
 * a public id (16 letters or digits), a secret (24: 142 bits) and a checksum (80 bits, in hexadecimal).
 *
 * One HMAC-SHA-256 over all that stands before the checksum gives two things: its first 80 bits are the checksum, the other
 * 176 are the hash, which is all that is stored. Neither tells anything of the other, or of the secret.
 */
export type CredentialKind = 'key' | 'ses' | 'rst';
const PREFIX = 'lk_xxx_'.length;
const ID = 16;
const SECRET = 24;
const BODY = PREFIX + ID + SECRET;
/** In hexadecimal digits. */
const CHECKSUM = 20;
const SHAPE = new RegExp(`^lk_(key|ses|rst)_[0-9A-Za-z]{${ID + SECRET}}[0-9a-f]{${CHECKSUM}}$`);

/** The kind of credential that a text looks like; null: none of these. */
export const kindOf = (token: string): CredentialKind | null =>
  (SHAPE.exec(token)?.[1] as CredentialKind | undefined) ?? null;

/** Tokens that an isolate knows to be genuine, and for how long. */
const REMEMBERED = 30_000;
const MEMORY_MS = 30_000;

/** A credential whose checksum is right: this deployment issued it, whether or not it still counts. */
export interface Credential {
  kind: CredentialKind;
  id: string;
  hash: string;
  /** What the first edition stored instead: SHA-256 over the whole token. */
  readonly formerHash: string;
}

export interface IssuedCredential extends Pick<Credential, 'kind' | 'id' | 'hash'> {
  /** Shown once, never stored. */
  token: string;
}

/** Whether what is stored is of this credential. The former hash has another length, and is not made for any other. */
export const isHashOf = (stored: string, credential: Credential): boolean =>
  sameHash(stored, credential.hash) ||
  (stored.length === FORMER && sameHash(stored, credential.formerHash));

/** 256 bits in base64url, where those of today are 176 in hexadecimal: 44. */
const FORMER = 43;

class VerifiedCredential implements Credential {
  readonly kind: CredentialKind;
  readonly id: string;
  readonly hash: string;
  readonly #token: string;

  constructor(kind: CredentialKind, token: string, hash: string) {
    this.kind = kind;
    this.id = token.slice(PREFIX, PREFIX + ID);
    this.hash = hash;
    this.#token = token;
  }

  get formerHash(): string {
    return createHash('sha256').update(this.#token).digest('base64url');
  }
}

const importKey = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytesOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);

/** In hexadecimal: checksum and hash. */
const sign = async (body: Uint8Array<ArrayBuffer>, key: CryptoKey): Promise<string> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, body)).toHex();

/** Issues credentials and recognises its own. `secrets` as in TOKEN_SECRETS: the first issues, all verify. */
export class Issuer {
  readonly #keys: Promise<[CryptoKey, ...CryptoKey[]]>;
  /** Only genuine tokens get in, so that garbage cannot push them out. */
  readonly #recognised = new TtlCache<Credential>(REMEMBERED);

  constructor([first, ...retired]: readonly [string, ...string[]]) {
    this.#keys = Promise.all([importKey(first), ...retired.map(importKey)]);
  }

  async issue(kind: CredentialKind): Promise<IssuedCredential> {
    const id = randomText(ID);
    const body = `lk_${kind}_${id}${randomText(SECRET)}`;
    const [key] = await this.#keys;
    const mac = await sign(bytesOf(body), key);
    return { kind, id, token: body + mac.slice(0, CHECKSUM), hash: mac.slice(CHECKSUM) };
  }

  /** The credential that a token is, if it was issued here; anything else is null, at the price of a hash for each secret. */
  async verify(token: string): Promise<Credential | null> {
    const kind = kindOf(token);
    if (!kind) return null;
    const body = bytesOf(token.slice(0, BODY));
    const checksum = token.slice(BODY);
    for (const key of await this.#keys) {
      const mac = await sign(body, key);
      if (sameHash(mac.slice(0, CHECKSUM), checksum)) {
        return new VerifiedCredential(kind, token, mac.slice(CHECKSUM));
      }
    }
    return null;
  }

  /** The same, if it was recognised a moment ago. */
  cached(token: string, now: number): Credential | undefined {
    return this.#recognised.get(token, now);
  }

  /** The same, and remembers it: for credentials that are looked at more than once. */
  async verifyCached(token: string, now: number): Promise<Credential | null> {
    const known = this.cached(token, now);
    if (known) return known;
    const credential = await this.verify(token);
    if (credential) this.#recognised.set(token, credential, now + MEMORY_MS);
    return credential;
  }
}
