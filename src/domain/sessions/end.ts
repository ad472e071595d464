/** Ends sessions: in D1 first, which is the source of truth, then in the copies. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { publicId, tokenField } from '../../base/credential-advice.ts';
import type { Credential } from '../../base/issuer.ts';
import { parse } from '../../base/text.ts';
import { DAY } from '../../base/time.ts';
import { s, source } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { returning, select, update } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import { idOfUser, isUser, type UserIdentifier, userIdentifier } from '../entities/user.ts';
import type { Call, Permit } from '../permit.ts';
import { cachedSession } from './cache.ts';
import { hasToken, isLive } from './live.ts';
import { publishEnds } from './publish.ts';
import { type Cause, withdraw } from './withdrawals.ts';

/**
 * Revokes the sessions `s` that fit, deletes their labels and returns their ids. `how` is
 * `withdrawn` if someone else ends them: this voids the reset tokens that they issued. It is `left`
 * if they sign out or make way for a newer one: this does not.
 */
export const endSessions = (
  now: number,
  fits: SQL,
  how: 'withdrawn' | 'left' = 'withdrawn',
): Statement<{ id: string }> =>
  returning(
    update(
      s,
      { revokedAt: now, withdrawn: how === 'withdrawn' ? 1 : 0, label: null },
      sql`WHERE ${s.revokedAt} IS NULL AND ${fits}`,
    ),
    { id: s.id },
  );

/**
 * Marks sessions that signed out earlier as withdrawn too: whoever ends all sessions of a user
 * means these too.
 */
export const withdrawLeft = (fits: SQL): Statement =>
  update(s, { withdrawn: 1 }, sql`WHERE ${s.revokedAt} > 0 AND ${s.withdrawn} = 0 AND ${fits}`);

/**
 * Ends sessions and withdraws their copies. `ended` picks them after the end, if `fits` would not
 * any more.
 */
export const withdrawSessions = (
  origin: Pick<Origin, 'tenantId' | 'change' | 'now'>,
  cause: Cause,
  fits: SQL,
  { ended = fits, how = 'withdrawn' }: { ended?: SQL; how?: 'withdrawn' | 'left' } = {},
) => ({
  ended: endSessions(origin.now, fits, how),
  withdrawn: withdraw(
    origin,
    cause,
    sql`SELECT ${s.id} FROM ${source(s)} WHERE ${ended} AND ${s.revokedAt} = ${origin.now}`,
  ),
});

/** The event of ending the live sessions `s` that fit. Stands before the end. */
export const endedEvent = (
  permit: Permit<string>,
  action: 'session.remove' | 'session.removeAll' | 'session.removeOwn',
  fits: SQL,
): Statement =>
  event(
    permit,
    { action, user: s.userId, subject: { sessionIds: jsonList(s.id) } },
    sql`FROM ${source(s)} WHERE ${isLive(permit.now)} AND ${fits} GROUP BY ${s.userId}`,
  );

/** How long a copy could outlive its session if KV lost its deletion. */
const HEALED_MS = 2 * DAY;
/** As many sessions as a user may have, and some that ended lately. */
const ENDING = 100;

/**
 * The sessions `s` whose copies must be updated: those that the call will end, and those that an
 * earlier one ended, in case KV lost their deletion. Stands before the end.
 */
export const selectEnding = (now: number, fits: SQL): Statement<{ id: string; isLive: 0 | 1 }> =>
  select(
    { id: s.id, isLive: sql<0 | 1>`${isLive(now)}` },
    sql`FROM ${source(s)}
      WHERE (${s.revokedAt} IS NULL OR ${s.revokedAt} > ${now - HEALED_MS}) AND ${fits}
      ORDER BY ${s.revokedAt} LIMIT ${ENDING}`,
  );

const oneInput = v.object({
  sessionId: v.nullish(publicId),
  accessToken: v.nullish(tokenField('ses')),
});

/** Exactly one of the two. The faces make sure of it. */
export interface SessionIdentifier {
  sessionId?: string | null | undefined;
  accessToken?: string | null | undefined;
}

async function end(
  permit: Permit<'session.remove' | 'session.removeAll' | 'session.removeOwn'>,
  fits: SQL,
): Promise<{ sessionIds: string[] }> {
  const { ending, withdrawn } = await permit.db.batch({
    ending: selectEnding(permit.now, fits),
    event: endedEvent(permit, permit.action, fits),
    ...withdrawSessions(permit, 'session', fits, {
      how: permit.action === 'session.removeOwn' ? 'left' : 'withdrawn',
    }),
    ...(permit.action === 'session.removeOwn' ? {} : { left: withdrawLeft(fits) }),
  });
  publishEnds(permit.call, ending, withdrawn);
  return { sessionIds: ending.filter(({ isLive }) => isLive).map(({ id }) => id) };
}

/**
 * Ends one session. `sessionIds` names what this call ended. It is empty if the session is unknown,
 * ended or another tenant's.
 */
export async function removeSession(
  permit: Permit<'session.remove'>,
  raw: SessionIdentifier,
): Promise<{ sessionIds: string[] }> {
  const { sessionId, accessToken } = parse(oneInput, raw);
  const { tenantId, call } = permit;
  if (accessToken == null)
    return end(permit, sql`${s.tenantId} = ${tenantId} AND ${s.id} = ${sessionId}`);
  return endToken(permit, await call.issuer.verifyCached(accessToken, call.now));
}

/** How long a revoked token is not revoked again, in milliseconds. */
const QUIET_MS = 5_000;

/**
 * Ends the session of a token, if it is the tenant's. Any other token is ignored (RFC 7009, section
 * 2.2). Repeating it within a moment does nothing.
 */
export async function revokeToken(permit: Permit<'session.remove'>, token: string): Promise<void> {
  const { call, tenantId } = permit;
  const credential = await call.issuer.verifyCached(token, call.now);
  if (credential?.kind !== 'ses') return;
  const which = `${tenantId} ${credential.hash}`;
  const { revoked } = call.isolate;
  await endTogether(call, credential.id, which, {
    isDone: () => revoked.get(credential.id, call.now) === which,
    async end() {
      await endToken(permit, credential);
      revoked.set(credential.id, which, call.now + QUIET_MS);
    },
  });
}

async function endToken(
  permit: Permit<'session.remove'>,
  credential: Credential | null,
): Promise<{ sessionIds: string[] }> {
  if (!credential) return { sessionIds: [] };
  return end(permit, sql`${s.tenantId} = ${permit.tenantId} AND ${hasToken(credential)}`);
}

/** Signs the caller out. */
export async function removeOwnSession(permit: Permit<'session.removeOwn'>): Promise<void> {
  const { caller, call } = permit;
  if (!('session' in caller)) throw new Error('policy lets only sessions sign out');
  const { id } = caller.session;
  await endTogether(call, id, 'own', {
    isDone: () => cachedSession(call, id) === 'ended',
    end: () => end(permit, sql`${s.id} = ${id}`),
  });
}

/**
 * Ends a session once for all requests that want it at the same time. `which`: for which tenant,
 * and by which token.
 */
async function endTogether(
  call: Call,
  id: string,
  which: string,
  { isDone, end }: { isDone(): boolean; end(): Promise<unknown> },
): Promise<void> {
  await call.isolate.endings.ask(id, {
    ...{ name: which, part: undefined, fresh: false },
    known: () => isDone() || undefined,
    keep: (asking) => call.defer(() => asking),
    ask: () => end().then(() => new Map([[which, true]])),
  });
}

const allInput = v.object({ userIdentifier });

/** Ends all sessions of a user. `sessionIds` are those that this call ended. */
export function removeSessions(
  permit: Permit<'session.removeAll'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<{ sessionIds: string[] }> {
  const picked = isUser(permit.tenantId, parse(allInput, raw).userIdentifier);
  return end(permit, sql`${s.userId} = ${idOfUser(picked)}`);
}
