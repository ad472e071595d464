/**
 * The counters: what is no longer counted, what the sweep corrects, and that wrong counters never
 * prevent an ending.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../../src/domain/usage/usage.ts';
import { createApp, newIsolate } from '../../../src/index.ts';
import { newProject, newStation, rest } from '../../rest/company.ts';
import {
  env,
  grant,
  newDevice,
  newKey,
  newMember,
  newSession,
  newTenant,
  newUser,
  operator,
  succeed,
  type Tenant,
} from '../../world.ts';
import { setLimits, shareOf, world } from './share.ts';

const DAY = 86_400_000;
let tenant: Tenant;

async function sweep(): Promise<void> {
  const context = createExecutionContext();
  await createApp(newIsolate()).sweep(env, context);
  await waitOnExecutionContext(context);
}
const run = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run();
const usageOf = async (one: Tenant) => (await shareOf(one)).usage;

beforeEach(async () => {
  tenant = await newTenant(world);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A company that has something of everything. */
async function fill(): Promise<void> {
  const { id: project } = await newProject(world, tenant.key);
  const { id: station } = await newStation(world, tenant.key, project);
  const { sensor } = (
    await rest(world, tenant.key, `POST /station/${station}/sensor`, { name: 'One' })
  ).data;
  await rest(world, tenant.key, `POST /sensor/${sensor.id}/channel`, { name: 'One', unit_id: 1 });
  const user = await newUser(world, tenant);
  const device = await newDevice(world, tenant);
  await grant(world, tenant, user.identifier, [device]);
  await newSession(world, tenant, user.identifier);
  await succeed(world.call(tenant.key, 'addOrder', { userIdentifier: user.identifier }));
  const member = await newMember(tenant, 3);
  await newSession(world, tenant, member.identifier);
  await rest(world, tenant.key, `PATCH /user/${member.id}`, { station_ids: [station] });
  const { id } = await newKey(world, tenant, ['users:read']);
  await succeed(world.call(tenant.key, 'rotateApiKey', { id }));
}

const FULL = {
  ...{ users: 1, members: 1, devices: 1, stations: 1, projects: 1, sensors: 1, channels: 1 },
  ...{ assignments: 1, grants: 1, orders: 1, apiKeys: 2, liveSessions: 2, eventsPerDay: 12 },
};

describe('a tenant', () => {
  it('counts what it has made, of each kind, and the events its credentials caused', async () => {
    await fill();
    expect(await usageOf(tenant)).toEqual(FULL);
    // The operator's own are nobody's.
    await succeed(world.call(operator, 'updateIntermediary', { id: tenant.id, name: 'Renamed' }));
    expect(await usageOf(tenant)).toEqual(FULL);
    const { intermediary } = await world
      .graphql(operator, `{ intermediary(id: "${tenant.id}") { usage { users orders } } }`)
      .then(({ data }) => data);
    expect(intermediary.usage).toEqual({ users: 1, orders: 1 });
  });

  it('that is removed holds nothing more but its orders', async () => {
    await fill();
    await succeed(world.call(operator, 'removeIntermediary', { id: tenant.id }));
    const { intermediary } = await world
      .graphql(operator, `{ intermediary(id: "${tenant.id}") { usage { ${LIMITS.join(' ')} } } }`)
      .then(({ data }) => data);
    const nothing = Object.fromEntries(Object.keys(FULL).map((name) => [name, 0]));
    expect(intermediary.usage).toEqual({ ...nothing, orders: 1, eventsPerDay: 12 });
  });

  it('begins each day (UTC) with no events', async () => {
    await newUser(world, tenant);
    await run(
      "UPDATE quotas SET day = day - 1, most = 1 WHERE tenant_id = ? AND name = 'eventsPerDay'",
      Number(tenant.id),
    );
    expect((await usageOf(tenant)).eventsPerDay).toBe(0);
    await newUser(world, tenant);
    expect((await usageOf(tenant)).eventsPerDay).toBe(1);
    await expect(newUser(world, tenant)).rejects.toThrow('QUOTA');
  });

  it('holds no session that is ended, by whomever and however', async () => {
    const { identifier } = await newUser(world, tenant);
    const { id } = await newSession(world, tenant, identifier);
    await newSession(world, tenant, identifier);
    // As the sweep ends those that have run out.
    await run('UPDATE sessions SET revoked_at = expires_at, label = NULL WHERE id = ?', id);
    expect((await usageOf(tenant)).liveSessions).toBe(1);
    await run('DELETE FROM sessions WHERE id = ?', id);
    expect((await usageOf(tenant)).liveSessions).toBe(1);
  });
});

describe('the sweep', () => {
  it('counts anew, once a day, puts right what is wrong, and logs it', async () => {
    await fill();
    await sweep();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await run(
      'UPDATE quotas SET used = used + 7, recounted_at = ? WHERE tenant_id = ? AND name <> ' +
        "'eventsPerDay'",
      Date.now() - DAY - 1,
      Number(tenant.id),
    );
    expect((await usageOf(tenant)).users).toBe(8);
    for (let n = 0; n < 3; n++) await sweep();
    expect(await usageOf(tenant)).toEqual(FULL);
    const logged = warn.mock.calls.map(([line]) => line);
    expect(logged).toHaveLength(LIMITS.length - 1);
    expect(logged).toContainEqual(
      expect.objectContaining({ recounted: 'users', tenantId: Number(tenant.id), was: 8, is: 1 }),
    );
  });

  it('counts what is past a limit as well', async () => {
    await fill();
    await setLimits(tenant, { users: 0, grants: 0 });
    await run(
      'UPDATE quotas SET used = 0, recounted_at = 0 WHERE tenant_id = ? AND name <> ?',
      Number(tenant.id),
      'eventsPerDay',
    );
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    await sweep();
    expect(await usageOf(tenant)).toMatchObject({ users: 1, grants: 1 });
  });

  it('drops an expired key from the count at once, and its row after a week', async () => {
    const soon = new Date(Date.now() + DAY).toISOString();
    const [ended, rotated, removed, alive] = [
      await newKey(world, tenant, ['users:read'], soon),
      await newKey(world, tenant, ['users:read']),
      await newKey(world, tenant, ['users:read']),
      await newKey(world, tenant, ['users:read'], soon),
    ];
    await succeed(world.call(tenant.key, 'rotateApiKey', { id: rotated.id, graceSeconds: 60 }));
    await succeed(world.call(tenant.key, 'removeApiKey', { id: removed.id }));
    expect((await usageOf(tenant)).apiKeys).toBe(4);
    const set = (column: string, id: string, ago: number) =>
      run(`UPDATE api_keys SET ${column} = ? WHERE id = ?`, Date.now() - ago, id);
    await set('expires_at', ended.id, 60_000);
    await set('grace_ends_at', rotated.id, 60_000);
    await sweep();
    expect((await usageOf(tenant)).apiKeys).toBe(3);
    const there = async () =>
      (
        await env.DB.prepare('SELECT id FROM api_keys WHERE tenant_id = ?')
          .bind(Number(tenant.id))
          .all()
      ).results.length;
    expect(await there()).toBe(6);
    for (const { id } of [ended, rotated, removed]) await set('removed_at', id, 7 * DAY + 1);
    await sweep();
    expect(await there()).toBe(3);
    expect((await usageOf(tenant)).apiKeys).toBe(3);
    expect((await world.graphql(alive.secret, '{ caller { kind } }')).status).toBe(200);
  });
});

describe('counters that are wrong', () => {
  it.each([
    ['too small', 'UPDATE quotas SET used = 0 WHERE tenant_id = ?'],
    ['too large', 'UPDATE quotas SET used = 9000000, recounted_at = 1 WHERE tenant_id = ?'],
    ['missing', 'DELETE FROM quotas WHERE tenant_id = ?'],
  ])('%s, stand in the way of nothing that ends', async (_, spoil) => {
    const user = await newUser(world, tenant);
    const device = await newDevice(world, tenant);
    await grant(world, tenant, user.identifier, [device]);
    await newSession(world, tenant, user.identifier);
    await run(spoil, Number(tenant.id));
    const userIdentifier = user.identifier;
    await succeed(world.call(tenant.key, 'removeUserSessions', { userIdentifier }));
    await succeed(world.call(tenant.key, 'removeUser', { userIdentifier }));
    await succeed(
      world.call(operator, 'removeDevices', {
        intermediaryId: tenant.id,
        deviceIdentifiers: [{ deviceId: device.deviceId }],
      }),
    );
    for (const used of Object.values(await usageOf(tenant))) expect(used).toBeGreaterThanOrEqual(0);
  });
});
