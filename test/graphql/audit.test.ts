/** The audit trail: the events of each change, who may read them, and what they never have. */
import { describe, expect, it } from 'vitest';
import { done, newProject, newStaff, newStation, rest } from '../rest/company.ts';
import {
  callOf,
  type Device,
  env,
  external,
  fresh,
  freshDeviceId,
  grant,
  type Json,
  newDevice,
  newKey,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
} from '../world.ts';

const world = newWorld();

/** What is asked of the payloads of calls that make something. */
const MADE: Record<string, string> = {
  addUser: 'user { id }',
  addUserSession: 'session { id accessToken }',
  ensureUserAccess: 'user { id } session { id accessToken }',
  addApiKey: 'apiKey { id } secret',
  rotateApiKey: 'apiKey { id } secret',
  addIntermediary: 'apiKey { id } secret',
};

async function send(credential: string | null, name: string, input: object) {
  const { data, headers } = await world.graphql(credential, callOf(name, MADE[name]), { input });
  return { made: data?.[name], requestId: headers.get('X-Request-Id') };
}

const EVENT = `id at actor { kind credentialId user { id } } action userId deviceIds
  permission expiresAt orderId orderStatus
  sessionIds apiKeyId replacedApiKeyId suspended externalIdChanged requestId`;

const look = (key: string, args: object) =>
  world.graphql(
    key,
    `query ($first: Int!, $after: String, $userId: ID, $from: DateTime, $to: DateTime) {
      auditEvents(first: $first, after: $after, userId: $userId, from: $from, to: $to) {
        nodes { ${EVENT} } pageInfo { hasNextPage endCursor } } }`,
    { first: 100, ...args },
  );

/** A page of the trail of this key's tenant. */
async function page(key: string, args: object = {}): Promise<Json> {
  const { data, errors } = await look(key, args);
  expect(errors).toBeUndefined();
  return data.auditEvents;
}

const rows = async (): Promise<Json[]> =>
  (await env.DB.prepare('SELECT * FROM audit_events').all()).results;

/** What a call can be about, as inputs and as what events say of it. */
async function newCase() {
  const tenant = await newTenant(world);
  const [first] = await world.ask(tenant.key, '{ apiKeys { id } }');
  const { id: userId, identifier: userIdentifier, externalId } = await newUser(world, tenant);
  const [held, free] = [await newDevice(world, tenant), await newDevice(world, tenant)];
  await grant(world, tenant, userIdentifier, [held]);
  await grant(world, tenant, userIdentifier, [held], 'addChargingPermission');
  const session = await newSession(world, tenant, userIdentifier);
  const { id, secret } = await newKey(world, tenant, ['users:read']);
  const order = { orderId: fresh('order') };
  await send(tenant.key, 'addOrder', { userIdentifier, ...order });
  const ours = { intermediaryId: tenant.id };
  await send(operator, 'updateOrder', { ...ours, ...order, orderStatus: 'PROCESSING' });
  const naming = ({ deviceId }: Device) => ({ deviceIdentifiers: [{ deviceId }] });
  return {
    ...{ tenant, callerId: first.id, key: { id }, secret, externalId, session, order, ours, free },
    user: { userId },
    opened: { userId, sessionIds: [session.id] },
    who: { userIdentifier },
    unknown: freshDeviceId(),
    stranger: { userIdentifier: external(fresh('stranger')) },
    /** The device that the user has both permissions on. */
    holds: { userIdentifier, ...naming(held) },
    held: { userId, deviceIds: [held.deviceId] },
    /** The one that nobody has. */
    wants: { userIdentifier, ...naming(free) },
    got: { userId, deviceIds: [free.deviceId] },
  };
}
type Case = Awaited<ReturnType<typeof newCase>>;

/** What an event says that concerns nothing. */
const BARE = {
  id: expect.any(String),
  at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  ...{ userId: null, permission: null, expiresAt: null, suspended: null, externalIdChanged: null },
  ...{
    orderId: null,
    orderStatus: null,
    apiKeyId: null,
    replacedApiKeyId: null,
    deviceIds: [],
    sessionIds: [],
  },
};

type Event = [action: string, facts: object];
const END = { expiresAt: '2100-01-01T00:00:00.000Z' };
const [VIEW, CHARGE] = [{ permission: 'VIEW' }, { permission: 'CHARGE' }];
const CANCELLED = { orderStatus: 'CANCELLED' };
const LINK = { trackingLink: 'https://parcels.example/1' };
const NEW = { name: 'New' };
const NEW_KEY = { ...NEW, scopes: ['users:read'] };

/** Each call: its input, and the events that it writes; `made` is its payload. */
const CALLS: Record<string, (one: Case, made: Json) => [input: object, ...events: Event[]]> = {
  addUser: (one, made) => [one.stranger, ['user.add', { userId: made.user?.id }]],
  updateUser: (one) => [
    { ...one.who, suspended: true },
    ['user.update', { ...one.user, suspended: true, externalIdChanged: false }],
  ],
  removeUser: (one) => [one.who, ['user.remove', one.user]],
  addUserSession: (one, { session }) => [
    one.who,
    ['session.add', { ...one.user, sessionIds: [session?.id] }],
  ],
  removeUserSession: (one) => [{ sessionId: one.session.id }, ['session.remove', one.opened]],
  removeUserSessions: (one) => [one.who, ['session.removeAll', one.opened]],
  addDevicePermissions: (one) => [
    { ...one.wants, ...END },
    ['permission.add', { ...one.got, ...VIEW, ...END }],
  ],
  addChargingPermission: (one) => [one.wants, ['permission.add', { ...one.got, ...CHARGE }]],
  removeDevicePermissions: (one) => [one.holds, ['permission.remove', { ...one.held, ...VIEW }]],
  removeChargingPermission: (one) => [one.holds, ['permission.remove', { ...one.held, ...CHARGE }]],
  removeAllDevicePermissions: (one) => [
    { deviceIdentifier: one.holds.deviceIdentifiers[0] },
    ['permission.removeAll', { ...one.held, ...VIEW }],
    ['permission.removeAll', { ...one.held, ...CHARGE }],
  ],
  ensureUserAccess(one, { user, session }) {
    const { deviceIdentifiers: list } = one.wants;
    const got = { ...one.got, userId: user?.id };
    return [
      { ...one.stranger, deviceIdentifiers: list, chargingDeviceIdentifiers: list },
      ['user.add', { userId: user?.id }],
      ['permission.add', { ...got, ...VIEW }],
      ['permission.add', { ...got, ...CHARGE }],
      ['session.add', { userId: user?.id, sessionIds: [session?.id] }],
    ];
  },
  addOrder: (one) => [
    { ...one.who, orderId: `${one.order.orderId}-2` },
    ['order.add', { ...one.user, orderId: `${one.order.orderId}-2`, orderStatus: 'PLACED' }],
  ],
  cancelOrder: (one) => [one.order, ['order.cancel', { ...one.user, ...one.order, ...CANCELLED }]],
  updateOrder: (one) => [
    { ...one.ours, ...one.order, ...LINK, orderStatus: 'SHIPPED', deviceId: one.free.deviceId },
    ['order.update', { ...one.got, ...one.order, orderStatus: 'SHIPPED' }],
  ],
  addDevices: (one) => [
    { ...one.ours, devices: [{ deviceId: one.unknown }, one.free] },
    ['device.add', { deviceIds: [one.unknown] }],
  ],
  removeDevices: (one) => [
    { ...one.ours, deviceIdentifiers: one.wants.deviceIdentifiers },
    ['device.remove', { deviceIds: one.got.deviceIds }],
  ],
  addApiKey: (_, { apiKey }) => [NEW_KEY, ['apiKey.add', { apiKeyId: apiKey?.id }]],
  rotateApiKey: (one, { apiKey }) => [
    one.key,
    ['apiKey.rotate', { apiKeyId: apiKey?.id, replacedApiKeyId: one.key.id }],
  ],
  removeApiKey: (one) => [one.key, ['apiKey.remove', { apiKeyId: one.key.id }]],
  addIntermediary: (_, { apiKey }) => [NEW, ['intermediary.add', { apiKeyId: apiKey?.id }]],
};
const OPERATORS = ['updateOrder', 'addDevices', 'removeDevices', 'addIntermediary'];
const ANEW = ['addUserSession', 'ensureUserAccess', 'addApiKey', 'rotateApiKey', 'addIntermediary'];

describe('each change writes its events, and nothing when it is repeated:', () => {
  it.each(Object.entries(CALLS))('%s', async (name, call) => {
    const one = await newCase();
    const byOperator = OPERATORS.includes(name);
    const credential = byOperator ? operator : one.tenant.key;
    const before = await rows();
    const [input] = call(one, {});
    const { made, requestId } = await send(credential, name, input);
    expect(made).toMatchObject({ success: true });
    const [, ...events] = call(one, made);
    const after = await rows();
    expect(after).toHaveLength(before.length + events.length);
    const { nodes } = await page(name === 'addIntermediary' ? made.secret : one.tenant.key);
    const actor = byOperator
      ? { kind: 'OPERATOR', credentialId: null, user: null }
      : { kind: 'API_KEY', credentialId: one.callerId, user: null };
    expect(nodes.filter((node: Json) => node.requestId === requestId)).toEqual(
      expect.arrayContaining(
        events.map(([action, facts]) => ({ ...BARE, requestId, actor, action, ...facts })),
      ),
    );
    if (ANEW.includes(name)) return;
    await send(credential, name, input);
    expect(await rows()).toEqual(after);
  });
});

describe('the trail', () => {
  it('tells the removal of a tenant, which nobody of the tenant can read any more', async () => {
    const { id } = await newTenant(world);
    const { requestId } = await send(operator, 'removeIntermediary', { id });
    const after = await rows();
    const [row, ...more] = after.filter((one) => one.request_id === requestId);
    expect(more).toEqual([]);
    const whose = { tenant_id: Number(id), actor_kind: 'OPERATOR', actor_id: null };
    expect(row).toMatchObject({ ...whose, action: 'intermediary.remove' });
    await send(operator, 'removeIntermediary', { id });
    expect(await rows()).toEqual(after);
  });

  it('has nothing of what is refused', async () => {
    const one = await newCase();
    const { key } = one.tenant;
    const before = await rows();
    const unknown = { deviceIdentifiers: [{ deviceId: one.unknown }] };
    const refusals: [string | null, string, object][] = [
      [key, 'addDevicePermissions', { ...one.who, ...unknown }],
      [key, 'addUserSession', one.stranger],
      [key, 'ensureUserAccess', { ...one.stranger, ...unknown }],
      [key, 'addOrder', { ...one.stranger, ...one.order }],
      [key, 'addApiKey', { ...NEW_KEY, expiresAt: '2000-01-01T00:00:00Z' }],
      [operator, 'updateOrder', { ...one.ours, ...one.order, orderStatus: 'DELIVERED' }],
      [operator, 'addDevices', { intermediaryId: '7', devices: [{ deviceId: one.unknown }] }],
      [one.secret, 'removeUser', one.who],
      [one.session.accessToken, 'removeUser', one.who],
      [null, 'removeUser', one.who],
    ];
    for (const [credential, name, input] of refusals) {
      expect((await send(credential, name, input)).made?.success).not.toBe(true);
    }
    expect(await rows()).toEqual(before);
  });

  it('never holds a secret, a token, a hash or an externalId', async () => {
    const one = await newCase();
    const made: Json[] = [];
    const { key } = one.tenant;
    for (const name of ['addUserSession', 'ensureUserAccess', 'addApiKey', 'rotateApiKey']) {
      made.push((await send(key, name, CALLS[name]?.(one, {})[0] ?? {})).made);
    }
    const newExternalId = fresh('renamed');
    await send(key, 'updateUser', { ...one.who, newExternalId });
    const tokens = [key, one.secret, one.session.accessToken].concat(
      made.flatMap(({ secret, session }) => secret ?? session?.accessToken ?? []),
    );
    expect(tokens).toHaveLength(7);
    const hashes = 'SELECT hash FROM sessions UNION ALL SELECT hash FROM api_keys';
    const secrets = [
      ...[one.externalId, newExternalId, one.stranger.userIdentifier.externalUser.externalId],
      // Behind the prefix and the public id.
      ...tokens.map((token) => token.slice(23)),
      ...(await env.DB.prepare(hashes).all<{ hash: string }>()).results.map(({ hash }) => hash),
    ];
    const trail = JSON.stringify(await rows());
    expect(secrets.filter((secret) => trail.includes(secret))).toEqual([]);
  });
});

describe('auditEvents', () => {
  /** A tenant with three users, added a while apart; the events of that, oldest first. */
  async function newTrail() {
    const { key } = await newTenant(world);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      await scheduler.wait(2);
      ids.push((await send(key, 'addUser', { userIdentifier: external(name) })).made.user.id);
    }
    const { nodes } = await page(key);
    return { key, ids, events: nodes.toReversed().slice(1) };
  }
  const users = ({ nodes }: Json) => nodes.map(({ userId }: Json) => userId);

  it('come newest first, in pages that newer events do not shift', async () => {
    const { key, ids } = await newTrail();
    const seen = [];
    for (let after: string | null = null, more = true; more; ) {
      const answer = await page(key, { first: 2, after });
      seen.push(users(answer));
      ({ hasNextPage: more, endCursor: after } = answer.pageInfo);
      await send(key, 'addUser', { userIdentifier: external(fresh('newer')) });
    }
    // The last is the tenant's own beginning.
    expect(seen).toEqual([
      [ids[2], ids[1]],
      [ids[0], null],
    ]);
  });

  it('can be asked for of one user, whether or not it is removed', async () => {
    const { key, ids } = await newTrail();
    await scheduler.wait(2);
    await send(key, 'removeUser', { userIdentifier: external('b') });
    const { nodes } = await page(key, { userId: ids[1] });
    expect(nodes.map(({ action }: Json) => action)).toEqual(['user.remove', 'user.add']);
    expect(users({ nodes })).toEqual([ids[1], ids[1]]);
  });

  it('can be asked for of a span of time, its beginning included and its end not', async () => {
    const { key, ids, events } = await newTrail();
    const [a, b, c] = events.map(({ at }: Json) => at);
    expect(users(await page(key, { from: b }))).toEqual([ids[2], ids[1]]);
    expect(users(await page(key, { from: a, to: b }))).toEqual([ids[0]]);
    expect(users(await page(key, { from: b, to: c }))).toEqual([ids[1]]);
    expect(users(await page(key, { from: c, to: a }))).toEqual([]);
  });

  it('never show another tenant’s, whoever’s user is asked for', async () => {
    const [mine, theirs] = [await newTrail(), await newTrail()];
    expect(users(await page(mine.key))).toEqual([...mine.ids.toReversed(), null]);
    expect(users(await page(mine.key, { userId: theirs.ids[0] }))).toEqual([]);
  });

  it('cannot be asked for of a user by no id', async () => {
    const { key } = await newTenant(world);
    expect(await look(key, { userId: 'x' })).toMatchObject({
      status: 200,
      errors: [{ extensions: { code: 'INVALID', path: ['userId'] } }],
    });
  });
});

describe('who acted', () => {
  /** A member who has done something, and whose session is no more. */
  async function newPast() {
    const tenant = await newTenant(world);
    const staff = await newStaff(world, tenant, 1);
    await newStaff(world, tenant, 1);
    const { id: projectId } = await newProject(world, tenant.key);
    await done(rest(world, staff.token, `PATCH /project/${projectId}`, { name: 'Another' }));
    const sessionId = staff.token.slice(7, 23);
    await env.DB.prepare('DELETE FROM sessions WHERE id = ?').bind(sessionId).run();
    return { tenant, staff, sessionId };
  }
  const actors = async (key: string, fields: string) =>
    world.graphql(
      key,
      '{ auditEvents(first: 1, actions: ["project.update"]) { nodes { actor { kind ' +
        `credentialId user { ${fields} } } } } }`,
    );

  it('stays a user’s id and a session’s, when the session is swept', async () => {
    const { tenant, staff, sessionId } = await newPast();
    const { data } = await actors(tenant.key, 'id name');
    const user = { id: String(staff.id), name: 'A Member' };
    expect(data.auditEvents.nodes).toEqual([
      { actor: { kind: 'MEMBER', credentialId: sessionId, user } },
    ]);
  });

  it('stays the id of a user who was removed, of whom nothing else is left', async () => {
    const { tenant, staff } = await newPast();
    await done(rest(world, tenant.key, `DELETE /user/${staff.id}`));
    const names = 'userIdentifier { externalUser { externalId } companyUser { id } }';
    for (const fields of ['id', `id name ${names}`]) {
      const { data } = await actors(tenant.key, fields);
      const nothing = { name: null, userIdentifier: { externalUser: null, companyUser: null } };
      const { user } = data.auditEvents.nodes[0].actor;
      expect(user).toEqual({ id: String(staff.id), ...(fields === 'id' ? {} : nothing) });
    }
  });

  it('is an id for all who may read the trail, and more for those who may read users', async () => {
    const { tenant, staff } = await newPast();
    const { secret } = await newKey(world, tenant, ['audit:read']);
    for (const fields of ['id', '__typename id', '... { id ... on User { same: id } }']) {
      const { data } = await actors(secret, fields);
      expect(data.auditEvents.nodes[0].actor.user).toMatchObject({ id: String(staff.id) });
    }
    for (const fields of [
      'createdAt',
      'userIdentifier { companyUser { id } }',
      '... { id: name }',
    ]) {
      expect(await actors(secret, fields), fields).toMatchObject({ status: 403, data: undefined });
    }
  });

  it('is the member whose password was set with a reset token', async () => {
    const { tenant } = await newPast();
    const { id } = await newStaff(world, tenant, 2);
    const { reset_token: token } = await done(
      rest(world, tenant.key, `POST /user/${id}/password-reset`),
    );
    const body = { reset_token: token, password: 'a lamp in the fifth window' };
    await done(rest(world, null, 'POST /password', body));
    const { nodes } = await page(tenant.key, { userId: String(id) });
    const actor = { kind: 'MEMBER', credentialId: null, user: { id: String(id) } };
    expect(nodes[0]).toMatchObject({ action: 'member.setPassword', actor });
  });
});

describe('auditEvents can be asked for', () => {
  const find = (key: string, args: string) =>
    world.graphql(key, `{ auditEvents(first: 20, ${args}) { nodes { action deviceIds } } }`);
  const found = async (key: string, args: string) => {
    const { data, errors } = await find(key, args);
    expect(errors, args).toBeUndefined();
    return data.auditEvents.nodes.map(({ action }: Json) => action);
  };

  it('by who acted, by device and by action, and of another’s like of nobody’s', async () => {
    const [mine, theirs] = [await newCase(), await newCase()];
    const staff = await newStaff(world, mine.tenant, 1);
    const { id } = await newProject(world, staff.token);
    await done(rest(world, staff.token, `DELETE /project/${id}`));
    const { key } = mine.tenant;
    const { deviceId } = mine.holds.deviceIdentifiers[0] ?? {};
    const { meterId } = await world.ask(
      key,
      `{ device(deviceIdentifier: { deviceId: "${deviceId}" }) { meterId } }`,
    );
    const granted = ['permission.add', 'permission.add', 'device.add'];
    const wanted: [args: string, actions: string[]][] = [
      [`actorUserId: "${staff.id}"`, ['project.remove', 'project.add']],
      [`actorUserId: "${staff.id}", actions: ["project.add"]`, ['project.add']],
      [`actorUserId: "${staff.id}", actions: ["user.add"]`, []],
      [`deviceIdentifier: { deviceId: "${deviceId}" }`, granted],
      [`deviceIdentifier: { meterId: "${meterId}" }`, granted],
      [
        `deviceIdentifier: { meterId: "${meterId}" }, order: OLDEST_FIRST, userId: ` +
          `"${mine.user.userId}"`,
        ['permission.add', 'permission.add'],
      ],
      ['actions: ["project.add", "apiKey.add", "project.add"]', ['project.add', 'apiKey.add']],
    ];
    for (const [args, actions] of wanted) expect(await found(key, args), args).toEqual(actions);
    expect(await found(key, 'actions: []')).toEqual(await found(key, 'order: NEWEST_FIRST'));

    const theirDevice = theirs.holds.deviceIdentifiers[0]?.deviceId;
    for (const args of [
      `actorUserId: "${theirs.user.userId}"`,
      'actorUserId: "7"',
      `userId: "${theirs.user.userId}", actorUserId: "${staff.id}"`,
      `deviceIdentifier: { deviceId: "${theirDevice}" }`,
      'deviceIdentifier: { deviceId: "NOBODYS0" }',
      'deviceIdentifier: { meterId: "of nobody" }',
    ]) {
      expect(await found(key, args), args).toEqual([]);
    }
  });

  it('by a device that was taken back, by its own id', async () => {
    const one = await newCase();
    const { deviceIdentifiers } = one.holds;
    await send(operator, 'removeDevices', { ...one.ours, deviceIdentifiers });
    const args =
      `deviceIdentifier: { deviceId: "${deviceIdentifiers[0]?.deviceId}" }, actions: ` +
      '["device.remove"]';
    expect(await found(one.tenant.key, args)).toEqual(['device.remove']);
  });

  it('by no action that there is none of, and no device by a name that is none', async () => {
    const { key } = await newTenant(world);
    for (const [args, path] of [
      ['actions: ["user.add", "user.dance"]', ['actions', '1']],
      ['actorUserId: "x"', ['actorUserId']],
      ['deviceIdentifier: { deviceId: "short" }', ['deviceIdentifier', 'deviceId']],
      [`actions: [${Array.from({ length: 101 }, () => '"user.add"')}]`, ['actions']],
    ] as const) {
      expect(await find(key, args), args).toMatchObject({
        status: 200,
        errors: [{ extensions: { code: 'INVALID', path } }],
      });
    }
  });
});

describe('events of the field', () => {
  it('name the station, the sensor, the channel, and the fields that were sent', async () => {
    const { key } = await newTenant(world);
    const { id: projectId } = await newProject(world, key);
    const { id: stationId } = await newStation(world, key, projectId);
    const { sensor } = await done(
      rest(world, key, `POST /station/${stationId}/sensor`, { name: 'A' }),
    );
    const body = { name: 'Level', unit_id: 18 };
    const { channel } = await done(rest(world, key, `POST /sensor/${sensor.id}/channel`, body));
    await done(rest(world, key, `PATCH /project/${projectId}`, { status: 0 }));
    await done(rest(world, key, `PATCH /station/${stationId}`, { location: null, name: 'Mill' }));
    await done(rest(world, key, `PATCH /sensor/${sensor.id}`, { logging: 60 }));
    await done(rest(world, key, `PATCH /channel/${channel.id}`, { scale: 2, offset: 1 }));
    await done(rest(world, key, `DELETE /channel/${channel.id}`));
    const { nodes } = await world.ask(
      key,
      '{ auditEvents(first: 9) { nodes { action projectId stationIds sensorId channelId ' +
        'fields } } }',
    );
    const ids = { project: String(projectId), station: String(stationId) };
    const [sensorId, channelId] = [String(sensor.id), String(channel.id)];
    const row = (action: string, fields: string[], more: object) => ({
      ...{ action, projectId: null, stationIds: [], sensorId: null, channelId: null },
      ...{ ...more, fields },
    });
    const station = { projectId: ids.project, stationIds: [ids.station] };
    const ofSensor = { stationIds: [ids.station], sensorId };
    const ofChannel = { ...ofSensor, channelId };
    expect(nodes).toEqual([
      row('channel.remove', [], ofChannel),
      row('channel.update', ['scale', 'offset'], ofChannel),
      row('sensor.update', ['logging'], ofSensor),
      row('station.update', ['name', 'location'], station),
      row('project.update', ['status'], { projectId: ids.project }),
      row('channel.add', ['name', 'unit_id'], ofChannel),
      row('sensor.add', ['name'], ofSensor),
      row('station.add', ['name', 'code', 'reporting', 'ref_logger_id'], station),
      row('project.add', ['name'], { projectId: ids.project }),
    ]);
  });
});
