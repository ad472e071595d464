/** What is due of many tenants, a share of each in turn: nobody's backlog keeps another's waiting. */
import { type SQL, sql } from 'drizzle-orm';
import { changeId } from '../../base/ids.ts';
import { source, t } from '../../db/aliases.ts';
import type { Origin } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { select } from '../../db/statements.ts';
import type { ActorKind } from '../credentials.ts';
import type { Call } from '../permit.ts';

/** Tenants whose turn may come in one sweep: who is left out has the same chance in the next. */
const TENANTS = 1_000;
/** Tenants of a round, the rows of it, and rounds of one sweep. */
const AT_ONCE = 25;
const ROWS = 500;
const ROUNDS = 40;

/** Where a change comes from that nobody makes. */
const bySystem = ({ now, requestId }: Call, tenantId: number): Origin => ({
  ...{ tenantId, now, requestId, change: changeId(now) },
  actor: { kind: 'SYSTEM' satisfies ActorKind, id: null, userId: null },
});

export interface Due {
  /** Whether the tenant with this id has anything due: by an index that begins with the tenant. */
  isDue(tenantId: SQL): SQL;
  /** Takes up to `share` rows of the origin's tenant; `taken` gives a row for each. */
  take(origin: Origin, share: number): Record<string, Statement> & { taken: Statement };
}

/**
 * Takes what is due: where one tenant alone has something, 500 rows a round and 20,000 in all; where
 * many have, each as much of a round as the others.
 */
export async function roundRobin(call: Call, { isDue, take }: Due): Promise<void> {
  const { db } = call;
  const waiting = await db.read(
    select(
      { id: t.id },
      sql`FROM ${source(t)} WHERE ${t.id} > 0 AND ${isDue(sql`${t.id}`)}
        ORDER BY random() LIMIT ${TENANTS}`,
    ),
  );
  for (let round = 0; waiting.length > 0 && round < ROUNDS; round++) {
    const turn = waiting.splice(0, AT_ONCE);
    const share = Math.floor(ROWS / turn.length);
    const results = await db.batch(
      Object.fromEntries(
        turn.flatMap(({ id }) =>
          Object.entries(take(bySystem(call, id), share)).map(([name, one]) => [
            `${id} ${name}`,
            one,
          ]),
        ),
      ),
    );
    waiting.push(...turn.filter(({ id }) => results[`${id} taken`]?.length === share));
  }
}
