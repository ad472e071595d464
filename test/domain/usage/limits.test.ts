/** Each limit of a tenant, at both faces: calls that would exceed it are refused, and no others. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Limit } from '../../../src/domain/usage/usage.ts';
import { watchD1 } from '../../doubles/d1.ts';
import { memberFields, newProject, newStation, rest } from '../../rest/company.ts';
import {
  env,
  expectNoChange,
  external,
  fresh,
  freshDeviceId,
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
  operator,
  succeed,
  type Tenant,
} from '../../world.ts';
import { setLimits, shareOf, told, world } from './share.ts';

let tenant: Tenant;
let ids: Record<'project' | 'station' | 'sensor', number>;
let userIdentifier: object;
let device: Json;

async function newCompany(): Promise<void> {
  tenant = await newTenant(world);
  const project = (await newProject(world, tenant.key)).id;
  const station = (await newStation(world, tenant.key, project)).id;
  const { sensor } = (
    await rest(world, tenant.key, `POST /station/${station}/sensor`, { name: 'A probe' })
  ).data;
  ids = { project, station, sensor: sensor.id };
  userIdentifier = (await newUser(world, tenant)).identifier;
  device = await newDevice(world, tenant);
}
beforeAll(newCompany);

const mutate = (name: string, input: object, credential = tenant.key) =>
  world.ask(
    credential,
    `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) {
      success errors { code message path } } }`,
    { input },
  );
const ours = () => ({ intermediaryId: tenant.id });
const devices = (...list: string[]) => list.map((deviceId) => ({ deviceId }));

/** The call that adds a new one of each kind, over GraphQL or REST. */
const additions: [limit: Limit, call: string, add: () => Promise<Json>][] = [
  ['users', 'addUser', () => mutate('addUser', { userIdentifier: external(fresh('new')) })],
  [
    'users',
    'ensureUserAccess',
    () => mutate('ensureUserAccess', { userIdentifier: external(fresh('new')) }),
  ],
  [
    'members',
    'POST /user',
    () =>
      rest(
        world,
        tenant.key,
        'POST /user',
        memberFields(tenant, { email: `${fresh('m')}@x.example`, station_ids: [] }),
      ),
  ],
  [
    'devices',
    'addDevices',
    () => mutate('addDevices', { ...ours(), devices: devices(freshDeviceId()) }, operator),
  ],
  ['projects', 'POST /project', () => rest(world, tenant.key, 'POST /project', { name: 'One' })],
  [
    'stations',
    'POST /project/:id/station',
    () =>
      rest(world, tenant.key, `POST /project/${ids.project}/station`, {
        ...{ name: 'One', code: fresh('code'), reporting: 900, ref_logger_id: 1 },
      }),
  ],
  [
    'sensors',
    'POST /station/:id/sensor',
    () => rest(world, tenant.key, `POST /station/${ids.station}/sensor`, { name: 'One' }),
  ],
  [
    'channels',
    'POST /sensor/:id/channel',
    () =>
      rest(world, tenant.key, `POST /sensor/${ids.sensor}/channel`, { name: 'One', unit_id: 1 }),
  ],
  [
    'assignments',
    'POST /user',
    () =>
      rest(
        world,
        tenant.key,
        'POST /user',
        memberFields(tenant, { email: `${fresh('m')}@x.example`, station_ids: [ids.station] }),
      ),
  ],
  [
    'grants',
    'addDevicePermissions',
    async () => {
      const { deviceId } = await newDevice(world, tenant);
      return mutate('addDevicePermissions', {
        userIdentifier,
        deviceIdentifiers: devices(deviceId),
      });
    },
  ],
  ['orders', 'addOrder', () => mutate('addOrder', { userIdentifier })],
  ['apiKeys', 'addApiKey', () => mutate('addApiKey', { name: 'x', scopes: ['users:read'] })],
  ['liveSessions', 'addUserSession', () => mutate('addUserSession', { userIdentifier })],
  [
    'eventsPerDay',
    'PATCH /project/:id',
    () => rest(world, tenant.key, `PATCH /project/${ids.project}`, { name: fresh('name') }),
  ],
  ['eventsPerDay', 'addUser', () => mutate('addUser', { userIdentifier: external(fresh('new')) })],
];

const isDone = (answer: Json) => answer.success ?? answer.status === 200;

describe('a limit', () => {
  it.each(additions)('of %s refuses %s, and says which and how much', async (limit, _, add) => {
    const { limits, usage } = await shareOf(tenant);
    expect(limits[limit]).toBeGreaterThan(usage[limit]);
    // One more fits …
    await setLimits(tenant, { [limit]: usage[limit] + 1 });
    expect(isDone(await add())).toBe(true);
    const { usage: after } = await shareOf(tenant);
    expect(after[limit]).toBe(usage[limit] + 1);
    // … and then no more, also where the limit is lowered below what there is.
    for (const most of [usage[limit] + 1, 0]) {
      await setLimits(tenant, { [limit]: most });
      const answer = await add();
      const sentence = told(limit, most);
      expect(answer).toMatchObject(
        'success' in answer
          ? { success: false, errors: [{ code: 'QUOTA', message: sentence, path: ['input'] }] }
          : { status: 403, errors: { limit: sentence } },
      );
      expect((await shareOf(tenant)).usage[limit]).toBe(after[limit]);
    }
    await setLimits(tenant, { [limit]: null });
    expect((await shareOf(tenant)).limits[limit]).toBe(limits[limit]);
    expect(isDone(await add())).toBe(true);
  });

  it('refuses whole what exceeds it in part', async () => {
    const { usage } = await shareOf(tenant);
    await setLimits(tenant, { grants: usage.grants + 1 });
    const two = await newDevices(world, tenant, 2);
    const input = { userIdentifier, deviceIdentifiers: devices(...two.map((d) => d.deviceId)) };
    await expectNoChange(() => mutate('addDevicePermissions', input), {
      success: false,
      errors: [{ code: 'QUOTA' }],
    });
    await setLimits(tenant, { grants: null });
  });

  it('counts a device that an order brings from stock', async () => {
    const { deviceId } = await newDevice(world, tenant);
    await mutate('removeDevices', { ...ours(), deviceIdentifiers: devices(deviceId) }, operator);
    const order = { ...ours(), orderId: fresh('order') };
    await mutate('addOrder', { userIdentifier, orderId: order.orderId });
    await mutate('updateOrder', { ...order, orderStatus: 'PROCESSING' }, operator);
    const shipping = {
      ...order,
      orderStatus: 'SHIPPED',
      deviceId,
      trackingLink: 'https://x.example',
    };
    await setLimits(tenant, { devices: (await shareOf(tenant)).usage.devices });
    await expectNoChange(() => mutate('updateOrder', shipping, operator), {
      errors: [{ code: 'QUOTA', message: expect.stringContaining('"devices"') }],
    });
    await setLimits(tenant, { devices: null });
    await succeed(mutate('updateOrder', shipping, operator));
  });

  it('is of one tenant: another goes on', async () => {
    await setLimits(tenant, { users: 0 });
    await newUser(world, await newTenant(world, 'Another'));
    await setLimits(tenant, { users: null });
  });

  it('lets no more through when many ask at once', async () => {
    const { usage } = await shareOf(tenant);
    await setLimits(tenant, { users: usage.users + 3 });
    const answers = await Promise.all(
      Array.from({ length: 12 }, () =>
        mutate('addUser', { userIdentifier: external(fresh('crowd')) }),
      ),
    );
    expect(answers.filter(({ success }) => success)).toHaveLength(3);
    expect((await shareOf(tenant)).usage.users).toBe(usage.users + 3);
    await setLimits(tenant, { users: null });
  });
});

describe('at all its limits, and past them, a tenant', () => {
  beforeEach(newCompany);

  const NONE = {
    ...{ users: 0, members: 0, devices: 0, stations: 0, projects: 0, sensors: 0, channels: 0 },
    ...{ assignments: 0, grants: 0, orders: 0, apiKeys: 0, liveSessions: 0, eventsPerDay: 0 },
  };

  it('is told that all is as it wants it', async () => {
    const { deviceId } = device;
    await grant(world, tenant, userIdentifier, [device]);
    await succeed(mutate('addOrder', { userIdentifier, orderId: 'one' }));
    const { accessToken } = await newSession(world, tenant, userIdentifier);
    await setLimits(tenant, NONE);
    const grants = { userIdentifier, deviceIdentifiers: devices(deviceId) };
    for (const [name, input] of [
      ['addUser', { userIdentifier }],
      ['addDevicePermissions', grants],
      ['addOrder', { userIdentifier, orderId: 'one' }],
      ['ensureUserAccess', { ...grants, accessToken }],
      ['updateUser', { userIdentifier, suspended: false }],
    ] as const) {
      await expectNoChange(() => mutate(name, input), { success: true });
    }
    for (const path of [`/project/${ids.project}`, `/station/${ids.station}`]) {
      await expectNoChange(() => rest(world, tenant.key, `PATCH ${path}`, {}), { status: 200 });
    }
  });

  it('opens a session in the place of a user’s oldest, and its members sign in', async () => {
    for (let n = 0; n < 50; n++) await newSession(world, tenant, userIdentifier);
    await setLimits(tenant, { liveSessions: 0 });
    await succeed(mutate('addUserSession', { userIdentifier }));
    expect((await shareOf(tenant)).usage.liveSessions).toBe(50);
    await newSession(world, tenant, (await newMember(tenant, 3)).identifier);
    expect((await shareOf(tenant)).usage.liveSessions).toBe(51);
    const other = (await newUser(world, tenant)).identifier;
    expect(await mutate('addUserSession', { userIdentifier: other })).toMatchObject({
      errors: [{ code: 'QUOTA' }],
    });
  });

  it('ends a permission now, and takes from a user; nothing that comes back', async () => {
    const [far, near] = ['2101-01-01T00:00:00.000Z', '2100-01-01T00:00:00.000Z'];
    const inSeconds = (n: number) => new Date(Date.now() + 1000 * n).toISOString();
    const member = memberFields(tenant, {
      ...{ email: `${fresh('m')}@x.example`, member_level_id: 2, station_ids: [ids.station] },
    });
    const { user } = (await rest(world, tenant.key, 'POST /user', member)).data;
    await newSession(world, tenant, { companyUser: { id: String(user.id) } });
    await grant(world, tenant, userIdentifier, [device], 'addDevicePermissions', far);
    await setLimits(tenant, NONE);
    const until = (expiresAt: string | null) =>
      mutate('addDevicePermissions', {
        ...{ userIdentifier, deviceIdentifiers: devices(device.deviceId), expiresAt },
      });
    const patch = (body: object) => rest(world, tenant.key, `PATCH /user/${user.id}`, body);
    // Moving an end about can be repeated without end: it is a change like any other.
    await expectNoChange(() => until(near), { errors: [{ code: 'QUOTA' }] });
    await succeed(until(inSeconds(50)));
    for (const other of [inSeconds(40), near, far, null]) {
      await expectNoChange(() => until(other), { errors: [{ code: 'QUOTA' }] });
    }
    // Another address ends what the one before had, once.
    const moved = await patch({ email: `${fresh('moved')}@x.example` });
    expect(moved).toMatchObject({ status: 200 });
    await expectNoChange(() => patch({ email: `${fresh('moved')}@x.example` }), { status: 403 });
    expect(await patch({ end_minted: 1 })).toMatchObject({ status: 200 });
    for (const [less, more] of [
      [{ member_level_id: 4 }, { member_level_id: 3 }],
      [{ station_ids: [] }, { station_ids: [ids.station] }],
      [{ status: 0 }, { status: 1 }],
    ] as const) {
      expect(await patch(less)).toMatchObject({ status: 200 });
      await expectNoChange(() => patch(more), {
        status: 403,
        errors: { limit: expect.any(String) },
      });
    }
    await succeed(mutate('updateUser', { userIdentifier, suspended: true }));
    await expectNoChange(() => mutate('updateUser', { userIdentifier, suspended: false }), {
      errors: [{ code: 'QUOTA' }],
    });
  });

  it('exports nothing, which would be an event', async () => {
    await setLimits(tenant, NONE);
    await expectNoChange(
      async () => {
        const response = await world.send('/export', tenant.key);
        return { status: response.status, body: await response.json() };
      },
      { status: 403, body: { message: { errors: { limit: expect.any(String) } } } },
    );
  });

  it('lets a mutation that changes nothing pass behind one that ends something', async () => {
    const names = ['here', 'there'].map((name) => fresh(name));
    for (const name of names) {
      await succeed(mutate('addUser', { userIdentifier: external(name) }));
    }
    await setLimits(tenant, { eventsPerDay: 0 });
    const [here = '', there = ''] = names.map(
      (name) => `userIdentifier: { externalUser: { externalId: "${name}" } }`,
    );
    const { data } = await world.graphql(
      tenant.key,
      `mutation {
        ended: removeUser(input: { ${here} }) { success }
        same: addUser(input: { ${there} }) { success errors { code } }
        more: addUser(input: { ${here} }) { success errors { code } }
      }`,
    );
    expect(data).toEqual({
      ended: { success: true },
      same: { success: true, errors: [] },
      more: { success: false, errors: [{ code: 'QUOTA' }] },
    });
  });

  it('puts a new key in the place of one', async () => {
    const { id } = await newKey(world, tenant, ['users:read']);
    await setLimits(tenant, { apiKeys: 1, eventsPerDay: 0 });
    await succeed(mutate('rotateApiKey', { id }));
    expect((await shareOf(tenant)).usage.apiKeys).toBe(2);
  });
});

describe('keys', () => {
  it('that are dead are not read when one is added', async () => {
    const old = await newTenant(world);
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
       INSERT INTO api_keys (id, tenant_id, name, scopes, hash, created_at, removed_at)
       SELECT 'dead-' || i, ?, 'x', '[]', 'x', 0, 1 FROM n`,
    )
      .bind(Number(old.id))
      .run();
    let read = 0;
    const counting = newWorld({
      DB: watchD1({
        after(results) {
          for (const { meta } of results) read += meta.rows_read;
        },
      }).DB,
    });
    await newKey(counting, old, ['users:read']);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(100);
  });

  it('that ended by themselves make room at once', async () => {
    const crowded = await newTenant(world);
    await newKey(world, crowded, ['users:read'], '2100-01-01T00:00:00Z');
    await setLimits(crowded, { apiKeys: 2 });
    const more = { name: 'more', scopes: ['users:read'] };
    expect(await mutate('addApiKey', more, crowded.key)).toMatchObject({ success: false });
    await env.DB.prepare(
      'UPDATE api_keys SET expires_at = 1 WHERE tenant_id = ? AND expires_at > 0',
    )
      .bind(Number(crowded.id))
      .run();
    await succeed(mutate('addApiKey', more, crowded.key));
  });
});

describe('orders of a user', () => {
  beforeAll(newCompany);

  it('that are cancelled count for nothing: the oldest makes room', async () => {
    const user = await newUser(world, tenant);
    const rows = (status: string, from: number, to: number) =>
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
         INSERT INTO orders (tenant_id, order_id, user_id, status, created_at, updated_at,
         change_id)
         SELECT ?, 'old-' || i || '-' || ?2, ?2, '${status}', i, i, 'x' FROM n`,
      )
        .bind(Number(tenant.id), Number(user.id))
        .run();
    await rows('CANCELLED', 1, 3);
    await rows('PLACED', 4, 1000);
    const many = async () =>
      (
        await world.ask(
          tenant.key,
          `{ ordersForUser(input: { externalUserId: "${user.externalId}" }) { orders { ` +
            'orderId } } }',
        )
      ).orders.length;
    for (let n = 0; n < 3; n++) {
      await succeed(mutate('addOrder', { userIdentifier: user.identifier }));
      expect(await many()).toBe(1000);
    }
    const left = await env.DB.prepare(
      "SELECT 1 FROM orders WHERE user_id = ? AND status = 'CANCELLED'",
    )
      .bind(Number(user.id))
      .first();
    expect(left).toBeNull();
    await expectNoChange(() => mutate('addOrder', { userIdentifier: user.identifier }), {
      errors: [{ code: 'CONFLICT' }],
    });
  });
});
