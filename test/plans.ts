/** How SQLite goes about statements. */

/** Step by step, for each. */
export async function plansOf(
  db: D1Database,
  statements: Iterable<string>,
): Promise<Map<string, string[]>> {
  const all = [...statements];
  if (all.length === 0) return new Map();
  const plans = await db.batch<{ detail: string }>(
    all.map((sql) =>
      db.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...(sql.match(/\?/g) ?? []).map(() => '1')),
    ),
  );
  return new Map(
    all.map((sql, nth) => [sql, (plans[nth]?.results ?? []).map((one) => one.detail)]),
  );
}

/**
 * Whether a step reads a whole table, or index. Lists that a call brings along, and what a subquery
 * has given, are none.
 */
export const isScan = (step: string): boolean =>
  /^SCAN (?![jrw]\b|json_each|\(|CONSTANT)/.test(step);
