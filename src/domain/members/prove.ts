/** Fresh proof: a session of the console shows again who uses it, before something grave. */
import { type SQL, sql } from 'drizzle-orm';
import { DUMMY_HASH, hashPassword } from '../../base/passwords.ts';
import { sameHash } from '../../base/secrets.ts';
import type { InTurn } from '../../base/wait-queue.ts';
import { pw, s, source, u } from '../../db/aliases.ts';
import { returning, select, update } from '../../db/statements.ts';
import { callerUserId } from '../callers/level.ts';
import type { Permit } from '../permit.ts';
import { noteFailures } from './failures.ts';

/**
 * The statement that notes the proof in the calling session, if `isGood`: an expression. Without a
 * row there is no proof. The Permit's database refuses it once the session or the level has ended.
 */
export const noteProof = ({ caller, now }: Permit<'session.prove'>, isGood: SQL) =>
  returning(
    update(
      s,
      { provedAt: now },
      sql`WHERE ${s.id} = ${'session' in caller ? caller.session.id : ''} AND ${isGood}`,
    ),
    { id: s.id },
  );

const account = { id: u.id, tenantId: u.tenantId, email: sql<string>`${u.email}`, hash: pw.hash };

/**
 * Proves the member who calls by the password. False for a wrong one, which is noted as a failed
 * sign-in is. Computes exactly one hash, also for a member without a password.
 */
export async function proveByPassword(
  permit: Permit<'session.prove'>,
  password: string,
  inTurn: InTurn,
): Promise<boolean> {
  const id = callerUserId(permit);
  const found = await permit.db.read(
    select(
      account,
      sql`FROM ${source(u)} LEFT JOIN ${source(pw)} ON ${pw.userId} = ${u.id}
        WHERE ${u.id} = ${id} AND ${u.email} IS NOT NULL`,
    ),
  );
  const stored = found[0]?.hash ?? null;
  const hash = await inTurn((pause) => hashPassword(password, stored ?? DUMMY_HASH, pause));
  if (stored !== null && sameHash(stored, hash)) {
    // It may have been changed while this one was hashed.
    const isStored = sql`EXISTS (
      SELECT 1 FROM ${source(pw)} WHERE ${pw.userId} = ${id} AND ${pw.hash} = ${hash})`;
    const { proof } = await permit.db.batch({ proof: noteProof(permit, isStored) });
    if (proof.length > 0) return true;
  }
  noteFailures(permit, found[0]?.email ?? '', found);
  return false;
}
