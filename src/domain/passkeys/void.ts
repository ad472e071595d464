/** Voids passkeys together with passwords. */
import { type SQL, sql } from 'drizzle-orm';
import { pk } from '../../db/aliases.ts';
import { remove } from '../../db/statements.ts';
import { removeNeedlessCodes } from '../factors/recovery-codes.ts';

/**
 * Removes the passkeys of the users in `ids`, a query in brackets, whose passwords are voided: a
 * passkey signs in by itself, so it would let in whoever the password no longer does. With the last
 * factor, the recovery codes go too.
 */
export const voidPasskeys = (ids: SQL) => ({
  passkeys: remove(pk, sql`WHERE ${pk.userId} IN ${ids}`),
  passkeyCodes: removeNeedlessCodes(ids),
});
