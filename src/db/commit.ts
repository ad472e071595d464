/** A change and its audit event in one batch: an event is a statement to stand beside its change. */
import { type SQL, sql } from 'drizzle-orm';
import { type Statement, statement } from './connect.ts';

/** Where a change comes from. */
export interface Origin {
  tenantId: number;
  /** The kind and the public id of the credential. */
  actor: { kind: string; id: string | null };
  /** Names the call: stamped on the rows that it changes. */
  change: string;
  now: number;
  requestId: string;
}

export interface EventOptions {
  action: string;
  /** Tells apart the events of one call. */
  nth?: SQL | string;
  /** The user that it concerns: an id, or an expression over `from`. */
  user?: SQL | number;
  /** A JSON object, as an expression over `from`. */
  subject?: SQL;
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

/**
 * `INSERT … SELECT` of an audit event for each row of `from` (a FROM clause with what follows it):
 * no row, no event.
 */
export function event(origin: Origin, options: EventOptions, from: SQL): Statement {
  const { tenantId, actor, change, now, requestId } = origin;
  const { action, nth = '', user = sql`NULL`, subject = sql`'{}'` } = options;
  return statement(sql`
    INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_id, action, user_id, subject, request_id)
    SELECT ${tenantId}, ${change} || ${nth}, ${now}, ${actor.kind}, ${actor.id}, ${action}, ${user}, ${subject}, ${requestId}
    ${from}`);
}
