/** Rules for passwords. */
import * as v from 'valibot';
import { Asset } from '../../base/asset.ts';
import type { Complaint } from '../../base/faults.ts';
import { schemaFacts } from '../../base/fields.ts';
import type { Call } from '../permit.ts';

const LEAST = 12;
const MOST = 128;

/**
 * The most common passwords from leaks: the first 1,500 of the list in @zxcvbn-ts/language-common
 * 4.1.3 (MIT licensed), and those of the 48,000 after them that are long enough to be chosen here.
 */
export type CommonPasswords = ReadonlySet<string>;

/** 9 KB gzipped. Only setting a password needs them, so they are not in the Worker's bundle. */
export const newCommonPasswords = () =>
  new Asset<CommonPasswords>(
    '/common-passwords.txt',
    async (file) => new Set((await file.text()).trim().split(/\s+/)),
  );

const NONE: CommonPasswords = new Set();

/**
 * The list to judge a new password by. Empty if the input has no password. Throws UNAVAILABLE if
 * the list cannot be read.
 */
export const readCommon = async ({ assets, isolate }: Call, input: unknown) =>
  Object(input).password === undefined ? NONE : isolate.commonPasswords.from(assets);

/**
 * Whether the text repeats one character or counts up or down: `aaaaaaaaaaaa`, `234567890123`,
 * `fedcba987654`.
 */
function isSequence(text: string): boolean {
  const digit = (step: number) => (step === -9 ? 1 : step === 9 ? -1 : step);
  const steps = [...text]
    .slice(1)
    .map((_, at) => digit(text.charCodeAt(at + 1) - text.charCodeAt(at)));
  return new Set(steps).size === 1 && Math.abs(steps[0] ?? 0) <= 1;
}

/**
 * Whether the password is one of the most common: as it is, repeated, or with characters around it
 * that are not letters.
 */
export function isCommon(password: string, listed: CommonPasswords): boolean {
  const folded = password.toLowerCase();
  const bare = folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const unit = /^(.+?)\1+$/su.exec(folded)?.[1];
  return (
    isSequence(folded) ||
    [folded, bare, unit].some((text) => text !== undefined && listed.has(text))
  );
}

const tooCommon: Complaint = {
  code: 'INVALID',
  path: ['password'],
  message: 'Is one of the most common passwords. Choose another.',
};

/** The check that `newPassword` cannot do, since it does not know the list. */
export const commonness = (password: string | undefined, listed: CommonPasswords): Complaint[] =>
  password !== undefined && isCommon(password, listed) ? [tooCommon] : [];

/** The example in the reference. */
export const EXAMPLE = 'a lamp in the fourth window';

/**
 * Any characters are allowed. The length makes a password strong (NIST SP 800-63B, section
 * 3.1.1.2).
 */
export const newPassword = v.pipe(
  v.string('Must be a text.'),
  v.check((value) => {
    const { length } = [...value];
    return length >= LEAST && length <= MOST;
  }, `Must be ${LEAST} to ${MOST} characters long.`),
  schemaFacts<string>({
    type: 'string',
    minLength: LEAST,
    maxLength: MOST,
    format: 'password',
  }),
);

/** A password that someone types. The rules for new passwords do not apply. */
export const typedPassword = v.pipe(
  v.string('Must be a text.'),
  v.check(
    (value) => value.length > 0 && value.length <= 4 * MOST,
    'Must not be empty or too long.',
  ),
  schemaFacts<string>({ type: 'string', format: 'password' }),
);
