/**
 * How many mails there may be in an hour, so that nobody’s inbox is flooded, and no company sends
 * mails to the world through us.
 */
import { sql } from 'drizzle-orm';
import { HOUR } from '../../base/time.ts';
import { aliased, ml, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { mailings } from '../../db/schema.ts';
import { insert, remove, returning } from '../../db/statements.ts';
import type { Call } from '../permit.ts';

/** In any hour. */
const MOST = {
  /** For an address: what somebody asked for … */
  asked: 3,
  /** … from one network, for all addresses. */
  network: 10,
  /** To an address: invitations and resets of all companies … */
  sent: 10,
  /** … and of one company, to all addresses. */
  company: 500,
  /** To an address: notices about one account. */
  told: 10,
} as const;

/** A limit that a mail counts for, and of what: an address, a network, a company or a user. */
export type Counted = readonly [limit: keyof typeof MOST, of: string | number];

const since = (now: number): number => now - HOUR;
const former = aliased(mailings, 'former');

/**
 * Counts a mail, unless one of its limits is reached or `when` does not hold: then no row comes
 * back. `id` is of the mail.
 */
export function countMail(
  { signer, now }: Pick<Call, 'signer' | 'now'>,
  id: string,
  counted: readonly Counted[],
  when = sql`1`,
): Statement<{ id: string }> {
  const names = counted.map(([limit, of]) => [signer.pseudonymOf(`${limit} ${of}`), MOST[limit]]);
  const limits = sql`json_each(${JSON.stringify(names)})`;
  return returning(
    insert(
      mailings,
      { name: sql`j.value ->> 0`, at: now, id },
      sql`FROM ${limits} j WHERE ${when} AND NOT EXISTS (
        SELECT 1 FROM ${limits} r WHERE r.value ->> 1 <= (
          SELECT count(*) FROM ${source(former)}
          WHERE ${former.name} = r.value ->> 0 AND ${former.at} > ${since(now)}))`,
    ),
    { id: ml.id },
  );
}

/** Rows that one sweep removes. */
const ROWS = 20_000;

/** A part of the sweep: removes what no limit counts any more. */
export async function sweepMailings({ db, now }: Call): Promise<void> {
  await db.batch({
    removal: remove(
      ml,
      sql`WHERE (${ml.name}, ${ml.at}, ${ml.id}) IN (
        SELECT ${former.name}, ${former.at}, ${former.id} FROM ${source(former)}
        WHERE ${former.at} <= ${since(now)} ORDER BY ${former.at} LIMIT ${ROWS})`,
    ),
  });
}
