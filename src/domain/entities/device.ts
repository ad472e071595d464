/** The device, and lists of devices by either id. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { atMost } from '../../base/text.ts';
import { d, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';

/** The columns of a Device. `tenantId`: its tenant; null: in stock. */
export const deviceColumns = { deviceId: d.deviceId, meterId: d.meterId, tenantId: d.tenantId };

export type Device = RowOf<typeof deviceColumns>;

export const deviceId = v.pipe(
  v.string('Must be a text.'),
  v.regex(
    /^[0-9A-Za-z]{8}$/,
    'Must be eight letters or digits; case matters. ' +
      '(The serial number of a power meter is a meterId.)',
  ),
);
export const meterId = v.pipe(
  v.string('Must be a text.'),
  v.regex(/^[\x20-\x7e]{1,64}$/, 'Must be 1 to 64 printable ASCII characters.'),
);

/** Exactly one of the two. The faces make sure of it. */
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
  atMost(MAX_DEVICES, `Name at most ${MAX_DEVICES} devices per call.`),
  v.array(deviceIdentifier),
);

export const someDeviceIdentifiers = v.pipe(
  deviceIdentifiers,
  v.minLength(1, 'Name at least one device.'),
);

/** A query for the id of the device that fits. */
const idWhere = (fits: SQL): SQL => sql`SELECT ${d.deviceId} FROM ${source(d)} WHERE ${fits}`;

/**
 * Resolves named devices of the tenant, each by an index. Rows: `item` (the position in `items`),
 * `value` (the item) and `dev` (the deviceId; null if the tenant has no such device).
 */
export function resolveDevices(tenantId: number, items: SQL): SQL {
  const ours = sql`${d.tenantId} = ${tenantId}`;
  const byId = sql`j.value->>'d' IS NOT NULL AND ${d.deviceId} = j.value->>'d' AND ${ours}`;
  const byMeter = sql`j.value->>'m' IS NOT NULL AND ${d.meterId} = j.value->>'m' AND ${ours}`;
  return sql`
    SELECT j.key AS item, j.value AS value,
      (${idWhere(byId)} UNION ALL ${idWhere(byMeter)}) AS dev
    FROM json_each(${items}) j`;
}

/**
 * The list that `resolveDevices` reads, bound as JSON: a statement takes at most 100 parameters on
 * D1.
 */
export const deviceItems = (identifiers: ParsedDeviceIdentifier[]): SQL =>
  sql`${JSON.stringify(identifiers.map(({ deviceId, meterId }) => ({ d: deviceId, m: meterId })))}`;

/**
 * Devices `d` for FROM and JOIN, with the condition that their partial index needs. Each of the two
 * is a range of its own index, ignoring letter case.
 */
export const assignedDevices = sql`
  ${source(d)} INDEXED BY devices_assigned WHERE ${d.tenantId} IS NOT NULL`;
export const devicesInStock = sql`
  ${source(d)} INDEXED BY devices_in_stock WHERE ${d.tenantId} IS NULL`;

const isAlike = (id: SQL): SQL => sql`${d.deviceId} = ${id} COLLATE NOCASE`;

/** A query for the id of the tenant's device that equals `id` except for letter case. */
const oursAlike = (tenantId: number, id: SQL): SQL => sql`
  SELECT ${d.deviceId} FROM ${assignedDevices}
    AND ${isAlike(id)} AND ${d.tenantId} = ${tenantId} LIMIT 1`;

/**
 * The id of a device of the tenant or in stock that differs from `id` only in letter case. Null if
 * there is none.
 */
export const inOtherCase = (tenantId: number, id: string | null): SQL =>
  sql`coalesce((${oursAlike(tenantId, sql`${id}`)}), (
    SELECT ${d.deviceId} FROM ${devicesInStock} AND ${isAlike(sql`${id}`)} LIMIT 1))`;

/** What a tenant may have meant by an unknown name. */
export interface Meant {
  /**
   * The tenant's device with that id in another letter case, or with that meterId. Null if neither.
   */
  meant: string | null;
}

function meantBy(tenantId: number): SQL {
  const ours = sql`${d.tenantId} = ${tenantId}`;
  return sql`coalesce((${oursAlike(tenantId, sql`r.value->>'d'`)}),
    (${idWhere(sql`${ours} AND ${d.meterId} = r.value->>'d'`)}),
    (${idWhere(sql`${d.deviceId} = r.value->>'m' AND ${ours}`)}))`;
}

/**
 * The suggestion for a row `r` of `resolveDevices` without a `dev`, as a column. Only devices of
 * the tenant itself.
 */
export const meantDevice = (tenantId: number) => sql<string | null>`${meantBy(tenantId)}`;

/** The same for any row. Null if there is a `dev`. */
export const meantInstead = (tenantId: number) =>
  sql<string | null>`CASE WHEN r.dev IS NULL THEN ${meantBy(tenantId)} END`;

/** The owner in a message: the calling company, or the one that the operator names. */
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
    return (
      `This is no meterId of ${of}, but the deviceId of a device of ${of}: ` +
      'name it by "deviceId".'
    );
  }
  return deviceId.toLowerCase() === meant.toLowerCase()
    ? `No such device is assigned to ${to}, but ${meant} is: case matters.`
    : `This is no deviceId of ${of}, but the meterId of ${whose} device ${meant}: ` +
        'name it by "meterId".';
}

/**
 * The complaint about a device that is not `owner`'s. Its path is the field of `list` that names
 * the device. It suggests what may be meant instead.
 */
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

/**
 * Hints for a response that did not find the device: a suggestion if another device of the tenant
 * was meant.
 */
export const hintsAt = (
  list: string[],
  identifier: ParsedDeviceIdentifier,
  row: Meant | undefined,
  owner: Owner = 'caller',
): Complaint[] => (row && row.meant !== null ? [unknownDevice(list, identifier, row, owner)] : []);

/** A device in a list that the tenant does not have, and a suggestion. */
interface Misnamed extends Meant {
  /** The position in the list. */
  item: number;
}

/**
 * The devices that `resolveDevices` does not find. Must run before devices are taken from the
 * tenant.
 */
export const selectMisnamed = (tenantId: number, named: SQL): Statement<Misnamed> =>
  select(
    { item: sql<number>`r.item`, meant: meantDevice(tenantId) },
    sql`FROM (${named}) r WHERE r.dev IS NULL ORDER BY r.item`,
  );

/** Hints for a success that ignored unknown devices. */
export const hintsOn = (
  rows: readonly Misnamed[],
  identifiers: readonly ParsedDeviceIdentifier[],
  owner: Owner = 'caller',
): Complaint[] =>
  rows.flatMap((row) =>
    hintsAt(['deviceIdentifiers', String(row.item)], identifiers[row.item] ?? {}, row, owner),
  );
