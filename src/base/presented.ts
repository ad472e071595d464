/**
 * What was sent in the place of a credential, by its looks alone: whether it is good is not asked here, so that good ones and
 * bad ones that look alike are refused alike.
 */
import { type CredentialKind, kindOf } from './issuer.ts';

export type Presented = CredentialKind | 'op';

const NAMES = {
  key: 'an API key',
  ses: 'the access token of a session',
  rst: 'a reset token, which only POST /password takes',
  op: 'the operator key',
} as const satisfies Record<Presented, string>;

/** What belongs where not every kind does. */
const BELONGS = {
  key: 'An API key, "lk_key_…", belongs here.',
  ses: 'The access token of a session, "lk_ses_…", belongs here.',
} as const;

/** What a header looks like that holds none of our credentials, as it should stand there: the first that fits is told. */
const LOOKS: [look: RegExp, advice: string][] = [
  [/^$/, 'The header is empty: is a variable?'],
  [/^bearer$/i, 'Nothing stands behind "Bearer": is a variable empty?'],
  [/["'`“”‘’]/, 'There are quotes in the header: leave them out.'],
  [/^bearer\s+bearer\b/i, 'The word "Bearer" stands there twice.'],
  [/^bearer( *[:=]|[^ ])/i, 'Between "Bearer" and the credential stands one blank, and no more.'],
  [/^bearer +(undefined|null|none|nan|true|false|\[object \w+\])$/i, 'Is a variable empty?'],
  [/^bearer +[$<{%[]/i, 'This is the name of a credential: put the credential itself there.'],
  [/^(lk|whsec)_/i, 'The word "Bearer" is missing before the credential.'],
  [/^(?!bearer\b)/i, 'The first word must be "Bearer": no other scheme is known here.'],
  [/^bearer +\S+[\s,;]/i, 'More than the credential stands behind "Bearer".'],
  [/^\w+ +eyJ/, 'This looks like a JWT of another service: ours begin with "lk_".'],
  [/^\w+ +whsec_/, 'This looks like the secret of a webhook, which signs and opens nothing.'],
  [/^\w+ +lk_(key|ses|rst)_/, 'It is shorter, longer or otherwise than we made it: copy it whole.'],
  [/^bearer +lk_/i, 'None of ours begins so: they begin with "lk_key_", "lk_ses_" or "lk_op_".'],
  [/^/, 'None of ours looks so: they begin with "lk_".'],
];

/** In characters: more of a header says nothing more. */
const MAX_LOOKED = 200;

/**
 * What the refusal of an Authorization header adds, with a blank before it: what seems to be wrong, or what belongs there
 * instead. Empty where it looks like one of `takes`. Repeats nothing of the header.
 */
export function adviceOn(header: string, takes: readonly Presented[]): string {
  const token = /^bearer +(\S+)$/i.exec(header)?.[1] ?? '';
  const kind = token.startsWith('lk_op_') ? 'op' : kindOf(token);
  if (kind !== null) {
    if (takes.includes(kind)) return '';
    const [only] = takes;
    const belongs = takes.length === 1 && (only === 'key' || only === 'ses') ? BELONGS[only] : '';
    return ` This looks like ${NAMES[kind]}. ${belongs}`.trimEnd();
  }
  const looked = header.trim().slice(0, MAX_LOOKED);
  const [, advice = ''] = LOOKS.find(([look]) => look.test(looked)) ?? [];
  return ` ${advice}`;
}
