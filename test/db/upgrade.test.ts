/**
 * Upgrades a filled database of each earlier version. Its rows, keys, sessions and passwords still
 * work.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp, newIsolate } from '../../src/index.ts';
import { unlimited } from '../doubles/limits.ts';
import { PASSWORD } from '../secrets.ts';
import { env, newWorld, operator, twinOf } from '../world.ts';
import { fillOld, OLD, upgrade } from './old.ts';

const versions = env.MIGRATIONS.map(({ name }, index): [string, number] => [name, index + 1]);

describe.each(versions)('a database that had no more than %s', (_, count) => {
  // Each version signs the same member in.
  const world = newWorld({ TRIES_BY_ACCOUNT: unlimited });
  let old: Awaited<ReturnType<typeof fillOld>>;

  beforeAll(async () => {
    old = await fillOld(count);
    await upgrade();
  });

  const json = async (path: string, credential: string, init?: RequestInit) =>
    (await world.send(path, credential, init)).json();

  it('keeps every row, and refers to nothing that is not there', async () => {
    for (const [table, rows] of Object.entries(old.counts)) {
      const found = await env.DB.prepare(`SELECT count(*) AS rows FROM "${table}"`).first();
      expect([table, found]).toEqual([table, { rows }]);
    }
    const { results } = await env.DB.prepare('PRAGMA foreign_key_check').all();
    expect(results).toEqual([]);
  });

  it('knows its API key, which sees what was there', async () => {
    const seen = await world.ask(
      old.key,
      '{ device(deviceIdentifier: { meterId: "old-meter" }) { deviceId permissions { ' +
        'permission } } }',
    );
    expect(seen).toEqual({
      deviceId: OLD.device,
      permissions: [{ permission: 'CHARGE' }, { permission: 'VIEW' }],
    });
    const { orders } = await world.ask(
      old.key,
      '{ ordersForUser(input: { externalUserId: "old-user" }) { orders { orderId orderStatus } } }',
    );
    expect(orders).toEqual([{ orderId: 'old-order', orderStatus: 'PLACED' }]);
    const { nodes } = await world.ask(old.key, '{ auditEvents(first: 5) { nodes { action } } }');
    expect(nodes).toContainEqual({ action: 'user.add' });
  });

  it('knows the session of its end user, everywhere', async () => {
    const { user, devices } = await world.ask(
      old.session,
      '{ viewer { user { id } devices(first: 5) { nodes { deviceId } } } }',
    );
    expect([user.id, devices.nodes]).toEqual([String(OLD.user), [{ deviceId: OLD.device }]]);
    const verify = `/verify/${OLD.tenant}?device=${OLD.device}&permission=CHARGE`;
    expect((await world.send(verify, old.session)).status).toBe(204);
    expect((await world.send(`${verify}&consistency=strict`, old.session)).status).toBe(204);
  });

  it('ends a session by its token', async () => {
    const verify = '/verify?consistency=strict';
    const twin = new URLSearchParams({ token: twinOf(old.session) });
    const own = new URLSearchParams({ token: old.session });
    for (const [body, status] of [[twin, 204] as const, [own, 401] as const]) {
      await world.send('/revoke', old.key, { method: 'POST', body });
      expect((await world.send(verify, old.session)).status).toBe(status);
    }
  });

  it.skipIf(count < 2)('knows its members, their session, password and stations', async () => {
    expect(await json('/user/me', old.staff)).toMatchObject({
      data: { user: { id: OLD.member, email: OLD.email } },
    });
    expect(await json(`/station/${OLD.station}`, old.staff)).toMatchObject({
      data: { station: { id: OLD.station, code: 'OLD-0001' } },
    });
    const body = new URLSearchParams({ email: OLD.email, password: PASSWORD });
    const { status } = await world.send('/authenticate', null, { method: 'POST', body });
    expect(status).toBe(200);
  });

  it('can be written to, and counts what it holds', async () => {
    const added = await world.call(old.key, 'addUser', {
      userIdentifier: { externalUser: { externalId: 'new-user' } },
    });
    expect(added).toMatchObject({ success: true });
    const context = createExecutionContext();
    await createApp(newIsolate()).sweep(env, context);
    await waitOnExecutionContext(context);
    const { usage } = await world.ask(
      operator,
      `{ intermediary(id: "${OLD.tenant}") { usage { users members devices grants apiKeys } } }`,
    );
    expect(usage).toEqual({ users: 2, members: 1, devices: 1, grants: 2, apiKeys: 1 });
  });
});
