/** Erases second factors, and what belongs to them. */
import { type SQL, sql } from 'drizzle-orm';
import { pk, rc, tp, wc } from '../../db/aliases.ts';
import { remove } from '../../db/statements.ts';

/** Of the users in `ids`, a query in brackets. */
export const eraseFactors = (ids: SQL) => ({
  totps: remove(tp, sql`WHERE ${tp.userId} IN ${ids}`),
  passkeys: remove(pk, sql`WHERE ${pk.userId} IN ${ids}`),
  recoveryCodes: remove(rc, sql`WHERE ${rc.userId} IN ${ids}`),
  wrongCodes: remove(wc, sql`WHERE ${wc.userId} IN ${ids}`),
});
