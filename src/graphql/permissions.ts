/** Grants and withdraws permissions on devices. */
import type { FieldMap } from '@pothos/core';
import type {
  Permission as PermissionFact,
  PermissionKind,
} from '../domain/entities/permission.ts';
import type { User as UserFact } from '../domain/entities/user.ts';
import { grantPermissions } from '../domain/permissions/grant.ts';
import type { PermittedDevice } from '../domain/permissions/list.ts';
import { withdrawAllPermissions, withdrawPermissions } from '../domain/permissions/withdraw.ts';
import { userById } from '../domain/users/find.ts';
import { builder, type FieldBuilder, FOR_CACHES } from './builder.ts';
import { connection } from './connection.ts';
import { type MaxItems, maxItems, perInputItem } from './cost.ts';
import { guarded } from './guarded.ts';
import { namesDevice, namesDevices, namesUser } from './identifiers.ts';
import { mutation } from './mutation.ts';
import { input } from './payload.ts';
import { User } from './user.ts';

/**
 * The assumed number of permissions on one device, for the cost when all end. There may be more,
 * but a home has far fewer.
 */
const MAX_HOLDERS = 100;

export const PermissionKindEnum = builder.enumType('PermissionKind', {
  description: 'What a user may do on a device. Neither implies the other.',
  values: {
    VIEW: { description: 'Read the device.' },
    CHARGE: { description: 'Control charging on the device.' },
  } as const,
});

const device = (t: FieldBuilder<{ deviceId: string; meterId: string | null }>): FieldMap => ({
  deviceId: t.exposeString('deviceId', { description: 'The device’s id.' }),
  meterId: t.exposeString('meterId', {
    nullable: true,
    description: 'The serial number of the device’s power meter; null when none was given.',
  }),
});

export const Permission = builder.objectRef<PermissionFact>('Permission').implement({
  description: 'Allows a user to do something on a device.',
  fields: (t) => ({
    id: t.id({
      description: FOR_CACHES,
      resolve: ({ userId, deviceId, permission }) =>
        `permission.${userId}.${deviceId}.${permission}`,
    }),
    ...device(t),
    permission: t.expose('permission', {
      type: PermissionKindEnum,
      description: 'What the user may do.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the permission expires. Null: never.',
    }),
    user: guarded(t, {
      action: 'user.read',
      type: User,
      nullable: true,
      description: 'The user who has it. Needs the scope `users:read`.',
      verb: (permit, _, { userId }) => userById(permit, userId),
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
      ...device(t),
      permissions: t.expose('permissions', {
        extensions: maxItems(2),
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
  t: FieldBuilder<Partial<Pick<Modified, 'modifiedPermissions'>>>,
  most: MaxItems,
) =>
  t.expose('modifiedPermissions', {
    extensions: maxItems(most),
    type: [Permission],
    nullable: true,
    description: 'The permissions that this call changed. Empty if there was nothing to change.',
  });

const modified = (t: FieldBuilder<Partial<Modified>>): FieldMap => ({
  user: t.expose('user', {
    type: User,
    nullable: true,
    description: 'The user concerned. Null if there is no such user.',
  }),
  modifiedPermissions: modifiedPermissions(t, perInputItem),
});

const WHO_AND_WHICH = 'Who, and which devices.';
const DEVICES = '1 to 500 devices. Duplicates count once.';

/** Declares the call that grants one kind of permission. */
const granting = (name: string, kind: PermissionKind, description: string) =>
  mutation(name, {
    action: 'permission.add',
    description,
    input: input(WHO_AND_WHICH, (t) => ({
      userIdentifier: t.field(namesUser('Who is to have the permission.')),
      deviceIdentifiers: t.field(namesDevices(DEVICES)),
      expiresAt: t.field({
        type: 'DateTime',
        description:
          'When the permission expires. Left out: a running permission keeps its end, and a ' +
          'new one has none. Null: no end.',
      }),
    })),
    verb: (permit, asked) => grantPermissions(permit, kind, asked),
    payload: modified,
  });

/** Declares the call that withdraws one kind of permission. */
const withdrawing = (name: string, kind: PermissionKind, description: string) =>
  mutation(name, {
    action: 'permission.remove',
    description,
    input: input(WHO_AND_WHICH, (t) => ({
      userIdentifier: t.field(namesUser('Whose permission ends.')),
      deviceIdentifiers: t.field(namesDevices(DEVICES)),
    })),
    verb: (permit, asked) => withdrawPermissions(permit, kind, asked),
    payload: modified,
  });

granting('addDevicePermissions', 'VIEW', 'Lets a user read devices: all of them, or none.');
granting(
  'addChargingPermission',
  'CHARGE',
  'Lets a user control charging on devices: all of them, or none.',
);
withdrawing(
  'removeDevicePermissions',
  'VIEW',
  'Ends a user’s permission to read devices. Devices without the permission are ignored.',
);
withdrawing(
  'removeChargingPermission',
  'CHARGE',
  'Ends a user’s permission to control charging on devices. Devices without it are ignored.',
);

mutation('removeAllDevicePermissions', {
  action: 'permission.removeAll',
  description: 'Ends all permissions of both kinds on a device, such as when a resident moves out.',
  input: input('Which device.', (t) => ({
    deviceIdentifier: t.field(namesDevice('The device on which all permissions end.')),
  })),
  verb: withdrawAllPermissions,
  payload: (t) => ({ modifiedPermissions: modifiedPermissions(t, MAX_HOLDERS) }),
});
