/** Sign-in: opens a session for an e-mail address and a password. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { addressKey } from '../../base/address.ts';
import { Fault } from '../../base/faults.ts';
import { described, id, string } from '../../base/fields.ts';
import type { SessionKind } from '../../base/issuer.ts';
import { DUMMY_HASH, hashPassword, needsRehash } from '../../base/passwords.ts';
import { sameHash } from '../../base/secrets.ts';
import { parse } from '../../base/text.ts';
import type { InTurn } from '../../base/wait-queue.ts';
import { pw, source, u } from '../../db/aliases.ts';
import { type RowOf, select, update } from '../../db/statements.ts';
import type { Enrolment } from '../credentials.ts';
import { hasFactor, requiresFactor } from '../entities/factor.ts';
import { tenantExists } from '../entities/tenant.ts';
import type { Level } from '../entities/user.ts';
import { type Code, codeColumns, codeTables, readCode, typedCode } from '../factors/code.ts';
import { countWrongCode } from '../factors/wrong-codes.ts';
import { EXAMPLE, typedPassword } from '../passwords/password.ts';
import type { Permit } from '../permit.ts';
import { firstHashOfAddress } from './address-salt.ts';
import { enter, type SignedIn } from './enter.ts';
import { noteFailures } from './failures.ts';

export const signInInput = v.object({
  email: described(
    v.pipe(v.string('Must be a text.'), v.trim(), string(1, 254)),
    'The member’s e-mail address, in any letter case. Spaces around it do not matter.',
    'ada@example.com',
  ),
  password: described(typedPassword, 'The member’s password.', EXAMPLE),
  company_id: v.optional(
    described(
      id,
      'The company, if the same address and password belong to members in more ' + 'than one.',
    ),
  ),
  code: v.optional(typedCode),
});

const account = {
  ...{ id: u.id, tenantId: u.tenantId, hash: pw.hash, suspendedAt: u.suspendedAt },
  level: sql<Level>`${u.memberLevel}`,
  ...codeColumns,
  hasFactor: sql<0 | 1>`${hasFactor(u.id)}`,
  isRequired: sql<0 | 1>`${requiresFactor(u.tenantId)}`,
};

type Account = RowOf<typeof account>;

/**
 * The result of a sign-in. `refused` is the same for an unknown address, a wrong password and a
 * disabled user. `several`: the password is right in all of these companies. Whoever knows it could
 * sign in to each of them anyway.
 */
export type SignIn =
  | SignedIn
  | { outcome: 'refused' }
  | { outcome: 'several'; tenantIds: number[] }
  /** The password is right and a code is missing. `byApp`: the member has an authenticator app. */
  | { outcome: 'codeDue'; byApp: boolean }
  | { outcome: 'codeWrong' }
  /** The password is right. The company requires a second factor, and the member has none. */
  | { outcome: 'enrolmentDue'; enrolment: Enrolment };

/**
 * Signs in. Always computes exactly one hash, and compares it with the password of each company
 * under the address. Whether there is a second factor is told only after a right password. Throws
 * LIMITED after ten wrong codes.
 */
export async function signIn(
  permit: Permit<'member.signIn'>,
  raw: unknown,
  inTurn: InTurn,
  kind: SessionKind,
): Promise<SignIn> {
  const { password, company_id: company, code, ...given } = parse(signInInput, raw);
  const email = addressKey(given.email);
  // All hashes have the same salt (see `address-salt.ts`). If older ones differ, the first that was
  // set counts.
  const accounts = await permit.db.read(
    select(
      account,
      sql`FROM ${source(u)} LEFT JOIN ${source(pw)} ON ${pw.userId} = ${u.id} ${codeTables(u.id)}
        WHERE ${u.email} = ${email} AND ${tenantExists(u.tenantId)}
          AND ${company === undefined ? sql`1` : sql`${u.tenantId} = ${company}`}
        ORDER BY ${u.suspendedAt} IS NOT NULL, ${pw.firstSetAt}, ${u.id}`,
    ),
  );
  const like = accounts.find(({ hash }) => hash !== null)?.hash ?? DUMMY_HASH;
  const hash = await inTurn((pause) => hashPassword(password, like, pause));
  const fitting = accounts.filter(
    (one) => one.hash !== null && sameHash(one.hash, hash) && one.suspendedAt === null,
  );
  const [only, ...others] = fitting;
  if (others.length > 0) {
    return { outcome: 'several', tenantIds: fitting.map(({ tenantId }) => tenantId) };
  }
  const result = only && (await passSecond(permit, only, { hash, code, kind }));
  if (!result || result.outcome === 'codeWrong')
    noteFailures(permit, email, only ? [only] : accounts);
  if (result?.outcome === 'signedIn' && needsRehash(hash)) {
    permit.call.defer(() => renewHash(permit, only?.id ?? 0, { password, hash }, inTurn));
  }
  return result ?? { outcome: 'refused' };
}

/** What the right password came with. */
interface Shown {
  hash: string;
  code: string | undefined;
  kind: SessionKind;
}

/** What follows a right password. Null if it was changed, or the user disabled, meanwhile. */
async function passSecond(
  permit: Permit<'member.signIn'>,
  one: Account,
  { hash, code: typed, kind }: Shown,
): Promise<SignIn | null> {
  const { id: userId, tenantId, level } = one;
  if (one.hasFactor === 0) {
    return one.isRequired === 1
      ? {
          outcome: 'enrolmentDue',
          enrolment: { tenantId, userId, level, passwordHash: hash },
        }
      : openMemberSession(permit, one, { hash, kind });
  }
  if (typed === undefined) return { outcome: 'codeDue', byApp: one.secret !== null };
  const code = await readCode(permit.call, { userId, ...one }, typed);
  const signedIn = code && (await openMemberSession(permit, one, { hash, kind, code }));
  if (signedIn) return signedIn;
  await countWrongCode(permit.db, userId, permit.now);
  return { outcome: 'codeWrong' };
}

/**
 * Opens the session. Null if the password was changed or the user disabled meanwhile, or the code
 * is not good.
 */
async function openMemberSession(
  permit: Permit<'member.signIn'>,
  one: Account,
  { hash, kind, code }: { hash: string; kind: SessionKind; code?: Code },
): Promise<SignedIn | null> {
  const { isOpen, statements, finish } = await enter(
    permit,
    one,
    { kind, openedBy: code ? 'CODE' : 'PASSWORD' },
    sql`EXISTS (
      SELECT 1 FROM ${source(pw)} WHERE ${pw.userId} = ${u.id} AND ${pw.hash} = ${hash})
      AND ${code?.isGood ?? sql`1`}`,
  );
  return finish(await permit.db.batch({ ...statements, ...code?.use(isOpen) }));
}

/**
 * Rehashes a password with today's parameters, unless another company has a password under the
 * address. It runs after the response, whose time would otherwise tell whether one has. If the
 * queue is full, the next sign-in tries again.
 */
async function renewHash(
  { db }: Permit<'member.signIn'>,
  userId: number,
  { password, hash }: { password: string; hash: string },
  inTurn: InTurn,
): Promise<void> {
  const alone = select(
    { id: u.id },
    sql`FROM ${source(u)} WHERE ${u.id} = ${userId} AND ${firstHashOfAddress} IS NULL`,
  );
  const [isAlone] = await db.read(alone);
  if (!isAlone) return;
  try {
    const renewed = await inTurn((pause) => hashPassword(password, null, pause));
    await db.batch({
      renewal: update(
        pw,
        { hash: renewed },
        sql`WHERE ${pw.userId} IN (${alone.sql}) AND ${pw.hash} = ${hash}`,
      ),
    });
  } catch (fault) {
    if (!(fault instanceof Fault && fault.code === 'LIMITED')) throw fault;
  }
}
