/** A code that somebody types: of the authenticator app, or a recovery code. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import { described, string } from '../../base/fields.ts';
import { stepOf } from '../../base/totp.ts';
import { rc, source, tp, wc } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, remove, update } from '../../db/statements.ts';
import type { Call } from '../permit.ts';
import { hashOfCode, recoveryCodeIn } from './recovery-codes.ts';
import { unsealTotp } from './sealed.ts';
import { isOpen } from './wrong-codes.ts';

export const typedCode = described(
  string(1, 100),
  'The six digits that the authenticator app shows, or a recovery code.',
  '123456',
);

/** What a code is compared with, of the tables in `codeTables`. */
export const codeColumns = { secret: tp.secret, lastStep: tp.lastStep };

/** The tables of `codeColumns`: a part of FROM. */
export const codeTables = (userId: Column | SQL): SQL => sql`LEFT JOIN ${source(tp)}
  ON ${tp.userId} = ${userId} AND ${tp.confirmedAt} IS NOT NULL`;

/** The row of somebody whose code is to be checked. */
export type Holder = { userId: number } & {
  [Name in keyof RowOf<typeof codeColumns>]: RowOf<typeof codeColumns>[Name] | null;
};

/** A code that may be right. The batch that uses it finds out. */
export interface Code {
  /** Whether it is right, was not used, and codes of the member are taken: an expression. */
  isGood: SQL;
  /** The end of the batch: uses the code up if `done` holds, and forgets the wrong ones. */
  use(done: SQL): { codeUse: Statement; wrongCodes: Statement };
}

/** Without what people and programs put between the digits. Wide digits become plain ones. */
export const plain = (typed: string): string =>
  typed.normalize('NFKC').replace(/[\s\p{Pd}\p{Default_Ignorable_Code_Point}]/gu, '');

/** The code in what somebody typed. Null: it is surely wrong. */
export async function readCode(call: Call, holder: Holder, typed: string): Promise<Code | null> {
  const text = plain(typed);
  const found = (await ofApp(call, holder, text)) ?? (await ofRecovery(holder, text));
  if (!found) return null;
  const { userId } = holder;
  return {
    isGood: sql`(${isOpen(userId, call.now)} AND ${found.isGood})`,
    use: (done) => ({
      codeUse: found.use(done),
      wrongCodes: remove(wc, sql`WHERE ${wc.userId} = ${userId} AND ${done}`),
    }),
  };
}

interface Found {
  isGood: SQL;
  use(done: SQL): Statement;
}

/** A step is taken once: only later ones are from then on (RFC 6238, section 5.2). */
async function ofApp(call: Call, holder: Holder, text: string): Promise<Found | null> {
  const { userId, secret: sealed, lastStep: last } = holder;
  if (!/^\d{6}$/.test(text) || sealed === null || last === null) return null;
  const secret = await unsealTotp(call, userId, sealed);
  const step = secret && stepOf(secret, text, { now: call.now, last });
  if (step === null) return null;
  const fits = sql`${tp.userId} = ${userId} AND ${tp.secret} = ${sealed}
    AND ${tp.confirmedAt} IS NOT NULL AND ${tp.lastStep} < ${step}`;
  return {
    isGood: sql`EXISTS (SELECT 1 FROM ${source(tp)} WHERE ${fits})`,
    use: (done) => update(tp, { lastStep: step }, sql`WHERE ${fits} AND ${done}`),
  };
}

async function ofRecovery({ userId }: Holder, text: string): Promise<Found | null> {
  const code = recoveryCodeIn(text);
  if (code === null) return null;
  const fits = sql`${rc.userId} = ${userId} AND ${rc.hash} = ${await hashOfCode(userId, code)}`;
  return {
    isGood: sql`EXISTS (SELECT 1 FROM ${source(rc)} WHERE ${fits})`,
    use: (done) => remove(rc, sql`WHERE ${fits} AND ${done}`),
  };
}
