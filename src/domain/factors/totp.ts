/** Adds and removes the caller's authenticator app. */
import { sql } from 'drizzle-orm';
import { refuse, unauthenticated } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { HOUR } from '../../base/time.ts';
import { newTotpSecret, otpauthUri, secretText, stepOf } from '../../base/totp.ts';
import { source, t, tp, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import type { Guard } from '../../db/guards.ts';
import { totps } from '../../db/schema.ts';
import {
  assignments,
  excluded,
  insert,
  onConflict,
  remove,
  select,
  unqualified,
  update,
} from '../../db/statements.ts';
import { countFactors, hasTotp, requiresFactor } from '../entities/factor.ts';
import { shownEmail } from '../entities/user.ts';
import { factorAdded, factorRemoved } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import type { Permit } from '../permit.ts';
import { plain } from './code.ts';
import { openEnrolled } from './enrolled.ts';
import { codeInput, ownId, withOwnCode } from './own.ts';
import { newRecoveryCodes, removeNeedlessCodes } from './recovery-codes.ts';
import { sealTotp, unsealTotp } from './sealed.ts';
import { WrongCode } from './wrong-codes.ts';

/** How long a begun app waits for its first code, in milliseconds. */
export const UNCONFIRMED_MS = HOUR;

const APP = 'An authenticator app';

/**
 * Begins to add an app: gives its secret, shown once. It counts once it is confirmed. Beginning
 * again gives another secret. If there is an app already, `replacement` is what `replaceTotp`
 * takes: nothing is stored of it before.
 */
export async function beginTotp(
  permit: Permit<'member.addFactor'>,
): Promise<{ secret: string; uri: string; replacement?: string }> {
  const { db, now, change, call } = permit;
  const userId = ownId(permit);
  const secret = newTotpSecret();
  const sealed = await sealTotp(call, userId, secret);
  const {
    account: [account],
  } = await db.batch({
    beginning: insert(
      totps,
      { userId: u.id, secret: sealed, createdAt: now, changeId: change },
      sql`FROM ${source(u)} WHERE ${u.id} = ${userId}
        ${onConflict(tp.userId)} DO UPDATE SET ${assignments(tp, {
          ...{ secret: excluded(tp.secret), createdAt: excluded(tp.createdAt) },
          changeId: excluded(tp.changeId),
        })} WHERE ${unqualified(tp.confirmedAt)} IS NULL`,
    ),
    account: select(
      {
        ...{ company: t.name, email: sql<string>`${shownEmail}` },
        isBegun: sql<0 | 1>`${tp.changeId} = ${change}`,
      },
      sql`FROM ${source(u)} JOIN ${source(t)} ON ${t.id} = ${u.tenantId}
        JOIN ${source(tp)} ON ${tp.userId} = ${u.id} WHERE ${u.id} = ${userId}`,
    ),
  });
  if (!account) throw unauthenticated(true);
  const { company, email, isBegun } = account;
  const begun = { secret: secretText(secret), uri: otpauthUri(secret, company, email) };
  return isBegun === 1 ? begun : { ...begun, replacement: sealed };
}

const notBegun = () =>
  refuse(
    'CONFLICT',
    ['code'],
    'There is no authenticator app to confirm, or it was begun more than an hour ago. Begin again.',
  );

/**
 * Confirms the app that was begun, by a code of it. Returns recovery codes, shown once, if it is
 * the first factor; and what the cookie is to hold, if somebody enrolled. Throws CONFLICT if
 * nothing was begun, INVALID for a wrong code.
 */
export async function confirmTotp(
  permit: Permit<'member.addFactor'>,
  raw: unknown,
): Promise<{ recoveryCodes: string[] | null; cookie: string | null }> {
  const { db, call, now, change } = permit;
  const userId = ownId(permit);
  const { code } = parse(codeInput, raw);
  const begun = sql`${tp.userId} = ${userId} AND ${tp.confirmedAt} IS NULL
    AND ${tp.createdAt} > ${now - UNCONFIRMED_MS}`;
  const [row] = await db.read(
    select({ secret: tp.secret }, sql`FROM ${source(tp)} WHERE ${begun}`),
  );
  const secret = row && (await unsealTotp(call, userId, row.secret));
  if (!secret) throw notBegun();
  const step = stepOf(secret, plain(code), { now, last: 0 });
  if (step === null) throw new WrongCode();

  const added = sql`FROM ${source(tp)} WHERE ${tp.userId} = ${userId}
    AND ${tp.changeId} = ${change} AND ${tp.confirmedAt} IS NOT NULL`;
  const isAdded = sql`EXISTS (SELECT 1 ${added})`;
  const { codes, storeWithFirst } = await newRecoveryCodes(userId);
  const { statements, finish } = await openEnrolled(permit, 'CODE', isAdded);
  const results = await db.batch({
    confirmation: update(
      tp,
      { confirmedAt: now, lastStep: step, changeId: change },
      sql`WHERE ${begun} AND ${tp.secret} = ${row.secret}`,
    ),
    stored: storeWithFirst(isAdded),
    event: event(permit, { action: permit.action, user: tp.userId }, added),
    ...statements,
    ...recipientsIn(call, sql`(SELECT ${tp.userId} ${added})`),
    applied: select({ userId: tp.userId }, added),
  });
  if (results.applied.length === 0) throw notBegun();
  tell(call, factorAdded(APP), results.recipients);
  return {
    recoveryCodes: results.stored.length > 0 ? codes : null,
    cookie: finish(results),
  };
}

/** Refuses to take the last factor away from the user `u` whose company requires one. */
export const lastFactor: Guard = {
  when: sql`${requiresFactor(u.tenantId)} AND ${countFactors(u.id)} = 1`,
  complaint: {
    code: 'FORBIDDEN',
    path: ['factor'],
    message:
      'Your company requires a second factor. Add another one first. If this one does not work, ' +
      'an administrator can remove it.',
  },
};

export const noApp: Guard = {
  when: sql`NOT ${hasTotp(u.id)}`,
  complaint: { code: 'NOT_FOUND', path: ['totp'], message: 'You have no authenticator app.' },
};

/**
 * Removes the caller's app, if a code is right. With the last factor, the recovery codes go too.
 * Throws FORBIDDEN if the company requires a factor and there is no other.
 */
export async function removeTotp(
  permit: Permit<'member.removeFactor'>,
  raw: unknown,
): Promise<void> {
  const { call, change } = permit;
  const userId = ownId(permit);
  const mine = sql`${tp.userId} = ${userId}`;
  const marked = sql`FROM ${source(tp)} WHERE ${mine} AND ${tp.changeId} = ${change}`;
  const isMarked = sql`EXISTS (SELECT 1 ${marked})`;
  const { recipients } = await withOwnCode(permit, raw, [noApp, lastFactor], (allowed) => ({
    first: {
      mark: update(tp, { changeId: change }, sql`WHERE ${mine} AND ${allowed}`),
      event: event(permit, { action: permit.action, user: tp.userId }, marked),
      ...recipientsIn(call, sql`(SELECT ${tp.userId} ${marked})`),
    },
    done: isMarked,
    last: {
      removal: remove(tp, sql`WHERE ${mine} AND ${tp.changeId} = ${change}`),
      recoveryCodes: removeNeedlessCodes(sql`(${userId})`),
    },
  }));
  tell(call, factorRemoved(APP), recipients);
}
