/** The verbs that end sessions: one, all of a user, the caller's own. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { publicId, tokenField } from '../../base/credential-advice.ts';
import type { Credential } from '../../base/issuer.ts';
import { parse } from '../../base/text.ts';
import { s, source, u } from '../../db/aliases.ts';
import type { Database } from '../../db/connect.ts';
import { sparingSuperiors } from '../callers/superiors.ts';
import type { SessionCredential } from '../credentials.ts';
import {
  fromUser,
  idOfUser,
  isUser,
  type UserIdentifier,
  userIdentifier,
} from '../entities/user.ts';
import type { Call, Permit } from '../permit.ts';
import { cachedSession } from './cache.ts';
import { endedEvent, selectEnding, withdrawLeft, withdrawSessions } from './end.ts';
import { endSupportBy, publishSupportEnds } from './end-support.ts';
import { hasToken } from './live.ts';
import { publishEnds } from './publish.ts';

const oneInput = v.object({
  sessionId: v.nullish(publicId),
  accessToken: v.nullish(tokenField('ses')),
});

/** Exactly one of the two. The faces make sure of it. */
export interface SessionIdentifier {
  sessionId?: string | null | undefined;
  accessToken?: string | null | undefined;
}

interface Ending {
  /** That of the Permit, with what else must hold. */
  db?: Database;
  /** As in `endSessions`. */
  how?: 'withdrawn' | 'left';
  /** Whose support sessions end too: a query in brackets for the user's id. */
  who?: SQL;
}

async function end(
  permit: Permit<'session.remove' | 'session.removeAll' | 'session.removeOwn' | 'session.signOut'>,
  fits: SQL,
  { db = permit.db, how = 'withdrawn', who }: Ending = {},
): Promise<{ sessionIds: string[] }> {
  const { action } = permit;
  const { ending, withdrawn, ...support } = await db.batch({
    ending: selectEnding(permit.now, fits),
    event: endedEvent(permit, action === 'session.signOut' ? 'session.removeOwn' : action, fits),
    ...withdrawSessions(permit, 'session', fits, { how }),
    ...(how === 'left' ? {} : { left: withdrawLeft(fits) }),
    ...(who ? endSupportBy(permit, who) : {}),
  });
  publishEnds(permit.call, ending, withdrawn);
  publishSupportEnds(permit.call, support);
  return { sessionIds: ending.filter(({ isLive }) => isLive).map(({ id }) => id) };
}

/** Ends the session that fits. `field` names it in the input. */
function endOne(permit: Permit<'session.remove'>, which: SQL, field: string) {
  const fits = sql`${s.tenantId} = ${permit.tenantId} AND ${which}`;
  const holder = sql`FROM ${source(s)} JOIN ${source(u)} ON ${u.id} = ${s.userId} WHERE ${fits}`;
  return end(permit, fits, { db: sparingSuperiors(permit.db, permit, holder, field) });
}

/**
 * Ends one session. `sessionIds` names what this call ended. It is empty if the session is unknown,
 * ended or another tenant's. Throws FORBIDDEN for the session of a user above the calling member.
 */
export async function removeSession(
  permit: Permit<'session.remove'>,
  raw: SessionIdentifier,
): Promise<{ sessionIds: string[] }> {
  const { sessionId, accessToken } = parse(oneInput, raw);
  const { call } = permit;
  if (accessToken == null) return endOne(permit, sql`${s.id} = ${sessionId}`, 'sessionId');
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
  return endOne(permit, hasToken(credential), 'accessToken');
}

/** The session that is calling. */
function ownSession({
  caller,
}: Permit<'session.removeOwn' | 'session.signOut'>): SessionCredential {
  if (!('session' in caller)) throw new Error('policy lets only sessions sign out');
  return caller.session;
}

const ownInput = v.object({
  keepCurrent: v.nullish(v.boolean(), false),
  sessionId: v.nullish(publicId),
});

/**
 * Signs the caller out everywhere, everywhere else, or of one session. The others may be in foreign
 * hands: reset tokens that they issued become void too, and support sessions that the caller opened
 * end.
 */
export function removeOwnSessions(
  permit: Permit<'session.removeOwn'>,
  raw: { keepCurrent?: boolean | null | undefined; sessionId?: string | null | undefined },
): Promise<{ sessionIds: string[] }> {
  const { keepCurrent, sessionId } = parse(ownInput, raw);
  const { id, userId } = ownSession(permit);
  const others = keepCurrent ? sql` AND ${s.id} <> ${id}` : sql``;
  const one = sessionId ? sql` AND ${s.id} = ${sessionId}` : sql``;
  const isStaff = permit.caller.kind === 'member' && !sessionId;
  const who = isStaff ? { who: sql`${userId}` } : {};
  return end(permit, sql`${s.userId} = ${userId}${others}${one}`, who);
}

/** Signs the caller out. */
export async function removeOwnSession(permit: Permit<'session.signOut'>): Promise<void> {
  const { call } = permit;
  const { id } = ownSession(permit);
  await endTogether(call, id, 'own', {
    isDone: () => cachedSession(call, id) === 'ended',
    end: () => end(permit, sql`${s.id} = ${id}`, { how: 'left' }),
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

/**
 * Ends all sessions of a user. `sessionIds` are those that this call ended. Throws FORBIDDEN for a
 * user above the calling member.
 */
export function removeSessions(
  permit: Permit<'session.removeAll'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<{ sessionIds: string[] }> {
  const { userIdentifier: identifier } = parse(allInput, raw);
  const picked = isUser(permit.tenantId, identifier);
  const db = sparingSuperiors(permit.db, permit, fromUser(picked), 'userIdentifier');
  const id = idOfUser(picked);
  const who = identifier.companyUser ? { who: id } : {};
  return end(permit, sql`${s.userId} = ${id}`, { db, ...who });
}
