/** The bindings, secrets and settings that a deployment needs before it answers anything. */
import type { Env } from './settings.ts';

/** The names in `Env` of required bindings, as opposed to texts. */
type Binding = {
  [Name in keyof Env]-?: undefined extends Env[Name]
    ? never
    : Env[Name] extends string
      ? never
      : Name;
}[keyof Env];

/** All required bindings. A new one in `Env` does not compile until it is listed here. */
const BINDINGS = {
  ...{ DB: true, SESSIONS: true, WORK: true, ASSETS: true },
  ...{ CALLS: true, CALLS_BY_TENANT: true, REFUSALS: true },
  ...{ TRIES_BY_ADDRESS: true, TRIES_BY_ACCOUNT: true },
} satisfies Record<Binding, true>;

const SECRETS = [
  'OPERATOR_KEY',
  'TOKEN_SECRETS',
  'SIGNING_SECRETS',
] as const satisfies (keyof Env)[];

/** What mail needs, all three. `PUBLIC_URL` alone is of use without mail. */
const MAIL_SETTINGS = ['MAIL_FROM', 'PUBLIC_URL'] as const satisfies (keyof Env)[];

const isBound = (binding: unknown): boolean => typeof binding === 'object' && binding !== null;

const isText = (secret: unknown): boolean => typeof secret === 'string' && secret.trim() !== '';

const called = (kind: string, names: string[]): string =>
  `the ${kind}${names.length > 1 ? 's' : ''} ${names.join(', ')}`;

/** What is missing of mail, where a part of it is there: a binding, and settings. */
function missingOfMail(env: Env): { bindings: string[]; settings: string[] } {
  if (!(isBound(env.MAIL) || isText(env.MAIL_FROM))) return { bindings: [], settings: [] };
  return {
    bindings: isBound(env.MAIL) ? [] : ['MAIL'],
    settings: MAIL_SETTINGS.filter((name) => !isText(env[name])),
  };
}

/**
 * The missing bindings, secrets and settings, and what to do, in a public sentence. Null if none
 * is missing. An environment in `wrangler.toml` inherits no binding from the top level, so one is
 * easily forgotten.
 */
export function missingBindings(env: Env): string | null {
  const names = Object.keys(BINDINGS) as Binding[];
  const mail = missingOfMail(env);
  const bindings = [...names.filter((name) => !isBound(env[name])), ...mail.bindings];
  const secrets = SECRETS.filter((name) => !isText(env[name]));
  const missing: string[] = [];
  const advice: string[] = [];
  if (bindings.length > 0) {
    missing.push(called('binding', bindings));
    advice.push('Add bindings to wrangler.toml, by environment.');
  }
  if (secrets.length > 0) {
    missing.push(called('secret', secrets));
    advice.push('Set secrets by `npx wrangler secret put`, or in .dev.vars.');
  }
  if (mail.settings.length > 0) missing.push(called('setting', mail.settings));
  if (mail.bindings.length + mail.settings.length > 0) {
    advice.push('Mail needs MAIL, MAIL_FROM and PUBLIC_URL: set all or none.');
  }
  return missing.length > 0
    ? `This deployment lacks ${missing.join(' and ')}. ${advice.join(' ')}`
    : null;
}
