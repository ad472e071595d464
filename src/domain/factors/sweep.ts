/** Deletes authenticator apps that nobody confirmed: a part of the sweep. */
import { sql } from 'drizzle-orm';
import { randomId } from '../../base/ids.ts';
import { aliased, source, tp } from '../../db/aliases.ts';
import { totps } from '../../db/schema.ts';
import { remove } from '../../db/statements.ts';
import type { Call } from '../permit.ts';
import { UNCONFIRMED_MS } from './totp.ts';

/** Rows that one sweep looks at, twice. */
const SLICE = 200;

const some = aliased(totps, 'some');

/**
 * Looks at the first rows, and at some from anywhere: ids of users are random, so each has its turn
 * without a note of how far the sweep has come.
 */
export async function sweepUnconfirmed({ db, now }: Call): Promise<void> {
  const slice = (after: number) => sql`
    SELECT id FROM (SELECT ${some.userId} AS id FROM ${source(some)}
      WHERE ${some.userId} > ${after} ORDER BY ${some.userId} LIMIT ${SLICE})`;
  await db.batch({
    removal: remove(
      tp,
      sql`WHERE ${tp.userId} IN (${slice(0)} UNION ALL ${slice(randomId())})
        AND ${tp.confirmedAt} IS NULL AND ${tp.createdAt} <= ${now - UNCONFIRMED_MS}`,
    ),
  });
}
