/** The sweep removes what has ended and repairs copies that differ. It may stop at any moment. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/front/settings.ts';
import { createApp, newIsolate } from '../../../src/index.ts';
import { d1Failing, watchD1 } from '../../doubles/d1.ts';
import { kvWith } from '../../doubles/kv.ts';
import { skipPauses } from '../../time.ts';
import {
  env,
  grant,
  newDevice,
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

const world = newWorld();
const DAY = 86_400_000;
let tenant: Tenant;

async function sweep(overrides: Partial<Env> = {}): Promise<void> {
  const context = createExecutionContext();
  try {
    await createApp(newIsolate()).sweep({ ...env, ...overrides }, context);
  } finally {
    await waitOnExecutionContext(context);
  }
}

const open = async () => {
  const user = await newUser(world, tenant);
  return { user, ...(await newSession(world, tenant, user.identifier)) };
};
const copyOf = (id: string) => env.SESSIONS.get(`ses:${id}`);
const end = (id: string, at: number) =>
  env.DB.prepare('UPDATE sessions SET revoked_at = ?, label = NULL WHERE id = ?')
    .bind(at, id)
    .run();
const isThere = async (id: string) =>
  (await env.DB.prepare('SELECT 1 FROM sessions WHERE id = ?').bind(id).first()) !== null;

beforeAll(async () => {
  tenant = await newTenant(world);
});

describe('copies', () => {
  it('of a session that has ended are taken away, though their deletion was lost', async () => {
    const { id } = await open();
    await end(id, Date.now());
    expect(await copyOf(id)).not.toBeNull();
    await sweep();
    expect(await copyOf(id)).toBeNull();
  });

  it(
    'that disagree with D1 are made anew, garbage too; those that agree are left, ' +
      'and missing ones are not made',
    async () => {
      const [stale, garbage, right, missing] = [
        await open(),
        await open(),
        await open(),
        await open(),
      ];
      const device = await newDevice(world, tenant);
      const before = (await copyOf(stale.id)) ?? '';
      await grant(world, tenant, stale.user.identifier, [device]);
      await env.SESSIONS.put(`ses:${stale.id}`, before);
      await env.SESSIONS.put(`ses:${garbage.id}`, '{"id":7}');
      await env.SESSIONS.delete(`ses:${missing.id}`);
      const puts: string[] = [];
      const SESSIONS = kvWith({
        put(key, value, options) {
          puts.push(key);
          return env.SESSIONS.put(key, value, options);
        },
      });
      await sweep({ SESSIONS });
      expect(puts.sort()).toEqual([`ses:${stale.id}`, `ses:${garbage.id}`].sort());
      expect(await copyOf(stale.id)).toContain(device.deviceId);
      expect(JSON.parse((await copyOf(garbage.id)) ?? '')).toMatchObject({ id: garbage.id });
      expect(await copyOf(right.id)).not.toBeNull();
      expect(await copyOf(missing.id)).toBeNull();
    },
  );
});

describe('rows', () => {
  it(
    'of sessions that ended go after a week, be it by revocation or by themselves; ' +
      'live ones stay',
    async () => {
      const [live, revoked, old, expired] = [
        await open(),
        await open(),
        await open(),
        await open(),
      ];
      const now = Date.now();
      await end(revoked.id, now - 6 * DAY);
      await end(old.id, now - 8 * DAY);
      await env.DB.prepare('UPDATE sessions SET expires_at = ? WHERE id = ?')
        .bind(now - 8 * DAY, expired.id)
        .run();
      // First their copies.
      await sweep();
      await sweep();
      const left = await Promise.all([live, revoked, old, expired].map(({ id }) => isThere(id)));
      expect(left).toEqual([true, true, false, false]);
      expect((await world.send('/session', live.accessToken)).status).toBe(200);
    },
  );

  it('of audit events go when the setting says so, of every tenant, and else never', async () => {
    const tenants = [tenant, await newTenant(world)];
    const count = async () => {
      const { results } = await env.DB.prepare(
        "SELECT count(*) AS n FROM audit_events WHERE action = 'test.old' GROUP BY tenant_id",
      ).all<{ n: number }>();
      return results.map(({ n }) => n);
    };
    const add = (tenantId: string, at: number, many: number) =>
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO audit_events (number, tenant_id, actor_kind, action, subject, request_id)
         SELECT ? + i, ?, 'OPERATOR', 'test.old', '{"deviceIds":["OLDEVENT"]}', '' FROM n`,
      )
        .bind(many, Math.floor(at) * 1024, Number(tenantId))
        .run();
    for (const [nth, { id }] of tenants.entries()) {
      await add(id, Date.now() - 31 * DAY + nth * 60_000, 700);
      await add(id, Date.now() - 29 * DAY + nth * 60_000, 3);
    }
    await env.DB.prepare(
      `INSERT INTO audit_event_devices
        SELECT tenant_id, 'OLDEVENT', number FROM audit_events WHERE action = 'test.old'`,
    ).run();
    await sweep();
    expect(await count()).toEqual([703, 703]);
    await sweep({ AUDIT_RETENTION_DAYS: '30' });
    expect(await count()).toEqual([3, 3]);
    const { results } = await env.DB.prepare(
      `SELECT number IN (SELECT number FROM audit_events) AS isKept FROM audit_event_devices
        WHERE device_id = 'OLDEVENT'`,
    ).all();
    expect(results).toEqual(Array.from({ length: 6 }, () => ({ isKept: 1 })));
  });
});

describe('reset tokens', () => {
  it('go once they have ended unused, or nothing is left of what came of them', async () => {
    const { key, id: tenantId } = tenant;
    const [maker, holder, member] = [
      await newKey(world, tenant, ['sessions:write']),
      await newMember(tenant),
      await newMember(tenant),
    ];
    const now = Date.now();
    const tokens = {
      fresh: [member.id, now + DAY, null],
      stale: [member.id, now - 1, null],
      forgotten: [member.id, now - 1, now - DAY],
      'set a password': [holder.id, now - 1, now - DAY],
      'opened a session': [member.id, now - 1, now - DAY],
      'added a member': [member.id, now - 1, now - DAY],
      'made a key': [member.id, now - 1, now - DAY],
    };
    const { session } = await succeed(
      world.call(key, 'addUserSession', { userIdentifier: member.identifier }, 'session { id }'),
    );
    const update = (table: string, what: string, where: string, id: string) =>
      env.DB.prepare(`UPDATE ${table} SET made_by = ? WHERE ${where} = ?`).bind(what, id);
    await env.DB.batch([
      ...Object.entries(tokens).map(([id, [userId, endsAt, usedAt]]) =>
        env.DB.prepare(
          `INSERT INTO reset_tokens (id, tenant_id, user_id, hash, email, ends_at, used_at)
            VALUES (?1, ?2, ?3, iif(?5 IS NULL, 'x', NULL), iif(?5 IS NULL, 'x', NULL), ?4, ?5)`,
        ).bind(id, Number(tenantId), Number(userId), endsAt, usedAt),
      ),
      env.DB.prepare(
        `INSERT INTO passwords (user_id, hash, first_set_at, reset_required, set_by, change_id)
          VALUES (?, 'x', 1, 0, 'set a password', '')`,
      ).bind(Number(holder.id)),
      update('sessions', 'opened a session', 'id', session.id),
      update('users', 'added a member', 'id', holder.id),
      update('api_keys', 'made a key', 'id', maker.id),
    ]);
    const left = async () =>
      (await env.DB.prepare('SELECT id FROM reset_tokens ORDER BY id').all()).results.map(
        ({ id }) => id,
      );
    await sweep();
    const kept = ['added a member', 'fresh', 'made a key', 'opened a session', 'set a password'];
    expect(await left()).toEqual(kept);
    await end(session.id, now);
    await sweep();
    expect(await left()).toEqual(kept.filter((id) => id !== 'opened a session'));
  });
});

describe('names', () => {
  it('from before they were folded are found without accents, and stay what they are', async () => {
    const names = ['Øyvind', '王伟', 'Ada'];
    const members = await Promise.all(names.map(() => newMember(tenant)));
    for (const [at, { id }] of members.entries()) {
      await env.DB.prepare('UPDATE users SET name = ? WHERE id = ?').bind(names[at], id).run();
    }
    const found = async (search: string) =>
      (
        await world.ask(
          tenant.key,
          'query ($search: String!) { users(first: 9, search: $search) { nodes { id name } } }',
          { search },
        )
      ).nodes.map(({ name }: { name: string }) => name);
    expect(await found('ad')).toEqual(['Ada']);
    expect(await found('Øyv')).toEqual([]);
    await sweep();
    expect(await found('øyv')).toEqual(['Øyvind']);
    expect(await found('oyv')).toEqual(['Øyvind']);
    expect(await found('王')).toEqual(['王伟']);
    const left = await env.DB.prepare(
      "SELECT count(*) AS n FROM users WHERE name_folded IS NULL AND name GLOB '*[^ -~]*'",
    ).first<number>('n');
    expect(left).toBe(0);
  });

  it('of companies, which SQL folded, are found by the letters that people type', async () => {
    const { id } = await newTenant(world, 'ÖRE Ísland');
    const { id: foreign } = await newTenant(world, '東京 Öl');
    await env.DB.prepare('UPDATE tenants SET name_folded = lower(name)').run();
    const found = async (search: string) =>
      (
        await world.ask(
          operator,
          'query ($search: String!) { intermediaries(first: 9, search: $search) { nodes { id } } }',
          { search },
        )
      ).nodes.map((one: { id: string }) => one.id);
    expect(await found('öre')).toEqual([]);
    await sweep();
    expect(await found('öre')).toEqual([id]);
    expect(await found('ORE I')).toEqual([id]);
    expect(await found('東京 o')).toEqual([foreign]);
    const written: string[] = [];
    const { DB } = watchD1({
      before: ({ texts }) =>
        written.push(...texts.filter((sql) => /tenants SET name_folded/.test(sql))),
    });
    await sweep({ DB });
    expect(written).toEqual([]);
  });
});

describe('the sweep', () => {
  it('tries each part, whatever becomes of the others, and tells which failed', async () => {
    const { id } = await open();
    await end(id, Date.now());
    const errors: unknown[] = [];
    const log = vi.spyOn(console, 'error').mockImplementation((line) => errors.push(line));
    const { DB } = watchD1({
      rewrite: (sql) => (sql.includes('"p"."expires_at" <=') ? 'SELECT ? FROM nowhere' : sql),
    });
    await expect(sweep({ DB })).rejects.toThrow('The sweep failed in: permissions.');
    log.mockRestore();
    expect(errors).toEqual([expect.objectContaining({ sweep: 'permissions' })]);
    expect(await copyOf(id)).toBeNull();
  });

  it('goes on where the last one ended, and begins anew at the end', async () => {
    const { id } = await open();
    const many = 1_300;
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
        expires_at, revoked_at)
       SELECT 'swept-' || printf('%05d', i), tenant_id, user_id, '', 0, 0, 0, 0, 1
        FROM n, sessions WHERE id = ?`,
    )
      .bind(many, id)
      .run();
    const left = () =>
      env.DB.prepare("SELECT count(*) AS n FROM sessions WHERE id LIKE 'swept-%'").first<number>(
        'n',
      );
    await sweep();
    expect(await left()).toBeGreaterThan(0);
    for (let n = 0; n < 8 && (await left()); n++) await sweep();
    expect(await left()).toBe(0);
  });

  it('may be killed at any of its steps: the next one finishes', async () => {
    const { id } = await open();
    await end(id, Date.now());
    skipPauses();
    let step = 0;
    let killedAt = 0;
    const DB = d1Failing(() => ++step > killedAt, 'D1_ERROR: killed');
    let steps = 0;
    for (; steps < 60; steps++) {
      step = 0;
      killedAt = steps;
      await env.SESSIONS.put(`ses:${id}`, '{}');
      const ended = await sweep({ DB, AUDIT_RETENTION_DAYS: '3000' }).then(
        () => true,
        () => false,
      );
      if (ended && step <= killedAt) break;
    }
    expect(steps).toBeGreaterThan(4);
    await sweep();
    await sweep();
    expect(await copyOf(id)).toBeNull();
    vi.unstubAllGlobals();
  });
});
