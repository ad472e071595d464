/** What the deployment gives: bindings, secrets, settings. */
import { isGuessable, isKnownFrom } from '../base/guessable.ts';
import { Issuer } from '../base/issuer.ts';
import type { Nudge } from '../domain/permit.ts';

export interface Env {
  DB: D1Database;
  SESSIONS: KVNamespace;
  /** Nudges: see `domain/nudge.ts`. */
  WORK: Queue<Nudge>;
  /** Calls with one API key or session; what one tenant asks for; refused credentials from one network. */
  CALLS: RateLimit;
  CALLS_BY_TENANT: RateLimit;
  REFUSALS: RateLimit;
  /** Tries at signing in and setting passwords: from one network, and from one network for one e-mail address. */
  TRIES_BY_ADDRESS: RateLimit;
  TRIES_BY_ACCOUNT: RateLimit;
  /** Scripts of the pages in `DOCS`. */
  ASSETS: Fetcher;
  /** Secret: one operator key, or two while rotating, separated by white space or commas. */
  OPERATOR_KEY: string;
  /** Secret: the checksum secrets of keys and tokens, likewise; the first issues, all verify. */
  TOKEN_SECRETS: string;
  /** `on`: the reference and GraphiQL are served, and guests may introspect. */
  DOCS?: string;
  /** Origins whose pages may call, such as `https://app.example.com`, separated likewise; `*`: any. None if left out. */
  CORS_ORIGINS?: string;
  /** Where clients reach the service, such as `https://latchkey.example.com`; if left out, what each request names. */
  PUBLIC_URL?: string;
  /** What one GraphQL document may cost at most: about the number of fields in its answer. */
  GRAPHQL_MAX_COST?: string;
  /** How many units a second one tenant may go on with in one isolate. */
  TENANT_UNITS_PER_SECOND?: string;
  /** How many days audit events are kept; for ever if left out. */
  AUDIT_RETENTION_DAYS?: string;
  /** How large the database can get, in bytes: D1’s 10 GB if left out. */
  DATABASE_BYTES?: string;
}

export interface Settings {
  operatorKeys: readonly string[];
  issuer: Issuer;
  docs: boolean;
  corsOrigins: readonly string[];
  /** An origin; undefined: what each request names. */
  publicUrl: string | undefined;
  maxCost: number;
  unitsPerSecond: number;
  auditDays: number | undefined;
  databaseBytes: number | undefined;
}

const list = (setting: string | undefined): string[] =>
  (setting ?? '').split(/[\s,]+/).filter(Boolean);

const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The origin that `PUBLIC_URL` names, a slash behind it or not. Throws where it has more than that, or where
 * credentials would cross a network unencrypted.
 */
function readPublicUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (url && isSafe && url.href === `${url.origin}/`) return url.origin;
  throw new Error(
    'PUBLIC_URL must be an origin such as https://latchkey.example.com, without a path; http is for localhost alone.',
  );
}

/** 32 random bytes are at least so many characters in base64url. */
const OPERATOR_KEY = /^lk_op_[0-9A-Za-z_-]{43,}$/;
const MIN_SECRET = 32;
/** What stands in examples; 32 random bytes spell none of it but once in a universe. */
const PLACEHOLDER = /example|change.?me|secret|passw/i;

/** Throws where one of the secrets can be guessed, by itself, from another of them or from `others`. */
function expectRandom(name: string, secrets: readonly string[], others: readonly string[]): void {
  if (secrets.some((secret) => PLACEHOLDER.test(secret) || isGuessable(secret))) {
    throw new Error(
      `The secret ${name} can be guessed: take 32 random bytes, as docs/operations.md does.`,
    );
  }
  const isKnown = (secret: string, at: number): boolean =>
    isKnownFrom(secret, [...secrets.toSpliced(at, 1), ...others]);
  if (!secrets.some(isKnown)) return;
  throw new Error(
    `The secret ${name} holds what stands in another secret, or holds it twice: take 32 random bytes for each.`,
  );
}

/** Throws unless there are one or two keys that nobody can guess. */
function readOperatorKeys(keys: string[], others: readonly string[]): string[] {
  const isFit = keys.length > 0 && keys.length < 3 && keys.every((key) => OPERATOR_KEY.test(key));
  if (!isFit) {
    throw new Error(
      'The secret OPERATOR_KEY must hold one key, or two while rotating, each "lk_op_" and at least 32 random bytes in base64url.',
    );
  }
  expectRandom('OPERATOR_KEY', keys, others);
  return keys;
}

/** Throws unless there are secrets that nobody can guess. */
function readIssuer(secrets: string[], others: readonly string[]): Issuer {
  const [first, ...rest] = secrets;
  if (first === undefined || secrets.some((secret) => secret.length < MIN_SECRET)) {
    throw new Error(
      `The secret TOKEN_SECRETS must hold one or more secrets of at least ${MIN_SECRET} characters; the first issues, all verify.`,
    );
  }
  expectRandom('TOKEN_SECRETS', secrets, others);
  return new Issuer([first, ...rest]);
}

function readOrigins(origins: string[]): string[] {
  if (origins.every((origin) => origin === '*' || isOrigin(origin))) return origins;
  throw new Error('CORS_ORIGINS must hold origins such as https://app.example.com, or *.');
}

/** A page of 100 users with 100 devices each costs half of it. */
const MAX_COST = 50_000;
/** D1 does some hundreds of batches a second. */
export const UNITS_PER_SECOND = 100;

function positive(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`${name} must be a whole number above 0.`);
}

/** What each of them reads. Throws one error with the sentences of all that throw. */
function readAll<Read>(readers: { [Name in keyof Read]: () => Read[Name] }): Read {
  const read: Partial<Read> = {};
  const faults: string[] = [];
  for (const name in readers) {
    try {
      read[name] = readers[name]();
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return read as Read;
}

/** Throws, with a sentence a line for the operator, when a secret is missing or too weak to run with. */
export function readSettings(env: Env): Settings {
  const keys = list(env.OPERATOR_KEY);
  const secrets = list(env.TOKEN_SECRETS);
  return readAll<Settings>({
    operatorKeys: () => readOperatorKeys(keys, secrets),
    issuer: () => readIssuer(secrets, keys),
    docs: () => env.DOCS === 'on',
    corsOrigins: () => readOrigins(list(env.CORS_ORIGINS)),
    publicUrl: () => readPublicUrl(env.PUBLIC_URL),
    maxCost: () => positive('GRAPHQL_MAX_COST', env.GRAPHQL_MAX_COST) ?? MAX_COST,
    unitsPerSecond: () =>
      positive('TENANT_UNITS_PER_SECOND', env.TENANT_UNITS_PER_SECOND) ?? UNITS_PER_SECOND,
    auditDays: () => positive('AUDIT_RETENTION_DAYS', env.AUDIT_RETENTION_DAYS),
    databaseBytes: () => positive('DATABASE_BYTES', env.DATABASE_BYTES),
  });
}
