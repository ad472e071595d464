/**
 * Work that is due for many tenants, done in rounds with an equal share for each, so that one
 * tenant's backlog does not delay the others.
 */
import { type SQL, sql } from 'drizzle-orm';
import { source, t } from '../../db/aliases.ts';
import type { Origin } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { select } from '../../db/statements.ts';
import { bySystem, type Call } from '../permit.ts';

/** Tenants in one sweep, chosen at random. The others have the same chance in the next. */
const TENANTS = 1_000;
/** Tenants per round, rows per round, and rounds per sweep. */
const AT_ONCE = 25;
const ROWS = 500;
const ROUNDS = 40;

export interface Due {
  /**
   * Whether the tenant with this id has something due. Needs an index that begins with the tenant.
   */
  isDue(tenantId: SQL): SQL;
  /** Processes up to `share` rows of the origin's tenant. `taken` returns a row for each. */
  take(origin: Origin, share: number): Record<string, Statement> & { taken: Statement };
}

/**
 * Processes what is due. If one tenant has work, it gets 500 rows per round and 20,000 in all. If
 * many have, they share each round equally.
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
