/** The bindings and secrets that a deployment needs before it answers anything. */
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

const isBound = (binding: unknown): boolean => typeof binding === 'object' && binding !== null;

const isText = (secret: unknown): boolean => typeof secret === 'string' && secret.trim() !== '';

const called = (kind: string, names: string[]): string =>
  `the ${kind}${names.length > 1 ? 's' : ''} ${names.join(', ')}`;

/**
 * The missing bindings and secrets, and what to do, in a public sentence. Null if none is missing.
 * An environment in `wrangler.toml` inherits no binding from the top level, so one is easily
 * forgotten.
 */
export function missingBindings(env: Env): string | null {
  const names = Object.keys(BINDINGS) as Binding[];
  const bindings = names.filter((name) => !isBound(env[name]));
  const secrets = SECRETS.filter((name) => !isText(env[name]));
  const missing: string[] = [];
  const advice: string[] = [];
  if (bindings.length > 0) {
    missing.push(called('binding', bindings));
    advice.push('Name bindings in wrangler.toml, by environment.');
  }
  if (secrets.length > 0) {
    missing.push(called('secret', secrets));
    advice.push('Put secrets by `npx wrangler secret put`, or in .dev.vars.');
  }
  return missing.length > 0
    ? `This deployment lacks ${missing.join(' and ')}. ${advice.join(' ')}`
    : null;
}
