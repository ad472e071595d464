/** Creates, finds, changes and removes users. */
import type { FieldMap } from '@pothos/core';
import type { User as UserFact } from '../domain/entities/user.ts';
import { MAX_ORDERS } from '../domain/orders/add.ts';
import { ordersOfUser } from '../domain/orders/list.ts';
import { devicesOfUser } from '../domain/permissions/list.ts';
import { addUser } from '../domain/users/add.ts';
import { findUser, listUsers, type UserKind } from '../domain/users/find.ts';
import { removeUser } from '../domain/users/remove.ts';
import { updateUser } from '../domain/users/update.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { type NamingUser, namesMember, namesUser } from './identifiers.ts';
import { mutation } from './mutation.ts';
import { Order } from './order.ts';
import { input } from './payload.ts';
import { PermittedDeviceConnection } from './permissions.ts';
import { User } from './user.ts';

builder.objectFields(User, (t) => ({
  devices: guarded(t, {
    action: 'user.read',
    type: PermittedDeviceConnection,
    description: 'The devices on which the user may do something, by deviceId. Needs `users:read`.',
    args: pageArgs,
    verb: (permit, page, { id }) => devicesOfUser(permit, id, page),
  }),
  orders: guarded(t, {
    action: 'order.list',
    type: [Order],
    description: 'The user’s orders, newest first. Needs `orders:read`.',
    extensions: maxItems(MAX_ORDERS),
    verb: (permit, _, { id }) => ordersOfUser(permit, id),
  }),
}));

const UserConnection = connection('users', User);

const UserKindEnum = builder.enumType('UserKind', {
  description: 'The two kinds of users.',
  values: {
    END_USER: { description: 'A user of yours, by your externalId.' },
    MEMBER: { description: 'A member of your company, by e-mail address.' },
  } satisfies Record<UserKind, { description: string }>,
});

builder.queryFields((t) => ({
  user: guarded(t, {
    action: 'user.read',
    type: User,
    nullable: true,
    description: 'One user. Null if there is no such user.',
    args: { userIdentifier: t.arg(namesUser('Which user.')) },
    verb: findUser,
  }),
  users: guarded(t, {
    action: 'user.list',
    type: UserConnection,
    description: 'Your users: end users by externalId, then members by e-mail address.',
    args: {
      ...pageArgs,
      kind: t.arg({ type: UserKindEnum, description: 'Only end users, or only members.' }),
      search: t.arg.string({
        description:
          'Only those whose externalId, e-mail address or name begins with this. Case ' +
          'matters only in the externalId. Accents do not matter in names: `oz` and `öz` ' +
          'find Özil.',
      }),
    },
    verb: listUsers,
  }),
}));

const userField =
  (description: string) =>
  (t: FieldBuilder<{ user?: UserFact | null }>): FieldMap => ({
    user: t.expose('user', { type: User, nullable: true, description }),
  });

mutation('addUser', {
  action: 'user.add',
  description: 'Creates an end user by your own id. An existing one is returned unchanged.',
  input: input('Whom to create.', (t) => ({
    userIdentifier: t.field(namesUser('The end user to create, by `externalUser`.')),
  })),
  verb: addUser,
  payload: userField('The user, created by this call or earlier.'),
});

mutation('removeUser', {
  action: 'user.remove',
  description:
    'Removes a user: ends all sessions and permissions, and erases what identifies the ' +
    'person. Orders stay, without the person. The externalId can be used again.',
  input: input('Whom to remove.', (t) => ({
    userIdentifier: t.field(namesUser('The user to remove.')),
  })),
  verb: removeUser,
  payload: userField('The user that this call removed, as it was. Null if there was none.'),
});

/** Restoring a member needs everything that a member can do. */
const updating = ({ input }: { input: NamingUser & { suspended?: boolean | null | undefined } }) =>
  namesMember(input) && input.suspended === false ? 'user.restoreMember' : 'user.update';

mutation('updateUser', {
  action: updating,
  description: 'Changes your id for an end user, suspends a user or restores one.',
  input: input('Whom, and what.', (t) => ({
    userIdentifier: t.field(namesUser('Which user.')),
    newExternalId: t.string({
      description: 'Your new id for an end user. Left out: it stays.',
    }),
    suspended: t.boolean({
      description:
        'True ends the user’s sessions and prevents new ones, false restores the user. Left ' +
        'out: it stays.',
    }),
  })),
  verb: updateUser,
  payload: userField('The user as it is now.'),
});
