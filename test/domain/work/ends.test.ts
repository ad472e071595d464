/**
 * Expired permissions and sessions: the sweep records each once, with an event. A backlog of one
 * tenant does not delay others.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp, newIsolate } from '../../../src/index.ts';
import {
  env,
  grant,
  type Json,
  newDevice,
  newDevices,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
} from '../../world.ts';

const world = newWorld();
let tenant: Tenant;

async function sweep(settings: { AUDIT_RETENTION_DAYS?: string } = {}): Promise<void> {
  const context = createExecutionContext();
  await createApp(newIsolate()).sweep({ ...env, ...settings }, context);
  await waitOnExecutionContext(context);
}

const run = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run();
const count = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(`SELECT count(*) AS n FROM ${sql}`)
    .bind(...values)
    .first<number>('n');

const eventsOf = async (userId: string, action: string): Promise<Json[]> => {
  const { nodes } = await world.ask(
    tenant.key,
    `{ auditEvents(first: 50, userId: "${userId}") { nodes {
      action actor { kind credentialId } userId deviceIds permission sessionIds at } } }`,
  );
  return nodes.filter((node: Json) => node.action === action);
};

beforeAll(async () => {
  tenant = await newTenant(world);
});

describe('a permission that has ended', () => {
  it('goes with an event that nobody caused, once, though two sweeps meet', async () => {
    const user = await newUser(world, tenant);
    const devices = await newDevices(world, tenant, 3);
    await grant(world, tenant, user.identifier, devices, undefined, '2100-01-01T00:00:00Z');
    const [ended, alsoEnded, running] = devices.map(({ deviceId }) => deviceId);
    await run(
      'UPDATE permissions SET expires_at = ? WHERE device_id IN (?, ?)',
      ...[Date.now() - 1, ended, alsoEnded],
    );
    const session = await newSession(world, tenant, user.identifier);
    await Promise.all([sweep(), sweep()]);
    await sweep();
    const events = await eventsOf(user.id, 'permission.end');
    expect(events).toEqual([
      {
        ...{
          action: 'permission.end',
          actor: { kind: 'SYSTEM', credentialId: null },
          userId: user.id,
        },
        ...{ permission: 'VIEW', deviceIds: expect.any(Array), sessionIds: [] },
        at: expect.any(String),
      },
    ]);
    expect(events[0].deviceIds.sort()).toEqual([ended, alsoEnded].sort());
    expect(Date.now() - Date.parse(events[0].at)).toBeLessThan(60_000);
    const verify = (device = '') =>
      world.send(`/verify/${tenant.id}?device=${device}`, session.accessToken);
    expect((await verify(ended)).status).toBe(403);
    expect((await verify(running)).status).toBe(204);
  });

  it('can be granted anew, before its row went and after', async () => {
    for (const isSwept of [false, true]) {
      const user = await newUser(world, tenant);
      const device = await newDevice(world, tenant);
      const end = '2100-01-01T00:00:00.000Z';
      await grant(world, tenant, user.identifier, [device], undefined, end);
      await run('UPDATE permissions SET expires_at = 1 WHERE device_id = ?', device.deviceId);
      if (isSwept) await sweep();
      const again = await grant(world, tenant, user.identifier, [device]);
      expect(again.modifiedPermissions).toEqual([
        { ...device, permission: 'VIEW', expiresAt: null },
      ]);
      await sweep();
      expect(await count('permissions WHERE user_id = ?', Number(user.id))).toBe(1);
      expect(await eventsOf(user.id, 'permission.end')).toHaveLength(isSwept ? 1 : 0);
    }
  });
});

describe('a session that has run out', () => {
  it('leaves one event, which nobody caused, even when two sweeps meet', async () => {
    const user = await newUser(world, tenant);
    const [first, second, live] = [
      await newSession(world, tenant, user.identifier),
      await newSession(world, tenant, user.identifier),
      await newSession(world, tenant, user.identifier),
    ];
    const endedAt = Date.now() - 1;
    await run(
      `UPDATE sessions SET expires_at = ?, label = 'A phone', client = 'Firefox'
        WHERE id IN (?, ?)`,
      ...[endedAt, first.id, second.id],
    );
    await Promise.all([sweep(), sweep()]);
    await sweep();
    const events = await eventsOf(user.id, 'session.expire');
    expect(events).toMatchObject([
      { actor: { kind: 'SYSTEM', credentialId: null }, userId: user.id },
    ]);
    expect(events[0].sessionIds.sort()).toEqual([first.id, second.id].sort());
    const { results } = await env.DB.prepare(
      `SELECT revoked_at, coalesce(label, client) AS told FROM sessions WHERE user_id = ?
        ORDER BY revoked_at IS NULL`,
    )
      .bind(Number(user.id))
      .all<{ revoked_at: number; told: string | null }>();
    expect(results.map((row) => row.revoked_at)).toEqual([endedAt, endedAt, null]);
    expect(results.map(({ told }) => told)).toEqual([null, null, null]);
    expect((await world.send('/session', live.accessToken)).status).toBe(200);
  });

  it('that somebody revoked in time is none', async () => {
    const user = await newUser(world, tenant);
    const { id } = await newSession(world, tenant, user.identifier);
    await world.call(tenant.key, 'removeUserSession', { sessionId: id });
    await run('UPDATE sessions SET expires_at = 1 WHERE id = ?', id);
    await sweep();
    expect(await eventsOf(user.id, 'session.expire')).toEqual([]);
  });
});

describe('a backlog of one tenant', () => {
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)';
  let large: Tenant;
  let small: Tenant;
  beforeAll(async () => {
    [large, small] = [await newTenant(world), await newTenant(world)];
  });
  const each = (act: (id: number, many: number, from: number) => Promise<unknown>) =>
    Promise.all([act(Number(large.id), 25_000, 5_000_000), act(Number(small.id), 10, 6_000_000)]);
  const left = async (sql: string) => [
    await count(sql, Number(large.id)),
    await count(sql, Number(small.id)),
  ];

  it('of permissions and sessions shrinks by thousands a sweep, and nothing waits', async () => {
    for (const one of [large, small]) await newDevice(world, one);
    await each((id, many, from) =>
      run(
        `${numbers} INSERT INTO users (id, tenant_id, external_id, created_at) SELECT ? + i, ` +
          "?, 'of many ' || i, 0 FROM n",
        ...[many, from, id],
      ),
    );
    await each((id) =>
      run(
        `INSERT INTO permissions (user_id, device_id, permission, expires_at, change_id, tenant_id)
         SELECT u.id, d.device_id, 'VIEW', 1000 + u.id, '', u.tenant_id FROM users u JOIN devices d
         ON d.tenant_id = u.tenant_id WHERE u.tenant_id = ?`,
        id,
      ),
    );
    await each((id) =>
      run(
        `INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
          expires_at)
         SELECT 'of-many-' || u.id, u.tenant_id, u.id, '', 0, 0, 0, ? + u.id FROM users u WHERE
         u.tenant_id = ?`,
        ...[Date.now() - 86_400_000, id],
      ),
    );
    // Half of the first round is the other's.
    await sweep();
    const ended = 'permissions WHERE tenant_id = ?';
    const lapsed = 'sessions WHERE tenant_id = ? AND revoked_at IS NULL';
    for (const what of [ended, lapsed])
      expect([what, await left(what)]).toEqual([what, [5_250, 0]]);
    await sweep();
    for (const what of [ended, lapsed]) expect([what, await left(what)]).toEqual([what, [0, 0]]);
    for (const action of ['permission.end', 'session.expire']) {
      expect(await left(`audit_events WHERE action = '${action}' AND tenant_id = ?`)).toEqual([
        25_000, 10,
      ]);
    }
  }, 60_000);

  it('of events shrinks by thousands a sweep, and keeps no other waiting', async () => {
    await each((id, many, from) =>
      run(
        `${numbers} INSERT INTO audit_events (number, tenant_id, actor_kind, action, subject,
          request_id)
         SELECT ? + i, ?, 'OPERATOR', 'test.old', '{}', '' FROM n`,
        ...[many, from, id],
      ),
    );
    await sweep({ AUDIT_RETENTION_DAYS: '30' });
    const old = "audit_events WHERE tenant_id = ? AND action = 'test.old'";
    expect(await left(old)).toEqual([5_250, 0]);
  }, 60_000);
});
