/** One call ends a leaked key with all that it made, and all that those made in turn. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Nudge } from '../../src/domain/permit.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { done, memberFields, rest } from '../rest/company.ts';
import { PASSWORD } from '../secrets.ts';
import {
  env,
  expectNoChange,
  external,
  fresh,
  type Json,
  newKey,
  newMember,
  newTenant,
  newUser,
  newWorld,
  refused,
  snapshot,
  succeed,
  type Tenant,
} from '../world.ts';

const world = newWorld();
const HOUR = 3_600_000;
const ALL = [
  ...['users:read', 'users:write', 'permissions:write', 'sessions:write', 'stations:read'],
  ...['stations:write', 'keys:write'],
];
const NONE = { sessions: 0, keys: 0, members: 0, webhooks: 0 };

let tenant: Tenant;
/** The one that has leaked. */
let leaked: { id: string; secret: string };

beforeEach(async () => {
  tenant = await newTenant(world);
  leaked = await newKey(world, tenant, ALL);
});
afterEach(() => {
  vi.useRealTimers();
});

const FIELDS = 'modified { sessions keys members webhooks }';
const end = (id = leaked.id, credential = tenant.key, by = world): Promise<Json> =>
  by.call(credential, 'removeApiKey', { id, endMinted: true }, FIELDS);
const rotate = async (id: string, by = tenant.key) => {
  const input = { id, graceSeconds: 60 };
  const made = await succeed(world.call(by, 'rotateApiKey', input, 'apiKey { id } secret'));
  return { id: made.apiKey.id as string, secret: made.secret as string };
};
const addKey = async (by: string, scopes = ALL) => {
  const input = { name: 'made', scopes };
  const made = await succeed(world.call(by, 'addApiKey', input, 'apiKey { id } secret'));
  return { id: made.apiKey.id as string, secret: made.secret as string };
};
const open = async (by: string, userIdentifier: object): Promise<string> =>
  (
    await succeed(
      world.call(by, 'addUserSession', { userIdentifier }, 'session { id accessToken }'),
    )
  ).session.accessToken;
const newPerson = async () => (await newUser(world, tenant)).identifier;
const identifierOf = (id: number | string) => ({ companyUser: { id: String(id) } });

/** Whether D1 takes a session for a live one. */
const lives = async (token: string): Promise<boolean> =>
  (await world.send(`/verify/${tenant.id}?consistency=strict`, token)).status === 204;
const works = async (key: string): Promise<boolean> =>
  (await newWorld().graphql(key, '{ caller { kind } }')).status === 200;
const elsewhere = () => ({ 'CF-Connecting-IP': fresh('address') });
const setPassword = async (reset_token: string, password = PASSWORD) =>
  (await rest(world, null, 'POST /password', { reset_token, password }, elsewhere())).status;
const signIn = (email: string) =>
  rest(world, null, 'POST /authenticate', { email, password: PASSWORD }, elsewhere());
const resetToken = async (by: string, id: number | string): Promise<string> =>
  (await done(rest(world, by, `POST /user/${id}/password-reset`))).reset_token;
const addMember = async (by: string, more = {}): Promise<Json> =>
  (await done(rest(world, by, 'POST /user', memberFields(tenant, more)))).user;
const statusOf = async (id: number): Promise<0 | 1> =>
  (await done(rest(world, tenant.key, `GET /user/${id}`))).user.status;

async function sweep(): Promise<void> {
  const context = createExecutionContext();
  await createApp(newIsolate()).sweep(env, context);
  await waitOnExecutionContext(context);
}

describe('what a key made', () => {
  it(
    'ends with it: sessions, keys, members, reset tokens and passwords; what others made does ' +
      'not',
    async () => {
      const person = await newPerson();
      const mine = await open(tenant.key, person);
      const theirs = await open(leaked.secret, person);
      const input = { userIdentifier: external(fresh('ensured')) };
      const fields = 'session { accessToken }';
      const ensured = await succeed(world.call(leaked.secret, 'ensureUserAccess', input, fields));
      const [spare, made] = [await newKey(world, tenant, ALL), await addKey(leaked.secret)];
      const [friend, rogue] = [await addMember(tenant.key), await addMember(leaked.secret)];
      const unused = await resetToken(leaked.secret, friend.id);

      expect(await end()).toMatchObject({
        success: true,
        modified: { sessions: 2, keys: 1, members: 1, webhooks: 0 },
      });
      expect(await lives(theirs)).toBe(false);
      expect(await lives(ensured.session.accessToken)).toBe(false);
      expect(await lives(mine)).toBe(true);
      expect(await works(leaked.secret)).toBe(false);
      expect(await works(made.secret)).toBe(false);
      expect(await works(spare.secret)).toBe(true);
      expect([await statusOf(friend.id), await statusOf(rogue.id)]).toEqual([1, 0]);
      expect(await setPassword(unused)).toBe(422);
      expect(await setPassword(await resetToken(tenant.key, friend.id))).toBe(200);
    },
  );

  it('goes on where nobody asks for its end', async () => {
    const token = await open(leaked.secret, await newPerson());
    const rogue = await addMember(leaked.secret);
    const removal = world.call(tenant.key, 'removeApiKey', { id: leaked.id }, FIELDS);
    expect(await removal).toMatchObject({ success: true, modified: NONE });
    expect(await lives(token)).toBe(true);
    expect(await statusOf(rogue.id)).toBe(1);
    // And its end can be asked for afterwards.
    expect((await end()).modified).toEqual({ ...NONE, sessions: 1, members: 1 });
    expect(await lives(token)).toBe(false);
  });

  it('includes passwords that were set with its tokens, and what was done with them', async () => {
    const head = await addMember(tenant.key, { member_level_id: 1 });
    expect(await setPassword(await resetToken(leaked.secret, head.id))).toBe(200);
    const { token } = await done(signIn(head.email));
    const rogue = await addMember(token, { member_level_id: 1 });
    const friend = await addMember(tenant.key);
    const unused = await resetToken(token, friend.id);
    // A new password with the old one is no better.
    const change = { password: 'another lamp altogether', old_password: PASSWORD };
    await done(rest(world, token, 'PATCH /user/me', change));

    expect((await end()).modified).toEqual({ ...NONE, sessions: 1, members: 1 });
    expect(await lives(token)).toBe(false);
    expect((await signIn(head.email)).status).toBe(400);
    const { user } = await done(rest(world, tenant.key, `GET /user/${head.id}`));
    expect(user).toMatchObject({ status: 1, require_password_reset: 1 });
    expect([await statusOf(rogue.id), await statusOf(friend.id)]).toEqual([0, 1]);
    expect(await setPassword(unused)).toBe(422);
  });

  it('leaves passwords that were set anew since', async () => {
    const head = await addMember(tenant.key, { member_level_id: 1 });
    expect(await setPassword(await resetToken(leaked.secret, head.id))).toBe(200);
    expect(await setPassword(await resetToken(tenant.key, head.id))).toBe(200);
    const { token } = await done(signIn(head.email));
    expect((await end()).modified).toEqual(NONE);
    expect(await lives(token)).toBe(true);
    await done(signIn(head.email));
  });

  it('includes what was done with the sessions that it opened for members', async () => {
    const head = await newMember(tenant, 1);
    const token = await open(leaked.secret, head.identifier);
    const rogue = await addMember(token);
    const roguesToken = await open(tenant.key, identifierOf(rogue.id));
    const roguesFriend = await addMember(roguesToken);
    const friend = await addMember(tenant.key);
    const own = await open(tenant.key, head.identifier);
    const [lost, kept] = [await addMember(own), await resetToken(own, friend.id)];

    expect((await end()).modified).toEqual({ ...NONE, sessions: 2, members: 2 });
    expect([await statusOf(rogue.id), await statusOf(roguesFriend.id)]).toEqual([0, 0]);
    expect(await lives(roguesToken)).toBe(false);
    // What the same member did in a session of another key stays.
    expect(await statusOf(lost.id)).toBe(1);
    expect(await setPassword(kept)).toBe(200);
  });

  it('includes keys that its keys made, and all of theirs', async () => {
    const second = await addKey(leaked.secret);
    const third = await addKey(second.secret);
    const token = await open(third.secret, await newPerson());
    const rogue = await addMember(third.secret);
    expect((await end()).modified).toEqual({ sessions: 1, keys: 2, members: 1, webhooks: 0 });
    expect([await works(second.secret), await works(third.secret)]).toEqual([false, false]);
    expect([await lives(token), await statusOf(rogue.id)]).toEqual([false, 0]);
  });
});

describe('a rotated key’s successor', () => {
  it.each(['the old one', 'the new one'])('counts as the same key: %s is named', async (which) => {
    const before = await open(leaked.secret, await newPerson());
    const successor = await rotate(leaked.id);
    const after = await open(successor.secret, await newPerson());
    const { modified } = await end(which === 'the old one' ? leaked.id : successor.id);
    expect(modified).toEqual({ ...NONE, sessions: 2 });
    expect([await lives(before), await lives(after)]).toEqual([false, false]);
    expect([await works(leaked.secret), await works(successor.secret)]).toEqual([false, false]);
  });

  it('ends where a leaked key made it of another', async () => {
    const other = await newKey(world, tenant, ['sessions:write']);
    const successor = await rotate(other.id, leaked.secret);
    const token = await open(successor.secret, await newPerson());
    await succeed(end());
    expect([await works(successor.secret), await lives(token)]).toEqual([false, false]);
  });
});

describe('a key that is gone', () => {
  it.each<[string, () => unknown]>([
    ['removed', () => world.call(tenant.key, 'removeApiKey', { id: leaked.id })],
    [
      'expired',
      () => env.DB.prepare('UPDATE api_keys SET expires_at = 1 WHERE id = ?').bind(leaked.id).run(),
    ],
    [
      'past its grace',
      () => world.call(tenant.key, 'rotateApiKey', { id: leaked.id, graceSeconds: 0 }),
    ],
  ])('can be cleaned up after all the same: %s', async (_, act) => {
    const token = await open(leaked.secret, await newPerson());
    await act();
    expect(await lives(token)).toBe(true);
    expect(await end()).toMatchObject({ success: true, modified: { sessions: 1 } });
    expect(await lives(token)).toBe(false);
  });

  it('has nothing left to end: a repeated call is a success that changes nothing', async () => {
    await open(leaked.secret, await newPerson());
    await addMember(leaked.secret);
    await succeed(end());
    await expectNoChange(() => end(), { success: true, modified: NONE });
  });
});

describe('nothing ends', () => {
  it('of another tenant, or of nobody', async () => {
    const neighbour = await newTenant(world, 'Neighbour');
    const theirs = await newKey(world, neighbour, ['sessions:write']);
    for (const id of [theirs.id, 'unknown']) {
      await expectNoChange(() => end(id), { success: true, modified: NONE });
    }
  });

  it.each([false, true])('for a key that could not remove this one; removed: %s', async (gone) => {
    if (gone) await succeed(world.call(tenant.key, 'removeApiKey', { id: leaked.id }));
    const narrow = await newKey(world, tenant, ['keys:write']);
    await expectNoChange(() => end(leaked.id, narrow.secret), {
      ...refused('FORBIDDEN id'),
      modified: null,
    });
  });
});

it('takes no more than the right to remove the key', async () => {
  const small = await newKey(world, tenant, ['sessions:write', 'keys:write']);
  const token = await open(small.secret, await newPerson());
  const made = await addKey(small.secret, ['keys:write']);
  const keeper = await newKey(world, tenant, ['sessions:write', 'keys:write']);
  expect((await end(small.id, keeper.secret)).modified).toEqual({ ...NONE, sessions: 1, keys: 1 });
  expect([await lives(token), await works(made.secret)]).toEqual([false, false]);
});

it('ends the calling key where it is that one, or made by it', async () => {
  const made = await addKey(leaked.secret);
  const token = await open(leaked.secret, await newPerson());
  expect(await end(leaked.id, made.secret)).toMatchObject({ success: true });
  expect([await works(made.secret), await works(leaked.secret)]).toEqual([false, false]);
  expect(await lives(token)).toBe(false);
  const own = await newKey(world, tenant, ALL);
  expect(await end(own.id, own.secret)).toMatchObject({ success: true, modified: NONE });
  expect(await works(own.secret)).toBe(false);
});

it('leaves no time in which an isolate that remembers the key makes more', async () => {
  const late = newWorld();
  const head = await newMember(tenant, 1);
  const disabled = await addMember(leaked.secret);
  expect((await late.graphql(leaked.secret, '{ caller { kind } }')).status).toBe(200);
  await succeed(end());
  const before = await snapshot();
  const { identifier } = await newUser(world, tenant);
  const added = await snapshot();
  const open =
    'mutation ($u: UserIdentifierInput!) { addUserSession(input: { userIdentifier: $u }) { ' +
    'success } }';
  expect((await late.graphql(leaked.secret, open, { u: identifier })).status).toBe(401);
  const send = (call: string, body?: object) => rest(late, leaked.secret, call, body);
  expect((await send(`POST /user/${head.id}/password-reset`)).status).toBe(401);
  expect((await send('POST /user', memberFields(tenant))).status).toBe(401);
  expect((await send(`PATCH /user/${disabled.id}`, { status: 1 })).status).toBe(401);
  expect(await snapshot()).toBe(added);
  expect(before).not.toBe(added);
});

it('tells in the trail of each thing that ended, by whom', async () => {
  const person = await newUser(world, tenant);
  const token = await open(leaked.secret, person.identifier);
  const made = await addKey(leaked.secret);
  const rogue = await addMember(leaked.secret);
  const head = await addMember(tenant.key);
  await setPassword(await resetToken(leaked.secret, head.id));
  await succeed(end());
  const { nodes } = await world.ask(
    tenant.key,
    '{ auditEvents(first: 5) { nodes { action userId apiKeyId sessionIds suspended actor { ' +
      'credentialId } } } }',
  );
  const actor = { credentialId: tenant.key.slice(7, 23) };
  const bare = { userId: null, apiKeyId: null, sessionIds: [], suspended: null, actor };
  const wanted = [
    { ...bare, action: 'apiKey.remove', apiKeyId: leaked.id },
    { ...bare, action: 'apiKey.remove', apiKeyId: made.id },
    { ...bare, action: 'member.update', userId: String(rogue.id), suspended: true },
    { ...bare, action: 'member.update', userId: String(head.id), suspended: false },
    {
      ...bare,
      action: 'session.removeAll',
      userId: person.id,
      sessionIds: [token.slice(7, 23)],
    },
  ];
  expect(nodes).toHaveLength(wanted.length);
  expect(nodes).toEqual(expect.arrayContaining(wanted));
});

describe('a key that opened 5,000 sessions', () => {
  const many = 5_000;

  /** The last of them can be used; the others are rows. */
  async function openMany() {
    const person = await newUser(world, tenant);
    const head = await newMember(tenant, 1);
    await env.DB.batch([
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO users (tenant_id, external_id, created_at) SELECT ?1, 'crowd-' || i, 0 FROM n`,
      ).bind(Number(tenant.id)),
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
         INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
         expires_at, made_by)
         SELECT ? || '-' || i, u.tenant_id, u.id, '', 1, 1, 1, ?, ? FROM n JOIN users u
         ON u.tenant_id = ? AND u.external_id = 'crowd-' || (1 + i % 100)`,
      ).bind(many - 2, leaked.id, Date.now() + 1000 * HOUR, leaked.id, Number(tenant.id)),
    ]);
    const token = await open(leaked.secret, person.identifier);
    const staff = await open(leaked.secret, head.identifier);
    return { person, token, staff };
  }
  const left = () =>
    env.DB.prepare('SELECT count(*) AS n FROM sessions WHERE made_by = ? AND revoked_at IS NULL')
      .bind(leaked.id)
      .first<number>('n');

  it('has its sessions ended by the queue, a slice a nudge', async () => {
    const { token } = await openMany();
    expect(await end()).toMatchObject({ success: true, modified: { sessions: 1_000 } });
    expect(await left()).toBe(0);
    expect(await env.SESSIONS.get(`ses:${token.slice(7, 23)}`)).toBeNull();
  }, 60_000);

  it('is marked: D1 denies at once, and the sweep ends what the queue has lost', async () => {
    const { person, token, staff } = await openMany();
    expect(await lives(token)).toBe(true);
    const deaf = newWorld({ WORK: { sendBatch: async () => {} } as unknown as Queue<Nudge> });
    const endUnheard = () => end(leaked.id, tenant.key, deaf);
    expect(await endUnheard()).toMatchObject({
      success: true,
      modified: { sessions: 1_000, keys: 0 },
    });
    expect(await left()).toBe(many - 1_000);

    const isolate = newWorld();
    expect((await isolate.send('/verify?consistency=strict', token)).status).toBe(401);
    expect((await isolate.graphql(token, '{ viewer { user { id } } }')).status).toBe(401);
    expect((await rest(isolate, staff, 'GET /user')).status).toBe(401);
    expect((await isolate.send('/session?consistency=strict', token)).status).toBe(401);
    const list = '{ sessions(userIdentifier: $u) { id } }';
    const query = `query ($u: UserIdentifierInput!) ${list}`;
    expect(await world.ask(tenant.key, query, { u: person.identifier })).toEqual([]);
    // To show it opens another.
    const ensuring = { userIdentifier: person.identifier, accessToken: token };
    const ensured = await succeed(
      world.call(tenant.key, 'ensureUserAccess', ensuring, 'sessionCreated'),
    );
    expect(ensured.sessionCreated).toBe(true);

    // The same call goes on, and the sweep does.
    expect((await endUnheard()).modified.sessions).toBe(1_000);
    for (let slices = 0; slices < 7; slices++) await sweep();
    expect(await left()).toBe(0);
    const rest_ = await env.DB.prepare(
      'SELECT (SELECT count(*) FROM endings) + (SELECT count(*) FROM ending_makers) AS n',
    ).first('n');
    expect(rest_).toBe(0);
    expect(await env.SESSIONS.get(`ses:${token.slice(7, 23)}`)).toBeNull();
    const { results } = await env.DB.prepare(
      "SELECT sum(json_array_length(subject, '$.sessionIds')) AS n, count(DISTINCT user_id) " +
        "AS users FROM audit_events WHERE tenant_id = ? AND action = 'session.removeAll'",
    )
      .bind(Number(tenant.id))
      .all();
    expect(results).toEqual([{ n: many, users: 102 }]);
  }, 60_000);
});
