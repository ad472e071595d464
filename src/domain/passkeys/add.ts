/** Adds a passkey of the caller’s. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal, refuseAny, unauthenticated } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { ALGORITHMS, challengeIn, readNewCredential } from '../../base/webauthn.ts';
import { pk, source, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { passkeys } from '../../db/schema.ts';
import { insert, select } from '../../db/statements.ts';
import { shownEmail } from '../entities/user.ts';
import { openEnrolled } from '../factors/enrolled.ts';
import { ownId } from '../factors/own.ts';
import { newRecoveryCodes } from '../factors/recovery-codes.ts';
import { factorAdded } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import type { Permit } from '../permit.ts';
import { CHALLENGE_MS, isSpent, newChallenge, readChallenge, spend } from './challenge.ts';
import {
  attestation,
  MAX_PASSKEYS,
  type Passkey,
  passkeyName,
  relyingPartyOf,
  selectPasskeys,
  userHandle,
} from './passkey.ts';

const FIELD = 'credential';

/**
 * What a browser is asked, as `PublicKeyCredentialCreationOptionsJSON`: for a key that no other
 * passkey of the member is on, and that is found without an address. Throws FORBIDDEN if this
 * service has no passkeys.
 */
export async function askForNewPasskey(permit: Permit<'member.addFactor'>) {
  const { db, call } = permit;
  const party = relyingPartyOf(call, FIELD);
  const userId = ownId(permit);
  const [[account], own] = await Promise.all([
    db.read(
      select(
        { email: sql<string>`${shownEmail}`, name: u.name },
        sql`FROM ${source(u)} WHERE ${u.id} = ${userId}`,
      ),
    ),
    db.read(selectPasskeys(sql`${pk.userId} = ${userId}`)),
  ]);
  if (!account) throw unauthenticated(true);
  return {
    challenge: newChallenge(call, party, ['enrol', userId]),
    rp: { id: party.id, name: 'Latchkey' },
    user: {
      id: userHandle(userId),
      name: account.email,
      displayName: account.name ?? account.email,
    },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: own.map(({ id }) => ({ type: 'public-key', id })),
    authenticatorSelection: {
      ...{ residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    },
    attestation: 'none',
    timeout: CHALLENGE_MS,
  };
}

export const newPasskeyInput = v.object({ name: passkeyName, credential: attestation });

/** The same whatever is wrong with it. */
const notAccepted: Complaint = {
  code: 'INVALID',
  path: [FIELD],
  message: 'This passkey was not accepted. Try again.',
};

/** That it exists is known to whoever has it. It is not told whose it is. */
const isKnown: Guard['complaint'] = {
  code: 'CONFLICT',
  path: [FIELD],
  message: 'This passkey is in use already. Use another device, or another security key.',
};

const guardsOf = (id: string): Guard[] => [
  {
    when: sql`(SELECT count(*) FROM ${source(pk)} WHERE ${pk.userId} = ${u.id}) >= ${MAX_PASSKEYS}`,
    complaint: {
      code: 'CONFLICT',
      path: [FIELD],
      message: `You have ${MAX_PASSKEYS} passkeys, which is the most. Remove one first.`,
    },
  },
  {
    when: sql`EXISTS (SELECT 1 FROM ${source(pk)} WHERE ${pk.id} = ${id})`,
    complaint: isKnown,
  },
];

/**
 * Adds the passkey that answered a challenge. Returns recovery codes, shown once, if it is the
 * first factor; and what the cookie is to hold, if somebody enrolled. Throws INVALID, the same
 * whatever is wrong with the answer, and CONFLICT for a passkey that exists or is one too many.
 */
export async function addPasskey(
  permit: Permit<'member.addFactor'>,
  raw: unknown,
): Promise<{ passkey: Passkey; recoveryCodes: string[] | null; cookie: string | null }> {
  const { call, now, change } = permit;
  const userId = ownId(permit);
  const party = relyingPartyOf(call, FIELD);
  const { name, credential: given } = parse(newPasskeyInput, raw);
  const text = challengeIn(party, 'webauthn.create', given.response.clientDataJSON);
  const challenge = text && readChallenge(call, party, ['enrol', userId], text);
  const credential = await readNewCredential(party, given.response.attestationObject);
  if (!challenge || credential?.id !== given.id) throw new Refusal(notAccepted);

  const guards = guardsOf(credential.id);
  const self = sql`FROM ${source(u)} WHERE ${u.id} = ${userId}`;
  const isNew = sql`${pk.id} = ${credential.id} AND ${pk.changeId} = ${change}`;
  const added = sql`FROM ${source(pk)} WHERE ${isNew}`;
  const isAdded = sql`EXISTS (SELECT 1 ${added})`;
  const { codes, storeWithFirst } = await newRecoveryCodes(userId);
  const { statements, finish } = await openEnrolled(permit, 'PASSKEY', isAdded);
  const results = await permit.db.unless(isSpent(challenge), new Refusal(notAccepted)).batch({
    spent: spend(challenge),
    verdicts: selectVerdicts(guards, self),
    insertion: insert(
      passkeys,
      { ...credential, userId: u.id, name, createdAt: now, changeId: change },
      sql`${self} AND ${passes(guards)}`,
    ),
    stored: storeWithFirst(isAdded),
    event: event(permit, { action: permit.action, user: pk.userId }, added),
    ...statements,
    ...recipientsIn(call, sql`(SELECT ${pk.userId} ${added})`),
    passkey: selectPasskeys(isNew),
  });
  refuseAny(complaintsOf(guards, results.verdicts));
  const [passkey] = results.passkey;
  if (!passkey) throw unauthenticated(true);
  tell(call, factorAdded('A passkey'), results.recipients);
  return {
    passkey,
    recoveryCodes: results.stored.length > 0 ? codes : null,
    cookie: finish(results),
  };
}
