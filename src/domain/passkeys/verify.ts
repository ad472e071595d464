/** Verifies what a passkey has signed: to sign in, and to prove that somebody is still there. */
import { type SQL, sql } from 'drizzle-orm';
import type * as v from 'valibot';
import { refuse } from '../../base/faults.ts';
import type { RelyingParty } from '../../base/relying-party.ts';
import { challengeIn, verifyAssertion } from '../../base/webauthn.ts';
import { pk, source, u } from '../../db/aliases.ts';
import type { Database, Statement } from '../../db/connect.ts';
import { type RowOf, select, update } from '../../db/statements.ts';
import { tenantExists } from '../entities/tenant.ts';
import type { Call, Permit } from '../permit.ts';
import { type Aim, type Answered, isSpent, readChallenge, spend } from './challenge.ts';
import { type assertion, userHandle } from './passkey.ts';

const columns = {
  ...{ id: u.id, tenantId: u.tenantId, email: sql<string>`${u.email}` },
  isActive: sql<
    0 | 1
  >`${u.suspendedAt} IS NULL AND ${u.memberLevel} > 0 AND ${tenantExists(u.tenantId)}`,
  ...{ algorithm: pk.algorithm, publicKey: pk.publicKey, counter: pk.counter },
};

/** The member whose passkey it is. */
export type Holder = RowOf<typeof columns>;

/** What an accepted passkey has a batch do, beside its effect. */
export interface Use {
  /** Whether the challenge was answered before. Then the batch must change nothing. */
  isSpent: SQL;
  /** To come first in the batch. */
  statements: Record<'spent' | 'passkey', Statement>;
  /** Whether the passkey of the user `u` was used by these statements. */
  isUsed: SQL;
}

/**
 * `refused`: it is the same whatever is wrong. `copied`: the signature is right, and the count of
 * signatures has not grown. So there are two authenticators with the same key.
 */
export type Verdict =
  | { outcome: 'refused'; holder: Holder | null }
  | { outcome: 'copied'; holder: Holder }
  | { outcome: 'accepted'; holder: Holder; use(permit: Permit<string>): Use };

const isAnswered = refuse('INVALID', ['passkey'], 'This challenge was answered already.');

/** Runs a batch, with the statements of `Use` first. Undefined if the challenge was spent. */
export const ifUnspent = <Named extends Record<string, Statement>>(
  db: Database,
  { isSpent, statements }: Use,
  effect: Named,
) =>
  db
    .unless(isSpent, isAnswered)
    .batch({ ...statements, ...effect })
    .catch((fault) => {
      if (fault !== isAnswered) throw fault;
      return undefined;
    });

/** Whether the count grows, or neither counts (WebAuthn, section 7.2, step 21). */
const grows = (from: SQL | number, to: number): SQL =>
  sql`(${to} > ${from} OR ${to} + ${from} = 0)`;

const useOf =
  (id: string, counter: number, challenge: Answered) =>
  (permit: Permit<string>): Use => ({
    isSpent: isSpent(challenge),
    statements: {
      spent: spend(challenge),
      passkey: update(
        pk,
        { counter, lastUsedAt: permit.now, changeId: permit.change },
        sql`WHERE ${pk.id} = ${id} AND ${grows(sql`${pk.counter}`, counter)}`,
      ),
    },
    isUsed: sql`EXISTS (SELECT 1 FROM ${source(pk)} WHERE ${pk.id} = ${id}
    AND ${pk.userId} = ${u.id} AND ${pk.changeId} = ${permit.change})`,
  });

/**
 * Verifies an assertion for an aim: the challenge, then the signature. Asks D1 once, unless the
 * challenge is not ours.
 */
export async function verifyPasskey(
  call: Call,
  party: RelyingParty,
  aim: Aim,
  { id, response }: v.InferOutput<typeof assertion>,
): Promise<Verdict> {
  const text = challengeIn(party, 'webauthn.get', response.clientDataJSON);
  const challenge = text && readChallenge(call, party, aim, text);
  if (!challenge) return { outcome: 'refused', holder: null };
  const [holder] = await call.db.read(
    select(
      columns,
      sql`FROM ${source(pk)} JOIN ${source(u)} ON ${u.id} = ${pk.userId} WHERE ${pk.id} = ${id}`,
    ),
  );
  if (!holder) return { outcome: 'refused', holder: null };
  const counter = await verifyAssertion(party, response, holder);
  const isTheirs =
    response.userHandle === userHandle(holder.id) && (aim[1] ?? holder.id) === holder.id;
  if (counter === null || !isTheirs || !holder.isActive) return { outcome: 'refused', holder };
  if (counter <= holder.counter && counter + holder.counter > 0) {
    return { outcome: 'copied', holder };
  }
  return { outcome: 'accepted', holder, use: useOf(id, counter, challenge) };
}
