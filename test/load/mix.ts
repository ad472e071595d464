/** What is called, and how often. */
import type { Client } from './client.ts';
import type { Member, Pool, User } from './ledger.ts';
import * as staff from './staff.ts';
import * as users from './users.ts';

/** Where the load goes, and what is known to be there. */
export interface Stage {
  client: Client;
  operatorKey: string;
  users: Pool<User>;
  members: Pool<Member>;
}

export interface Operation {
  name: string;
  /** Of a hundred calls. */
  weight: number;
  /** Calls, about somebody idle; false where there is nobody to do it with. */
  run(stage: Stage): Promise<boolean>;
}

/**
 * Lends out who is called about; where a change fails, nobody knows what it did, and they are not
 * lent out again.
 */
const about =
  <Actor>(
    poolOf: (stage: Stage) => Pool<Actor>,
    act: (client: Client, actor: Actor, operatorKey: string) => Promise<void>,
    changes: boolean,
    fits: (actor: Actor) => boolean = () => true,
  ) =>
  async (stage: Stage): Promise<boolean> => {
    const pool = poolOf(stage);
    const actor = pool.take(fits);
    if (!actor) return false;
    try {
      await act(stage.client, actor, stage.operatorKey);
    } catch (error) {
      if (changes) pool.doubtful.add(actor);
      throw error;
    } finally {
      if (!pool.doubtful.has(actor)) pool.giveBack(actor);
    }
    return true;
  };

const ofUsers = (stage: Stage) => stage.users;
const ofMembers = (stage: Stage) => stage.members;
const { isThere, isSignedIn, hasOpenOrder } = users;

/**
 * Proxies ask with each request of an app, so checks are the most by far; an app at its start
 * ensures access and looks at what it has; the rest is what companies and their staff do. Signing
 * in with a password is left out: its hash is meant to be slow, and who tries it often is refused.
 */
export const MIX: Operation[] = [
  {
    name: 'verify, a device',
    weight: 62,
    run: about(ofUsers, users.verifyDevice, false, isSignedIn),
  },
  {
    name: 'verify, the token',
    weight: 4,
    run: about(ofUsers, users.verifyToken, false, isSignedIn),
  },
  { name: 'verify, a station', weight: 2, run: about(ofMembers, staff.verifyStation, false) },
  {
    name: 'verify, refused',
    weight: 2,
    run: about(ofUsers, users.verifyRefused, false, isSignedIn),
  },
  { name: 'viewer', weight: 8, run: about(ofUsers, users.view, false, isSignedIn) },
  { name: 'ensureUserAccess', weight: 8, run: about(ofUsers, users.ensure, true) },
  { name: 'grants', weight: 3, run: about(ofUsers, users.permitting(true), true, isThere) },
  { name: 'withdrawals', weight: 2, run: about(ofUsers, users.permitting(false), true, isThere) },
  { name: 'sessions ended', weight: 0.7, run: about(ofUsers, users.signOut, true, isSignedIn) },
  { name: 'users come and go', weight: 0.3, run: about(ofUsers, users.comeOrGo, true) },
  { name: 'orders placed', weight: 1, run: about(ofUsers, users.placeOrder, true, isThere) },
  { name: 'orders moved', weight: 2, run: about(ofUsers, users.moveOrder, true, hasOpenOrder) },
  { name: 'REST, reads', weight: 3, run: about(ofMembers, staff.read, false) },
  { name: 'REST, changes', weight: 2, run: about(ofMembers, staff.change, true) },
];

const total = MIX.reduce((sum, { weight }) => sum + weight, 0);

/** One of the mix, by chance. */
export function draw(): Operation {
  let left = Math.random() * total;
  for (const operation of MIX) {
    left -= operation.weight;
    if (left < 0) return operation;
  }
  return draw();
}
