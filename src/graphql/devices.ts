/** Devices, who may do what on them, and the operator's inventory calls. */
import { type AddedDevices, addDevices } from '../domain/devices/add.ts';
import type { Device as DeviceFact } from '../domain/devices/device.ts';
import { findDevice, listDevices } from '../domain/devices/find.ts';
import { listInventory } from '../domain/devices/inventory.ts';
import { removeDevices } from '../domain/devices/remove.ts';
import { permissionsOnDevice } from '../domain/permissions/list.ts';
import { action, builder, FOR_CACHES, permit } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { asBrought, holds } from './cost.ts';
import { DeviceIdentifierInput } from './identifiers.ts';
import { whose } from './intermediary.ts';
import { outcome, payload } from './payload.ts';
import { Permission } from './permissions.ts';
import { hint, hinting } from './refusals.ts';

const Device = builder.objectRef<DeviceFact>('Device').implement({
  description: 'A meter reader.',
  fields: (t) => ({
    id: t.id({ description: FOR_CACHES, resolve: ({ deviceId }) => `device.${deviceId}` }),
    deviceId: t.exposeString('deviceId', { description: 'Eight letters or digits; case matters.' }),
    meterId: t.exposeString('meterId', {
      nullable: true,
      description: 'The power meter’s serial number; null when none was given.',
    }),
    intermediary: t.field({
      ...whose,
      description: 'To whom it is assigned; null while it is in stock.',
    }),
    permissions: t.field({
      type: [Permission],
      description: 'Who may do what on this device, by user id; ended permissions are left out.',
      extensions: action('device.read'),
      args: {
        first: t.arg.int({
          required: true,
          defaultValue: 500,
          description: 'Of how many users to give the permissions at most, from 1 to 500.',
        }),
        afterUser: t.arg.id({ description: 'The user id to go on behind.' }),
      },
      resolve: ({ deviceId }, args, context) =>
        permissionsOnDevice(permit(context, 'device.read'), deviceId, args),
    }),
  }),
});

const DeviceConnection = connection('devices', Device);

builder.queryFields((t) => ({
  device: t.field({
    type: Device,
    nullable: true,
    description: 'One of your devices; null when no such device is assigned to you.',
    extensions: action('device.read'),
    args: {
      deviceIdentifier: t.arg({
        type: DeviceIdentifierInput,
        required: true,
        description: 'Which device.',
      }),
    },
    async resolve(_, args, context, info) {
      const { device, hints } = await findDevice(permit(context, 'device.read'), args);
      hint(context, info, hints);
      return device;
    },
  }),
  devices: t.field({
    type: DeviceConnection,
    description: 'Your devices, by deviceId.',
    extensions: action('device.list'),
    args: pageArgs,
    resolve: (_, args, context) => listDevices(permit(context, 'device.list'), args),
  }),
  inventory: t.field({
    type: DeviceConnection,
    description: 'Operator: all devices, by deviceId, letter case aside.',
    extensions: action('device.listAll'),
    args: {
      ...pageArgs,
      assigned: t.arg.boolean({
        description: 'True: only those of intermediaries. False: only those in stock.',
      }),
      search: t.arg.string({
        description: 'Only those whose deviceId begins with this. Case does not matter.',
      }),
    },
    resolve: (_, args, context) => listInventory(permit(context, 'device.listAll'), args),
  }),
}));

const DeviceInput = builder.inputType('DeviceInput', {
  description: 'A device to assign, or to take into stock.',
  fields: (t) => ({
    deviceId: t.string({ required: true, description: 'Eight letters or digits; case matters.' }),
    meterId: t.string({
      description:
        'The power meter’s serial number, unique with the intermediary; none in stock. Left out: the device keeps the one it has.',
    }),
  }),
});

const AddDevicesInput = builder.inputType('AddDevicesInput', {
  description: 'The input of `addDevices`.',
  fields: (t) => ({
    intermediaryId: t.id({
      description: 'Whose the devices become. Left out: they are in stock from then on.',
    }),
    devices: t.field({
      type: [DeviceInput],
      required: true,
      description: '1 to 500 devices, each once.',
    }),
  }),
});

const RemoveDevicesInput = builder.inputType('RemoveDevicesInput', {
  description: 'The input of `removeDevices`.',
  fields: (t) => ({
    intermediaryId: t.id({ required: true, description: 'Whose the devices are.' }),
    deviceIdentifiers: t.field({
      type: [DeviceIdentifierInput],
      required: true,
      description: '1 to 500 devices.',
    }),
  }),
});

const AddDevicesPayload = payload<AddedDevices>('addDevices', (t) => ({
  warnings: t.stringList({
    extensions: holds(asBrought),
    nullable: true,
    description:
      'What was done and may not have been meant: devices that there are besides, whose ids differ in letter case only.',
    resolve: ({ facts }) => facts?.warnings,
  }),
  devices: t.field({
    extensions: holds(asBrought),
    type: [Device],
    nullable: true,
    description: 'The devices as they are now, in the order of the input.',
    resolve: ({ facts }) => facts?.devices,
  }),
}));

const RemoveDevicesPayload = payload<{ devices: DeviceFact[] }>('removeDevices', (t) => ({
  devices: t.field({
    extensions: holds(asBrought),
    type: [Device],
    nullable: true,
    description: 'The devices that this very call took back, as they were.',
    resolve: ({ facts }) => facts?.devices,
  }),
}));

builder.mutationFields((t) => ({
  addDevices: t.field({
    type: AddDevicesPayload,
    nullable: true,
    description:
      'Operator: assigns devices to an intermediary, or takes new ones into stock, all or nothing. A device already there is unchanged.',
    extensions: action('device.add'),
    args: { input: t.arg({ type: AddDevicesInput, required: true, description: 'The devices.' }) },
    resolve: (_, { input: { intermediaryId, ...input } }, context) =>
      outcome(() =>
        addDevices(
          permit(context, 'device.add', { field: 'intermediaryId', id: intermediaryId }),
          input,
        ),
      ),
  }),
  removeDevices: t.field({
    type: RemoveDevicesPayload,
    nullable: true,
    description:
      'Operator: takes devices back into stock. Their permissions end, and their meterId is forgotten.',
    extensions: action('device.remove'),
    args: {
      input: t.arg({ type: RemoveDevicesInput, required: true, description: 'The devices.' }),
    },
    resolve: (_, { input: { intermediaryId, ...input } }, context, info) =>
      hinting(context, info, () =>
        removeDevices(
          permit(context, 'device.remove', { field: 'intermediaryId', id: intermediaryId }),
          input,
        ),
      ),
  }),
}));
