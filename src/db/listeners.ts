/** Who takes events: webhooks, and which events each of them is yet to take. */
import { type SQL, sql } from 'drizzle-orm';
import { e, source, wh } from './aliases.ts';
import type { Statement, Told } from './connect.ts';
import { NOUNS } from './events.ts';
import { type RowOf, select } from './statements.ts';

/** What types besides actions stand for: all of a noun, as `order.*`. */
const OF_NOUNS = JSON.stringify(
  Object.fromEntries([...NOUNS].map(([noun, actions]) => [`${noun}.*`, actions])),
);

const ofAll = sql`FROM ${source(e)} INDEXED BY audit_events_by_tenant
  WHERE ${e.tenantId} = ${wh.tenantId} AND ${e.number} > ${wh.cursor}`;

/** By an index for each action, so that nothing is read that it does not take. */
const ofTypes = sql`FROM json_each(${wh.types}) r
  CROSS JOIN json_each(coalesce(${OF_NOUNS} -> r.value, json_array(r.value))) j
  CROSS JOIN ${source(e)} INDEXED BY audit_events_by_action
    ON ${e.tenantId} = ${wh.tenantId} AND ${e.action} = j.value AND ${e.number} > ${wh.cursor}`;

const ofEither = (tell: (from: SQL) => SQL): SQL<number> =>
  sql<number>`CASE ${wh.types} WHEN '[]' THEN ${tell(ofAll)} ELSE ${tell(ofTypes)} END`;

/** Whether an event waits for the webhook `wh`; with `further`, one that is so besides. */
export const isPending = (further: SQL = sql`1`): SQL<number> =>
  ofEither((from) => sql`EXISTS (SELECT 1 ${from} AND ${further})`);

/** How many events wait for the webhook `wh`, as far as they are counted. */
export const pendingUpTo = (most: number): SQL<number> =>
  ofEither((from) => sql`(SELECT count(*) FROM (SELECT 1 ${from} LIMIT ${most}))`);

const columns = { id: wh.id, tenantId: wh.tenantId };

/** A webhook that has an event to take, and that nobody is sending to. */
export type Listening = RowOf<typeof columns>;

/** Webhooks `wh` whose next attempt is due. `now`: in epoch milliseconds. */
export const isDue = (now: number): SQL => sql`${wh.dueAt} <= ${now} AND ${isPending()}`;

/** Of tenants whose events were written. Where somebody is sending, they see to what follows. */
export function selectListening(told: Told[]): Statement<Listening> {
  const ids = JSON.stringify([...new Set(told.map(({ tenantId }) => tenantId))]);
  const now = Math.max(...told.map((one) => one.now));
  return select(
    columns,
    sql`FROM json_each(${ids}) w CROSS JOIN ${source(wh)} ON ${wh.tenantId} = w.value
      WHERE ${isDue(now)}`,
  );
}

/** All that are due at `now`, in epoch milliseconds: `most` of them, whoever's turn it is. */
export const selectDue = (now: number, most: number): Statement<Listening> =>
  select(
    columns,
    sql`FROM ${source(wh)} INDEXED BY webhooks_enabled
      WHERE ${wh.id} > '' AND ${isDue(now)} ORDER BY random() LIMIT ${most}`,
  );
