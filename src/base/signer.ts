/**
 * Secrets that are derived, never stored: from one of the deployment's, by HKDF-SHA-256 (RFC 5869).
 */
import { createHmac, hkdfSync } from 'node:crypto';
import { bytesOf, sameHash } from './secrets.ts';

/** How a secret of a webhook is found again. */
export interface Derivation {
  /** Which of the deployment's secrets it derives from. */
  secretId: string;
  /** Of the webhook. */
  id: string;
  /** From 1 on: each rotation has the next. */
  version: number;
}

const SECRET_BYTES = 32;
const ID_BYTES = 9;
const PSEUDONYM_BYTES = 15;
/** Of AES-GCM. Random ones are enough for far fewer than 2^32 texts. */
const IV_BYTES = 12;

const derive = (secret: string, use: string, bytes: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(hkdfSync('sha256', secret, '', `latchkey ${use}`, bytes));

const gcm = (iv: Uint8Array<ArrayBuffer>, owner: string) => ({
  ...{ name: 'AES-GCM', iv },
  additionalData: bytesOf(owner),
});

const macBy = (secret: string, use: string, text: string): string =>
  createHmac('sha256', derive(secret, use, SECRET_BYTES))
    .update(text)
    .digest('hex');

const sealingKey = (secret: string, use: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', derive(secret, `seal ${use}`, SECRET_BYTES), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);

/** `secrets` as in SIGNING_SECRETS: new secrets derive from the first, all go on being known. */
export class Signer {
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #first: string;
  /** The names of the secrets, the first first. They tell nothing of them. */
  readonly ids: readonly [string, ...string[]];

  constructor(secrets: readonly [string, ...string[]]) {
    const idOf = (secret: string): string =>
      Buffer.from(derive(secret, 'id', ID_BYTES)).toString('base64url');
    const [first, ...rest] = secrets;
    this.#first = first;
    this.ids = [idOf(first), ...rest.map(idOf)];
    this.#secrets = new Map(secrets.map((secret) => [idOf(secret), secret]));
  }

  /** What signs a text for a use: a MAC (HMAC-SHA-256, in hexadecimal) by the first secret. */
  macOf(use: string, text: string): string {
    return macBy(this.#first, use, text);
  }

  /** Whether one of the secrets signed the text for this use. */
  isMac(mac: string, use: string, text: string): boolean {
    return [...this.#secrets.values()].some((secret) => sameHash(macBy(secret, use, text), mac));
  }

  /** Stands for a text that is not to be stored. It is another once the first secret is. */
  pseudonymOf(text: string): string {
    const bytes = derive(this.#first, `pseudonym ${text}`, PSEUDONYM_BYTES);
    return Buffer.from(bytes).toString('base64url');
  }

  /**
   * Encrypts what must be read again, for a use, by AES-256-GCM under a key of the first secret.
   * Only whoever names the same `owner` can read it.
   */
  async seal(use: string, plain: Uint8Array<ArrayBuffer>, owner: string): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const key = await sealingKey(this.#first, use);
    const sealed = await crypto.subtle.encrypt(gcm(iv, owner), key, plain);
    const bytes = Buffer.concat([iv, new Uint8Array(sealed)]);
    return `${this.ids[0]}.${bytes.toString('base64url')}`;
  }

  /** Null: the secret that sealed it was dropped, or it is not what `seal` gave for the owner. */
  async unseal(use: string, text: string, owner: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const [id = '', sealed = ''] = text.split('.');
    const secret = this.#secrets.get(id);
    if (secret === undefined) return null;
    const bytes = Uint8Array.from(Buffer.from(sealed, 'base64url'));
    const [iv, rest] = [bytes.slice(0, IV_BYTES), bytes.slice(IV_BYTES)];
    const key = await sealingKey(secret, use);
    return crypto.subtle.decrypt(gcm(iv, owner), key, rest).then(
      (plain) => new Uint8Array(plain),
      () => null,
    );
  }

  /** The secret of a webhook; null: the one that it derives from was dropped. */
  webhookSecret({ secretId, id, version }: Derivation): Uint8Array<ArrayBuffer> | null {
    const secret = this.#secrets.get(secretId);
    return secret === undefined ? null : derive(secret, `webhook ${id} ${version}`, SECRET_BYTES);
  }
}
