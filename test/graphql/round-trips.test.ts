/** The D1 round trips of a call, up to its answer. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Env } from '../../src/front/settings.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { watchD1 } from '../doubles/d1.ts';
import { plansOf } from '../plans.ts';
import { newReceivers } from '../receiver.ts';
import { statements } from '../statements.ts';
import {
  env,
  external,
  fresh,
  grant,
  type Json,
  newDevices,
  newSession,
  newTenant,
  newUser,
  newWorld,
  succeed,
  type Tenant,
} from '../world.ts';

/** An isolate that counts round trips until the answer is there. */
function watched() {
  const d1 = watchD1();
  const app = createApp(newIsolate());
  return {
    async count(credential: string, query: string, variables = {}) {
      d1.trips = 0;
      const context = createExecutionContext();
      const request = new Request('http://latchkey.test/graphql', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
        body: JSON.stringify({ query, variables }),
      });
      const response = await app.fetch(request, { ...env, DB: d1.DB }, context);
      const answer = await response.text();
      const counted = d1.trips;
      await waitOnExecutionContext(context);
      expect(response.status, answer).toBe(200);
      expect(answer).not.toContain('"success":false');
      return counted;
    },
  };
}

const world = newWorld();
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

describe('D1 round trips up to the answer, the key being known', () => {
  it.each([
    ['addDevicePermissions with 100 devices', 1],
    ['ensureUserAccess with 100 devices', 1],
    ['viewer with 20 devices and all its fields', 2],
    ['users with the devices and orders of each', 2],
    ['checkUserAccess, FAST, from the copy', 0],
  ])('%s: %d', async (name, expected) => {
    const { count } = watched();
    await count(tenant.key, '{ caller { kind } }');
    const user = await newUser(world, tenant);
    const devices = await newDevices(world, tenant, 100);
    const deviceIdentifiers = devices.map(({ deviceId }) => ({ deviceId }));
    await grant(world, tenant, user.identifier, devices.slice(0, 20));
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const calls: Record<string, [string, string, object?]> = {
      'addDevicePermissions with 100 devices': [
        tenant.key,
        'mutation ($input: AddDevicePermissionsInput!) { addDevicePermissions(input: $input) ' +
          '{ success modifiedPermissions { deviceId } user { id } } }',
        { input: { userIdentifier: user.identifier, deviceIdentifiers } },
      ],
      'ensureUserAccess with 100 devices': [
        tenant.key,
        'mutation ($input: EnsureUserAccessInput!) { ensureUserAccess(input: $input) { ' +
          'success session { accessToken } modifiedPermissions { deviceId } } }',
        {
          input: {
            userIdentifier: external(fresh('user')),
            deviceIdentifiers,
            chargingDeviceIdentifiers: deviceIdentifiers,
          },
        },
      ],
      'viewer with 20 devices and all its fields': [
        accessToken,
        '{ viewer { user { id } session { id expiresAt } devices(first: 20) { nodes { ' +
          'deviceId permissions { permission } } } orders { orderId } } }',
      ],
      'users with the devices and orders of each': [
        tenant.key,
        '{ users(first: 40) { nodes { id devices(first: 20) { nodes { deviceId } } orders { ' +
          'orderId } } } }',
      ],
      'checkUserAccess, FAST, from the copy': [
        tenant.key,
        'query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) { allowed } }',
        {
          input: {
            userIdentifier: user.identifier,
            accessToken,
            deviceIdentifiers: deviceIdentifiers.slice(0, 20),
          },
        },
      ],
    };
    const call = calls[name];
    if (!call) throw new Error(`no call ${name}`);
    expect(await count(...call)).toBe(expected);
  });
});

it('a change costs no round trip and no row more if a webhook takes it, and a nudge', async () => {
  newReceivers();
  const own = await newTenant(world);
  await newUser(world, own);
  const costs: object[] = [];
  for (const types of [null, ['order.add'], ['user.*'], []]) {
    const url = 'https://hooks.example.com/';
    if (types) await succeed(world.call(own.key, 'addWebhook', { url, types }));
    const cost = { trips: 0, rows: 0, nudges: 0 };
    const counting = newWorld({
      DB: watchD1({
        after(results) {
          cost.trips++;
          cost.rows += results.reduce((sum, { meta }) => sum + meta.rows_written, 0);
        },
      }).DB,
      WORK: {
        async sendBatch(messages: unknown[]) {
          cost.nudges += messages.length;
        },
      } as unknown as Env['WORK'],
    });
    await counting.ask(own.key, '{ caller { kind } }');
    Object.assign(cost, { trips: 0, rows: 0 });
    await newUser(counting, own);
    costs.push(cost);
  }
  const [without, other, one, two] = costs as [Json, Json, Json, Json];
  expect(without).toMatchObject({ trips: 1, nudges: 0 });
  expect(other).toEqual(without);
  expect(one).toEqual({ ...without, nudges: 1 });
  expect(two).toEqual({ ...without, nudges: 2 });
});

it('finds events by an index of what they are asked for by', async () => {
  const user = await newUser(world, tenant);
  const ways = {
    '': 'audit_events_by_tenant (tenant_id=?)',
    'from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z"':
      'audit_events_by_tenant (tenant_id=? AND rowid>? AND rowid<?)',
    [`userId: "${user.id}"`]: 'audit_events_by_user (tenant_id=? AND user_id=?)',
    [`userId: "${user.id}", actorUserId: "${user.id}", actions: "user.add"`]:
      'audit_events_by_user (tenant_id=? AND user_id=?)',
    [`actorUserId: "${user.id}"`]: 'audit_events_by_actor (tenant_id=? AND actor_user_id=?)',
    'actions: ["user.add", "apiKey.add"]': 'audit_events_by_action (tenant_id=? AND action=?)',
    'deviceIdentifier: { deviceId: "AAAAAAAA" }, order: OLDEST_FIRST':
      'PRIMARY KEY (tenant_id=? AND device_id=?)',
    [`deviceIdentifier: { meterId: "M" }, userId: "${user.id}"`]:
      'PRIMARY KEY (tenant_id=? AND device_id=?)',
  };
  for (const [args, index] of Object.entries(ways)) {
    const before = new Set(statements);
    await world.ask(tenant.key, `{ auditEvents(first: 5 ${args}) { nodes { id } } }`);
    const trail = [...statements].filter(
      (sql) => /JOIN "audit_events"/.test(sql) && !before.has(sql),
    );
    const [[, plan] = []] = await plansOf(env.DB, trail);
    expect(plan?.join('\n'), args).toContain(index);
    // Only what a page holds, of each action, is put in order: never all that the index finds.
    const sorts = plan?.filter((step) => /TEMP B-TREE/.test(step)).length;
    expect(sorts, args).toBe(args.startsWith('actions') ? 2 : 1);
  }
});
