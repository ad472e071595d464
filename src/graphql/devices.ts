/** Devices, their permissions, and the operator's inventory. */
import { type AddedDevices, addDevices } from '../domain/devices/add.ts';
import { findDevice, listDevices } from '../domain/devices/find.ts';
import { listInventory } from '../domain/devices/inventory.ts';
import { type Effect, type Preview, previewDevices } from '../domain/devices/preview.ts';
import { removeDevices } from '../domain/devices/remove.ts';
import type { Device as DeviceFact } from '../domain/entities/device.ts';
import { permissionsOnDevice } from '../domain/permissions/list.ts';
import { builder, FOR_CACHES } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { maxItems, perInputItem } from './cost.ts';
import { guarded } from './guarded.ts';
import { namesDevice, namesDevices } from './identifiers.ts';
import { whose } from './intermediary.ts';
import { mutation } from './mutation.ts';
import { input } from './payload.ts';
import { Permission } from './permissions.ts';
import { hint } from './refusals.ts';

const Device = builder.objectRef<DeviceFact>('Device').implement({
  description: 'A meter reader.',
  fields: (t) => ({
    id: t.id({ description: FOR_CACHES, resolve: ({ deviceId }) => `device.${deviceId}` }),
    deviceId: t.exposeString('deviceId', { description: 'Eight letters or digits; case matters.' }),
    meterId: t.exposeString('meterId', {
      nullable: true,
      description: 'The power meter’s serial number; null when none was given.',
    }),
    intermediary: whose(t, 'The intermediary that has it. Null while it is in stock.'),
    permissions: guarded(t, {
      action: 'device.read',
      type: [Permission],
      description: 'The running permissions on this device, by user id.',
      args: {
        first: t.arg.int({
          required: true,
          defaultValue: 500,
          description: 'The most users whose permissions to return, from 1 to 500.',
        }),
        afterUser: t.arg.id({ description: 'The user id to continue from.' }),
      },
      verb: (permit, page, { deviceId }) => permissionsOnDevice(permit, deviceId, page),
    }),
  }),
});

const DeviceConnection = connection('devices', Device);

builder.queryFields((t) => ({
  device: guarded(t, {
    action: 'device.read',
    type: Device,
    nullable: true,
    description: 'One of your devices; null when no such device is assigned to you.',
    args: { deviceIdentifier: t.arg(namesDevice('Which device.')) },
    async verb(permit, args, _, context, info) {
      const { device, hints } = await findDevice(permit, args);
      hint(context, info, hints);
      return device;
    },
  }),
  devices: guarded(t, {
    action: 'device.list',
    type: DeviceConnection,
    description: 'Your devices, by deviceId.',
    args: {
      ...pageArgs,
      search: t.arg.string({
        description: 'Only those whose deviceId begins with this. Case matters.',
      }),
    },
    verb: listDevices,
  }),
  inventory: guarded(t, {
    action: 'device.listAll',
    type: DeviceConnection,
    description: 'Operator: all devices, by deviceId, ignoring case.',
    args: {
      ...pageArgs,
      assigned: t.arg.boolean({
        description: 'True: only those of intermediaries. False: only those in stock.',
      }),
      search: t.arg.string({
        description: 'Only those whose deviceId begins with this. Case does not matter.',
      }),
    },
    verb: listInventory,
  }),
}));

const DeviceInput = builder.inputType('DeviceInput', {
  description: 'A device to assign, or to take into stock.',
  fields: (t) => ({
    deviceId: t.string({ required: true, description: 'Eight letters or digits; case matters.' }),
    meterId: t.string({
      description:
        'The power meter’s serial number, unique within the intermediary. A device in stock ' +
        'has none. Left out: the device keeps the one it has.',
    }),
  }),
});

const DeviceEffect = builder.enumType('DeviceEffect', {
  description: 'What adding a device would do.',
  values: {
    ADDED: { description: 'It is new.' },
    ASSIGNED: { description: 'It comes from stock.' },
    CHANGED: { description: 'It gets another meter.' },
    UNCHANGED: { description: 'It is already so.' },
    REFUSED: { description: 'It cannot be added. As long as it is in the list, no device is.' },
  } satisfies Record<Effect, { description: string }>,
});

const DevicePreview = builder.objectRef<Preview>('DevicePreview').implement({
  description: 'What adding a device would do to it.',
  fields: (t) => ({
    deviceId: t.exposeString('deviceId', { description: 'The device’s id.' }),
    meterId: t.exposeString('meterId', {
      nullable: true,
      description: 'The serial number of the power meter that it would have.',
    }),
    effect: t.expose('effect', { type: DeviceEffect, description: 'What would happen.' }),
    message: t.exposeString('message', { nullable: true, description: 'Why it is refused.' }),
  }),
});

mutation('addDevices', {
  action: 'device.add',
  tenant: 'intermediaryId',
  description:
    'Operator: assigns devices to an intermediary, or takes new ones into stock: all or ' +
    'none. A device that is already there is unchanged.',
  input: input('The devices.', (t) => ({
    intermediaryId: t.id({
      description: 'The intermediary that gets them. Left out: they go into stock.',
    }),
    devices: t.field({
      type: [DeviceInput],
      required: true,
      description: '1 to 500 devices, each once.',
    }),
    dryRun: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether to change nothing, and only tell in `preview` what would happen.',
    }),
  })),
  verb: (permit, { dryRun, ...given }): Promise<Partial<AddedDevices> & { preview?: Preview[] }> =>
    dryRun ? previewDevices(permit, given) : addDevices(permit, given),
  payload: (t) => ({
    preview: t.expose('preview', {
      extensions: maxItems(perInputItem),
      type: [DevicePreview],
      nullable: true,
      description: 'For a dry run: what would happen, in the order of the input.',
    }),
    warnings: t.exposeStringList('warnings', {
      extensions: maxItems(perInputItem),
      nullable: true,
      description:
        'What may be a mistake: there are other devices whose ids differ only in letter case.',
    }),
    devices: t.expose('devices', {
      extensions: maxItems(perInputItem),
      type: [Device],
      nullable: true,
      description: 'The devices as they are now, in the order of the input. Null for a dry run.',
    }),
  }),
});

mutation('removeDevices', {
  action: 'device.remove',
  tenant: 'intermediaryId',
  description:
    'Operator: takes devices back into stock. Their permissions end, and their meterId is ' +
    'forgotten.',
  input: input('The devices.', (t) => ({
    intermediaryId: t.id({ required: true, description: 'The intermediary that has them.' }),
    deviceIdentifiers: t.field(namesDevices('1 to 500 devices.')),
  })),
  verb: removeDevices,
  payload: (t) => ({
    devices: t.expose('devices', {
      extensions: maxItems(perInputItem),
      type: [Device],
      nullable: true,
      description: 'The devices that this call took back, as they were.',
    }),
  }),
});
