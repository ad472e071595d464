/** The list of devices that the operator gives, and what is wrong with it. */
import * as v from 'valibot';
import { type Complaint, refuseAny } from '../../base/faults.ts';
import { atMost, parse } from '../../base/text.ts';
import { deviceId, MAX_DEVICES, meterId } from '../entities/device.ts';
import { NO_TENANT } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';
import type { Conflict } from './assign.ts';

const input = v.object({
  devices: v.pipe(
    atMost(MAX_DEVICES, `Give at most ${MAX_DEVICES} devices per call.`),
    v.array(v.object({ deviceId, meterId: v.nullish(meterId) })),
    v.minLength(1, 'Give at least one device.'),
  ),
});

export interface DevicesToAdd {
  devices: { deviceId: string; meterId?: string | null | undefined }[];
}

function duplicates(devices: DevicesToAdd['devices']): Complaint[] {
  const seen = new Set<string>();
  return devices.flatMap((device, index) =>
    (['deviceId', 'meterId'] as const).flatMap((field): Complaint[] => {
      const id = device[field];
      if (id == null) return [];
      const repeated = seen.has(`${field} ${id}`);
      seen.add(`${field} ${id}`);
      return repeated
        ? [
            {
              code: 'INVALID',
              path: ['devices', String(index), field],
              message: 'This id is already in the list. Give each device once.',
            },
          ]
        : [];
    }),
  );
}

/** A meterId is unique within an intermediary, so a device in stock has none. */
const metersInStock = (devices: DevicesToAdd['devices']): Complaint[] =>
  devices.flatMap(({ meterId }, index): Complaint[] =>
    meterId == null
      ? []
      : [
          {
            code: 'INVALID',
            path: ['devices', String(index), 'meterId'],
            message: 'A device in stock has no meterId. Set it when the device is assigned.',
          },
        ],
  );

/** The devices. Throws a Refusal with all that is wrong with the list itself. */
export function readDevices({ tenantId }: Permit<'device.add'>, raw: DevicesToAdd) {
  const { devices } = parse(input, raw);
  const isForStock = tenantId === NO_TENANT;
  refuseAny([...duplicates(devices), ...(isForStock ? metersInStock(devices) : [])]);
  return { devices, isForStock };
}

/** The complaint about a device that somebody has, or whose meter another one has. */
export const conflictComplaint = ({ item, device }: Conflict): Complaint => ({
  code: 'CONFLICT',
  path: ['devices', String(item), device ? 'deviceId' : 'meterId'],
  message: device
    ? 'This device is assigned to another intermediary. Remove it there first.'
    : 'Another device of this intermediary has this meterId.',
});
