/** Finds a device by what people have at hand: its id, or the number on the power meter. */
import type { DeviceName } from './access.ts';
import { Failure } from './failure.ts';
import { graphql } from './graphql.ts';

type DeviceIdentifier = { deviceId: string } | { meterId: string };

const DEVICE_ID = /^[A-Za-z0-9]{8}$/;

/** Printable ASCII, as the API takes it. */
const METER_ID = /^[\x20-\x7e]{1,64}$/;

/** What the text may stand for, the likelier first. Empty: for no device at all. */
export const identifiersOf = (text: string): DeviceIdentifier[] => [
  ...(DEVICE_ID.test(text) ? [{ deviceId: text }] : []),
  ...(METER_ID.test(text) ? [{ meterId: text }] : []),
];

/** The devices that have this id or this meter: none, one, or two. `selection` is of a Device. */
export async function findDevices<Found extends DeviceName>(
  text: string,
  selection: string,
  signal?: AbortSignal,
): Promise<Found[]> {
  const identifiers = identifiersOf(text);
  if (identifiers.length === 0) return [];
  const parts = identifiers.map(
    (_, at) => `d${at}: device(deviceIdentifier: $i${at}) { deviceId meterId ${selection} }`,
  );
  const types = identifiers.map((_, at) => `$i${at}: DeviceIdentifierInput!`);
  const variables = Object.fromEntries(identifiers.map((one, at) => [`i${at}`, one]));
  const found = await graphql<Record<string, Found | null>>(
    `query (${types}) { ${parts.join(' ')} }`,
    variables,
    signal,
  );
  const devices = Object.values(found).filter((device) => device !== null);
  return devices.filter(
    ({ deviceId }, at) => devices.findIndex((one) => one.deviceId === deviceId) === at,
  );
}

/** The device of a form's field named "device". Throws a Failure at the field. */
export async function deviceOf(text: string): Promise<DeviceName> {
  if (text === '') {
    throw new Failure('refused', '', { device: 'Enter the device or the number of its meter.' });
  }
  const [device] = await findDevices(text, '');
  if (device) return device;
  throw new Failure('refused', '', {
    device:
      'Your company has no device and no meter with this number. Check each letter and digit.',
  });
}
