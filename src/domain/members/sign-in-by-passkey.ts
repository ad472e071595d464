/** Sign-in with a passkey: it needs neither an address nor a password. */
import { parse } from '../../base/text.ts';
import { requestOptions } from '../passkeys/ask.ts';
import { passkeyInput, relyingPartyOf } from '../passkeys/passkey.ts';
import { type Holder, ifUnspent, type Use, verifyPasskey } from '../passkeys/verify.ts';
import type { Permit } from '../permit.ts';
import { enter, type SignedIn } from './enter.ts';
import { noteFailures } from './failures.ts';

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
  holder: Holder,
  use: Use,
): Promise<SignedIn | null> {
  const { statements, finish } = await enter(
    permit,
    holder,
    { kind: 'con', openedBy: 'PASSKEY' },
    use.isUsed,
  );
  const results = await ifUnspent(permit.db, use, statements);
  return results ? finish(results) : null;
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
