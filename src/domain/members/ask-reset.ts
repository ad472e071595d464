/** Somebody who forgot their password asks for a reset token by mail. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { inboxOf, mailboxOf } from '../../base/address.ts';
import { refuse } from '../../base/faults.ts';
import { described } from '../../base/fields.ts';
import type { IssuedCredential } from '../../base/issuer.ts';
import { parse } from '../../base/text.ts';
import { ml, pw, rt, source, t, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { resetTokens } from '../../db/schema.ts';
import { insert, type RowOf, select } from '../../db/statements.ts';
import { tenantExists } from '../entities/tenant.ts';
import { forgotten } from '../mail/letters.ts';
import { type Counted, countMail } from '../mail/limits.ts';
import { postPatiently } from '../mail/post.ts';
import type { Mail, Permit } from '../permit.ts';
import { memberFields } from './member.ts';
import { RESET_MS } from './resets.ts';

export const askResetInput = v.object({
  email: described(
    memberFields.email,
    'The address of the member who forgot the password.',
    'ada@example.com',
  ),
});

const noMail = () =>
  refuse(
    'FORBIDDEN',
    ['email'],
    'This service sends no mail. Ask an administrator of your company for a reset token.',
  );

/** The most companies that one mail names. */
const COMPANIES = 20;

const account = {
  ...{ id: u.id, tenantId: u.tenantId, company: t.name },
  ...{ key: sql<string>`${u.email}`, given: u.address },
};
type Account = RowOf<typeof account>;

/** The active members with the address. Those with a password come first, and older ones. */
const selectAccounts = (email: string) =>
  select(
    account,
    sql`FROM ${source(u)} JOIN ${source(t)} ON ${t.id} = ${u.tenantId}
      LEFT JOIN ${source(pw)} ON ${pw.userId} = ${u.id}
      WHERE ${u.email} = ${email} AND ${u.suspendedAt} IS NULL AND ${t.removedAt} IS NULL
      ORDER BY ${pw.firstSetAt} IS NULL, ${pw.firstSetAt}, ${u.createdAt}, ${u.id}
      LIMIT ${COMPANIES}`,
  );

/** What an account is given. */
interface Grant {
  account: Account;
  token: IssuedCredential;
}

/**
 * The token of an account and its event, if the mail counts and the account is as it was. It sets
 * no flag, and the tokens before it stay.
 */
function statementsOf(
  permit: Permit<'member.askReset'>,
  { account: { id, tenantId, key }, token }: Grant,
): [string, Statement][] {
  const { now, change } = permit;
  const reset = insert(
    resetTokens,
    {
      ...{ id: token.id, tenantId: u.tenantId, userId: u.id, hash: token.hash, email: u.email },
      endsAt: now + RESET_MS,
    },
    sql`FROM ${source(u)} WHERE ${u.id} = ${id} AND ${u.email} = ${key}
      AND ${u.suspendedAt} IS NULL AND ${tenantExists(u.tenantId)}
      AND EXISTS (SELECT 1 FROM ${source(ml)} WHERE ${ml.at} = ${now} AND ${ml.id} = ${change})`,
  );
  const issued = sql`FROM ${source(rt)} WHERE ${rt.id} = ${token.id}`;
  const origin = { ...permit, tenantId };
  return [
    [`reset ${id}`, reset],
    [`event ${id}`, event(origin, { action: permit.action, user: sql`${rt.userId}` }, issued)],
  ];
}

/** Makes a token for each account, as far as the limits allow. Returns those that work. */
async function grant(
  permit: Permit<'member.askReset'>,
  email: string,
  network: string,
): Promise<Grant[]> {
  const { db, call, change } = permit;
  const accounts = (await db.read(selectAccounts(email))).filter((one) => mailboxOf(one) !== null);
  const grants = await Promise.all(
    accounts.map(async (account) => ({ account, token: await call.issuer.issue('rst') })),
  );
  const counted: Counted[] = [
    ['asked', inboxOf(email)],
    ...(network ? [['network', network] as const] : []),
  ];
  const ids = JSON.stringify(grants.map(({ token }) => token.id));
  // Also for nobody, and counted: what is left of a limit tells nothing, nor does a round trip.
  const { made } = await db.batch({
    counting: countMail(call, change, counted),
    ...Object.fromEntries(grants.flatMap((one) => statementsOf(permit, one))),
    made: select(
      { id: rt.id },
      sql`FROM ${source(rt)} WHERE ${rt.id} IN (SELECT value FROM json_each(${ids}))`,
    ),
  });
  const works = new Set(made.map(({ id }) => id));
  return grants.filter(({ token }) => works.has(token.id));
}

/** Sends the tokens, in one mail for all companies. */
async function answerByMail(
  permit: Permit<'member.askReset'>,
  mail: Mail,
  email: string,
  network: string,
): Promise<void> {
  // To the address that the account has, never to the one that somebody typed: two mailboxes may
  // count as the same address.
  const mails = Map.groupBy(await grant(permit, email, network), ({ account }) =>
    mailboxOf(account),
  );
  for (const [to, grants] of mails) {
    const accesses = grants.map(({ account: { company }, token: { token } }) => ({
      company,
      token,
    }));
    if (to !== null) await postPatiently(permit.call, mail, to, forgotten(mail, accesses));
  }
}

/**
 * Sends a mail with a reset token for each company where the address belongs to an active member.
 * Nothing is looked up before the answer, which is the same for every address. `network`: where the
 * caller is, empty if unknown. Throws FORBIDDEN if this deployment sends no mail.
 */
export function askReset(permit: Permit<'member.askReset'>, raw: unknown, network: string): void {
  const { email } = parse(askResetInput, raw);
  const { mail } = permit.call;
  if (!mail) throw noMail();
  permit.call.defer(() => answerByMail(permit, mail, email.key, network));
}
