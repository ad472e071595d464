/** What each mail says. */
import type { Mail } from '../permit.ts';
import type { Letter, Part } from './letter.ts';

/** A company in which somebody may set a password, and the token for it. */
export interface Access {
  company: string;
  token: string;
}

/** The page that sets a password. What is behind `#` is sent to no server and stands in no log. */
const linkTo = ({ origin }: Mail, token: string): Part => ({
  link: `${origin}/console/password#${token}`,
});

const IGNORE = 'If you did not expect this mail, ignore it.';
const hello = (name: string): Part[] => ['Hello ', { name }, ','];

/** To somebody who has no password yet. */
export const invitation = (mail: Mail, name: string, { company, token }: Access): Letter => ({
  subject: 'Your invitation',
  paragraphs: [
    hello(name),
    ['You have an account at ', { name: company }, '. Set a password to sign in:'],
    [linkTo(mail, token)],
    ['The link works once, within 7 days.'],
    [IGNORE],
  ],
});

/** To somebody whose password an administrator resets. */
export const resetRequest = (mail: Mail, name: string, { company, token }: Access): Letter => ({
  subject: 'Set a new password',
  paragraphs: [
    hello(name),
    ['An administrator of ', { name: company }, ' asks you to set a new password:'],
    [linkTo(mail, token)],
    ['The link works once, within 24 hours.'],
    [IGNORE],
  ],
});

/** To an address for which somebody asked. It may have an account at several companies. */
export const forgotten = (mail: Mail, accesses: readonly Access[]): Letter => ({
  subject: 'Set a new password',
  paragraphs: [
    ['Hello,'],
    ['somebody asked for a new password for this e-mail address. To set one, open the link.'],
    ...accesses.flatMap(({ company, token }): Part[][] => [
      ['Your account at ', { name: company }, ':'],
      [linkTo(mail, token)],
    ]),
    ['A link works once, within 24 hours.'],
    ['If it was not you, ignore this mail. Your password has not changed.'],
  ],
});

/** To somebody whose password was set. */
export const passwordSet = ({ origin }: Mail, name: string, company: string): Letter => ({
  subject: 'Your password was set',
  paragraphs: [
    hello(name),
    ['The password of your account at ', { name: company }, ' was set just now.'],
    ['If it was not you, set another one at once, and tell an administrator of your company:'],
    [{ link: `${origin}/console/forgot` }],
  ],
});

/** To the address that somebody had until now. */
export const addressChanged = (_: Mail, name: string, company: string): Letter => ({
  subject: 'Your e-mail address was changed',
  paragraphs: [
    hello(name),
    ['Your account at ', { name: company }, ' has another e-mail address now.'],
    ['This address works for it no more. The account needs a new password.'],
    ['If you did not expect this, tell an administrator of your company.'],
  ],
});

/** To somebody whose second factors have changed. `what`: how a sentence begins. */
const factorsChanged =
  (what: string) =>
  ({ origin }: Mail, name: string, company: string): Letter => ({
    subject: 'Your second factors have changed',
    paragraphs: [
      hello(name),
      [`${what} your account at `, { name: company }, ' just now.'],
      ['If it was not you, set another password, and tell an administrator of your company:'],
      [{ link: `${origin}/console/forgot` }],
    ],
  });

/** `factor`: such as "A passkey". */
export const factorAdded = (factor: string) => factorsChanged(`${factor} was added to`);
export const factorRemoved = (factor: string) => factorsChanged(`${factor} was removed from`);
export const appReplaced = factorsChanged('Another authenticator app replaced the one of');
export const factorsRemoved = factorsChanged(
  'An administrator removed all second factors, and the recovery codes, from',
);
export const codesRenewed = factorsChanged(
  'New recovery codes, in place of the old, were made for',
);
