/**
 * The feed: a tenant's events in the order in which they were committed. A cursor is a position in
 * it, with any filter. Events that are committed later always come after it.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { integer } from '../../base/fields.ts';
import { parse } from '../../base/text.ts';
import { e, source } from '../../db/aliases.ts';
import { cursorOf, numberPart } from '../../db/cursor-page.ts';
import { listed, type RowOf, select, unqualified } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';
import { selectTaken } from './kept.ts';
import { numbersAfter } from './list.ts';
import { eventColumns, eventOf, type PublicEvent } from './payload.ts';
import { actionsOfTypes, typeList } from './types.ts';

export const MAX_EVENTS = 1_000;
export const USUAL_EVENTS = 100;

/** In place of a cursor: the position after the last event. */
export const LATEST = 'latest';

const feedQuery = v.object({
  after: v.optional(v.string()),
  limit: v.optional(integer(1, MAX_EVENTS), USUAL_EVENTS),
  actions: v.optional(typeList),
});
export type FeedQuery = v.InferOutput<typeof feedQuery>;

/** The query of `GET /events`. Throws a Refusal that names each parameter at fault. */
export const readFeedQuery = (raw: unknown): FeedQuery => parse(feedQuery, raw);

/**
 * What a page counts, in units: by the events that it may hold, and by those of each action that
 * are looked at for it.
 */
export const unitsOfFeed = ({ limit, actions }: FeedQuery): number =>
  Math.ceil((limit * (1 + actionsOfTypes(actions).length / 10)) / 100);

export interface Feed {
  /** Oldest first. Empty: there is nothing new. */
  events: PublicEvent[];
  /** Where to go on, now or later. */
  next: string;
  /** Events after the cursor are no longer kept: `next` leads to those that are. */
  isGone: boolean;
}

/** A place in the feed of a tenant, as clients keep it: the number of an event. */
const placesOf = (tenantId: number) => cursorOf(['events', tenantId], v.strictTuple([numberPart]));

/** The number that a cursor of the feed has. Throws a Refusal of `after` for any other text. */
export const readPlace = (tenantId: number, cursor: string): number =>
  placesOf(tenantId).read(cursor)[0];

/** The cursor of the place behind event `number`. Only this tenant can use it. */
export const writePlace = (tenantId: number, number: number): string =>
  placesOf(tenantId).write([number]);

/** In bytes, of the subjects in one answer, which otherwise could name half a million devices. */
const MAX_BYTES = 1_000_000;

/** The events with these numbers, as many as an answer holds, and one at least. */
function selectEvents(numbers: SQL) {
  const size = sql`length(${e.subject})`;
  const before = sql`sum(${size}) OVER (ORDER BY ${e.number}) - ${size}`;
  const names = Object.keys(eventColumns) as (keyof typeof eventColumns)[];
  const told = Object.fromEntries(names.map((name) => [name, sql`r.${sql.identifier(name)}`]));
  return select(
    told as { [Name in keyof typeof eventColumns]: SQL<RowOf<typeof eventColumns>[Name]> },
    sql`FROM (
        SELECT ${listed(eventColumns)}, ${before} AS before
        FROM (${numbers}) r JOIN ${source(e)} ON ${e.number} = r.${unqualified(e.number)}) r
      WHERE r.before < ${MAX_BYTES} ORDER BY r.number`,
  );
}

/** Of a tenant: null where it has none. */
const selectLast = (tenantId: number) =>
  select(
    { number: sql<number | null>`max(${e.number})` },
    sql`FROM ${source(e)} INDEXED BY audit_events_by_tenant WHERE ${e.tenantId} = ${tenantId}`,
  );

/** From the beginning of what is kept. */
export const BEGINNING = 0;

/**
 * The events after a cursor, oldest first, at most `limit`, and the cursor to go on with. `isGone`:
 * some of them are no longer kept. Throws a Refusal of `after`.
 */
export async function readFeed(
  { tenantId, db }: Permit<'audit.list'>,
  { after, limit, actions: types }: FeedQuery,
): Promise<Feed> {
  if (after === LATEST) return beginAtLast(tenantId, db);
  const place = after === undefined ? BEGINNING : readPlace(tenantId, after);
  const [rows, [taken]] = await Promise.all([
    db.read(selectEvents(numbersAfter(tenantId, place, types, limit))),
    db.read(selectTaken(tenantId)),
  ]);
  const left = Math.max(place, taken?.number ?? BEGINNING);
  if (after !== undefined && left > place) {
    return { events: [], next: writePlace(tenantId, left), isGone: true };
  }
  const next = writePlace(tenantId, rows.at(-1)?.number ?? left);
  return { events: rows.map(eventOf), next, isGone: false };
}

/** For a client that knows all that was until now, or does not care. */
async function beginAtLast(tenantId: number, db: Permit<'audit.list'>['db']): Promise<Feed> {
  const [[last], [taken]] = await Promise.all([
    db.read(selectLast(tenantId)),
    db.read(selectTaken(tenantId)),
  ]);
  const number = Math.max(last?.number ?? BEGINNING, taken?.number ?? BEGINNING);
  return { events: [], next: writePlace(tenantId, number), isGone: false };
}
