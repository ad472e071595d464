/** Renames and removes passkeys of the caller’s. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal, refuseAny } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { pk, source, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { complaintsOf, passes, selectVerdicts } from '../../db/guards.ts';
import { remove, update } from '../../db/statements.ts';
import { ownId } from '../factors/own.ts';
import { removeNeedlessCodes } from '../factors/recovery-codes.ts';
import { lastFactor } from '../factors/totp.ts';
import { factorRemoved } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import type { Permit } from '../permit.ts';
import { type Passkey, passkeyName, selectPasskeys } from './passkey.ts';

/** Somebody else’s looks like one that does not exist. */
const unknownPasskey: Complaint = {
  code: 'NOT_FOUND',
  path: ['passkey'],
  message: 'You have no such passkey.',
};

/** Whether the passkey `pk` has this id and is the caller’s. */
const isOwn = (permit: Permit<string>, id: string): SQL =>
  sql`${pk.id} = ${id} AND ${pk.userId} = ${ownId(permit)}`;

export const renamePasskeyInput = v.object({ name: passkeyName });

/** Throws NOT_FOUND. */
export async function renamePasskey(
  permit: Permit<'member.renamePasskey'>,
  id: string,
  raw: unknown,
): Promise<Passkey> {
  const { name } = parse(renamePasskeyInput, raw);
  const { change } = permit;
  const own = isOwn(permit, id);
  const {
    passkey: [passkey],
  } = await permit.db.batch({
    renaming: update(
      pk,
      { name, changeId: change },
      sql`WHERE ${own} AND ${pk.name} IS NOT ${name}`,
    ),
    event: event(
      permit,
      { action: permit.action, user: pk.userId },
      sql`FROM ${source(pk)} WHERE ${own} AND ${pk.changeId} = ${change}`,
    ),
    passkey: selectPasskeys(own),
  });
  if (!passkey) throw new Refusal(unknownPasskey);
  return passkey;
}

/**
 * Removes a passkey: with the last factor, the recovery codes go too. Throws NOT_FOUND, and
 * FORBIDDEN if the company requires a factor and there is no other.
 */
export async function removePasskey(
  permit: Permit<'member.removePasskey'>,
  id: string,
): Promise<void> {
  const { call, change } = permit;
  const own = isOwn(permit, id);
  const holder = sql`FROM ${source(u)} JOIN ${source(pk)} ON ${pk.userId} = ${u.id} WHERE ${own}`;
  const marked = sql`FROM ${source(pk)} WHERE ${own} AND ${pk.changeId} = ${change}`;
  const { verdicts, recipients } = await permit.db.batch({
    verdicts: selectVerdicts([lastFactor], holder),
    mark: update(
      pk,
      { changeId: change },
      sql`WHERE ${own} AND EXISTS (
        SELECT 1 FROM ${source(u)} WHERE ${u.id} = ${ownId(permit)} AND ${passes([lastFactor])})`,
    ),
    event: event(permit, { action: 'member.removeFactor', user: pk.userId }, marked),
    ...recipientsIn(call, sql`(SELECT ${pk.userId} ${marked})`),
    removal: remove(pk, sql`WHERE ${own} AND ${pk.changeId} = ${change}`),
    recoveryCodes: removeNeedlessCodes(sql`(${ownId(permit)})`),
  });
  if (verdicts.length === 0) throw new Refusal(unknownPasskey);
  refuseAny(complaintsOf([lastFactor], verdicts));
  tell(call, factorRemoved('A passkey'), recipients);
}
