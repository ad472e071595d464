/** Granting and withdrawing permissions on devices. */
import { grantPermissions } from '../domain/permissions/grant.ts';
import type { PermittedDevice } from '../domain/permissions/list.ts';
import type {
  Permission as PermissionFact,
  PermissionKind,
} from '../domain/permissions/permission.ts';
import { withdrawAllPermissions, withdrawPermissions } from '../domain/permissions/withdraw.ts';
import { userById } from '../domain/users/find.ts';
import type { User as UserFact } from '../domain/users/user.ts';
import { action, builder, type FieldBuilder, FOR_CACHES, permit } from './builder.ts';
import { connection } from './connection.ts';
import { asBrought, holds, type Most } from './cost.ts';
import { DeviceIdentifierInput, UserIdentifierInput } from './identifiers.ts';
import { inputName, type Outcome, outcome, payload } from './payload.ts';
import { hinting } from './refusals.ts';
import { User } from './user.ts';

/** Permissions on one device when all of them end. There may be any number; a home has far fewer. */
const MAX_HOLDERS = 100;

export const PermissionKindEnum = builder.enumType('PermissionKind', {
  description: 'What a user may do on a device. Neither implies the other.',
  values: {
    VIEW: { description: 'Read the device.' },
    CHARGE: { description: 'Control charging on the device.' },
  } as const,
});

export const Permission = builder.objectRef<PermissionFact>('Permission').implement({
  description: 'That a user may do something on a device.',
  fields: (t) => ({
    id: t.id({
      description: FOR_CACHES,
      resolve: ({ userId, deviceId, permission }) =>
        `permission.${userId}.${deviceId}.${permission}`,
    }),
    deviceId: t.exposeString('deviceId', { description: 'The device’s id.' }),
    meterId: t.exposeString('meterId', {
      nullable: true,
      description: 'The serial number of the device’s power meter; null when none was given.',
    }),
    permission: t.expose('permission', {
      type: PermissionKindEnum,
      description: 'What the user may do.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the permission ends by itself; null when it does not.',
    }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'Who may. Needs the scope `users:read`.',
      extensions: action('user.read'),
      resolve: ({ userId }, _, context) => userById(permit(context, 'user.read'), userId),
    }),
  }),
});

export const PermittedDeviceConnection = connection(
  'devices',
  builder.objectRef<PermittedDevice>('PermittedDevice').implement({
    description: 'A device on which a user may do something.',
    fields: (t) => ({
      id: t.id({
        description: FOR_CACHES,
        resolve: ({ userId, deviceId }) => `permitted.${userId}.${deviceId}`,
      }),
      deviceId: t.exposeString('deviceId', { description: 'The device’s id.' }),
      meterId: t.exposeString('meterId', {
        nullable: true,
        description: 'The serial number of the device’s power meter; null when none was given.',
      }),
      permissions: t.expose('permissions', {
        extensions: holds(2),
        type: [Permission],
        description: 'What the user may do on it.',
      }),
    }),
  }),
);

interface Modified {
  user: UserFact | null;
  modifiedPermissions: PermissionFact[];
}

const modifiedPermissions = (
  t: FieldBuilder<Outcome<Pick<Modified, 'modifiedPermissions'>>>,
  most: Most,
) =>
  t.field({
    extensions: holds(most),
    type: [Permission],
    nullable: true,
    description: 'The permissions that this very call changed; empty when all was so already.',
    resolve: ({ facts }) => facts?.modifiedPermissions,
  });

const modifiedPayload = (mutation: string) =>
  payload<Modified>(mutation, (t) => ({
    user: t.field({
      type: User,
      nullable: true,
      description: 'The user concerned; null when there is no such user.',
      resolve: ({ facts }) => facts?.user,
    }),
    modifiedPermissions: modifiedPermissions(t, asBrought),
  }));

const deviceIdentifiers = {
  type: [DeviceIdentifierInput] as [typeof DeviceIdentifierInput],
  required: true as const,
  description: '1 to 500 devices; one that is named twice counts once.',
};

/** The call that grants one kind of permission. */
function granting(name: string, kind: PermissionKind, description: string) {
  const Input = builder.inputType(inputName(name), {
    description: `The input of \`${name}\`.`,
    fields: (t) => ({
      userIdentifier: t.field({
        type: UserIdentifierInput,
        required: true,
        description: 'Who is to have the permission.',
      }),
      deviceIdentifiers: t.field(deviceIdentifiers),
      expiresAt: t.field({
        type: 'DateTime',
        description:
          'When the permission ends by itself. Left out: a running permission keeps its end, a new one has none. Null: no end.',
      }),
    }),
  });
  const Payload = modifiedPayload(name);
  builder.mutationField(name, (t) =>
    t.field({
      type: Payload,
      nullable: true,
      description,
      extensions: action('permission.add'),
      args: {
        input: t.arg({ type: Input, required: true, description: 'Who, and which devices.' }),
      },
      resolve: (_, { input }, context) =>
        outcome<Modified>(() => grantPermissions(permit(context, 'permission.add'), kind, input)),
    }),
  );
}

/** The call that withdraws one kind of permission. */
function withdrawing(name: string, kind: PermissionKind, description: string) {
  const Input = builder.inputType(inputName(name), {
    description: `The input of \`${name}\`.`,
    fields: (t) => ({
      userIdentifier: t.field({
        type: UserIdentifierInput,
        required: true,
        description: 'Whose permission ends.',
      }),
      deviceIdentifiers: t.field(deviceIdentifiers),
    }),
  });
  const Payload = modifiedPayload(name);
  builder.mutationField(name, (t) =>
    t.field({
      type: Payload,
      nullable: true,
      description,
      extensions: action('permission.remove'),
      args: {
        input: t.arg({ type: Input, required: true, description: 'Who, and which devices.' }),
      },
      resolve: (_, { input }, context, info) =>
        hinting(context, info, () =>
          withdrawPermissions(permit(context, 'permission.remove'), kind, input),
        ),
    }),
  );
}

granting('addDevicePermissions', 'VIEW', 'Lets a user read devices: all of those named, or none.');
granting(
  'addChargingPermission',
  'CHARGE',
  'Lets a user control charging on devices: all of those named, or none.',
);
withdrawing(
  'removeDevicePermissions',
  'VIEW',
  'Ends a user’s permission to read devices. What is not granted stays so.',
);
withdrawing(
  'removeChargingPermission',
  'CHARGE',
  'Ends a user’s permission to control charging on devices. What is not granted stays so.',
);

const RemoveAllInput = builder.inputType('RemoveAllDevicePermissionsInput', {
  description: 'The input of `removeAllDevicePermissions`.',
  fields: (t) => ({
    deviceIdentifier: t.field({
      type: DeviceIdentifierInput,
      required: true,
      description: 'The device on which all permissions end.',
    }),
  }),
});

const RemoveAllPayload = payload<Pick<Modified, 'modifiedPermissions'>>(
  'removeAllDevicePermissions',
  (t) => ({ modifiedPermissions: modifiedPermissions(t, MAX_HOLDERS) }),
);

builder.mutationField('removeAllDevicePermissions', (t) =>
  t.field({
    type: RemoveAllPayload,
    nullable: true,
    description:
      'Ends the permissions of both kinds that anyone has on a device: the resident moves out.',
    extensions: action('permission.removeAll'),
    args: { input: t.arg({ type: RemoveAllInput, required: true, description: 'Which device.' }) },
    resolve: (_, { input }, context, info) =>
      hinting(context, info, () =>
        withdrawAllPermissions(permit(context, 'permission.removeAll'), input),
      ),
  }),
);
