/**
 * Hints about what was sent as a credential, by its looks alone. Whether it is valid is not checked
 * here, so valid and invalid ones that look alike get the same answer.
 */
import * as v from 'valibot';
import { type CredentialKind, kindOf } from './issuer.ts';
import { text } from './text.ts';

export type CredentialLook = CredentialKind | 'op';

const NAMES = {
  key: 'an API key',
  ses: 'the access token of a session',
  con: 'a session of the console, which works only in its cookie',
  rst: 'a reset token, which works only in POST /password',
  op: 'the operator key',
} as const satisfies Record<CredentialLook, string>;

/** What belongs in a place that takes only one kind. */
const BELONGS = {
  key: 'An API key, "lk_key_…", belongs here.',
  ses: 'The access token of a session, "lk_ses_…", belongs here.',
  con: 'A session of the console belongs in its cookie.',
  rst: 'A reset token, "lk_rst_…", belongs here.',
} as const satisfies Record<CredentialKind, string>;

type Look = [look: RegExp, advice: string];

/** Common mistakes in an Authorization header. The first match is reported. */
const HEADER_LOOKS: Look[] = [
  [/^$/, 'The header is empty. Is a variable empty?'],
  [/^bearer$/i, 'There is nothing after "Bearer". Is a variable empty?'],
  [/["'`“”‘’]/, 'The header contains quotes. Leave them out.'],
  [/^bearer\s+bearer\b/i, 'The word "Bearer" appears twice.'],
  [/^bearer( *[:=]|[^ ])/i, 'Put exactly one space between "Bearer" and the credential.'],
  [/^(lk|whsec)_/i, 'The word "Bearer" is missing before the credential.'],
  [/^(?!bearer\b)/i, 'The first word must be "Bearer". No other scheme is supported.'],
];

/** Common mistakes in place of a credential. The first match is reported. */
const LOOKS: Look[] = [
  [/^$/, 'There is nothing here. Is a variable empty?'],
  [/["'`“”‘’]/, 'It contains quotes. Leave them out.'],
  [/^(undefined|null|none|nan|true|false|\[object \w+\])$/i, 'Is a variable empty?'],
  [/^[$<{%[]/, 'This is the name of a credential. Put the credential itself here.'],
  [/^\S+[\s,;]/, 'There is more here than the credential.'],
  [/^eyJ/, 'This looks like a JWT of another service. Our credentials begin with "lk_".'],
  [/^whsec_/, 'This looks like the secret of a webhook. It signs events and gives no access.'],
  [/^lk_(key|ses|con|rst)_/, 'It is not as we issued it. Copy it completely.'],
  [/^lk_/i, 'Our credentials begin with "lk_key_", "lk_ses_" or "lk_op_".'],
  [/^/, 'Our credentials begin with "lk_".'],
];

/** In characters. The beginning is enough. */
const MAX_LOOKED = 200;

const adviceFrom = (looks: Look[], text: string): string | undefined =>
  looks.find(([look]) => look.test(text))?.[1];

/** The kind of credential that a text looks like. Null if none. */
const lookOf = (token: string): CredentialLook | null =>
  token.startsWith('lk_op_') ? 'op' : kindOf(token);

/** The token without spaces around it and without the word "Bearer" before it. */
export const bareToken = (given: string): string => given.trim().replace(/^bearer\s+/i, '');

/**
 * The hint about an Authorization header, with a leading space: what seems wrong, or what belongs
 * there instead. Empty if it looks like one of `takes`. It quotes nothing of the header.
 */
export function adviceOnHeader(header: string, takes: readonly CredentialLook[]): string {
  const kind = lookOf(/^bearer +(\S+)$/i.exec(header)?.[1] ?? '');
  if (kind !== null) {
    if (takes.includes(kind)) return '';
    const [only] = takes;
    const belongs = takes.length === 1 && only && only !== 'op' ? BELONGS[only] : '';
    return ` This looks like ${NAMES[kind]}. ${belongs}`.trimEnd();
  }
  const looked = header.trim().slice(0, MAX_LOOKED);
  return ` ${adviceFrom(HEADER_LOOKS, looked) ?? adviceFrom(LOOKS, bareToken(looked))}`;
}

/**
 * The hint about a field for one kind of token, whose value `bareToken` gave: what it looks like,
 * and what belongs there. Empty if it looks right.
 */
export function adviceOnToken(token: string, belongs: CredentialKind): string {
  const kind = lookOf(token);
  if (kind === belongs) return '';
  const advice = kind
    ? `This looks like ${NAMES[kind]}.`
    : adviceFrom(LOOKS, token.slice(0, MAX_LOOKED));
  return `${advice} ${BELONGS[belongs]}`;
}

/** A field with a token. Anything that is not a token counts as no token. */
export const anyToken = v.pipe(v.string('Must be a text.'), v.transform(bareToken));

/** A field with a token. A value that does not look like one is refused, valid or not. */
export const tokenField = (belongs: CredentialKind) =>
  v.pipe(
    anyToken,
    v.check(
      (token) => kindOf(token) === belongs,
      ({ input }) => adviceOnToken(input, belongs),
    ),
  );

/** The id of a session or a key. Refuses a whole credential, with a hint. */
export const publicId = v.pipe(
  v.string(),
  v.check(
    (id) => !/^lk_/i.test(bareToken(id)),
    'This looks like a credential. Give its id: the 16 letters or digits after "lk_key_" or ' +
      '"lk_ses_".',
  ),
  text(64),
);
