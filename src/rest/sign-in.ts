/** Routes to sign in and to set a password. */
import * as v from 'valibot';
import { addressKey, adviceOnAddress } from '../base/address.ts';
import { described } from '../base/fields.ts';
import type { SessionKind } from '../base/issuer.ts';
import type { Enrolment } from '../domain/credentials.ts';
import { WrongCode } from '../domain/factors/wrong-codes.ts';
import { askReset, askResetInput } from '../domain/members/ask-reset.ts';
import type { SignedIn } from '../domain/members/enter.ts';
import { setPassword, setPasswordInput } from '../domain/members/set-password.ts';
import { signIn, signInInput } from '../domain/members/sign-in.ts';
import type { Permit } from '../domain/permit.ts';
import { BadRequest } from './answers.ts';
import { type Bounds, type Route, route } from './route.ts';
import { serializeUser, textType, user } from './serializers.ts';

const tag = 'Signing in';

/**
 * The account for the limit of attempts, which is checked before the password. Limits are per
 * network, so an attacker elsewhere cannot lock a user out.
 */
const emailOf = (body: unknown): string => {
  const { email } = body as { email?: unknown };
  return typeof email === 'string' ? addressKey(email.trim()).slice(0, 254) : '';
};

/** The most company ids in a message, to keep it short. */
const TOLD = 10;

const whichCompany = (ids: number[]): string =>
  'You are a member of several companies. Name one: ' +
  `${ids.slice(0, TOLD).join(', ')}${ids.length > TOLD ? ' …' : ''}.`;

/** Whoever must add a second factor gets no session. The console lets them add one. */
export class EnrolmentDue extends BadRequest {
  readonly enrolment: Enrolment;
  constructor(enrolment: Enrolment, consoleAt: string | null) {
    super(
      400,
      'code',
      'Your company requires a second factor, and you have none yet. Add one in the console' +
        `${consoleAt === null ? '' : `: ${consoleAt}`}.`,
    );
    this.enrolment = enrolment;
  }
}

/** A code is due. Without an app it is a recovery code; in the console a passkey does as well. */
export class CodeDue extends BadRequest {
  readonly byApp: boolean;
  constructor(byApp: boolean, consoleAt: string | null) {
    super(400, 'code', whichCode(byApp, consoleAt));
    this.byApp = byApp;
  }
}

const whichCode = (byApp: boolean, consoleAt: string | null): string =>
  byApp
    ? 'A code is needed too. Send the six digits that your authenticator app shows, or a ' +
      'recovery code.'
    : 'Your account has a passkey. Sign in with it in the console' +
      `${consoleAt === null ? '' : ` (${consoleAt})`}, or send a recovery code.`;

/**
 * Signs a member in, within the limits of attempts. Throws a BadRequest, the same for an unknown
 * address, a wrong password and a disabled user. `kind`: an access token, or the console's session.
 */
export async function signInWithin(
  permit: Permit<'member.signIn'>,
  body: unknown,
  { limitAddress, limitAccount, inTurn, consoleAt }: Bounds,
  kind: SessionKind,
): Promise<SignedIn> {
  await limitAddress();
  await limitAccount(emailOf(body));
  const result = await signIn(permit, body, inTurn, kind);
  switch (result.outcome) {
    case 'signedIn':
      return result;
    case 'several':
      throw new BadRequest(400, 'company_id', whichCompany(result.tenantIds));
    case 'codeDue':
      throw new CodeDue(result.byApp, consoleAt);
    case 'codeWrong':
      throw new BadRequest(400, 'code', new WrongCode().message);
    case 'enrolmentDue':
      throw new EnrolmentDue(result.enrolment, consoleAt);
    case 'refused':
      throw new BadRequest(
        400,
        'email',
        'There is no active user with this e-mail address and password.' +
          adviceOnAddress(emailOf(body)),
      );
  }
}

export const signingIn: Route[] = [
  route({
    method: 'post',
    path: '/authenticate',
    name: 'authenticate',
    tag,
    summary:
      'Signs a member in. Send the token with every later call, as `Authorization: Bearer ' +
      '<token>`. `DELETE /session` signs out. 429: more than 10 attempts a minute for one ' +
      'address from one network, or 60 for all addresses. Or ten wrong codes in a row: no code ' +
      'is taken for 15 minutes then. Or too many sign-ins at this moment: try again in some ' +
      'seconds.',
    action: 'member.signIn',
    body: signInInput,
    refusals: [429],
    meanings: {
      400:
        'There is no active user with this e-mail address and password (in the company, if one ' +
        'is named). It is the same for an unknown address, a wrong password and a disabled ' +
        'user. Or several companies have a user with them: then `company_id` is required. Or ' +
        'the user has a second factor, or must have one: then `code` says what to do, and is ' +
        'there if a code is wrong. Or the body cannot be parsed.',
    },
    data: v.object({
      token: described(
        textType,
        'The access token of a session. It works for 30 days from its last use.',
        'lk_ses_…',
      ),
      user,
    }),
    async answer(permit, { body, ...bounds }) {
      const { token, member, tenantId } = await signInWithin(permit, body, bounds, 'ses');
      return { token, user: serializeUser(member, tenantId) };
    },
  }),
  route({
    method: 'post',
    path: '/password-reset',
    name: 'askPasswordReset',
    tag,
    summary:
      'Sends a mail to a member who forgot the password: a reset token for each company where ' +
      'the address belongs to an active member. It works once, within a day, until the address ' +
      'changes or the member is disabled. The answer is the same for every address. At most 3 ' +
      'mails an hour for one address. Of one network, 10 calls an hour count.',
    action: 'member.askReset',
    status: 202,
    body: askResetInput,
    refusals: [403, 429],
    meanings: { 403: 'This service sends no mail.' },
    data: v.object({}),
    async answer(permit, { body, network, limitAddress, limitAccount }) {
      await limitAddress();
      await limitAccount(emailOf(body));
      askReset(permit, body, network);
      return {};
    },
  }),
  route({
    method: 'post',
    path: '/password',
    name: 'setPassword',
    tag,
    summary:
      'Sets a password with a reset token. It ends all sessions of the user, who has to sign ' +
      'in again.',
    action: 'member.setPassword',
    body: setPasswordInput,
    refusals: [429],
    data: v.object({}),
    async answer(permit, { body, limitAddress, inTurn }) {
      await limitAddress();
      await setPassword(permit, body, inTurn);
      return {};
    },
  }),
];
