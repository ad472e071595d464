/** Asks for a passkey, as `PublicKeyCredentialRequestOptionsJSON`. */
import type { RelyingParty } from '../../base/relying-party.ts';
import type { Call } from '../permit.ts';
import { type Aim, CHALLENGE_MS, newChallenge } from './challenge.ts';

/** What a browser is asked. `allowed`: the only passkeys that will do; none named: any. */
export const requestOptions = (
  call: Call,
  party: RelyingParty,
  aim: Aim,
  allowed: { id: string }[] = [],
) => ({
  challenge: newChallenge(call, party, aim),
  rpId: party.id,
  ...(allowed.length > 0 && {
    allowCredentials: allowed.map(({ id }) => ({ type: 'public-key', id })),
  }),
  timeout: CHALLENGE_MS,
  userVerification: 'required',
});
