/** The device as a fact, and lists of devices named by either id. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { few } from '../../base/text.ts';
import { type Statement, statement } from '../../db/connect.ts';

export interface Device {
  deviceId: string;
  meterId: string | null;
  /** Whose it is; null: in stock. */
  tenantId: number | null;
}

/** The columns of a Device, from a table named `d`. */
export const deviceColumns = sql.raw(
  'd.device_id AS deviceId, d.meter_id AS meterId, d.tenant_id AS tenantId',
);

export const deviceId = v.pipe(
  v.string('Must be a text.'),
  v.regex(
    /^[0-9A-Za-z]{8}$/,
    'Must be eight letters or digits; case matters. (The serial number of a power meter is a meterId.)',
  ),
);
export const meterId = v.pipe(
  v.string('Must be a text.'),
  v.regex(/^[\x20-\x7e]{1,64}$/, 'Must be 1 to 64 printable ASCII characters.'),
);

/** Exactly one of the two, as the faces see to. */
export interface DeviceIdentifier {
  deviceId?: string | null | undefined;
  meterId?: string | null | undefined;
}

export const deviceIdentifier = v.object({
  deviceId: v.nullish(deviceId),
  meterId: v.nullish(meterId),
});
export type ParsedDeviceIdentifier = v.InferOutput<typeof deviceIdentifier>;

/** The most devices that one call takes. */
export const MAX_DEVICES = 500;

export const deviceIdentifiers = v.pipe(
  few(MAX_DEVICES, `Name at most ${MAX_DEVICES} devices a call.`),
  v.array(deviceIdentifier),
);

export const someDeviceIdentifiers = v.pipe(
  deviceIdentifiers,
  v.minLength(1, 'Name at least one device.'),
);

/**
 * The tenant's devices that are named, each found through an index: rows of `item` (the position in `items`), `value`
 * (what is there) and `dev` (the deviceId; null when it is not the tenant's).
 */
export function resolveDevices(tenantId: number, items: SQL): SQL {
  return sql`
    SELECT j.key AS item, j.value AS value,
      (SELECT device_id FROM devices WHERE j.value->>'d' IS NOT NULL AND device_id = j.value->>'d' AND tenant_id = ${tenantId}
       UNION ALL
       SELECT device_id FROM devices WHERE j.value->>'m' IS NOT NULL AND meter_id = j.value->>'m' AND tenant_id = ${tenantId}) AS dev
    FROM json_each(${items}) j`;
}

/** The bound list that `resolveDevices` reads, as JSON: a statement takes at most 100 parameters on D1. */
export const deviceItems = (identifiers: ParsedDeviceIdentifier[]): SQL =>
  sql`${JSON.stringify(identifiers.map(({ deviceId, meterId }) => ({ d: deviceId, m: meterId })))}`;

/** The id of a tenant's device, or one in stock, that differs from `id` in letter case only; null where there is none. */
export const inOtherCase = (tenantId: number, id: string | null): SQL => sql`coalesce(
  (SELECT device_id FROM devices INDEXED BY devices_assigned
   WHERE device_id = ${id} COLLATE NOCASE AND tenant_id IS NOT NULL AND tenant_id = ${tenantId} LIMIT 1),
  (SELECT device_id FROM devices INDEXED BY devices_in_stock
   WHERE device_id = ${id} COLLATE NOCASE AND tenant_id IS NULL LIMIT 1))`;

/** What a tenant may have meant by a name that is none of its devices. */
export interface Meant {
  /** Its device of that id in other letters, or whose meter has it; null: neither. */
  meant: string | null;
}

const meantBy = (tenantId: number): SQL => sql`coalesce(
  (SELECT device_id FROM devices INDEXED BY devices_assigned
   WHERE device_id = r.value->>'d' COLLATE NOCASE AND tenant_id IS NOT NULL AND tenant_id = ${tenantId} LIMIT 1),
  (SELECT device_id FROM devices WHERE tenant_id = ${tenantId} AND meter_id = r.value->>'d'),
  (SELECT device_id FROM devices WHERE device_id = r.value->>'m' AND tenant_id = ${tenantId}))`;

/** Of a row `r` of `resolveDevices` without a `dev`, as a column: nothing but the tenant's own devices. */
export const meantDevice = (tenantId: number): SQL => sql`${meantBy(tenantId)} AS meant`;

/** The same of any row; null where there is a `dev`. */
export const meantInstead = (tenantId: number): SQL =>
  sql`CASE WHEN r.dev IS NULL THEN ${meantBy(tenantId)} END AS meant`;

/** Whose a device would be: of the company that calls, or of the one that the operator names. */
const OWNERS = {
  caller: { to: 'you', of: 'yours', whose: 'your' },
  named: { to: 'this intermediary', of: 'this intermediary', whose: 'its' },
} as const;
type Owner = keyof typeof OWNERS;

function sentenceOf(
  { deviceId }: ParsedDeviceIdentifier,
  meant: string | null,
  owner: Owner,
): string {
  const { to, of, whose } = OWNERS[owner];
  if (meant === null) return `No such device is assigned to ${to}. Check the id.`;
  if (deviceId == null) {
    return `This is no meterId of ${of}, but the deviceId of a device of ${of}: name it by "deviceId".`;
  }
  return deviceId.toLowerCase() === meant.toLowerCase()
    ? `No such device is assigned to ${to}, but ${meant} is: case matters.`
    : `This is no deviceId of ${of}, but the meterId of ${whose} device ${meant}: name it by "meterId".`;
}

export function unknownDevice(
  list: string[],
  identifier: ParsedDeviceIdentifier,
  { meant }: Meant,
  owner: Owner = 'caller',
): Complaint {
  return {
    code: 'NOT_FOUND',
    path: [...list, identifier.deviceId == null ? 'meterId' : 'deviceId'],
    message: sentenceOf(identifier, meant, owner),
  };
}

/** What is told beside an answer that did not find the device: nothing, unless another one of the tenant's was meant. */
export const hintsAt = (
  list: string[],
  identifier: ParsedDeviceIdentifier,
  row: Meant | undefined,
  owner: Owner = 'caller',
): Complaint[] => (row && row.meant !== null ? [unknownDevice(list, identifier, row, owner)] : []);

/** A device of a list that is none of the tenant's, and what may have been meant by its name. */
interface Misnamed extends Meant {
  /** Its position in the list. */
  item: number;
}

/** Those that `resolveDevices` does not find. To be read before what takes devices from the tenant. */
export const selectMisnamed = (tenantId: number, named: SQL): Statement<Misnamed> =>
  statement<Misnamed>(sql`
    SELECT r.item, ${meantDevice(tenantId)} FROM (${named}) r
    WHERE r.dev IS NULL ORDER BY r.item`);

/** What is told beside a success that took nothing from them, since it did not find them. */
export const hintsOn = (
  rows: readonly Misnamed[],
  identifiers: readonly ParsedDeviceIdentifier[],
  owner: Owner = 'caller',
): Complaint[] =>
  rows.flatMap((row) =>
    hintsAt(['deviceIdentifiers', String(row.item)], identifiers[row.item] ?? {}, row, owner),
  );
