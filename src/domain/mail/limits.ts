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
  /** For an inbox: what somebody asked for … */
  asked: 3,
  /** … from one network, for all inboxes, those of nobody too. */
  network: 10,
  /** To an inbox: invitations and resets of all companies … */
  sent: 10,
  /** … of one company: so a refusal hardly tells it what others have sent … */
  sentBy: 5,
  /** … and of one company, to all inboxes. */
  company: 500,
  /** Notices of one company: to an inbox. Others use up none of these … */
  told: 10,
  /** … and to all inboxes. */
  notices: 500,
} as const;

/** A limit that a mail counts for, and of what: an inbox, a network, a company, or two of them. */
export type Counted = readonly [limit: keyof typeof MOST, of: string | number];

const since = (now: number): number => now - HOUR;
const former = aliased(mailings, 'former');

/**
 * Counts a mail, unless one of its limits is reached: then no row comes back. `id` is of the mail.
 */
export function countMail(
  { signer, now }: Pick<Call, 'signer' | 'now'>,
  id: string,
  counted: readonly Counted[],
): Statement<{ id: string }> {
  const names = counted.map(([limit, of]) => [signer.pseudonymOf(`${limit} ${of}`), MOST[limit]]);
  const limits = sql`json_each(${JSON.stringify(names)})`;
  return returning(
    insert(
      mailings,
      { name: sql`j.value ->> 0`, at: now, id },
      sql`FROM ${limits} j WHERE NOT EXISTS (
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
