/** Puts a new authenticator app in place of the caller's: also where a company requires one. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { string } from '../../base/fields.ts';
import { parse } from '../../base/text.ts';
import { stepOf } from '../../base/totp.ts';
import { source, tp } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { update } from '../../db/statements.ts';
import { appReplaced } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import type { Permit } from '../permit.ts';
import { plain, typedCode } from './code.ts';
import { ownId, withOwnCode } from './own.ts';
import { unsealTotp } from './sealed.ts';
import { noApp } from './totp.ts';
import { WrongCode } from './wrong-codes.ts';

export const replaceInput = v.object({
  code: typedCode,
  new_code: typedCode,
  replacement: string(1, 200),
});

/**
 * Replaces the app by the one that `beginTotp` gave as `replacement`, if a code of each is right.
 * In place of the old one's, a recovery code will do. Nothing else changes. Throws INVALID for a
 * wrong code, and NOT_FOUND if there is no app.
 */
export async function replaceTotp(permit: Permit<'member.addFactor'>, raw: unknown): Promise<void> {
  const { call, change, now } = permit;
  const { code, new_code, replacement } = parse(replaceInput, raw);
  const userId = ownId(permit);
  const secret = await unsealTotp(call, userId, replacement);
  const step = secret && stepOf(secret, plain(new_code), { now, last: 0 });
  if (step === null) throw new WrongCode('new_code');
  const mine = sql`${tp.userId} = ${userId}`;
  const marked = sql`FROM ${source(tp)} WHERE ${mine} AND ${tp.changeId} = ${change}`;
  // Steps are times, so that of the old app holds for the new one: whoever sends the same
  // replacement again can use no code twice.
  const lastStep = sql`max(${tp.lastStep}, ${step})`;
  const app = { secret: replacement, createdAt: now, confirmedAt: now, lastStep, changeId: change };
  const { recipients } = await withOwnCode(permit, { code }, [noApp], (allowed) => ({
    first: {
      replaced: update(tp, app, sql`WHERE ${mine} AND ${allowed}`),
      added: event(permit, { action: permit.action, user: tp.userId }, marked),
      removed: event(permit, { action: 'member.removeFactor', user: tp.userId }, marked),
      ...recipientsIn(call, sql`(SELECT ${tp.userId} ${marked})`),
    },
    done: sql`EXISTS (SELECT 1 ${marked})`,
    last: {},
  }));
  tell(call, appReplaced, recipients);
}
