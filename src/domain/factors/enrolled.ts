/** Opens the session of somebody who has just enrolled the first second factor. */
import { type SQL, sql } from 'drizzle-orm';
import { s, u } from '../../db/aliases.ts';
import { type RecordRow, selectRecords } from '../entities/session.ts';
import type { Permit } from '../permit.ts';
import { insertSession } from '../sessions/open.ts';
import { publish, publishEnds } from '../sessions/publish.ts';
import type { Withdrawal } from '../sessions/withdrawals.ts';

/** What the batch gave that held the statements of `openEnrolled`. */
interface Opened {
  opened?: RecordRow[];
  ended?: { id: string }[];
  withdrawn?: Withdrawal[];
}

/**
 * The statements that open a session of the console for somebody who is enrolling, if `isAdded`
 * holds; none for whom a session calls. `finish` takes the results of the batch, and returns what
 * the cookie is to hold: null if it stays.
 */
export async function openEnrolled(
  permit: Permit<'member.addFactor'>,
  openedBy: 'CODE' | 'PASSKEY',
  isAdded: SQL,
) {
  const { caller, call, now } = permit;
  if (caller.kind !== 'enrolling') return { statements: {}, finish: () => null };
  const { userId } = caller;
  const credential = await call.issuer.issue('con');
  const origin = { ...permit, actor: { ...permit.actor, id: credential.id } };
  return {
    statements: {
      ...insertSession(origin, credential, { openedBy }, sql`${u.id} = ${userId} AND ${isAdded}`),
      opened: selectRecords(sql`${s.id} = ${credential.id}`, now),
    },
    finish({ opened = [], ended = [], withdrawn = [] }: Opened): string | null {
      publish(call, opened, opened);
      publishEnds(call, ended, withdrawn);
      return opened.length > 0 ? credential.token : null;
    },
  };
}
