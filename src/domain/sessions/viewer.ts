/** What the user of a session sees. */
import { sql } from 'drizzle-orm';
import { unauthenticated } from '../../base/faults.ts';
import { s, u } from '../../db/aliases.ts';
import { selectUser, type User } from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { type Session, selectSessions } from './list.ts';
import { isLive } from './live.ts';
import { slideExpiry } from './sliding-expiry.ts';

/** Only ids. The fields of a viewer are read together, in one round trip. */
export interface Viewer {
  userId: number;
  sessionId: string;
}

/** The viewer. Counts as activity: it renews the session. */
export function view(permit: Permit<'viewer.read'>): Viewer {
  const { caller, call } = permit;
  if (!('session' in caller)) throw new Error('policy lets only sessions view');
  slideExpiry(call, caller.session);
  return { userId: caller.session.userId, sessionId: caller.session.id };
}

/** Throws UNAUTHENTICATED if the user was removed meanwhile. */
export async function viewersUser(
  permit: Permit<'viewer.read'>,
  { userId }: Viewer,
): Promise<User> {
  const [user] = await permit.db.read(
    selectUser(sql`${u.id} = ${userId} AND ${u.removedAt} IS NULL`),
  );
  if (!user) throw unauthenticated(true);
  return user;
}

/** Throws UNAUTHENTICATED if the session has ended meanwhile. */
export async function viewersSession(
  permit: Permit<'viewer.read'>,
  { sessionId }: Viewer,
): Promise<Session> {
  const [session] = await permit.db.read(
    selectSessions(sql`${s.id} = ${sessionId} AND ${isLive(permit.now)}`),
  );
  if (!session) throw unauthenticated(true);
  return session;
}
