/** Support sessions: who may open them, how little they may do, and when they end. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashPassword } from '../../../src/base/passwords.ts';
import { DAY, HOUR } from '../../../src/base/time.ts';
import { createApp, newIsolate, type TokenAuthority } from '../../../src/index.ts';
import { done, newProject, newStation, rest } from '../../rest/company.ts';
import { PASSWORD } from '../../secrets.ts';
import {
  type Device,
  env,
  expectNoChange,
  external,
  fresh,
  grant,
  type Json,
  newDevice,
  newDevices,
  newKey,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  refused,
  succeed,
  type Tenant,
} from '../../world.ts';
import { newProbe } from './isolate.ts';

const world = newWorld();
const ACTING = { actor: 'Agent 7 🛟', reason: 'Ticket 42: the app shows nothing' };
const FIELDS = `session { id accessToken createdAt expiresAt
  support { actor reason permissions } }`;

let tenant: Tenant;
let device: Device;
let user: Awaited<ReturnType<typeof newUser>>;

beforeAll(async () => {
  tenant = await newTenant(world);
  device = await newDevice(world, tenant);
});
afterEach(() => {
  vi.useRealTimers();
});

async function customer() {
  user = await newUser(world, tenant);
  await grant(world, tenant, user.identifier, [device]);
  await grant(world, tenant, user.identifier, [device], 'addChargingPermission');
  return user;
}

const open = (given: object, credential = tenant.key): Promise<Json> =>
  world.call(credential, 'addUserSession', { userIdentifier: user.identifier, ...given }, FIELDS);
const support = async (given: object = {}, credential?: string): Promise<Json> =>
  (await succeed(open({ ...ACTING, ...given }, credential))).session;

/** A member of this level, and an access token of theirs. */
async function staff(level: number) {
  const member = await newMember(tenant, level);
  const { accessToken } = await newSession(world, tenant, member.identifier);
  return { ...member, token: accessToken };
}
const openAs = async (member: { token: string }): Promise<Json> =>
  (await succeed(open({ reason: 'Ticket 43' }, member.token))).session;

/** What the company allows, as a member of level 1 says. */
const allow = async (supportPermissions: string[]) =>
  succeed(world.call((await staff(1)).token, 'updateCompany', { supportPermissions }));

const ask = (token: string, query = '', by = world) =>
  by.send(`/verify/${tenant.id}${query}`, token, { method: 'GET' });
const statusOf = async (token: string, query = '', by = world) =>
  (await ask(token, query, by)).status;
const charging = () => `?device=${device.deviceId}&permission=CHARGE`;
const viewing = () => `?device=${device.deviceId}`;

const listed = (): Promise<Json[]> =>
  world.ask(
    tenant.key,
    `query ($u: UserIdentifierInput!) { sessions(userIdentifier: $u) {
      id support { actor reason permissions } } }`,
    { u: user.identifier },
  );
const eventsOf = async (sessionId: string): Promise<Json[]> => {
  const { nodes } = await world.ask(
    tenant.key,
    `query ($user: ID!) { auditEvents(first: 50, userId: $user) { nodes { action userId
      actor { kind credentialId user { id } } sessionIds support { actor reason } } } }`,
    { user: user.id },
  );
  return nodes.filter(({ sessionIds }: Json) => sessionIds.includes(sessionId));
};
const sweep = async () => {
  const context = createExecutionContext();
  await createApp(newIsolate()).sweep(env, context);
  await waitOnExecutionContext(context);
};

describe('opening one', () => {
  it('tells the company and the customer who acts and why, and no payload', async () => {
    await customer();
    const own = await newSession(world, tenant, user.identifier);
    const { id, ...opened } = await support();
    const told = { ...ACTING, permissions: ['VIEW'] };
    expect(opened.support).toEqual(told);
    expect(Date.parse(opened.expiresAt) - Date.parse(opened.createdAt)).toBe(HOUR);
    expect(await listed()).toEqual(
      expect.arrayContaining([
        { id, support: told },
        { id: own.id, support: null },
      ]),
    );
    const seen = await world.ask(
      own.accessToken,
      '{ viewer { sessions { id support { actor reason } } } }',
    );
    expect(seen.sessions).toContainEqual({ id, support: ACTING });
    expect(await eventsOf(id)).toEqual([
      expect.objectContaining({ action: 'session.add', userId: user.id, support: ACTING }),
    ]);
    const feed = await (await world.send('/events', tenant.key)).text();
    expect(JSON.parse(feed).events.at(-1).data).toMatchObject({
      forSupport: true,
      sessionIds: [id],
    });
    expect(feed).not.toContain('Ticket 42');
    expect(feed).not.toContain('Agent 7');
  });

  it.each([
    [{ actor: 'Agent 7' }, 'INVALID reason'],
    [{ reason: 'Ticket' }, 'INVALID actor'],
    [{ expiresInSeconds: 60 }, 'INVALID expiresInSeconds'],
    [{ permissions: ['VIEW'] }, 'INVALID permissions'],
    [{ ...ACTING, actor: '' }, 'INVALID actor'],
    [{ ...ACTING, actor: ' ' }, 'INVALID actor'],
    [{ ...ACTING, actor: 'a\r\nX-Latchkey-User: 1' }, 'INVALID actor'],
    [{ ...ACTING, actor: 'x'.repeat(10_000) }, 'INVALID actor'],
    [{ ...ACTING, actor: '🛟'.repeat(101) }, 'INVALID actor'],
    [{ ...ACTING, reason: 'x'.repeat(301) }, 'INVALID reason'],
    [{ ...ACTING, expiresInSeconds: 0 }, 'INVALID expiresInSeconds'],
    [{ ...ACTING, expiresInSeconds: -60 }, 'INVALID expiresInSeconds'],
    [{ ...ACTING, expiresInSeconds: 59 }, 'INVALID expiresInSeconds'],
    [{ ...ACTING, expiresInSeconds: 3_601 }, 'INVALID expiresInSeconds'],
    [{ ...ACTING, expiresInSeconds: 1_000_000_000 }, 'INVALID expiresInSeconds'],
    [{ ...ACTING, permissions: [] }, 'INVALID permissions'],
    [{ ...ACTING, permissions: ['VIEW', 'VIEW'] }, 'INVALID permissions'],
    [{ ...ACTING, permissions: ['CHARGE'] }, 'FORBIDDEN permissions'],
    [{ ...ACTING, permissions: ['VIEW', 'CHARGE'] }, 'FORBIDDEN permissions'],
    [{ ...ACTING, userIdentifier: { companyUser: { id: '1' } } }, 'FORBIDDEN userIdentifier'],
    [
      { ...ACTING, userIdentifier: external('nobody') },
      'NOT_FOUND userIdentifier.externalUser.externalId',
    ],
  ])('refuses %j', async (given, refusal) => {
    user ??= await customer();
    await expectNoChange(() => open(given), refused(refusal));
  });

  it('is for whole seconds', async () => {
    await customer();
    const { errors } = await world.graphql(
      tenant.key,
      `mutation { addUserSession(input: { userIdentifier: { externalUser: { externalId: "x" } },
        actor: "a", reason: "b", expiresInSeconds: 90.5 }) { success } }`,
    );
    expect(errors?.[0]?.message).toContain('Int');
  });

  it('is for no member, no suspended user and no other company’s', async () => {
    await customer();
    const member = await newMember(tenant, 4);
    const { identifier: userIdentifier } = member;
    expect(await open({ ...ACTING, userIdentifier })).toMatchObject(
      refused('FORBIDDEN userIdentifier'),
    );
    const weak = await newKey(world, tenant, ['users:read', 'users:write']);
    const { errors } = await world.graphql(
      weak.secret,
      `mutation { addUserSession(input: { actor: "a", reason: "b",
        userIdentifier: { externalUser: { externalId: "${user.externalId}" } } }) { success } }`,
    );
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const theirs = await newUser(world, await newTenant(world, 'Other'), fresh('theirs'));
    expect(await open({ ...ACTING, userIdentifier: theirs.identifier })).toMatchObject(
      refused('NOT_FOUND userIdentifier.externalUser.externalId'),
    );
    await succeed(
      world.call(tenant.key, 'updateUser', { userIdentifier: user.identifier, suspended: true }),
    );
    expect(await open(ACTING)).toMatchObject(refused('FORBIDDEN userIdentifier'));
  });

  it('is for members of level 1 and 2, who act themselves and say why', async () => {
    await customer();
    for (const level of [1, 2]) {
      const member = await staff(level);
      const { support: told, ...session } = await openAs(member);
      expect(told).toMatchObject({ actor: member.id, reason: 'Ticket 43' });
      const [event] = await eventsOf(session.id);
      expect(event).toMatchObject({ actor: { kind: 'MEMBER', user: { id: member.id } } });
      expect((await ask(session.accessToken)).headers.get('X-Latchkey-Actor')).toBe(member.id);
      expect(await open(ACTING, member.token)).toMatchObject(refused('INVALID actor'));
      expect(await open({ expiresInSeconds: 60 }, member.token)).toMatchObject(
        refused('INVALID reason'),
      );
      const plain = world.call(member.token, 'addUserSession', {
        userIdentifier: user.identifier,
      });
      await expect(plain).rejects.toThrow('FORBIDDEN');
    }
    const low = await staff(3);
    await expect(open({ reason: 'Ticket' }, low.token)).rejects.toThrow('FORBIDDEN');
  });

  it('is for no customer who sees stations that the calling member does not', async () => {
    await customer();
    const project = await newProject(world, tenant.key);
    const stationIds = [(await newStation(world, tenant.key, project.id)).id];
    const [head, agent] = [await staff(1), await staff(2)];
    await patch(user.id, { station_ids: stationIds });
    expect(await open({ reason: 'Ticket 44' }, agent.token)).toMatchObject(
      refused('FORBIDDEN userIdentifier'),
    );
    await openAs(head);
    await patch(agent.id, { station_ids: stationIds });
    await openAs(agent);
  });

  it('pushes out no session of the customer’s, and no more than five are there', async () => {
    await customer();
    for (let n = 0; n < 50; n++) await newSession(world, tenant, user.identifier);
    const first = await support();
    for (let n = 0; n < 4; n++) await support();
    await newSession(world, tenant, user.identifier);
    const before = await listed();
    expect(before.filter((one) => one.support)).toHaveLength(5);
    expect(before).toHaveLength(55);
    await support();
    const after = await listed();
    expect(after.filter((one) => one.support)).toHaveLength(5);
    expect(after).toHaveLength(55);
    expect(after.map(({ id }) => id)).not.toContain(first.id);
    expect(await statusOf(first.accessToken)).toBe(401);
  });
});

describe('what one may do', () => {
  it('is to read, wherever it is asked', async () => {
    await customer();
    const { accessToken } = await support();
    for (const by of [world, newWorld()]) {
      expect(await statusOf(accessToken, viewing(), by)).toBe(204);
      expect(await statusOf(accessToken, charging(), by)).toBe(403);
      expect(await statusOf(accessToken, `${charging()}&consistency=strict`, by)).toBe(403);
    }
    const check = (permission: string): Promise<Json> =>
      world.ask(
        tenant.key,
        `query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) {
          sessionValid allowed devices { granted } } }`,
        {
          input: {
            ...{ userIdentifier: user.identifier, accessToken, permission },
            deviceIdentifiers: [{ deviceId: device.deviceId }],
          },
        },
      );
    const about = { sessionValid: true, devices: [{ granted: true }] };
    expect(await check('VIEW')).toEqual({ ...about, allowed: true });
    expect(await check('CHARGE')).toEqual({ ...about, allowed: false });
    const { devices } = await world.ask(
      accessToken,
      '{ viewer { devices(first: 5) { nodes { permissions { permission } } } } }',
    );
    expect(devices.nodes).toEqual([{ permissions: [{ permission: 'VIEW' }] }]);
  });

  it('is to charge alone, if the company allows that and nothing else is asked for', async () => {
    await customer();
    await allow(['VIEW', 'CHARGE']);
    const { accessToken, support: told } = await support({ permissions: ['CHARGE'] });
    expect(told.permissions).toEqual(['CHARGE']);
    expect(await statusOf(accessToken, charging())).toBe(204);
    expect(await statusOf(accessToken, viewing())).toBe(403);
    await allow([]);
    expect(await open(ACTING)).toMatchObject(refused('FORBIDDEN permissions'));
    await allow(['VIEW']);
  });

  it('does not grow with more grants than a copy holds', async () => {
    await customer();
    const many = [await newDevices(world, tenant, 251), await newDevices(world, tenant, 251)];
    for (const some of many) {
      await grant(world, tenant, user.identifier, some);
      await grant(world, tenant, user.identifier, some, 'addChargingPermission');
    }
    const { id, accessToken } = await support();
    const copy = JSON.parse((await env.SESSIONS.get(`ses:${id}`)) ?? '');
    expect(copy).toMatchObject({ grants: null, permissions: ['VIEW'], actor: ACTING.actor });
    const [[one] = []] = many;
    expect(await statusOf(accessToken, `?device=${one?.deviceId}`)).toBe(204);
    expect(await statusOf(accessToken, `?device=${one?.deviceId}&permission=CHARGE`)).toBe(403);
    // KV that lies about whose session it is gains nothing: D1 knows.
    const { actor: _, permissions: __, ...lie } = copy;
    await env.SESSIONS.put(`ses:${id}`, JSON.stringify(lie));
    const query = `?device=${one?.deviceId}&permission=CHARGE`;
    expect(await statusOf(accessToken, query, newWorld())).toBe(403);
  });

  it('is what D1 says, if the copy claims more', async () => {
    await customer();
    const { id, accessToken } = await support();
    const copy = JSON.parse((await env.SESSIONS.get(`ses:${id}`)) ?? '');
    for (const lie of [
      { grants: [[device.deviceId, device.meterId, 'CHARGE', null]] },
      { permissions: 'VIEW CHARGE', grants: [[device.deviceId, device.meterId, 'CHARGE', null]] },
      { expiresAt: copy.expiresAt + DAY, renewAfter: copy.expiresAt + DAY },
      { renewAfter: copy.createdAt },
      { actor: null },
      { actor: 'lone \ud800' },
    ]) {
      await env.SESSIONS.put(`ses:${id}`, JSON.stringify({ ...copy, ...lie }));
      expect(await newProbe().check(accessToken)).toMatchObject({ uses: { d1: 1 } });
      expect(await statusOf(accessToken, charging(), newWorld())).toBe(403);
    }
  });

  it('is to end itself, and no other session', async () => {
    await customer();
    const own = await newSession(world, tenant, user.identifier);
    for (const end of [
      (token: string) => world.send('/session', token, { method: 'DELETE' }),
      (token: string) =>
        world.send('/revoke', token, { method: 'POST', body: new URLSearchParams({ token }) }),
    ]) {
      const { id, accessToken } = await support();
      for (const input of ['{}', '{ keepCurrent: true }', `{ sessionId: "${own.id}" }`]) {
        const { errors } = await world.graphql(
          accessToken,
          `mutation { removeOwnSessions(input: ${input}) { success } }`,
        );
        expect(errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
      }
      expect((await end(accessToken)).ok).toBe(true);
      expect(await statusOf(accessToken)).toBe(401);
      const [event] = await eventsOf(id);
      expect(event).toMatchObject({
        ...{ action: 'session.removeOwn', userId: user.id, support: ACTING },
        actor: { kind: 'SUPPORT', credentialId: id, user: null },
      });
    }
    expect(await statusOf(own.accessToken)).toBe(204);
  });
});

describe('token checks say who acts', () => {
  it('at every door, and only then', async () => {
    await customer();
    const { accessToken } = await support();
    const own = await newSession(world, tenant, user.identifier);
    const form = (token: string) => ({ method: 'POST', body: new URLSearchParams({ token }) });
    const { TokenAuthority: authority } = exports as unknown as { TokenAuthority: TokenAuthority };
    const doors = async (token: string) => ({
      verify: (await ask(token)).headers.get('X-Latchkey-Actor'),
      asked: (await ask(token, viewing())).headers.get('X-Latchkey-Actor'),
      introspect: await (await world.send('/introspect', tenant.key, form(token))).json<Json>(),
      session: await (await world.send('/session', token)).json<Json>(),
      rpc: (await authority.verify(token, { device: device.deviceId })) as Json,
    });
    for (let round = 0; round < 2; round++) {
      const told = await doors(accessToken);
      expect(decodeURIComponent(told.verify ?? '')).toBe(ACTING.actor);
      expect(told.asked).toBe(told.verify);
      expect(told.introspect).toMatchObject({ sub: user.id, act: { sub: ACTING.actor } });
      expect(told.session).toMatchObject({ actor: ACTING.actor });
      expect(told.rpc).toMatchObject({ kind: 'allowed', user: user.id, actor: ACTING.actor });
      const plain = await doors(own.accessToken);
      expect([plain.verify, plain.asked]).toEqual([null, null]);
      for (const one of [plain.introspect, plain.session, plain.rpc]) {
        expect(one).not.toHaveProperty('act');
        expect(one).not.toHaveProperty('actor');
      }
    }
  });
});

describe('its end', () => {
  it('comes when it was said, whatever it is used for: in memory, KV and D1', async () => {
    await customer();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const { accessToken, expiresAt, id } = await support({ expiresInSeconds: 60 });
    // An isolate that lives in that future: its limits would not know the present.
    const later = newWorld();
    const warm = newProbe();
    const inKv = newProbe({ d1: 'away' });
    const end = Date.parse(expiresAt);
    const doors = [warm, inKv, newProbe({ kvGet: 'away' })];
    for (const at of [end - 59_000, end - 20_000, end - 1]) {
      vi.setSystemTime(at);
      for (const { check } of doors) {
        expect(await check(accessToken, {}, at)).toMatchObject({ kind: 'allowed', expiresAt: end });
      }
      const ensured = await succeed(
        later.call(
          tenant.key,
          'ensureUserAccess',
          { userIdentifier: user.identifier, accessToken },
          'sessionCreated session { id expiresAt support { actor } }',
        ),
      );
      expect(ensured).toMatchObject({
        sessionCreated: false,
        session: { id, expiresAt, support: { actor: ACTING.actor } },
      });
      expect((await later.graphql(accessToken, '{ viewer { id } }')).status).toBe(200);
    }
    vi.setSystemTime(end);
    expect(await warm.check(accessToken, {}, end)).toMatchObject({ kind: 'unknown' });
    for (const consistency of ['FAST', 'STRICT'] as const) {
      const options = { consistency };
      expect(await newProbe().check(accessToken, options, end)).toMatchObject({ kind: 'unknown' });
    }
    await expect(inKv.check(accessToken, {}, end)).rejects.toThrow();
    expect((await later.graphql(accessToken, '{ viewer { id } }')).status).toBe(401);
  });

  it('is an event of the session itself, which names the member who acted', async () => {
    await customer();
    const member = await staff(2);
    const own = await newSession(world, tenant, user.identifier);
    const { id } = await openAs(member);
    await env.DB.prepare('UPDATE sessions SET expires_at = ? WHERE id IN (?, ?)')
      .bind(Date.now() - 1, id, own.id)
      .run();
    await sweep();
    const [event] = await eventsOf(id);
    expect(event).toMatchObject({
      ...{ action: 'session.expire', userId: user.id, sessionIds: [id] },
      actor: { kind: 'SUPPORT', credentialId: id, user: { id: member.id } },
      support: { actor: member.id, reason: 'Ticket 43' },
    });
    expect((await eventsOf(own.id))[0]).toMatchObject({
      ...{ sessionIds: [own.id], support: null },
      actor: { kind: 'SYSTEM', credentialId: null },
    });
  });

  it.each<
    [string, (member: { id: string; identifier: object; token: string }) => Promise<unknown>]
  >([
    ['is disabled', ({ id }) => patch(id, { status: 0 })],
    ['is demoted below level 2', ({ id }) => patch(id, { member_level_id: 3 })],
    ['gets another address', ({ id }) => patch(id, { email: `${fresh('new')}@example.com` })],
    ['is removed', ({ id }) => world.send(`/user/${id}`, tenant.key, { method: 'DELETE' })],
    [
      'is suspended over GraphQL',
      ({ identifier }) =>
        succeed(
          world.call(tenant.key, 'updateUser', { userIdentifier: identifier, suspended: true }),
        ),
    ],
    [
      'is signed out everywhere',
      ({ identifier }) =>
        succeed(world.call(tenant.key, 'removeUserSessions', { userIdentifier: identifier })),
    ],
    [
      'gets a new password by a reset token',
      async ({ id }) => {
        const made = await rest(world, tenant.key, `POST /user/${id}/password-reset`);
        const { reset_token } = made.data;
        await done(rest(world, null, 'POST /password', { reset_token, password: PASSWORD }));
      },
    ],
    [
      'changes the password',
      async ({ id, token }) => {
        const hash = await hashPassword(PASSWORD);
        await env.DB.prepare(
          `INSERT INTO passwords (user_id, hash, first_set_at, reset_required, change_id)
            VALUES (?, ?, 1, 0, 'x')`,
        )
          .bind(Number(id), hash)
          .run();
        const password = 'quite another long one';
        await done(rest(world, token, 'PATCH /user/me', { password, old_password: PASSWORD }));
      },
    ],
  ])('comes when the member who opened it %s', async (_, act) => {
    await customer();
    const own = await newSession(world, tenant, user.identifier);
    const [leaving, staying] = [await staff(1), await staff(2)];
    const { id, accessToken } = await openAs(leaving);
    const other = await openAs(staying);
    expect(await statusOf(accessToken)).toBe(204);
    await act(leaving);
    expect(await statusOf(accessToken)).toBe(401);
    expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
    const [event] = await eventsOf(id);
    expect(event).toMatchObject({ action: 'session.remove', userId: user.id, sessionIds: [id] });
    for (const one of [own, other]) expect(await statusOf(one.accessToken)).toBe(204);
  });

  it('comes when the company allows less, of those that may do more', async () => {
    await customer();
    await allow(['CHARGE', 'VIEW']);
    const [both, charge, view] = [
      await support({ permissions: ['VIEW', 'CHARGE'] }),
      await support({ permissions: ['CHARGE'] }),
      await support(),
    ];
    const own = await newSession(world, tenant, user.identifier);
    expect(await statusOf(both.accessToken, charging())).toBe(204);
    await allow(['VIEW']);
    for (const { id, accessToken } of [both, charge]) {
      expect(await statusOf(accessToken)).toBe(401);
      expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
      const [event] = await eventsOf(id);
      expect(event).toMatchObject({ action: 'session.remove', actor: { kind: 'MEMBER' } });
    }
    for (const one of [view, own]) expect(await statusOf(one.accessToken)).toBe(204);
    await allow([]);
    expect(await statusOf(view.accessToken)).toBe(401);
    expect(await statusOf(own.accessToken)).toBe(204);
    await allow(['VIEW']);
  });

  it('comes with the key that opened it, and with the member whom that key made', async () => {
    await customer();
    const leaked = await newKey(world, tenant, [
      ...['users:read', 'users:write', 'stations:read', 'stations:write', 'sessions:write'],
    ]);
    const opened = await support({}, leaked.secret);
    const made = await staff(2);
    await env.DB.prepare('UPDATE users SET made_by = ? WHERE id = ?')
      .bind(leaked.id, Number(made.id))
      .run();
    const byMember = await openAs(made);
    const mine = await support();
    await succeed(world.call(tenant.key, 'removeApiKey', { id: leaked.id, endMinted: true }));
    expect(await statusOf(opened.accessToken)).toBe(401);
    expect(await statusOf(byMember.accessToken)).toBe(401);
    expect(await statusOf(mine.accessToken)).toBe(204);
  });

  it('leaves who acted and why to be read, until the user is removed', async () => {
    await customer();
    const { id, accessToken } = await support();
    await world.send('/session', accessToken, { method: 'DELETE' });
    const row = () =>
      env.DB.prepare('SELECT actor, reason FROM sessions WHERE id = ?').bind(id).first();
    await env.DB.prepare('UPDATE sessions SET revoked_at = ?, expires_at = ? WHERE id = ?')
      .bind(Date.now() - 30 * DAY, Date.now() - 30 * DAY, id)
      .run();
    await sweep();
    expect(await row()).toEqual(ACTING);
    await succeed(world.call(tenant.key, 'removeUser', { userIdentifier: user.identifier }));
    expect(await row()).toEqual({ actor: null, reason: null });
    expect((await eventsOf(id)).map((one) => one.support)).toEqual([null, null]);
    await env.DB.prepare('UPDATE sessions SET expires_at = ? WHERE id = ?')
      .bind(Date.now() - 366 * DAY, id)
      .run();
    await sweep();
    expect(await row()).toBeNull();
  });
});

const patch = (id: string, fields: object) =>
  world.send(`/user/${id}`, tenant.key, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
  });
