/** How users come in: reset tokens for their passwords, and their second factors. */
import * as v from 'valibot';
import { described } from '../base/fields.ts';
import { readFactors, removeFactors } from '../domain/members/factors.ts';
import { issueReset } from '../domain/members/resets.ts';
import { type Route, route } from './route.ts';
import { integerType, textType } from './serializers.ts';

const tag = 'Users';

/** Who hands a reset token over. */
export const handover = {
  mailed: described(v.boolean(), 'Whether a mail with a reset token is on its way to the user.'),
  reset_token: v.optional(
    described(
      textType,
      'For `POST /password`; shown this once. Only if it was not mailed: hand it over yourself.',
      'lk_rst_…',
    ),
  ),
};
const OUT_OF_REACH =
  'Your level, your scopes or your kind of credential are not sufficient, or the user’s ' +
  'level is above yours, or the user sees stations that you do not, or is disabled.';

const factors = {
  totp: described(v.boolean(), 'Whether the user has an authenticator app.'),
  passkeys: described(integerType, 'How many passkeys the user has.', 1),
  recovery_codes_left: described(integerType, 'How many recovery codes are not used yet.', 9),
};

export const serializeHandover = ({
  mailed,
  resetToken,
}: {
  mailed: boolean;
  resetToken?: string;
}) => ({
  mailed,
  ...(resetToken === undefined ? {} : { reset_token: resetToken }),
});

export const access: Route[] = [
  route({
    method: 'post',
    path: '/user/:id/password-reset',
    name: 'resetPassword',
    tag,
    summary:
      'Issues a token with which the member sets a password. It works once, within a day, or ' +
      'within 7 days if there is no password yet. It is void once you may no longer reset ' +
      'this user, or the address changes. It goes to the member by mail, if this service ' +
      'sends mail. Otherwise hand it over yourself.',
    action: 'member.resetPassword',
    refusals: [422],
    meanings: {
      403: OUT_OF_REACH,
      422: 'An end user has no password.',
    },
    data: v.object(handover),
    async answer(permit, { id }) {
      return serializeHandover(await issueReset(permit, id));
    },
  }),
  route({
    method: 'get',
    path: '/user/:id/second-factor',
    name: 'readSecondFactors',
    tag,
    summary: 'What a user signs in with besides the password.',
    action: 'member.readFactors',
    data: v.object(factors),
    async answer(permit, { id }) {
      const { hasTotp, passkeys, recoveryCodesLeft } = await readFactors(permit, id);
      return { totp: hasTotp, passkeys, recovery_codes_left: recoveryCodesLeft };
    },
  }),
  route({
    method: 'delete',
    path: '/user/:id/second-factor',
    name: 'removeSecondFactors',
    tag,
    summary:
      'Removes all second factors of a member who has lost them, and the recovery codes. The ' +
      'member is told by mail, if this service sends mail.',
    action: 'member.removeFactors',
    refusals: [422],
    meanings: { 403: OUT_OF_REACH, 422: 'An end user has no second factor.' },
    data: v.object({}),
    async answer(permit, { id }) {
      await removeFactors(permit, id);
      return {};
    },
  }),
];
