/** Fresh proof: a session of the console shows again who uses it, before something grave. */
import { type SQL, sql } from 'drizzle-orm';
import { DUMMY_HASH, hashPassword } from '../../base/passwords.ts';
import { sameHash } from '../../base/secrets.ts';
import { parse } from '../../base/text.ts';
import type { InTurn } from '../../base/wait-queue.ts';
import { pk, pw, s, source, u } from '../../db/aliases.ts';
import { returning, select, update } from '../../db/statements.ts';
import { ownId, withOwnCode } from '../factors/own.ts';
import { WrongCode } from '../factors/wrong-codes.ts';
import { requestOptions } from '../passkeys/ask.ts';
import { passkeyInput, relyingPartyOf, selectPasskeys } from '../passkeys/passkey.ts';
import { ifUnspent, verifyPasskey } from '../passkeys/verify.ts';
import type { Permit } from '../permit.ts';
import { noteFailures } from './failures.ts';

/** Whether the session `s` is the one that calls. */
const isCalling = ({ caller }: Permit<'session.prove'>): SQL =>
  sql`${s.id} = ${'session' in caller ? caller.session.id : ''}`;

/**
 * The statement that notes the proof in the calling session, if `isGood`: an expression. Without a
 * row there is no proof. The Permit's database refuses it once the session or the level has ended.
 */
const noteProof = (permit: Permit<'session.prove'>, isGood: SQL) =>
  returning(update(s, { provedAt: permit.now }, sql`WHERE ${isCalling(permit)} AND ${isGood}`), {
    id: s.id,
  });

const account = { id: u.id, tenantId: u.tenantId, email: sql<string>`${u.email}`, hash: pw.hash };

const readAccount = (permit: Permit<'session.prove'>) =>
  permit.db.read(
    select(
      account,
      sql`FROM ${source(u)} LEFT JOIN ${source(pw)} ON ${pw.userId} = ${u.id}
        WHERE ${u.id} = ${ownId(permit)} AND ${u.email} IS NOT NULL`,
    ),
  );

/**
 * Proves the member who calls by the password. False for a wrong one, which is noted as a failed
 * sign-in is. Computes exactly one hash, also for a member without a password.
 */
export async function proveByPassword(
  permit: Permit<'session.prove'>,
  password: string,
  inTurn: InTurn,
): Promise<boolean> {
  const id = ownId(permit);
  const found = await readAccount(permit);
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

/**
 * Proves the member who calls by a code of theirs. Throws INVALID for a wrong one, which counts
 * and is noted, and LIMITED after too many.
 */
export async function proveByCode(permit: Permit<'session.prove'>, raw: unknown): Promise<void> {
  await withOwnCode(permit, raw, [], (allowed) => ({
    first: { proof: noteProof(permit, allowed) },
    done: sql`EXISTS (
      SELECT 1 FROM ${source(s)} WHERE ${isCalling(permit)} AND ${s.provedAt} = ${permit.now})`,
    last: {},
  })).catch(async (fault) => {
    if (fault instanceof WrongCode) {
      const found = await readAccount(permit);
      noteFailures(permit, found[0]?.email ?? '', found);
    }
    throw fault;
  });
}

/** What a browser is asked: a passkey of the member who calls. */
export async function askToProve(permit: Permit<'session.prove'>) {
  const { call, db } = permit;
  const party = relyingPartyOf(call, 'passkey');
  const id = ownId(permit);
  const own = await db.read(selectPasskeys(sql`${pk.userId} = ${id}`));
  return requestOptions(call, party, ['prove', id], own);
}

/** Proves the member who calls by a passkey of theirs. False for a wrong one, which is noted. */
export async function proveByPasskey(
  permit: Permit<'session.prove'>,
  raw: unknown,
): Promise<boolean> {
  const { call, db } = permit;
  const id = ownId(permit);
  const { passkey } = parse(passkeyInput, raw);
  const party = relyingPartyOf(call, 'passkey');
  const verdict = await verifyPasskey(call, party, ['prove', id], passkey);
  if (verdict.outcome === 'accepted') {
    const use = verdict.use(permit);
    const isGood = sql`EXISTS (
      SELECT 1 FROM ${source(u)} WHERE ${u.id} = ${id} AND ${use.isUsed})`;
    const results = await ifUnspent(db, use, { proof: noteProof(permit, isGood) });
    if (results && results.proof.length > 0) return true;
  }
  const { holder } = verdict;
  noteFailures(permit, holder?.email ?? '', holder ? [holder] : []);
  return false;
}
