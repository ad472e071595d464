/** The device as a fact, and lists of devices named by either id. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { few } from '../../base/text.ts';
import { d, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';

/** The columns of a Device. `tenantId`: whose it is; null: in stock. */
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

/** The id of the device that fits, as a query. */
const idWhere = (fits: SQL): SQL => sql`SELECT ${d.deviceId} FROM ${source(d)} WHERE ${fits}`;

/**
 * The tenant's devices that are named, each found through an index: rows of `item` (the position in
 * `items`), `value` (what is there) and `dev` (the deviceId; null when it is not the tenant's).
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
 * The bound list that `resolveDevices` reads, as JSON: a statement takes at most 100 parameters on
 * D1.
 */
export const deviceItems = (identifiers: ParsedDeviceIdentifier[]): SQL =>
  sql`${JSON.stringify(identifiers.map(({ deviceId, meterId }) => ({ d: deviceId, m: meterId })))}`;

/**
 * Devices `d` as they stand behind FROM and JOIN, with the condition that their index wants. Each
 * of the two is a range of an index of its own, letter case aside.
 */
export const assignedDevices = sql`
  ${source(d)} INDEXED BY devices_assigned WHERE ${d.tenantId} IS NOT NULL`;
export const devicesInStock = sql`
  ${source(d)} INDEXED BY devices_in_stock WHERE ${d.tenantId} IS NULL`;

const isAlike = (id: SQL): SQL => sql`${d.deviceId} = ${id} COLLATE NOCASE`;

/** The id of the tenant's device that is `id` but for letter case, as a query. */
const oursAlike = (tenantId: number, id: SQL): SQL => sql`
  SELECT ${d.deviceId} FROM ${assignedDevices}
    AND ${isAlike(id)} AND ${d.tenantId} = ${tenantId} LIMIT 1`;

/**
 * The id of a tenant's device, or one in stock, that differs from `id` in letter case only; null
 * where there is none.
 */
export const inOtherCase = (tenantId: number, id: string | null): SQL =>
  sql`coalesce((${oursAlike(tenantId, sql`${id}`)}), (
    SELECT ${d.deviceId} FROM ${devicesInStock} AND ${isAlike(sql`${id}`)} LIMIT 1))`;

/** What a tenant may have meant by a name that is none of its devices. */
export interface Meant {
  /** Its device of that id in other letters, or whose meter has it; null: neither. */
  meant: string | null;
}

function meantBy(tenantId: number): SQL {
  const ours = sql`${d.tenantId} = ${tenantId}`;
  return sql`coalesce((${oursAlike(tenantId, sql`r.value->>'d'`)}),
    (${idWhere(sql`${ours} AND ${d.meterId} = r.value->>'d'`)}),
    (${idWhere(sql`${d.deviceId} = r.value->>'m' AND ${ours}`)}))`;
}

/**
 * Of a row `r` of `resolveDevices` without a `dev`, as a column: nothing but the tenant's own
 * devices.
 */
export const meantDevice = (tenantId: number) => sql<string | null>`${meantBy(tenantId)}`;

/** The same of any row; null where there is a `dev`. */
export const meantInstead = (tenantId: number) =>
  sql<string | null>`CASE WHEN r.dev IS NULL THEN ${meantBy(tenantId)} END`;

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
 * What is told of a device that is not `owner`'s: at the field of the `list` that names it, with
 * what may be meant instead.
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
 * What is told beside an answer that did not find the device: nothing, unless another one of the
 * tenant's was meant.
 */
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

/** Those that `resolveDevices` does not find. Read before what takes devices from the tenant. */
export const selectMisnamed = (tenantId: number, named: SQL): Statement<Misnamed> =>
  select(
    { item: sql<number>`r.item`, meant: meantDevice(tenantId) },
    sql`FROM (${named}) r WHERE r.dev IS NULL ORDER BY r.item`,
  );

/** What is told beside a success that took nothing from them, since it did not find them. */
export const hintsOn = (
  rows: readonly Misnamed[],
  identifiers: readonly ParsedDeviceIdentifier[],
  owner: Owner = 'caller',
): Complaint[] =>
  rows.flatMap((row) =>
    hintsAt(['deviceIdentifiers', String(row.item)], identifiers[row.item] ?? {}, row, owner),
  );
