/**
 * An authenticator and the browser around it (WebAuthn, level 2), by WebCrypto. What it signs can
 * be wrong in each way that somebody could try.
 */
import { Buffer } from 'node:buffer';

const ES256 = -7;
const RS256 = -257;

type Bytes = Uint8Array<ArrayBuffer>;

const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const utf8 = (text: string): Bytes => new TextEncoder().encode(text);
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const fromBase64url = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'base64url'));
const joined = (...parts: (Uint8Array | number[])[]): Bytes =>
  new Uint8Array(parts.flatMap((part) => [...part]));

/** CBOR: the head of a value, and values of the types that attestations have. */
function head(type: number, size: number): number[] {
  if (size < 24) return [(type << 5) | size];
  if (size < 256) return [(type << 5) | 24, size];
  return [(type << 5) | 25, size >> 8, size & 255];
}
export type Encodable = number | string | Uint8Array | Map<number | string, Encodable>;
export function cbor(value: Encodable): Bytes {
  if (typeof value === 'number') {
    return joined(value < 0 ? head(1, -1 - value) : head(0, value));
  }
  if (typeof value === 'string') return joined(head(3, utf8(value).length), utf8(value));
  if (value instanceof Uint8Array) return joined(head(2, value.length), value);
  return joined(
    head(5, value.size),
    ...[...value].flatMap(([key, inner]) => [cbor(key), cbor(inner)]),
  );
}

/** A number of an ECDSA signature in DER: without leading zeros, and never negative. */
function derNumber(bytes: Bytes): number[] {
  const digits = [...bytes.subarray(bytes.findIndex((byte) => byte !== 0))];
  const number = (digits[0] ?? 0) > 127 ? [0, ...digits] : digits;
  return [2, number.length, ...number];
}

function derOf(raw: Bytes): Bytes {
  const both = [...derNumber(raw.subarray(0, 32)), ...derNumber(raw.subarray(32))];
  return joined([0x30, both.length, ...both]);
}

/** What an authenticator or its browser does otherwise than it should. */
export interface Quirks {
  origin?: string;
  rpId?: string;
  /** In base64url. */
  challenge?: string;
  type?: string;
  crossOrigin?: boolean;
  /** User present 1, user verified 4, and for a new key 0x40. */
  flags?: number;
  counter?: number;
  userHandle?: string;
  id?: string;
  /** Done to what is signed, before or after. */
  cose?: Encodable;
  rest?: Bytes;
  format?: string;
  signature?: (right: Bytes) => Bytes;
}

const ALGORITHMS = {
  [ES256]: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  [RS256]: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
};

export interface Authenticator {
  /** The id of its credential, in base64url. */
  id: string;
  /** As many signatures as it has given. 0: it does not count. */
  counter: number;
  counts: boolean;
  create(options: { challenge: string; user: { id: string } }, quirks?: Quirks): Promise<object>;
  get(options: { challenge: string }, quirks?: Quirks): Promise<object>;
}

/** An authenticator with one key, at an origin. */
export async function newAuthenticator(
  origin: string,
  {
    algorithm = ES256,
    counts = true,
    idBytes = 32,
  }: {
    algorithm?: -7 | -257;
    counts?: boolean;
    idBytes?: number;
  } = {},
): Promise<Authenticator> {
  const scheme = ALGORITHMS[algorithm];
  const keys = (await crypto.subtle.generateKey(scheme, true, ['sign', 'verify'])) as CryptoKeyPair;
  const jwk = (await crypto.subtle.exportKey('jwk', keys.publicKey)) as JsonWebKey;
  const read = (text = ''): Bytes => fromBase64url(text);
  const cose = new Map<number, Encodable>(
    algorithm === ES256
      ? [
          [1, 2],
          [3, ES256],
          [-1, 1],
          [-2, read(jwk.x)],
          [-3, read(jwk.y)],
        ]
      : [
          [1, 3],
          [3, RS256],
          [-1, read(jwk.n)],
          [-2, read(jwk.e)],
        ],
  );
  const id = crypto.getRandomValues(new Uint8Array(idBytes));
  let userHandle = base64url(utf8('nobody'));
  const clientData = (type: string, challenge: string, quirks: Quirks): Bytes =>
    utf8(
      JSON.stringify({
        ...{ type, challenge, origin },
        crossOrigin: false,
        ...Object.fromEntries(
          (['type', 'challenge', 'origin', 'crossOrigin'] as const)
            .filter((name) => quirks[name] !== undefined)
            .map((name) => [name, quirks[name]]),
        ),
      }),
    );
  const authenticatorData = async (flags: number, quirks: Quirks, more: Bytes): Promise<Bytes> => {
    const counter = quirks.counter ?? (self.counts ? ++self.counter : 0);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, counter);
    const rpId = quirks.rpId ?? new URL(origin).hostname;
    return joined(await sha256(utf8(rpId)), [quirks.flags ?? flags], bytes, more);
  };
  const self: Authenticator = {
    id: base64url(id),
    counter: 0,
    counts,
    async create({ challenge, user }, quirks = {}) {
      userHandle = user.id;
      const key = joined(
        new Uint8Array(16),
        [id.length >> 8, id.length & 255],
        id,
        cbor(quirks.cose ?? cose),
        quirks.rest ?? new Uint8Array(),
      );
      const attestation = new Map<string, Encodable>([
        ['fmt', quirks.format ?? 'none'],
        ['attStmt', new Map()],
        ['authData', await authenticatorData(0x45, quirks, key)],
      ]);
      return {
        ...{ id: self.id, rawId: self.id, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', challenge, quirks)),
          attestationObject: base64url(cbor(attestation)),
          transports: ['internal'],
        },
      };
    },
    async get({ challenge }, quirks = {}) {
      const data = await authenticatorData(0x05, quirks, new Uint8Array());
      const client = clientData('webauthn.get', challenge, quirks);
      const signed = joined(data, await sha256(client));
      const raw = new Uint8Array(await crypto.subtle.sign(scheme, keys.privateKey, signed));
      const signature = algorithm === ES256 ? derOf(raw) : raw;
      return {
        ...{ id: quirks.id ?? self.id, rawId: self.id, type: 'public-key' },
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(quirks.signature?.(signature) ?? signature),
          userHandle: quirks.userHandle ?? userHandle,
        },
      };
    },
  };
  return self;
}
