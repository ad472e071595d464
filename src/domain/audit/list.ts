/** Reads the audit trail. `db/commit.ts` writes it along with each change. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Refusal, refuse } from '../../base/faults.ts';
import { idText, parse } from '../../base/text.ts';
import { d, e, ed, source } from '../../db/aliases.ts';
import {
  type CursorPage,
  type CursorPageInput,
  numberPart,
  openCursorPage,
} from '../../db/cursor-page.ts';
import { firstNumber, type Subject } from '../../db/events.ts';
import { select, unqualified } from '../../db/statements.ts';
import { type DeviceIdentifier, deviceIdentifier } from '../entities/device.ts';
import type { Permit } from '../permit.ts';
import { selectTaken } from './kept.ts';
import { type EventRow, eventColumns } from './payload.ts';
import { actionsOfTypes, typeList } from './types.ts';

export type AuditEvent = Omit<EventRow, 'subject'> & Subject;

/**
 * The most events that one page examines, if an index finds them by one filter and others are
 * checked row by row.
 */
const LOOKED_AT = 1_000;

const input = v.object({
  order: v.picklist(['NEWEST_FIRST', 'OLDEST_FIRST']),
  userId: v.nullish(idText),
  actorUserId: v.nullish(idText),
  deviceIdentifier: v.nullish(deviceIdentifier),
  actions: v.nullish(typeList),
  from: v.nullish(v.number()),
  to: v.nullish(v.number()),
});
type Filter = v.InferOutput<typeof input>;

export interface AuditFilter extends CursorPageInput {
  order: Filter['order'];
  userId?: string | null | undefined;
  actorUserId?: string | null | undefined;
  deviceIdentifier?: DeviceIdentifier | null | undefined;
  /** Types of events. Null or empty: all. */
  actions?: string[] | null | undefined;
  /** Epoch milliseconds, inclusive. */
  from?: number | null | undefined;
  /** Epoch milliseconds, exclusive. */
  to?: number | null | undefined;
}

/** What follows a cursor is not all there any more. */
const takenAway = (): Refusal =>
  refuse(
    'INVALID',
    ['after'],
    'Events after this cursor are no longer kept. Leave it out to begin with the oldest.',
  );

const toEvent = ({ subject, ...event }: EventRow): AuditEvent => ({
  ...event,
  ...(JSON.parse(subject) as Subject),
});

/**
 * A piece of SQL about event numbers: a condition, or an order and a limit. `number` is the column.
 */
export type OfNumber = (number: Column) => SQL;

/**
 * An access path: the condition on an event `e`, and the numbers of the events that meet it, found
 * by an index.
 */
interface Way {
  test: SQL;
  numbers(end: OfNumber): SQL;
}

const anything = sql`1`;

/**
 * An access path for each given filter, the narrowest first. `all` is the path to all events of the
 * tenant.
 */
export function waysTo(tenantId: number, filter: Filter, within: OfNumber) {
  const { userId, actorUserId, deviceIdentifier: device } = filter;
  const actions = JSON.stringify(actionsOfTypes(filter.actions));
  const through = (index: string, test: SQL) => (end: OfNumber) =>
    sql`
    SELECT ${e.number} FROM ${source(e)} INDEXED BY ${sql.raw(index)}
    WHERE ${e.tenantId} = ${tenantId} AND ${within(e.number)} AND ${test} ${end(e.number)}`;
  const by = (index: string, test: SQL): Way => ({ test, numbers: through(index, test) });

  const byDevice = (deviceId: SQL): Way => ({
    test: anything,
    numbers: (end) => sql`
      SELECT ${ed.number} FROM ${source(ed)}
      WHERE ${ed.tenantId} = ${tenantId} AND ${within(ed.number)} AND ${ed.deviceId} = ${deviceId}
      ${end(ed.number)}`,
  });
  const byActions: Way = {
    test: sql`${e.action} IN (SELECT j.value FROM json_each(${actions}) j)`,
    // Up to a whole page from each action, since the page may have one action only.
    numbers: (end) => sql`
      SELECT ${e.number}
      FROM json_each(${actions}) j CROSS JOIN ${source(e)} ON ${e.number} IN (
        ${through('audit_events_by_action', sql`${e.action} = j.value`)(end)}) ${end(e.number)}`,
  };
  const given = [
    device && byDevice(idOfDevice(tenantId, device)),
    userId && by('audit_events_by_user', sql`${e.userId} = ${userId}`),
    actorUserId && by('audit_events_by_actor', sql`${e.actorUserId} = ${actorUserId}`),
    actions !== '[]' && byActions,
  ].filter((way) => !!way);
  return { given, all: by('audit_events_by_tenant', anything) };
}

/** The numbers of the first `most` events after `place`, of these types. Without types, of all. */
export function numbersAfter(
  tenantId: number,
  place: number,
  types: string[] | undefined,
  most: number,
): SQL {
  const within: OfNumber = (number) => sql`${number} > ${place}`;
  const { given, all } = waysTo(tenantId, { order: 'OLDEST_FIRST', actions: types }, within);
  const [way = all] = given;
  return way.numbers((number) => sql`ORDER BY ${number} LIMIT ${most}`);
}

/**
 * The id of a device, which the tenant may have had only in the past. A meterId works only during
 * the assignment.
 */
const idOfDevice = (tenantId: number, { deviceId, meterId }: DeviceIdentifier): SQL =>
  deviceId == null
    ? sql`(
      SELECT ${d.deviceId} FROM ${source(d)}
      WHERE ${d.tenantId} = ${tenantId} AND ${d.meterId} = ${meterId})`
    : sql`${deviceId}`;

const all = (conditions: SQL[]): SQL => sql.join([anything, ...conditions], sql` AND `);

/**
 * Lists events in the order of commits. With `OLDEST_FIRST`, a reader that continues from the last
 * cursor misses none, since later commits come after it. With several filters, a page may have
 * fewer events and still be followed by another.
 */
export async function listAuditEvents(
  permit: Permit<'audit.list'>,
  raw: AuditFilter,
): Promise<CursorPage<AuditEvent>> {
  const { tenantId, db } = permit;
  const filter = parse(input, raw);
  const { order, userId, actorUserId, deviceIdentifier: device, actions, from, to } = filter;
  const filters = [userId, actorUserId, device?.deviceId, device?.meterId, actions?.toSorted()];
  const list = ['auditEvents', tenantId, order, from, to, ...filters];
  const { limit, after, close } = openCursorPage(raw, list, v.tuple([numberPart]));

  const isOldestFirst = order === 'OLDEST_FIRST';
  const within: OfNumber = (number) =>
    all([
      ...(from == null ? [] : [sql`${number} >= ${firstNumber(from)}`]),
      ...(to == null ? [] : [sql`${number} < ${firstNumber(to)}`]),
      ...(after ? [sql`${number} ${sql.raw(isOldestFirst ? '>' : '<')} ${after[0]}`] : []),
    ]);
  const ways = waysTo(tenantId, filter, within);
  const [way = ways.all, ...others] = ways.given;
  const isAlone = others.length === 0;
  const direction = sql.raw(isOldestFirst ? 'ASC' : 'DESC');
  const end =
    (most: number): OfNumber =>
    (number) =>
      sql`ORDER BY ${number} ${direction} LIMIT ${most}`;
  const numbers = way.numbers(end(isAlone ? limit : LOOKED_AT));

  const events = select(
    eventColumns,
    sql`FROM (${numbers}) r JOIN ${source(e)} ON ${e.number} = r.${unqualified(e.number)}
      WHERE ${all(others.map(({ test }) => test))} ${end(limit)(e.number)}`,
  );
  const last = sql<number>`${sql.raw(isOldestFirst ? 'max' : 'min')}(r.${unqualified(e.number)})`;
  const lookedAt = select({ many: sql<number>`count(*)`, last }, sql`FROM (${numbers}) r`);
  const [rows, [looked], [taken]] = await Promise.all([
    db.read(events),
    isAlone ? [] : db.read(lookedAt),
    isOldestFirst && after ? db.read(selectTaken(tenantId)) : [],
  ]);
  const [begin = 0] = after ?? [];
  if (taken && taken.number > begin && taken.number >= firstNumber(from ?? 0)) throw takenAway();
  const lookedTo = looked?.many === LOOKED_AT ? [looked.last] : undefined;
  return close(rows.map(toEvent), ({ number }) => [number], lookedTo);
}
