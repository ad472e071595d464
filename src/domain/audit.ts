/** Reading the audit trail; it is written beside each change, by `db/commit.ts`. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { idText, parse } from '../base/text.ts';
import { type Statement, statement } from '../db/connect.ts';
import { type AuditAction, EVENTS, firstNumber, type Subject } from '../db/events.ts';
import { numberPart, openPage, type Page, type PageInput } from '../db/paging.ts';
import { type DeviceIdentifier, deviceIdentifier } from './devices/device.ts';
import type { ActorKind, Permit } from './permit.ts';

export interface AuditEvent extends Subject {
  /** Its place in the trail: greater than that of each event that was committed before. */
  number: number;
  at: number;
  actorKind: ActorKind;
  /** The public id of the API key or session. */
  credentialId: string | null;
  actorUserId: number | null;
  action: AuditAction;
  userId: number | null;
  requestId: string;
}

const MAX_ACTIONS = 100;

/** All actions: a noun and a verb each. */
export const ACTIONS = Object.keys(EVENTS) as AuditAction[];

/** Why an action is none: its noun has others, or is none. */
function noSuchAction(action: string): string {
  const nounOf = (one: string) => one.split('.', 1)[0] ?? '';
  const noun = nounOf(action).toLowerCase();
  const alike = ACTIONS.filter((one) => nounOf(one).toLowerCase() === noun);
  return alike.length > 0
    ? `There is no such action, but ${alike.join(', ')}.`
    : `There is no such action. Actions are a noun and a verb, such as permission.add. The nouns are ${[...new Set(ACTIONS.map(nounOf))].join(', ')}.`;
}
/** Events that one page looks at, where an index finds them by one filter and the others are to pass them. */
const LOOKED_AT = 1_000;

const input = v.object({
  order: v.picklist(['NEWEST_FIRST', 'OLDEST_FIRST']),
  userId: v.nullish(idText),
  actorUserId: v.nullish(idText),
  deviceIdentifier: v.nullish(deviceIdentifier),
  actions: v.nullish(
    v.pipe(
      v.array(v.picklist(ACTIONS, ({ input }) => noSuchAction(String(input)))),
      v.maxLength(MAX_ACTIONS, `Name at most ${MAX_ACTIONS} actions.`),
    ),
  ),
  from: v.nullish(v.number()),
  to: v.nullish(v.number()),
});
type Filter = v.InferOutput<typeof input>;

export interface AuditFilter extends PageInput {
  order: Filter['order'];
  userId?: string | null | undefined;
  actorUserId?: string | null | undefined;
  deviceIdentifier?: DeviceIdentifier | null | undefined;
  /** Null or empty: all. */
  actions?: string[] | null | undefined;
  /** Epoch milliseconds, inclusive. */
  from?: number | null | undefined;
  /** Epoch milliseconds, exclusive. */
  to?: number | null | undefined;
}

const eventColumns = sql.raw(
  'e.number, e.at, e.actor_kind AS actorKind, e.actor_id AS credentialId, e.actor_user_id AS actorUserId, e.action, e.user_id AS userId, e.subject, e.request_id AS requestId',
);
type EventRow = Omit<AuditEvent, keyof Subject> & { subject: string };

const toEvent = ({ subject, ...event }: EventRow): AuditEvent => ({
  ...event,
  ...(JSON.parse(subject) as Subject),
});

/** A way to events: what `e` must be, and the numbers of those that are so, through an index; `end` orders and limits. */
interface Way {
  test: SQL;
  numbers(end: SQL): SQL;
}

/** For each filter that is given, the narrowest first; and `all`, to all of the tenant's. `bounds` are on `e.number`. */
function waysTo(tenantId: number, filter: Filter, bounds: SQL) {
  const { userId, actorUserId, deviceIdentifier: device } = filter;
  const actions = JSON.stringify([...new Set(filter.actions ?? [])]);
  const ours = sql`e.tenant_id = ${tenantId} AND ${bounds}`;
  const through = (index: string, test: SQL) => (end: SQL) =>
    sql`
    SELECT e.number FROM audit_events e INDEXED BY ${sql.raw(index)} WHERE ${ours} AND ${test} ${end}`;
  const by = (index: string, test: SQL): Way => ({ test, numbers: through(index, test) });

  const byDevice = (deviceId: SQL): Way => ({
    test: sql`1`,
    numbers: (end) =>
      sql`SELECT e.number FROM audit_event_devices e WHERE ${ours} AND e.device_id = ${deviceId} ${end}`,
  });
  const byActions: Way = {
    test: sql`e.action IN (SELECT j.value FROM json_each(${actions}) j)`,
    // Of each as many as of all together: the page may be of one.
    numbers: (end) => sql`
      SELECT e.number FROM json_each(${actions}) j CROSS JOIN audit_events e ON e.number IN (
        ${through('audit_events_by_action', sql`e.action = j.value`)(end)}) ${end}`,
  };
  const given = [
    device && byDevice(idOfDevice(tenantId, device)),
    userId && by('audit_events_by_user', sql`e.user_id = ${userId}`),
    actorUserId && by('audit_events_by_actor', sql`e.actor_user_id = ${actorUserId}`),
    actions !== '[]' && byActions,
  ].filter((way) => !!way);
  return { given, all: by('audit_events_by_tenant', sql`1`) };
}

/** Of a device that the tenant had once, if it is named by its own id; a meterId is forgotten with the assignment. */
const idOfDevice = (tenantId: number, { deviceId, meterId }: DeviceIdentifier): SQL =>
  deviceId == null
    ? sql`(SELECT device_id FROM devices WHERE tenant_id = ${tenantId} AND meter_id = ${meterId})`
    : sql`${deviceId}`;

/**
 * In the order in which they were committed: whoever goes on behind the last cursor of `OLDEST_FIRST` misses none, since
 * what is committed later comes behind it. A page may be short, and another follow, where filters leave little of what
 * was looked at.
 */
export async function listAuditEvents(
  permit: Permit<'audit.list'>,
  raw: AuditFilter,
): Promise<Page<AuditEvent>> {
  const { tenantId, db } = permit;
  const filter = parse(input, raw);
  const { order, userId, actorUserId, deviceIdentifier: device, actions, from, to } = filter;
  const filters = [userId, actorUserId, device?.deviceId, device?.meterId, actions?.toSorted()];
  const list = ['auditEvents', tenantId, order, from, to, ...filters];
  const { limit, after, close } = openPage(raw, list, v.tuple([numberPart]));

  const isOldestFirst = order === 'OLDEST_FIRST';
  const bounds = [
    ...(from == null ? [] : [sql`e.number >= ${firstNumber(from)}`]),
    ...(to == null ? [] : [sql`e.number < ${firstNumber(to)}`]),
    ...(after ? [isOldestFirst ? sql`e.number > ${after[0]}` : sql`e.number < ${after[0]}`] : []),
  ];
  const { given, all } = waysTo(tenantId, filter, sql.join([sql`1`, ...bounds], sql` AND `));
  const [way = all, ...others] = given;
  const isAlone = others.length === 0;
  const end = (most: number) =>
    sql`ORDER BY e.number ${sql.raw(isOldestFirst ? 'ASC' : 'DESC')} LIMIT ${most}`;
  const numbers = way.numbers(end(isAlone ? limit : LOOKED_AT));
  const tests = others.map(({ test }) => test);

  const events = statement<EventRow>(sql`
    SELECT ${eventColumns} FROM (${numbers}) r JOIN audit_events e ON e.number = r.number
    WHERE ${sql.join([sql`1`, ...tests], sql` AND `)} ${end(limit)}`);
  const lookedAt: Statement<{ many: number; last: number }> = statement(sql`
    SELECT count(*) AS many, ${sql.raw(isOldestFirst ? 'max' : 'min')}(r.number) AS last FROM (${numbers}) r`);
  const [rows, [looked]] = await Promise.all([db.read(events), isAlone ? [] : db.read(lookedAt)]);
  const lookedTo = looked?.many === LOOKED_AT ? [looked.last] : undefined;
  return close(rows.map(toEvent), ({ number }) => [number], lookedTo);
}
