/**
 * What authenticators answer (WebAuthn, level 2): read, and verified. All that is malformed is
 * null, as all that is wrong. No attestation is looked at: whoever enrols is signed in already.
 */
import { type Cbor, readCbor } from './cbor.ts';
import type { RelyingParty } from './relying-party.ts';
import { sameHash } from './secrets.ts';

/** ES256 and RS256, as COSE numbers them. What is preferred comes first. */
export const ALGORITHMS = [-7, -257] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A public key as it is stored. */
export interface PublicKey {
  algorithm: Algorithm;
  /** In base64url: a point of P-256, or an RSA key in DER (SubjectPublicKeyInfo). */
  publicKey: string;
}

export interface NewCredential extends PublicKey {
  /** In base64url. */
  id: string;
  counter: number;
}

/** What a browser gives of a signature with a passkey, in base64url. */
export interface Assertion {
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

const SCHEMES = {
  [-7]: { scheme: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }, format: 'raw' },
  [-257]: { scheme: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, format: 'spki' },
} as const satisfies Record<Algorithm, object>;

const bytesIn = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'base64url'));
const textOf = (bytes: Bytes): string => Buffer.from(bytes).toString('base64url');
const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** The challenge that a page of ours had answered. `type`: whether it was to enrol or to sign. */
export function challengeIn(
  { origin }: RelyingParty,
  type: 'webauthn.create' | 'webauthn.get',
  clientDataJSON: string,
): string | null {
  try {
    const said = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString());
    const isOurs = said.type === type && said.origin === origin && said.crossOrigin !== true;
    return isOurs && typeof said.challenge === 'string' ? said.challenge : null;
  } catch {
    return null;
  }
}

/** Flags: somebody was there, and was verified, as by a finger or a PIN; a key follows. */
const [PRESENT, VERIFIED, HAS_KEY] = [0x01, 0x04, 0x40];
/** In bytes: the hash of the relying party’s id, the flags and the counter … */
const HEAD = 37;
/** … the model of the authenticator, and the length of the credential id. */
const MODEL = 16;
/** The longest credential id (section 4). */
const LONGEST_ID = 1_023;

/**
 * What an authenticator says (section 6.1). Throws if it is too short. Null unless it verified
 * somebody, for this relying party.
 */
async function readAuthenticatorData({ id }: RelyingParty, data: Bytes) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [flags, counter] = [view.getUint8(HEAD - 5), view.getUint32(HEAD - 4)];
  const hash = await sha256(new TextEncoder().encode(id));
  const isForUs = sameHash(textOf(data.subarray(0, hash.length)), textOf(hash));
  const isVerified = (flags & PRESENT) !== 0 && (flags & VERIFIED) !== 0;
  return isForUs && isVerified ? { flags, counter, view } : null;
}

/** RSA keys have 2,048 to 4,096 bits and the usual exponent. Others are weak, or slow. */
const isFitRsa = (n: string, e: string): boolean =>
  e === 'AQAB' && n.length > 340 && n.length < 684;

/** The key that COSE describes (RFC 9053, section 7). Null for a kind that was not asked for. */
function jwkOf(cose: Cbor | undefined): { algorithm: Algorithm; jwk: JsonWebKey } | null {
  if (!(cose instanceof Map)) return null;
  const read = (name: number): string => {
    const value = cose.get(name);
    return value instanceof Uint8Array ? textOf(value) : '';
  };
  const [kind, algorithm, first, second] = [cose.get(1), cose.get(3), read(-1), read(-2)];
  if (kind === 2 && algorithm === -7 && cose.get(-1) === 1) {
    return { algorithm, jwk: { kty: 'EC', crv: 'P-256', x: second, y: read(-3) } };
  }
  if (kind === 3 && algorithm === -257 && isFitRsa(first, second)) {
    return { algorithm, jwk: { kty: 'RSA', n: first, e: second } };
  }
  return null;
}

/** Reads the credential that an authenticator has made, from its attestation (section 6.5). */
async function readCredential(
  party: RelyingParty,
  attestationObject: string,
): Promise<NewCredential | null> {
  const [attestation, ...others] = readCbor(bytesIn(attestationObject));
  const data = attestation instanceof Map ? attestation.get('authData') : null;
  if (!(data instanceof Uint8Array) || others.length > 0) return null;
  const said = await readAuthenticatorData(party, data);
  if (!said || (said.flags & HAS_KEY) === 0) return null;
  const start = HEAD + MODEL + 2;
  const length = said.view.getUint16(start - 2);
  const id = data.subarray(start, start + length);
  // What extensions say may follow the key.
  const found = jwkOf(readCbor(data.subarray(start + length))[0]);
  if (!found || length === 0 || length > LONGEST_ID) return null;
  const { scheme, format } = SCHEMES[found.algorithm];
  // Refuses a point that is not on the curve.
  const key = await crypto.subtle.importKey('jwk', found.jwk, scheme, true, ['verify']);
  const exported = (await crypto.subtle.exportKey(format, key)) as ArrayBuffer;
  return {
    ...{ id: textOf(id), counter: said.counter, algorithm: found.algorithm },
    publicKey: textOf(new Uint8Array(exported)),
  };
}

export const readNewCredential = (party: RelyingParty, attestationObject: string) =>
  readCredential(party, attestationObject).catch(() => null);

/** From the two numbers of ECDSA in DER (RFC 3279, section 2.2.3) to both in 32 bytes each. */
function rawOf(der: Bytes): Bytes {
  const raw = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    const digits = der.subarray(at + 2, at + 2 + length);
    const number = digits.subarray(digits.findIndex((byte) => byte !== 0));
    if (der[at] !== 2 || number.length > 32) throw new Error('This is no signature.');
    raw.set(number, end - number.length);
    at += 2 + length;
  }
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || at !== der.length) {
    throw new Error('This is no signature.');
  }
  return raw;
}

async function verify(
  party: RelyingParty,
  { clientDataJSON, authenticatorData, signature }: Assertion,
  { algorithm, publicKey }: PublicKey,
): Promise<number | null> {
  const data = bytesIn(authenticatorData);
  const said = await readAuthenticatorData(party, data);
  if (!said) return null;
  const { scheme, format } = SCHEMES[algorithm];
  const key = await crypto.subtle.importKey(format, bytesIn(publicKey), scheme, false, ['verify']);
  const signed = Buffer.concat([data, await sha256(bytesIn(clientDataJSON))]);
  const given = bytesIn(signature);
  const raw = algorithm === -7 ? rawOf(given) : given;
  return (await crypto.subtle.verify(scheme, key, raw, signed)) ? said.counter : null;
}

/** The authenticator’s count of signatures, if the key has signed this (section 7.2). */
export const verifyAssertion = (party: RelyingParty, assertion: Assertion, key: PublicKey) =>
  verify(party, assertion, key).catch(() => null);
