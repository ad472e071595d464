/**
 * Challenges of passkeys. They are signed, and stored only once they are answered, so that none is
 * answered twice.
 */
import { type SQL, sql } from 'drizzle-orm';
import { randomText } from '../../base/ids.ts';
import type { RelyingParty } from '../../base/relying-party.ts';
import { MINUTE } from '../../base/time.ts';
import { sc, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { spentChallenges } from '../../db/schema.ts';
import { insert, remove } from '../../db/statements.ts';
import type { Call } from '../permit.ts';

/** How long one can be answered, in milliseconds. */
export const CHALLENGE_MS = 5 * MINUTE;

/**
 * What an answer brings, for which member. Whoever signs in is not known yet: null.
 */
export type Aim = ['enrol' | 'prove', userId: number] | ['sign in', null];

/** A challenge that has been answered. */
export interface Answered {
  id: string;
  endsAt: number;
}

/** When it ends, in epoch milliseconds; an id; the MAC. */
const SHAPE = /^(\d{13})_([0-9A-Za-z]{16})_([0-9a-f]{64})$/;

const USE = 'passkey challenge';

/** What is signed. The aim and the origin are not told: whoever asks knows them. */
const signedText = ({ origin }: RelyingParty, aim: Aim, body: string): string =>
  `${aim.join(' ')} ${origin} ${body}`;

/** A new challenge, in base64url. */
export function newChallenge(call: Call, party: RelyingParty, aim: Aim): string {
  const body = `${call.now + CHALLENGE_MS}_${randomText(16)}`;
  const mac = call.signer.macOf(USE, signedText(party, aim, body));
  return Buffer.from(`${body}_${mac}`).toString('base64url');
}

/** Reads a challenge. Null unless it was made here, for this aim, and has not ended. */
export function readChallenge(
  call: Call,
  party: RelyingParty,
  aim: Aim,
  challenge: string,
): Answered | null {
  const text = Buffer.from(challenge, 'base64url').toString();
  const [, end = '', id = '', mac = ''] = SHAPE.exec(text) ?? [];
  const endsAt = Number(end);
  const isOurs = call.signer.isMac(mac, USE, signedText(party, aim, `${end}_${id}`));
  return isOurs && endsAt > call.now ? { id, endsAt } : null;
}

/** Whether it was answered before. To be asked in the batch that it has an effect in. */
export const isSpent = ({ id }: Answered): SQL =>
  sql`EXISTS (SELECT 1 FROM ${source(sc)} WHERE ${sc.id} = ${id})`;

/** Marks it as answered. */
export const spend = ({ id, endsAt }: Answered): Statement =>
  insert(spentChallenges, { id, endsAt }, sql``);

/** Rows that one sweep removes. */
const ROWS = 20_000;

/** A part of the sweep: forgets challenges that nobody can answer any more. */
export async function sweepChallenges({ db, now }: Call): Promise<void> {
  await db.batch({
    removal: remove(
      sc,
      sql`WHERE ${sc.id} IN (
        SELECT ${sc.id} FROM ${source(sc)} WHERE ${sc.endsAt} <= ${now}
        ORDER BY ${sc.endsAt} LIMIT ${ROWS})`,
    ),
  });
}
