/**
 * Secrets that are derived, never stored: from one of the deployment's, by HKDF-SHA-256 (RFC 5869).
 */
import { createHmac, hkdfSync } from 'node:crypto';

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

const derive = (secret: string, use: string, bytes: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(hkdfSync('sha256', secret, '', `latchkey ${use}`, bytes));

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

  /**
   * What signs a text for a use: a MAC (HMAC-SHA-256, in hexadecimal) by each secret, the first
   * first. The first signs, all verify.
   */
  macsOf(use: string, text: string): [string, ...string[]] {
    const [first, ...rest] = [...this.#secrets.values()].map((secret) =>
      createHmac('sha256', derive(secret, use, SECRET_BYTES))
        .update(text)
        .digest('hex'),
    );
    return [first ?? '', ...rest];
  }

  /** Stands for a text that is not to be stored. It is another once the first secret is. */
  pseudonymOf(text: string): string {
    const bytes = derive(this.#first, `pseudonym ${text}`, PSEUDONYM_BYTES);
    return Buffer.from(bytes).toString('base64url');
  }

  /** The secret of a webhook; null: the one that it derives from was dropped. */
  webhookSecret({ secretId, id, version }: Derivation): Uint8Array<ArrayBuffer> | null {
    const secret = this.#secrets.get(secretId);
    return secret === undefined ? null : derive(secret, `webhook ${id} ${version}`, SECRET_BYTES);
  }
}
