/** A change and its audit event in one batch: an event is a statement to stand beside its change. */
import { type SQL, sql } from 'drizzle-orm';
import { type Statement, statement } from './connect.ts';
import { type AuditAction, firstNumber, namesDevices } from './events.ts';

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

export interface EventOptions {
  action: AuditAction;
  /** The user that it concerns: an id, or an expression over `from`. */
  user?: SQL | number;
  /** A JSON object with what `EVENTS` says of the action, as an expression over `from`. */
  subject?: SQL;
  /** The names of the fields that were sent: these come to the subject. */
  fields?: string[] | undefined;
}

/**
 * What an UPDATE of the row `alias` is to set, each with a comma behind it, and whether that differs from what is there.
 * `wanted`: by column; undefined: it stays.
 */
export function changesOf(
  alias: string,
  wanted: Record<string, unknown>,
): { set: SQL; differ: SQL } {
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  const differences = given.map(
    ([name, value]) => sql`${sql.raw(`${alias}.${name}`)} IS NOT ${value}`,
  );
  return {
    set: sql.join(given.map(([name, value]) => sql`${sql.raw(name)} = ${value}, `)),
    // Bound, or SQLite would see that nothing fits, and plan for nothing.
    differ: differences.length === 0 ? sql`${0}` : sql`(${sql.join(differences, sql` OR `)})`,
  };
}

/** What a column is to be: what was given, or what it was. */
export const orElse = (value: unknown, column: SQL): SQL =>
  value === undefined ? column : sql`${value}`;

/** The names of the fields of `given` that a call sent; the others are defaults. */
export const sentFields = (raw: unknown, given: object): string[] =>
  Object.keys(given).filter((name) => Object.hasOwn(Object(raw), name));

/** The greatest number that an event ever had: `sqlite_sequence` keeps it though the event is gone. A row for each table. */
const lastNumber = sql`(SELECT r.seq FROM sqlite_sequence r WHERE r.name = 'audit_events')`;

/** Right behind an event: its numbers are the greatest. */
const eventDevices = statement(sql`
  INSERT INTO audit_event_devices (tenant_id, device_id, number)
  SELECT e.tenant_id, j.value, e.number FROM audit_events e, json_each(e.subject, '$.deviceIds') j
  WHERE e.number > (SELECT max(number) FROM audit_events) - changes()
  ON CONFLICT DO NOTHING`);

/**
 * `INSERT … SELECT` of an audit event for each row of `from` (a FROM clause with what follows it): no row, no event.
 * D1 runs one batch after the other, so that the order of numbers is the order in which changes are committed.
 */
export function event(origin: Origin, options: EventOptions, from: SQL): Statement {
  const { tenantId, actor, now, requestId } = origin;
  const { action, user = sql`NULL`, subject: concerned = sql`'{}'`, fields } = options;
  const subject = fields
    ? sql`json_set(${concerned}, '$.fields', json(${JSON.stringify(fields)}))`
    : concerned;
  const insertion = statement(sql`
    INSERT INTO audit_events (number, tenant_id, actor_kind, actor_id, actor_user_id, action, user_id, subject, request_id)
    SELECT max(${firstNumber(now)}, coalesce(${lastNumber}, 0)) + row_number() OVER (), ${tenantId},
      ${actor.kind}, ${actor.id}, ${actor.userId}, ${action}, ${user}, ${subject}, ${requestId}
    ${from}`);
  return namesDevices(action) ? { ...insertion, behind: eventDevices } : insertion;
}
