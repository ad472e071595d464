/** The secrets of a deployment, which nobody may guess. */
import { isGuessable, isKnownFrom } from '../base/secret-strength.ts';

/** 32 random bytes have at least so many characters in base64url. */
const OPERATOR_KEY = /^lk_op_[0-9A-Za-z_-]{43,}$/;
const MIN_SECRET = 32;
/** Placeholders from examples. 32 random bytes practically never contain one. */
const PLACEHOLDER = /example|change.?me|secret|passw/i;

/** Throws if one of the secrets can be guessed, by itself or from the others. */
function expectRandom(name: string, secrets: readonly string[], others: readonly string[]): void {
  if (secrets.some((secret) => PLACEHOLDER.test(secret) || isGuessable(secret))) {
    throw new Error(
      `The secret ${name} can be guessed. Use 32 random bytes, as in docs/operations.md.`,
    );
  }
  const isKnown = (secret: string, at: number): boolean =>
    isKnownFrom(secret, [...secrets.toSpliced(at, 1), ...others]);
  if (!secrets.some(isKnown)) return;
  throw new Error(
    `The secret ${name} contains a part of another secret, or the same part twice. Use 32 ` +
      'random bytes for each.',
  );
}

/** Throws unless there are one or two keys that cannot be guessed. */
export function readOperatorKeys(keys: string[], others: readonly string[]): string[] {
  const isFit = keys.length > 0 && keys.length < 3 && keys.every((key) => OPERATOR_KEY.test(key));
  if (!isFit) {
    throw new Error(
      'The secret OPERATOR_KEY must hold one key, or two during a rotation: each "lk_op_" ' +
        'and at least 32 random bytes in base64url.',
    );
  }
  expectRandom('OPERATOR_KEY', keys, others);
  return keys;
}

/** Throws unless there are secrets that nobody can guess. `use`: what each of them is for. */
export function readSecrets(
  name: 'TOKEN_SECRETS' | 'SIGNING_SECRETS',
  use: string,
  secrets: string[],
  others: readonly string[],
): [string, ...string[]] {
  const [first, ...rest] = secrets;
  if (first === undefined || secrets.some((secret) => secret.length < MIN_SECRET)) {
    throw new Error(
      `The secret ${name} must hold one or more secrets of at least ${MIN_SECRET} ` +
        `characters. ${use}.`,
    );
  }
  expectRandom(name, secrets, others);
  return [first, ...rest];
}
