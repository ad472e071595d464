/** What can be a password. */
import * as v from 'valibot';
import { Asset } from '../../base/asset.ts';
import type { Complaint } from '../../base/faults.ts';
import { schemaFacts } from '../../base/fields.ts';
import type { Call } from '../permit.ts';

const LEAST = 12;
const MOST = 128;

/**
 * The commonest passwords, as leaks have them: the first 1,500 of the list in
 * @zxcvbn-ts/language-common 4.1.3 (MIT licensed), and of the 48,000 behind them those that are
 * long enough to be chosen here.
 */
export type CommonPasswords = ReadonlySet<string>;

/** 9 KB gzipped that are needed where a password is set only: the Worker does not carry them. */
export const newCommonPasswords = () =>
  new Asset<CommonPasswords>(
    '/common-passwords.txt',
    async (file) => new Set((await file.text()).trim().split(/\s+/)),
  );

const NONE: CommonPasswords = new Set();

/**
 * The list that an input's new password is judged by; an empty one where it has none. Throws
 * UNAVAILABLE when the list cannot be read.
 */
export const readCommon = async ({ assets, isolate }: Call, input: unknown) =>
  Object(input).password === undefined ? NONE : isolate.commonPasswords.from(assets);

/**
 * Whether it is one character over and over, or each is the next of the one before:
 * `aaaaaaaaaaaa`, `234567890123`, `fedcba987654`.
 */
function isSequence(text: string): boolean {
  const digit = (step: number) => (step === -9 ? 1 : step === 9 ? -1 : step);
  const steps = [...text]
    .slice(1)
    .map((_, at) => digit(text.charCodeAt(at + 1) - text.charCodeAt(at)));
  return new Set(steps).size === 1 && Math.abs(steps[0] ?? 0) <= 1;
}

/**
 * Whether it is one of the commonest: as it is, over and over, or with something around it that is
 * no letter.
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
  message: 'Is one of the commonest passwords. Choose another.',
};

/** What `newPassword` cannot know of a password that it takes. */
export const commonness = (password: string | undefined, listed: CommonPasswords): Complaint[] =>
  password !== undefined && isCommon(password, listed) ? [tooCommon] : [];

/** For the reference, where a call is about a password. */
export const EXAMPLE = 'a lamp in the fourth window';

/** Any characters: the length is what makes it strong (NIST SP 800-63B, section 3.1.1.2). */
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

/** A password as it is typed: what it was when it was set is not asked. */
export const typedPassword = v.pipe(
  v.string('Must be a text.'),
  v.check((value) => value.length > 0 && value.length <= 4 * MOST, 'Must not be empty or endless.'),
  schemaFacts<string>({ type: 'string', format: 'password' }),
);
