/** Creating, finding, changing and removing users. */
import { MAX_ORDERS } from '../domain/orders/add.ts';
import { ordersOfUser } from '../domain/orders/list.ts';
import { devicesOfUser } from '../domain/permissions/list.ts';
import { addUser } from '../domain/users/add.ts';
import { findUser, listUsers } from '../domain/users/find.ts';
import { removeUser } from '../domain/users/remove.ts';
import { updateUser } from '../domain/users/update.ts';
import type { User as UserFact } from '../domain/users/user.ts';
import { action, builder, permit } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { holds } from './cost.ts';
import { UserIdentifierInput } from './identifiers.ts';
import { Order } from './orders.ts';
import { inputName, outcome, payload } from './payload.ts';
import { PermittedDeviceConnection } from './permissions.ts';
import { namesMember } from './sessions.ts';
import { User } from './user.ts';

builder.objectFields(User, (t) => ({
  devices: t.field({
    type: PermittedDeviceConnection,
    description: 'The devices on which the user may do something, by deviceId. Needs `users:read`.',
    extensions: action('user.read'),
    args: pageArgs,
    resolve: ({ id }, args, context) => devicesOfUser(permit(context, 'user.read'), id, args),
  }),
  orders: t.field({
    type: [Order],
    description: 'The user’s orders, newest first. Needs `orders:read`.',
    extensions: { ...action('order.list'), ...holds(MAX_ORDERS) },
    resolve: ({ id }, _, context) => ordersOfUser(permit(context, 'order.list'), id),
  }),
}));

const UserConnection = connection('users', User);

const userIdentifierArg = {
  type: UserIdentifierInput,
  required: true,
  description: 'Which user.',
} as const;

builder.queryFields((t) => ({
  user: t.field({
    type: User,
    nullable: true,
    description: 'One user; null when there is no such user.',
    extensions: action('user.read'),
    args: { userIdentifier: t.arg(userIdentifierArg) },
    resolve: (_, args, context) => findUser(permit(context, 'user.read'), args),
  }),
  users: t.field({
    type: UserConnection,
    description: 'Your users: end users by externalId, then members by e-mail address.',
    extensions: action('user.list'),
    args: {
      ...pageArgs,
      search: t.arg.string({
        description:
          'Only those whose externalId, e-mail address or name begins with this. Case matters in the externalId only, accents do not in the name: `oz` and `öz` find Özil.',
      }),
    },
    resolve: (_, args, context) => listUsers(permit(context, 'user.list'), args),
  }),
}));

const identifiedInput = (mutation: string, description: string) =>
  builder.inputType(inputName(mutation), {
    description: `The input of \`${mutation}\`.`,
    fields: (t) => ({
      userIdentifier: t.field({ type: UserIdentifierInput, required: true, description }),
    }),
  });

const userPayload = (mutation: string, description: string) =>
  payload<{ user: UserFact | null }>(mutation, (t) => ({
    user: t.field({
      type: User,
      nullable: true,
      description,
      resolve: ({ facts }) => facts?.user,
    }),
  }));

const AddUserInput = identifiedInput('addUser', 'The end user to create, by `externalUser`.');
const AddUserPayload = userPayload('addUser', 'The user, created by this call or before.');

const RemoveUserInput = identifiedInput('removeUser', 'The user to remove.');
const RemoveUserPayload = userPayload(
  'removeUser',
  'The user that this very call removed, as it was; null when there was none.',
);

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'The input of `updateUser`.',
  fields: (t) => ({
    userIdentifier: t.field(userIdentifierArg),
    newExternalId: t.string({
      description: 'Your new id for an end user; left out: it stays.',
    }),
    suspended: t.boolean({
      description:
        'True ends the user’s sessions and lets no new ones open, false restores; left out: it stays.',
    }),
  }),
});
const UpdateUserPayload = userPayload('updateUser', 'The user as it is now.');

/** Whoever lets a member in again needs all that a member can do. */
const updating = (args: Record<string, unknown>) => {
  const { suspended } = args.input as { suspended?: boolean | null };
  return namesMember(args) && suspended === false ? 'user.restoreMember' : 'user.update';
};

builder.mutationFields((t) => ({
  addUser: t.field({
    type: AddUserPayload,
    nullable: true,
    description: 'Creates an end user by your own id. One that is there already is given as it is.',
    extensions: action('user.add'),
    args: { input: t.arg({ type: AddUserInput, required: true, description: 'Whom to create.' }) },
    resolve: (_, { input }, context) => outcome(() => addUser(permit(context, 'user.add'), input)),
  }),
  removeUser: t.field({
    type: RemoveUserPayload,
    nullable: true,
    description:
      'Removes a user: ends every session and permission and erases what identifies the person. Orders stay, without the person; the externalId is free again.',
    extensions: action('user.remove'),
    args: {
      input: t.arg({ type: RemoveUserInput, required: true, description: 'Whom to remove.' }),
    },
    resolve: (_, { input }, context) =>
      outcome(() => removeUser(permit(context, 'user.remove'), input)),
  }),
  updateUser: t.field({
    type: UpdateUserPayload,
    nullable: true,
    description: 'Changes your id for an end user, suspends a user or restores one.',
    extensions: action(updating),
    args: {
      input: t.arg({ type: UpdateUserInput, required: true, description: 'Whom, and what.' }),
    },
    resolve: (_, args, context) =>
      outcome(() => updateUser(permit(context, updating(args)), args.input)),
  }),
}));
