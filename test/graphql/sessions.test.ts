/** Sessions: opened, listed, ended, seen by their own user. */
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../../src/base/time.ts';
import {
  type Device,
  env,
  external,
  grant,
  type Json,
  mistype,
  newDevice,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  snapshot,
  succeed,
  type Tenant,
  twinOf,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let other: Tenant;
let device: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  other = await newTenant(world, 'Other');
  device = await newDevice(world, tenant);
});

const list = (userIdentifier: object) =>
  world.ask(
    tenant.key,
    'query ($u: UserIdentifierInput!) { sessions(userIdentifier: $u) { id label createdAt ' +
      'lastActiveAt expiresAt } }',
    { u: userIdentifier },
  );

const remove = (input: object, key = tenant.key) =>
  world.ask(
    key,
    `mutation ($input: RemoveUserSessionInput!) { removeUserSession(input: $input) {
      success errors { code path } removedSessionIds } }`,
    { input },
  );

const open = (userIdentifier: object, rest = {}) =>
  world.ask(
    tenant.key,
    `mutation ($input: AddUserSessionInput!) { addUserSession(input: $input) {
      success errors { code path } session { id label accessToken } } }`,
    { input: { userIdentifier, ...rest } },
  );

describe('addUserSession', () => {
  it('keeps the label, and nowhere the token', async () => {
    const { identifier } = await newUser(world, tenant);
    const { session } = await succeed(open(identifier, { label: 'Anna’s phone 📱' }));
    const [listed] = await list(identifier);
    expect(listed).toMatchObject({ id: session.id, label: 'Anna’s phone 📱' });
    const secret = session.accessToken.slice(23);
    expect(await snapshot()).not.toContain(secret);
    const copies = await env.SESSIONS.list();
    for (const { name } of copies.keys) {
      expect(name).not.toContain(secret);
      expect(await env.SESSIONS.get(name)).not.toContain(secret);
    }
  });

  it.each(['', 'x'.repeat(101), 'a\tb'])('refuses the label %j', async (label) => {
    const { identifier } = await newUser(world, tenant);
    expect(await open(identifier, { label })).toMatchObject({
      success: false,
      errors: [{ code: 'INVALID', path: ['input', 'label'] }],
    });
  });

  it('of an unknown user is NOT_FOUND', async () => {
    expect(await open(external('nobody'))).toMatchObject({
      success: false,
      errors: [
        { code: 'NOT_FOUND', path: ['input', 'userIdentifier', 'externalUser', 'externalId'] },
      ],
    });
  });

  it('holds a user to 50 live sessions: one more ends the least recently renewed', async () => {
    const user = await newUser(world, tenant);
    const first = await newSession(world, tenant, user.identifier);
    const second = await newSession(world, tenant, user.identifier);
    for (let n = 2; n < 50; n++) await newSession(world, tenant, user.identifier);
    await env.DB.prepare('UPDATE sessions SET renewed_at = renewed_at - ? WHERE id = ?')
      .bind(DAY, second.id)
      .run();
    expect(await list(user.identifier)).toHaveLength(50);
    await newSession(world, tenant, user.identifier);
    const left = (await list(user.identifier)).map(({ id }: Json) => id);
    expect(left).toHaveLength(50);
    expect(left).toContain(first.id);
    expect(left).not.toContain(second.id);
    expect((await world.graphql(second.accessToken, '{ viewer { user { id } } }')).status).toBe(
      401,
    );
    expect(await env.SESSIONS.get(`ses:${second.id}`)).toBeNull();
  });
});

describe('ending sessions', () => {
  it('by id or by token, once', async () => {
    const { identifier } = await newUser(world, tenant);
    const [one, two] = [
      await newSession(world, tenant, identifier),
      await newSession(world, tenant, identifier),
    ];
    for (const [input, id] of [
      [{ sessionId: one.id }, one.id],
      [{ accessToken: two.accessToken }, two.id],
    ] as const) {
      expect(await remove(input)).toMatchObject({ success: true, removedSessionIds: [id] });
      expect(await remove(input)).toMatchObject({ success: true, removedSessionIds: [] });
    }
    expect(await list(identifier)).toEqual([]);
  });

  it('of another tenant, or with a token that only shares the id, ends nothing', async () => {
    const { identifier } = await newUser(world, tenant);
    const session = await newSession(world, tenant, identifier);
    const before = await snapshot();
    for (const [input, key] of [
      [{ sessionId: session.id }, other.key],
      [{ accessToken: session.accessToken }, other.key],
      [{ accessToken: twinOf(session.accessToken) }, tenant.key],
    ] as const) {
      expect(await remove(input, key)).toEqual({
        success: true,
        errors: [],
        removedSessionIds: [],
      });
    }
    expect(await snapshot()).toBe(before);
  });

  it.each([
    ['blanks', (token: string) => ` ${token}\n`],
    ['Bearer', (token: string) => `Bearer ${token}`],
    ['bearer and blanks', (token: string) => ` bearer  ${token} `],
  ])('by a token with %s around it, as by the token', async (_, dress) => {
    const { identifier } = await newUser(world, tenant);
    const { id, accessToken } = await newSession(world, tenant, identifier);
    expect((await succeed(remove({ accessToken: dress(accessToken) }))).removedSessionIds).toEqual([
      id,
    ]);
  });

  it.each<
    [
      name: string,
      field: 'accessToken' | 'sessionId',
      make: (token: string) => string,
      said: string,
    ]
  >([
    ['nothing', 'accessToken', () => '', 'There is nothing here. Is a variable empty?'],
    ['blanks', 'accessToken', () => ' \t', 'There is nothing here. Is a variable empty?'],
    ['a token in quotes', 'accessToken', (token) => `"${token}"`, 'It contains quotes'],
    [
      'a token cut short',
      'accessToken',
      (token) => token.slice(0, -1),
      'It is not as we issued it',
    ],
    [
      'two tokens',
      'accessToken',
      (token) => `${token},${token}`,
      'There is more here than the credential',
    ],
    ['undefined', 'accessToken', () => 'undefined', 'Is a variable empty?'],
    ['a JWT', 'accessToken', () => 'eyJhbGciOiJIUzI1NiJ9.e30.x', 'This looks like a JWT'],
    ['an API key', 'accessToken', () => tenant.key, 'This looks like an API key.'],
    ['no API key', 'accessToken', () => mistype(tenant.key), 'This looks like an API key.'],
    ['a reset token', 'accessToken', (token) => token.replace('ses', 'rst'), 'like a reset token'],
    ['the operator key', 'accessToken', () => `lk_op_${'x'.repeat(43)}`, 'like the operator key'],
    ['a token', 'sessionId', (token) => token, 'This looks like a credential. Give its id'],
    ['a piece of a token', 'sessionId', (token) => token.slice(0, 23), 'Give its id'],
  ])('by %s as %s is INVALID, by its looks alone', async (_, field, make, said) => {
    const { identifier } = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, identifier);
    const before = await snapshot();
    const refused = await Promise.all(
      [accessToken, mistype(accessToken)].map((token) =>
        world.call(tenant.key, 'removeUserSession', { [field]: make(token) }, 'errors { message }'),
      ),
    );
    expect(refused[0]).toMatchObject({
      success: false,
      errors: [{ code: 'INVALID', path: ['input', field], message: expect.stringContaining(said) }],
    });
    expect(refused[1]).toEqual(refused[0]);
    expect(await snapshot()).toBe(before);
  });

  it('all of a user at once', async () => {
    const { identifier } = await newUser(world, tenant);
    const sessions = [
      await newSession(world, tenant, identifier),
      await newSession(world, tenant, identifier),
    ];
    const { removedSessionIds } = await succeed(
      world.ask(
        tenant.key,
        'mutation ($u: UserIdentifierInput!) { removeUserSessions(input: { userIdentifier: ' +
          '$u }) { success removedSessionIds } }',
        { u: identifier },
      ),
    );
    expect(removedSessionIds.sort()).toEqual(sessions.map(({ id }) => id).sort());
    for (const { id } of sessions) expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
  });

  it('sessions of an unknown user are an empty list', async () => {
    expect(await list(external('nobody'))).toEqual([]);
  });
});

describe('viewer', () => {
  const viewer = (token: string, fields: string) =>
    world.graphql(token, `{ viewer { ${fields} } }`);

  it('answers to an end user and to a member, each for themselves', async () => {
    const endUser = await newUser(world, tenant);
    const member = await newMember(tenant);
    for (const { id, identifier } of [endUser, member]) {
      const session = await newSession(world, tenant, identifier);
      const { data } = await viewer(session.accessToken, 'user { id } session { id expiresAt }');
      expect(data.viewer).toEqual({
        user: { id },
        session: { id: session.id, expiresAt: session.expiresAt },
      });
    }
  });

  it('pages through devices, with what may be done on each', async () => {
    const { identifier } = await newUser(world, tenant);
    const more = await newDevice(world, tenant);
    await grant(world, tenant, identifier, [device, more]);
    await grant(world, tenant, identifier, [more], 'addChargingPermission');
    const { accessToken } = await newSession(world, tenant, identifier);
    const page = async (after: string) =>
      (
        await viewer(
          accessToken,
          `devices(first: 1${after}) { nodes { deviceId meterId permissions { permission ` +
            'expiresAt } } pageInfo { hasNextPage endCursor } }',
        )
      ).data.viewer.devices;
    const first = await page('');
    const second = await page(`, after: "${first.pageInfo.endCursor}"`);
    expect([first, second].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false]);
    const kinds = (...list: string[]) =>
      list.map((permission) => ({ permission, expiresAt: null }));
    expect([...first.nodes, ...second.nodes]).toEqual(
      [
        { ...device, permissions: kinds('VIEW') },
        { ...more, permissions: kinds('CHARGE', 'VIEW') },
      ].toSorted((one, two) => (one.deviceId < two.deviceId ? -1 : 1)),
    );
  });

  it('cannot reach what needs a scope through the user', async () => {
    const { identifier } = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, identifier);
    const { status, errors } = await viewer(accessToken, 'user { orders { orderId } }');
    expect(status).toBe(403);
    expect(errors?.[0].path).toEqual(['viewer', 'user', 'orders']);
  });

  it('slides a session that is due, and only one that is due', async () => {
    const { identifier } = await newUser(world, tenant);
    const session = await newSession(world, tenant, identifier);
    await viewer(session.accessToken, 'user { id }');
    const expiry = async () => (await list(identifier))[0].expiresAt;
    expect(await expiry()).toBe(session.expiresAt);
    await env.DB.prepare(
      'UPDATE sessions SET renewed_at = renewed_at - ?1, renew_after = renew_after - ?1, ' +
        'expires_at = expires_at - ?1 WHERE id = ?2',
    )
      .bind(2 * DAY, session.id)
      .run();
    await viewer(session.accessToken, 'user { id }');
    expect(Date.parse(await expiry())).toBeGreaterThanOrEqual(Date.parse(session.expiresAt));
    const copy = await env.SESSIONS.get<Json>(`ses:${session.id}`, 'json');
    expect(new Date(copy.expiresAt).toISOString()).toBe(await expiry());
  });

  it('no longer answers to a session past its end', async () => {
    const { identifier } = await newUser(world, tenant);
    const session = await newSession(world, tenant, identifier);
    await env.DB.prepare('UPDATE sessions SET expires_at = ?, renew_after = 0 WHERE id = ?')
      .bind(Date.now() - 1, session.id)
      .run();
    expect((await viewer(session.accessToken, 'user { id }')).status).toBe(401);
    expect(await list(identifier)).toEqual([]);
  });
});
