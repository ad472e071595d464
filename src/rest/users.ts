/** Users: members of the company, and end users who are assigned stations. */
import * as v from 'valibot';
import { callerUserId as callerOf } from '../domain/callers/level.ts';
import { addMember, addMemberInput } from '../domain/members/add.ts';
import { listMembers, listMembersInput, readMember, readOwn } from '../domain/members/find.ts';
import { removeMember, removeMemberInput } from '../domain/members/remove.ts';
import { updateMember, updateMemberInput } from '../domain/members/update.ts';
import { updateOwn, updateOwnInput } from '../domain/members/update-own.ts';
import { authorizeAlso } from '../policy/authorize.ts';
import { handover, serializeHandover } from './access.ts';
import { made, serializeMade } from './made.ts';
import { type Route, route } from './route.ts';
import { paging, serializePaging, serializeUser, user } from './serializers.ts';

const data = v.object({ user });
const dataWithMade = v.object({ user, made });
const tag = 'Users';
const LAST =
  'Your level, your scopes or your kind of credential are not sufficient, the user’s level ' +
  'is above yours, or it is the last active member of level 1.';

export const users: Route[] = [
  route({
    method: 'get',
    path: '/user',
    name: 'listUsers',
    tag,
    summary: 'The members of your company. Levels 3 and 4 only see themselves.',
    action: 'member.list',
    query: listMembersInput,
    data: v.object({ users: v.array(user), paging }),
    async answer(permit, { query }) {
      const { rows, paging } = await listMembers(permit, query);
      return {
        users: rows.map((member) => serializeUser(member, permit.tenantId)),
        paging: serializePaging(paging),
      };
    },
  }),
  route({
    method: 'post',
    path: '/user',
    name: 'addUser',
    tag,
    summary:
      'Creates a member, who can sign in once a password is set with a reset token. If this ' +
      'service sends mail, an active member is invited by mail. If that mail could not be sent, ' +
      '`reset_token` is there. Without mail, `POST /user/<id>/password-reset` gives one. ' +
      '`station_ids` is required in a JSON body, even if empty. A form may leave it out.',
    action: 'member.add',
    body: addMemberInput,
    refusals: [409],
    data: v.object({ user, ...handover }),
    async answer(permit, { body }) {
      const { member, ...added } = await addMember(permit, body);
      return { user: serializeUser(member, permit.tenantId), ...serializeHandover(added) };
    },
  }),
  route({
    method: 'get',
    path: '/user/me',
    name: 'readMyself',
    tag,
    summary: 'The member who is signed in.',
    action: 'member.readOwn',
    data,
    async answer(permit) {
      return { user: serializeUser(await readOwn(permit), permit.tenantId) };
    },
  }),
  route({
    method: 'patch',
    path: '/user/me',
    name: 'updateMyself',
    tag,
    summary: 'Changes your own name, numbers, alarms or password.',
    action: 'member.updateOwn',
    body: updateOwnInput,
    refusals: [429],
    data,
    async answer(permit, { body, limitAccount, inTurn }) {
      const member = await updateOwn(permit, body, async (work) => {
        await limitAccount(`user ${callerOf(permit)}`);
        return inTurn(work);
      });
      return { user: serializeUser(member, permit.tenantId) };
    },
  }),
  route({
    method: 'get',
    path: '/user/:id',
    name: 'readUser',
    tag,
    summary: 'One user: a member or an end user. Levels 3 and 4 only see themselves.',
    action: 'member.read',
    data,
    async answer(permit, { id }) {
      return { user: serializeUser(await readMember(permit, id), permit.tenantId) };
    },
  }),
  route({
    method: 'patch',
    path: '/user/:id',
    name: 'updateUser',
    tag,
    summary:
      'Changes a user. Fields that are left out stay. This call cannot change a password. A ' +
      'new e-mail address ends the user’s sessions and reset tokens and voids the password. ' +
      'A change of letter case does not count as new. An end user has neither e-mail address ' +
      'nor level. A key that changes stations or raises a level also needs `stations:read` ' +
      'and `stations:write`.',
    action: 'member.update',
    also: ({ member_level_id: level, email, end_minted: andMinted }) =>
      [level, email, andMinted].every((field) => field === undefined)
        ? undefined
        : 'member.setAccess',
    body: updateMemberInput,
    refusals: [409],
    meanings: { 403: LAST },
    data: dataWithMade,
    async answer(permit, { id, body }) {
      const empower = authorizeAlso(permit, 'member.empower');
      const { member, made } = await updateMember(permit, empower, id, body);
      return { user: serializeUser(member, permit.tenantId), made: serializeMade(made) };
    },
  }),
  route({
    method: 'delete',
    path: '/user/:id',
    name: 'removeUser',
    tag,
    summary:
      'Removes a user: ends sessions and erases what identifies the person. `made` tells what ' +
      'the user made as a member and what goes on.',
    action: 'member.remove',
    query: removeMemberInput,
    body: removeMemberInput,
    meanings: { 403: LAST },
    data: dataWithMade,
    async answer(permit, { id, query, body }) {
      const asked = { ...(query as object), ...(body as object) };
      const { member, made } = await removeMember(permit, id, asked);
      return { user: serializeUser(member, permit.tenantId), made: serializeMade(made) };
    },
  }),
];
