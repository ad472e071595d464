/** Sign-in with a passkey: it needs neither an address nor a password. */
import { sql } from 'drizzle-orm';
import { parse } from '../../base/text.ts';
import { pw, s, source, u } from '../../db/aliases.ts';
import { selectRecords } from '../entities/session.ts';
import { requestOptions } from '../passkeys/ask.ts';
import { passkeyInput, relyingPartyOf } from '../passkeys/passkey.ts';
import { type Holder, ifUnspent, type Use, verifyPasskey } from '../passkeys/verify.ts';
import type { Permit } from '../permit.ts';
import { insertSession } from '../sessions/open.ts';
import { publish, publishEnds } from '../sessions/publish.ts';
import { noteFailures } from './failures.ts';
import { selectMembers, toMember } from './member.ts';
import type { SignedIn } from './sign-in.ts';

const FIELD = 'passkey';

/**
 * What a browser is asked, as `PublicKeyCredentialRequestOptionsJSON`. It names no passkey: the
 * member chooses. Throws FORBIDDEN if this service has none.
 */
export function askForPasskey({ call }: Permit<'member.signIn'>) {
  return requestOptions(call, relyingPartyOf(call, FIELD), ['sign in', null]);
}

/**
 * Opens the session. Null if the challenge was answered already, or the passkey was used or removed
 * or the user disabled meanwhile.
 */
async function open(
  permit: Permit<'member.signIn'>,
  { id: userId, tenantId }: Holder,
  use: Use,
): Promise<SignedIn | null> {
  const { call, now } = permit;
  const credential = await call.issuer.issue('con');
  const actor = { kind: 'MEMBER', id: credential.id, userId } as const;
  // It counts as made by what set the password, and ends with that.
  const madeBy = sql`(SELECT ${pw.setBy} FROM ${source(pw)} WHERE ${pw.userId} = ${u.id})`;
  const isTheirs = sql`${u.id} = ${userId}`;
  const results = await ifUnspent(permit.db, use, {
    ...insertSession(
      { ...permit, tenantId, actor },
      credential,
      { openedBy: 'PASSKEY', madeBy },
      sql`${isTheirs} AND ${use.isUsed}`,
    ),
    rows: selectRecords(sql`${s.id} = ${credential.id}`, now),
    members: selectMembers(isTheirs, sql`1`),
  });
  const [row] = results?.members ?? [];
  if (!results || results.rows.length === 0 || !row) return null;
  const { rows, ended, withdrawn } = results;
  publish(call, rows, rows);
  publishEnds(call, ended, withdrawn);
  return { outcome: 'signedIn', token: credential.token, tenantId, member: toMember(row) };
}

/**
 * Signs in to the console. `refused` is the same whatever is wrong. `copied`: the passkey seems to
 * exist twice. It works without a password too, and with one that must be reset: those are about
 * the password. Throws FORBIDDEN if this service has no passkeys.
 */
export async function signInByPasskey(
  permit: Permit<'member.signIn'>,
  raw: unknown,
): Promise<SignedIn | { outcome: 'refused' | 'copied' }> {
  const party = relyingPartyOf(permit.call, FIELD);
  const { passkey } = parse(passkeyInput, raw);
  const verdict = await verifyPasskey(permit.call, party, ['sign in', null], passkey);
  if (verdict.outcome === 'accepted') {
    const signedIn = await open(permit, verdict.holder, verdict.use(permit));
    if (signedIn) return signedIn;
  }
  const { outcome, holder } = verdict;
  noteFailures(permit, holder?.email ?? '', holder ? [holder] : []);
  return { outcome: outcome === 'copied' ? outcome : 'refused' };
}
