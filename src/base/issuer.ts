/** Issues API keys, access tokens and reset tokens, and detects forged ones without I/O. */
import { createHash } from 'node:crypto';
import { randomText } from './ids.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { bytesOf, sameHash } from './secrets.ts';
import { TtlCache } from './ttl-cache.ts';

/**
 * The kinds of credentials: API keys (`lk_key_…`), access tokens of sessions (`lk_ses_…`), sessions
 * of the console (`lk_con_…`) and tokens that reset a password (`lk_rst_…`). Each prefix is
 * followed by a public id (16 letters or digits), a secret (24 of them: 142 bits) and a checksum
 * (80 bits, in hexadecimal).
 *
 * One HMAC-SHA-256 over everything before the checksum gives two values. Its first 80 bits are the
 * checksum. The other 176 bits are the hash, which is all that is stored. Neither reveals the
 * other, or the secret.
 */
export type CredentialKind = 'key' | 'ses' | 'con' | 'rst';

export type SessionKind = Extract<CredentialKind, 'ses' | 'con'>;

/** Whether it is the credential of a session. */
export const isSessionKind = (kind: CredentialKind): kind is SessionKind =>
  kind === 'ses' || kind === 'con';

const PREFIX = 'lk_xxx_'.length;
const ID = 16;
const SECRET = 24;
const BODY = PREFIX + ID + SECRET;
/** In hexadecimal digits. */
const CHECKSUM = 20;
const SHAPE = new RegExp(`^lk_(key|ses|con|rst)_[0-9A-Za-z]{${ID + SECRET}}[0-9a-f]{${CHECKSUM}}$`);

/** The kind of credential that a text looks like. Null if it is none of these. */
export const kindOf = (token: string): CredentialKind | null =>
  (SHAPE.exec(token)?.[1] as CredentialKind | undefined) ?? null;

/** How many verified tokens an isolate caches, and for how long. */
const REMEMBERED = 30_000;
const MEMORY_MS = 30_000;

/** A credential with a valid checksum: this deployment issued it. It may have ended since. */
export interface Credential {
  kind: CredentialKind;
  id: string;
  hash: string;
  /** The hash that the first edition stored: SHA-256 over the whole token. */
  readonly formerHash: string;
}

export interface IssuedCredential extends Pick<Credential, 'kind' | 'id' | 'hash'> {
  /** Shown once, never stored. */
  token: string;
}

/**
 * Whether a stored hash belongs to this credential. The former hash is only computed for a stored
 * hash of its length.
 */
export const isHashOf = (stored: string, credential: Credential): boolean =>
  sameHash(stored, credential.hash) ||
  (stored.length === FORMER && sameHash(stored, credential.formerHash));

/**
 * The length of a former hash: 256 bits in base64url. Today's are 176 bits in hexadecimal: 44
 * digits.
 */
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

/** Checksum and hash, in hexadecimal. */
const sign = async (body: Uint8Array<ArrayBuffer>, key: CryptoKey): Promise<string> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, body)).toHex();

/**
 * Issues credentials and verifies them. `secrets` as in TOKEN_SECRETS: the first issues, all
 * verify.
 */
export class Issuer {
  readonly #keys: Promise<[CryptoKey, ...CryptoKey[]]>;
  /** Only verified tokens are cached, so garbage cannot push them out. */
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

  /**
   * The credential of a token that was issued here. Null for anything else. Costs one hash for each
   * secret.
   */
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

  /** The credential, if it was verified a moment ago. */
  cached(token: string, now: number): Credential | undefined {
    return this.#recognised.get(token, now);
  }

  /** Verifies a token and caches the result, for credentials that are looked at more than once. */
  verifyCached(token: string, now: number): MaybePromise<Credential | null> {
    return this.cached(token, now) ?? this.#verifyAndCache(token, now);
  }

  async #verifyAndCache(token: string, now: number): Promise<Credential | null> {
    const credential = await this.verify(token);
    if (credential) this.#recognised.set(token, credential, now + MEMORY_MS);
    return credential;
  }
}
