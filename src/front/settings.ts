/** The bindings, secrets and settings of a deployment. */
import { Issuer } from '../base/issuer.ts';
import { isLoopback } from '../base/loopback.ts';
import { Signer } from '../base/signer.ts';
import type { Mail, Nudge } from '../domain/permit.ts';
import { readMailFrom } from './mail-from.ts';
import { readOperatorKeys, readSecrets } from './secrets.ts';

export interface Env {
  DB: D1Database;
  SESSIONS: KVNamespace;
  /** Nudges: see `domain/nudge.ts`. */
  WORK: Queue<Nudge>;
  /**
   * Rate limits: calls with one API key or session; all calls of one tenant; refused credentials
   * from one network.
   */
  CALLS: RateLimit;
  CALLS_BY_TENANT: RateLimit;
  REFUSALS: RateLimit;
  /**
   * Rate limits of attempts to sign in or set a password: from one network, and from one network
   * for one e-mail address.
   */
  TRIES_BY_ADDRESS: RateLimit;
  TRIES_BY_ACCOUNT: RateLimit;
  /** Sends mails. Optional: it needs `MAIL_FROM` and `PUBLIC_URL`. */
  MAIL?: SendEmail;
  /** Static assets, such as the scripts of the pages that `DOCS` enables. */
  ASSETS: Fetcher;
  /** Secret: one operator key, or two during a rotation, separated by white space or commas. */
  OPERATOR_KEY: string;
  /**
   * Secret: the secrets that sign keys and tokens, separated likewise. The first issues, all
   * verify.
   */
  TOKEN_SECRETS: string;
  /**
   * Secret: what the secrets of webhooks derive from, likewise; new ones from the first, dropping
   * one disables those that derive from it.
   */
  SIGNING_SECRETS: string;
  /** `on`: the reference and GraphiQL are served, and introspection needs no credential. */
  DOCS?: string;
  /** `off`: the console is not served. */
  CONSOLE?: string;
  /**
   * Origins whose pages may call, such as `https://app.example.com`, separated likewise. `*`: any.
   * Left out: none.
   */
  CORS_ORIGINS?: string;
  /**
   * The origin under which clients reach the service, such as `https://latchkey.example.com`. Left
   * out: the origin of each request.
   */
  PUBLIC_URL?: string;
  /** Who mails are from: `no-reply@example.com`, or `Example <no-reply@example.com>`. */
  MAIL_FROM?: string;
  /** The highest cost of one GraphQL document: about the number of fields in its answer. */
  GRAPHQL_MAX_COST?: string;
  /** How many units per second one tenant can sustain in one isolate. */
  TENANT_UNITS_PER_SECOND?: string;
  /** How many days audit events are kept. Left out: forever. */
  AUDIT_RETENTION_DAYS?: string;
  /** The largest size of the database, in bytes. Left out: D1’s 10 GB. */
  DATABASE_BYTES?: string;
  /** `on`, for development: webhooks may lead to this machine, over `http`. */
  WEBHOOKS_INSECURE?: string;
}

export interface Settings {
  operatorKeys: readonly string[];
  issuer: Issuer;
  signer: Signer;
  docs: boolean;
  console: boolean;
  corsOrigins: readonly string[];
  /** An origin. Undefined: the origin of each request. */
  publicUrl: string | undefined;
  /** Who mails are from. Undefined: no mail is sent. */
  mailFrom: Mail['from'] | undefined;
  maxCost: number;
  unitsPerSecond: number;
  auditDays: number | undefined;
  databaseBytes: number | undefined;
  webhooksInsecure: boolean;
}

const list = (setting: string | undefined): string[] =>
  (setting ?? '').split(/[\s,]+/).filter(Boolean);

const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;

/**
 * The origin in `PUBLIC_URL`, with or without a trailing slash. Throws if it has more than that, or
 * if credentials would cross a network unencrypted.
 */
function readPublicUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url && isSafe && url.href === `${url.origin}/`) return url.origin;
  throw new Error(
    'PUBLIC_URL must be an origin such as https://latchkey.example.com, without a path. http ' +
      'is only allowed for localhost.',
  );
}

const TOKENS = 'The first issues, all verify';
const SIGNING = 'New webhooks use the first, the others keep theirs';

function readOrigins(origins: string[]): string[] {
  if (origins.every((origin) => origin === '*' || isOrigin(origin))) return origins;
  throw new Error('CORS_ORIGINS must hold origins such as https://app.example.com, or *.');
}

/** What is on if left out. Throws for a word that may be meant to switch it off. */
function readSwitch(name: string, value: string | undefined): boolean {
  if (!value) return true;
  if (value === 'on' || value === 'off') return value === 'on';
  throw new Error(`${name} must be "on" or "off".`);
}

/** Whether the console is on. Throws where mail leads to it and it is off. */
function readConsole({ CONSOLE, MAIL_FROM = '' }: Env): boolean {
  const isOn = readSwitch('CONSOLE', CONSOLE);
  if (isOn || MAIL_FROM.trim() === '') return isOn;
  throw new Error('Links in mails lead to the console: with CONSOLE "off", take away MAIL_FROM.');
}

/** A page of 100 users with 100 devices each costs half of this. */
const MAX_COST = 50_000;
/** D1 runs some hundreds of batches per second. */
export const UNITS_PER_SECOND = 100;

function positive(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`${name} must be a whole number above 0.`);
}

/** Reads all settings. Throws one error with the messages of all that are invalid. */
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

/**
 * Throws if a secret is missing or too weak, or a setting is invalid. The message has a line for
 * each, for the operator.
 */
export function readSettings(env: Env): Settings {
  const keys = list(env.OPERATOR_KEY);
  const secrets = list(env.TOKEN_SECRETS);
  const signing = list(env.SIGNING_SECRETS);
  return readAll<Settings>({
    operatorKeys: () => readOperatorKeys(keys, [...secrets, ...signing]),
    issuer: () => new Issuer(readSecrets('TOKEN_SECRETS', TOKENS, secrets, [...keys, ...signing])),
    signer: () =>
      new Signer(readSecrets('SIGNING_SECRETS', SIGNING, signing, [...keys, ...secrets])),
    docs: () => env.DOCS === 'on',
    console: () => readConsole(env),
    corsOrigins: () => readOrigins(list(env.CORS_ORIGINS)),
    publicUrl: () => readPublicUrl(env.PUBLIC_URL),
    mailFrom: () => readMailFrom(env.MAIL_FROM),
    maxCost: () => positive('GRAPHQL_MAX_COST', env.GRAPHQL_MAX_COST) ?? MAX_COST,
    unitsPerSecond: () =>
      positive('TENANT_UNITS_PER_SECOND', env.TENANT_UNITS_PER_SECOND) ?? UNITS_PER_SECOND,
    auditDays: () => positive('AUDIT_RETENTION_DAYS', env.AUDIT_RETENTION_DAYS),
    databaseBytes: () => positive('DATABASE_BYTES', env.DATABASE_BYTES),
    webhooksInsecure: () => env.WEBHOOKS_INSECURE === 'on',
  });
}
