/** A change and its audit event in one batch: an event is a statement to stand beside its change. */
import { type Column, getTableName, type SQL, sql } from 'drizzle-orm';
import { aliased, e, source } from './aliases.ts';
import type { Statement } from './connect.ts';
import { type AuditAction, firstNumber, namesDevices } from './events.ts';
import { auditEventDevices, auditEvents } from './schema.ts';
import { insert } from './statements.ts';
import { objectOf, type Subjects } from './subjects.ts';

/** Where a change comes from. */
export interface Origin {
  tenantId: number;
  /** The kind and the public id of the credential, and whose it is: a user's, or nobody's. */
  actor: { kind: string; id: string | null; userId: number | null };
  /** Names the call: stamped on the rows that it changes. */
  change: string;
  now: number;
  requestId: string;
}

export type EventOptions<Action extends AuditAction> = Subjects<Action> & {
  action: Action;
  /** The user that it concerns: an id, or an expression over `from`. */
  user?: Column | SQL | number;
};

/** What a column is to be: what was given, or what it was. */
export const orElse = (value: unknown, column: Column | SQL): SQL =>
  sql`${value === undefined ? column : value}`;

/** The names of the fields of `given` that a call sent; the others are defaults. */
export const sentFields = (raw: unknown, given: object): string[] =>
  Object.keys(given).filter((name) => Object.hasOwn(Object(raw), name));

/**
 * The greatest number that an event ever had: `sqlite_sequence` keeps it though the event is gone.
 * It has a row for each table.
 */
const lastNumber = sql`(
  SELECT r.seq FROM sqlite_sequence r
  WHERE r.name = ${sql.raw(`'${getTableName(auditEvents)}'`)})`;

const latest = aliased(auditEvents, 'latest');

/** Right behind an event: its numbers are the greatest. */
const eventDevices = insert(
  auditEventDevices,
  { tenantId: e.tenantId, deviceId: sql`j.value`, number: e.number },
  sql`FROM ${source(e)}, json_each(${e.subject}, '$.deviceIds') j
    WHERE ${e.number} > (SELECT max(${latest.number}) FROM ${source(latest)}) - changes()
    ON CONFLICT DO NOTHING`,
);

/**
 * `INSERT … SELECT` of an audit event for each row of `from` (a FROM clause with what follows it):
 * no row, no event. D1 runs one batch after the other, so that the order of numbers is the order in
 * which changes are committed.
 */
export function event<Action extends AuditAction>(
  origin: Origin,
  options: EventOptions<Action>,
  from: SQL,
): Statement {
  const { tenantId, actor, now, requestId } = origin;
  const { action, user = sql`NULL`, subject: concerned, fields } = options;
  const told = concerned ? objectOf(concerned) : sql`'{}'`;
  const subject = fields
    ? sql`json_set(${told}, '$.fields', json(${JSON.stringify(fields)}))`
    : told;
  const number = sql`max(${firstNumber(now)}, coalesce(${lastNumber}, 0)) + row_number() OVER ()`;
  const insertion = insert(
    auditEvents,
    {
      ...{ number, tenantId, actorKind: actor.kind, actorId: actor.id, actorUserId: actor.userId },
      ...{ action, userId: user, subject, requestId },
    },
    from,
  );
  return namesDevices(action) ? { ...insertion, behind: eventDevices } : insertion;
}
