/** The caller's own second factors. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuseAny, unauthenticated } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { pk, rc, source, tp, u } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { select } from '../../db/statements.ts';
import { callerUserId } from '../callers/level.ts';
import { requiresFactor } from '../entities/factor.ts';
import type { Permit } from '../permit.ts';
import { codeColumns, codeTables, readCode, typedCode } from './code.ts';
import { countWrongCode, WrongCode } from './wrong-codes.ts';

/** The id of the member who calls. */
export const ownId = (permit: Permit<string>): number => callerUserId(permit) ?? 0;

export const codeInput = v.object({ code: typedCode });

/** How many recovery codes the user `u` has left. */
export const codesLeft = sql<number>`(
  SELECT count(*) FROM ${source(rc)} WHERE ${rc.userId} = ${u.id})`;

export interface OwnFactors {
  totp: { createdAt: number } | null;
  passkeys: { id: string; name: string; createdAt: number; lastUsedAt: number | null }[];
  recoveryCodesLeft: number;
  /** Whether the company requires a second factor. */
  isRequired: boolean;
}

const passkeysOf = sql<string>`(
  SELECT json_group_array(json_object('id', ${pk.id}, 'name', ${pk.name},
    'createdAt', ${pk.createdAt}, 'lastUsedAt', ${pk.lastUsedAt}) ORDER BY ${pk.createdAt})
  FROM ${source(pk)} WHERE ${pk.userId} = ${u.id})`;

/** What the caller can sign in with besides the password. */
export async function ownFactors(permit: Permit<'member.readOwnFactors'>): Promise<OwnFactors> {
  const [row] = await permit.db.read(
    select(
      {
        ...{ totpAt: tp.confirmedAt, codes: codesLeft, passkeys: passkeysOf },
        isRequired: sql<0 | 1>`${requiresFactor(u.tenantId)}`,
      },
      sql`FROM ${source(u)} ${codeTables(u.id)} WHERE ${u.id} = ${ownId(permit)}`,
    ),
  );
  if (!row) throw unauthenticated(true);
  return {
    totp: row.totpAt === null ? null : { createdAt: row.totpAt },
    passkeys: JSON.parse(row.passkeys),
    recoveryCodesLeft: row.codes,
    isRequired: row.isRequired === 1,
  };
}

/** A change that takes a code of the caller, in three parts of one batch. */
interface Change<First, Last> {
  first: First;
  /** Whether the first part has done anything: then the code is used up. */
  done: SQL;
  last: Last;
}

type Statements = Record<string, Statement>;

/**
 * Changes something if the caller's code is right. `guards` are on the user `u`, `changeOf` gets
 * whether all hold. Throws INVALID for a wrong code, which counts, and LIMITED after too many.
 */
export async function withOwnCode<First extends Statements, Last extends Statements>(
  permit: Permit<string>,
  raw: unknown,
  guards: Guard[],
  changeOf: (allowed: SQL) => Change<First, Last>,
) {
  const { db, call, now } = permit;
  const userId = ownId(permit);
  const { code: typed } = parse(codeInput, raw);
  const self = sql`FROM ${source(u)} WHERE ${u.id} = ${userId}`;
  const [holder] = await db.read(
    select(
      { userId: u.id, ...codeColumns },
      sql`FROM ${source(u)} ${codeTables(u.id)} WHERE ${u.id} = ${userId}`,
    ),
  );
  const code = holder && (await readCode(call, holder, typed));
  if (code) {
    const isGood: Guard = {
      when: sql`NOT ${code.isGood}`,
      complaint: new WrongCode().complaints[0],
    };
    const all = [...guards, isGood];
    const { first, done, last } = changeOf(sql`EXISTS (SELECT 1 ${self} AND ${passes(all)})`);
    const results = await db.batch({
      verdicts: selectVerdicts(all, self),
      ...first,
      ...code.use(done),
      ...last,
    });
    // The compiler cannot tell that neither generic part has this name.
    const { verdicts } = results as unknown as { verdicts: { verdict: string }[] };
    const complaints = complaintsOf(all, verdicts);
    refuseAny(complaints.filter((one) => one !== isGood.complaint));
    if (complaints.length === 0) return results;
  }
  await countWrongCode(db, userId, now);
  throw new WrongCode();
}
