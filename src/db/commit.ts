/** A change and its audit event in one batch. The event is a statement next to its change. */
import { type Column, getTableName, type SQL, sql } from 'drizzle-orm';
import { aliased, e, source } from './aliases.ts';
import type { Statement } from './connect.ts';
import { type AuditAction, firstNumber, namesDevices } from './events.ts';
import { auditEventDevices, auditEvents } from './schema.ts';
import { insert } from './statements.ts';
import { objectOf, type Subjects } from './subjects.ts';

/** The origin of a change. */
export interface Origin {
  tenantId: number;
  /** The kind and the public id of the credential, and its user, if it has one. */
  actor: { kind: string; id: string | null; userId: number | null };
  /** The id of the call. It is stored in the rows that the call changes. */
  change: string;
  now: number;
  requestId: string;
}

export type EventOptions<Action extends AuditAction> = Subjects<Action> & {
  action: Action;
  /** The user concerned: an id, or an expression over `from`. */
  user?: Column | SQL | number;
  /** Who acts, as expressions over `from`, if it is not the origin's actor. */
  by?: { kind: SQL; id: SQL; userId: SQL };
};

/** The new value of a column: the given one, or the current one. */
export const orElse = (value: unknown, column: Column | SQL): SQL =>
  sql`${value === undefined ? column : value}`;

/** The names of the fields of `given` that the call sent. The others are defaults. */
export const sentFields = (raw: unknown, given: object): string[] =>
  Object.keys(given).filter((name) => Object.hasOwn(Object(raw), name));

/**
 * The greatest number that an event ever had. `sqlite_sequence`, which has a row for each table,
 * keeps it even if the event is gone.
 */
export const lastNumber = sql<number>`(
  SELECT r.seq FROM sqlite_sequence r
  WHERE r.name = ${sql.raw(`'${getTableName(auditEvents)}'`)})`;

const latest = aliased(auditEvents, 'latest');

/** Runs right after the insertion of events, whose numbers are the greatest. */
const eventDevices = insert(
  auditEventDevices,
  { tenantId: e.tenantId, deviceId: sql`j.value`, number: e.number },
  sql`FROM ${source(e)}, json_each(${e.subject}, '$.deviceIds') j
    WHERE ${e.number} > (SELECT max(${latest.number}) FROM ${source(latest)}) - changes()
    ON CONFLICT DO NOTHING`,
);

/**
 * `INSERT … SELECT` of an audit event for each row of `from`, a FROM clause with what follows it.
 * No row, no event. D1 runs one batch after the other, so the order of numbers is the order of
 * commits.
 */
export function event<Action extends AuditAction>(
  origin: Origin,
  options: EventOptions<Action>,
  from: SQL,
): Statement {
  const { tenantId, now, requestId } = origin;
  const {
    action,
    user = sql`NULL`,
    subject: concerned,
    fields,
    by: actor = origin.actor,
  } = options;
  const plain = concerned ? objectOf(concerned) : sql`'{}'`;
  const subject = fields
    ? sql`json_set(${plain}, '$.fields', json(${JSON.stringify(fields)}))`
    : plain;
  const number = sql`max(${firstNumber(now)}, coalesce(${lastNumber}, 0)) + row_number() OVER ()`;
  const insertion = insert(
    auditEvents,
    {
      ...{ number, tenantId, actorKind: actor.kind, actorId: actor.id, actorUserId: actor.userId },
      ...{ action, userId: user, subject, requestId },
    },
    from,
  );
  const told = { ...insertion, tells: { tenantId, now } };
  return namesDevices(action) ? { ...told, behind: eventDevices } : told;
}
