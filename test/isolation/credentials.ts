/** Every kind of credential that must not work, and what those that work are good for. */
import { SCOPES } from '../../src/domain/entities/key.ts';
import type { Rule } from '../../src/policy/rules.ts';
import {
  env,
  external,
  mistype,
  newKey,
  newMember,
  newSession,
  newTenant,
  operator,
  seal,
  succeed,
  twinOf,
  type World,
} from '../world.ts';
import type { Party } from './two.ts';

async function expired(table: 'api_keys' | 'sessions', credential: string): Promise<string> {
  const id = credential.slice(7, 23);
  await env.DB.prepare(`UPDATE ${table} SET expires_at = 1 WHERE id = ?`).bind(id).run();
  await env.SESSIONS.delete(`ses:${id}`);
  return credential;
}

export interface Bearer {
  name: string;
  credential: string;
}

/** Credentials that are nobody's, or no longer. */
export async function deadCredentials(world: World, mine: Party): Promise<Bearer[]> {
  const { key, session, ids } = mine;
  const tenant = { id: ids.tenantId[0] ?? '', key };
  const addUser = (externalId: string) =>
    succeed(world.call(key, 'addUser', { userIdentifier: external(externalId) }));
  const openFor = async (externalId: string) =>
    (await newSession(world, tenant, external(externalId))).accessToken;

  await addUser('the-gone');
  const ofGone = await openFor('the-gone');
  await succeed(world.call(key, 'removeUser', { userIdentifier: external('the-gone') }));
  await addUser('the-suspended');
  const ofSuspended = await openFor('the-suspended');
  const suspension = { userIdentifier: external('the-suspended'), suspended: true };
  await succeed(world.call(key, 'updateUser', suspension));
  const user = ids.externalId[0] ?? '';
  const revoked = await openFor(user);
  await succeed(world.call(key, 'removeUserSession', { accessToken: revoked }));
  const removed = await newKey(world, tenant, ['users:read']);
  await succeed(world.call(key, 'removeApiKey', { id: removed.id }));
  const old = await newKey(world, tenant, ['users:read']);
  await succeed(world.call(key, 'rotateApiKey', { id: old.id, graceSeconds: 0 }));
  const closed = await newTenant(world, 'Closed');
  await succeed(world.call(operator, 'removeIntermediary', { id: closed.id }));

  const all = {
    'a forged key': `lk_key_${'A'.repeat(40)}${'0'.repeat(20)}`,
    'a forged session': `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`,
    'a forged operator key': `lk_op_${'A'.repeat(43)}`,
    'a sealed key of nobody': seal(`lk_key_${'N'.repeat(40)}`),
    'a sealed session of nobody': seal(`lk_ses_${'N'.repeat(40)}`),
    'a mistyped key': mistype(key),
    'a mistyped session': mistype(session),
    'a truncated key': key.slice(0, -1),
    'a key with another’s secret': twinOf(key),
    'a session with another’s secret': twinOf(session),
    'a key sealed as a session': seal(key.slice(0, 47).replace('key', 'ses')),
    'a token that resets a password': ids.resetToken[0] ?? '',
    'a JWT': 'eyJhbGciOiJIUzI1NiJ9.e30.x',
    'an expired key': await expired(
      'api_keys',
      (await newKey(world, tenant, ['users:read'])).secret,
    ),
    'an expired session': await expired('sessions', await openFor(user)),
    'a removed key': removed.secret,
    'a rotated key past its grace': old.secret,
    'a revoked session': revoked,
    'a removed user’s session': ofGone,
    'a suspended user’s session': ofSuspended,
    'a removed tenant’s key': closed.key,
  };
  return Object.entries(all).map(([name, credential]) => ({ name, credential }));
}

export interface Live extends Bearer {
  /** As the table of rules is read here, and not as the Worker reads it. */
  mayBy(rule: Rule): boolean;
}

/** Credentials that work: of each kind, of each level, and a key for each scope that it lacks. */
export async function liveCredentials(world: World, mine: Party): Promise<Live[]> {
  const tenant = { id: mine.ids.tenantId[0] ?? '', key: mine.key };
  const live: Live[] = [
    { name: 'a key with every scope', credential: mine.key, mayBy: (rule) => 'key' in rule },
    { name: 'the operator’s key', credential: operator, mayBy: (rule) => 'operator' in rule },
    { name: 'an end user’s session', credential: mine.session, mayBy: (rule) => 'session' in rule },
  ];
  for (const level of [2, 3, 4] as const) {
    const { identifier } = await newMember(tenant, level);
    live.push({
      name: `a session of level ${level}`,
      credential: (await newSession(world, tenant, identifier)).accessToken,
      mayBy: ({ session, member = 0 }) => session === true || level <= member,
    });
  }
  for (const lacking of SCOPES) {
    const scopes = SCOPES.filter((scope) => scope !== lacking);
    live.push({
      name: `a key without ${lacking}`,
      credential: (await newKey(world, tenant, scopes)).secret,
      mayBy: ({ key }) => key?.includes(lacking) !== true,
    });
  }
  return live;
}
