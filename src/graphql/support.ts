/** Who acts for a user. */
import type { SupportAccess as SupportFact } from '../domain/sessions/support.ts';
import { userById } from '../domain/users/find.ts';
import { builder } from './builder.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { PermissionKindEnum } from './permissions.ts';
import { User } from './user.ts';

export const SupportAccess = builder.objectRef<SupportFact>('SupportAccess').implement({
  description: 'Somebody of the company acts for a user, in a support session.',
  fields: (t) => ({
    actor: t.exposeString('actor', {
      description: 'Who acts, as the company names them. For a member: their user id.',
    }),
    user: guarded(t, {
      action: 'user.read',
      type: User,
      nullable: true,
      description: 'The member who acts, if it is one. It needs `users:read`.',
      verb: (permit, _, { actorUserId }) =>
        actorUserId === null ? null : userById(permit, actorUserId),
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'The reason given.' }),
    permissions: t.expose('permissions', {
      extensions: maxItems(2),
      type: [PermissionKindEnum],
      description: 'What the session may do.',
    }),
  }),
});
