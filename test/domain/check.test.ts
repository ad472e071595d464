/** The check of a token: from memory, KV or D1, whichever is nearest and may be believed. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.ts';
import type { Call } from '../../src/domain/permit.ts';
import { type CheckOptions, checkToken } from '../../src/domain/sessions/check.ts';
import { DAY } from '../../src/domain/sessions/slide.ts';
import { newIsolate } from '../../src/index.ts';
import {
  type Device,
  env,
  grant,
  newDevice,
  newDevices,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Session,
  type Tenant,
  twinOf,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let device: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  device = await newDevice(world, tenant);
});

interface Uses {
  kv: number;
  puts: number;
  d1: number;
}

/** An isolate that counts what it asks of its stores up to the verdict; `now` may be set, and stores taken away. */
function isolate(away: { d1?: boolean; kv?: boolean } = {}) {
  const memory = newIsolate();
  const uses: Uses = { kv: 0, puts: 0, d1: 0 };
  const gone = () => Promise.reject(new Error('D1_ERROR: Network connection lost.'));
  return {
    away,
    async check(
      token: string,
      options: Partial<CheckOptions> = {},
      now = Date.now(),
    ): Promise<{ kind: string; uses: Uses; expiresAt?: number }> {
      Object.assign(uses, { kv: 0, puts: 0, d1: 0 });
      const deferred: (() => Promise<unknown>)[] = [];
      const context = createExecutionContext();
      const call: Call = {
        requestId: 'test',
        now,
        db: connect({
          prepare: (sql: string) => env.DB.prepare(sql),
          batch: (batch: D1PreparedStatement[]) => {
            uses.d1++;
            return away.d1 ? gone() : env.DB.batch(batch);
          },
        } as unknown as D1Database),
        kv: {
          get: (key: string) => {
            uses.kv++;
            return away.kv ? gone() : env.SESSIONS.get(key, 'json');
          },
          put: (key: string, value: string, put: KVNamespacePutOptions) => {
            uses.puts++;
            return env.SESSIONS.put(key, value, put);
          },
          delete: (key: string) => env.SESSIONS.delete(key),
        } as unknown as KVNamespace,
        isolate: memory,
        tokenSecrets: [env.TOKEN_SECRETS],
        defer: (work) => deferred.push(work),
      };
      const verdict = await checkToken(call, token, {
        consistency: 'FAST',
        activity: true,
        ...options,
      });
      const counted = { ...uses };
      for (let work = deferred.shift(); work; work = deferred.shift()) {
        await work().catch(() => {});
      }
      await waitOnExecutionContext(context);
      return {
        kind: verdict.kind,
        uses: counted,
        ...('record' in verdict ? { expiresAt: verdict.record.expiresAt } : {}),
      };
    },
  };
}

async function opened(devices: Device[] = []): Promise<Session & { userId: string; user: object }> {
  const user = await newUser(world, tenant);
  if (devices.length > 0) await grant(world, tenant, user.identifier, devices);
  const session = await newSession(world, tenant, user.identifier);
  return { ...session, userId: user.id, user: user.identifier };
}

const revoke = (id: string) =>
  env.DB.prepare('UPDATE sessions SET revoked_at = 1, label = NULL WHERE id = ?').bind(id).run();

const view = () => ({ question: { deviceId: device.deviceId, permission: 'VIEW' as const } });

describe('where the answer comes from', () => {
  it('cold: one KV read and nothing else; warm: nothing at all', async () => {
    const { accessToken } = await opened([device]);
    const { check } = isolate();
    expect(await check(accessToken, view())).toMatchObject({
      kind: 'allowed',
      uses: { kv: 1, puts: 0, d1: 0 },
    });
    expect(await check(accessToken, view())).toMatchObject({
      kind: 'allowed',
      uses: { kv: 0, puts: 0, d1: 0 },
    });
  });

  it('STRICT asks D1 and nothing else', async () => {
    const { accessToken } = await opened([device]);
    expect(await isolate().check(accessToken, { ...view(), consistency: 'STRICT' })).toMatchObject({
      kind: 'allowed',
      uses: { kv: 0, d1: 1 },
    });
  });

  it('a copy that is missing, garbage or of an older shape: D1, which heals it', async () => {
    for (const copy of [null, 'not json', '{}', '{"id":1}', '[]', 'null']) {
      const { id, accessToken } = await opened([device]);
      if (copy === null) await env.SESSIONS.delete(`ses:${id}`);
      else await env.SESSIONS.put(`ses:${id}`, copy);
      expect(await isolate().check(accessToken, view())).toMatchObject({
        kind: 'allowed',
        uses: { d1: 1 },
      });
      expect(await isolate().check(accessToken, view())).toMatchObject({
        kind: 'allowed',
        uses: { kv: 1, d1: 0 },
      });
    }
  });

  it('KV away: D1; both away: UNAVAILABLE', async () => {
    const { accessToken } = await opened();
    expect(await isolate({ kv: true }).check(accessToken)).toMatchObject({ kind: 'allowed' });
    await expect(isolate({ kv: true, d1: true }).check(accessToken)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  it('D1 away: the copy, for 24 h past the time it is to be checked by, and then UNAVAILABLE', async () => {
    const { accessToken } = await opened();
    const now = Date.now();
    const at = (time: number) => isolate({ d1: true }).check(accessToken, {}, time);
    expect(await at(now)).toMatchObject({ kind: 'allowed', uses: { d1: 0 } });
    expect(await at(now + 1.5 * DAY)).toMatchObject({ kind: 'allowed', uses: { d1: 1 } });
    await expect(at(now + 2.1 * DAY)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('forged, mistyped, truncated and foreign tokens cost no I/O', async () => {
    const { accessToken } = await opened();
    const { check } = isolate({ d1: true, kv: true });
    for (const token of [
      '',
      'x',
      accessToken.slice(0, -1),
      `${accessToken}0`,
      `${accessToken}\n`,
      accessToken.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`,
      tenant.key,
      'x'.repeat(1_000_000),
    ]) {
      expect(await check(token)).toEqual({ kind: 'unknown', uses: { kv: 0, puts: 0, d1: 0 } });
    }
  });

  it('a token that shares its id with a real one is unknown, wherever the answer comes from', async () => {
    const { id, accessToken } = await opened();
    const twin = twinOf(accessToken);
    const { check } = isolate();
    expect((await check(twin)).kind).toBe('unknown');
    expect((await check(accessToken)).kind).toBe('allowed');
    expect((await check(twin)).kind).toBe('unknown');
    expect((await check(twin, { consistency: 'STRICT' })).kind).toBe('unknown');
    await env.SESSIONS.delete(`ses:${id}`);
    expect((await isolate().check(twin)).kind).toBe('unknown');
  });

  it('a token that has ended is asked about once in ninety seconds', async () => {
    const { id, accessToken } = await opened();
    await revoke(id);
    await env.SESSIONS.delete(`ses:${id}`);
    const { check } = isolate();
    expect(await check(accessToken)).toMatchObject({ kind: 'unknown', uses: { d1: 1 } });
    expect(await check(accessToken)).toMatchObject({ kind: 'unknown', uses: { kv: 0, d1: 0 } });
    expect(await check(accessToken, {}, Date.now() + 91_000)).toMatchObject({ uses: { d1: 1 } });
  });
});

describe('a deny found in a copy', () => {
  it('is confirmed in D1, so that a grant just made is seen', async () => {
    const { accessToken, userId } = await opened();
    const { check } = isolate();
    expect(await check(accessToken, view())).toMatchObject({ kind: 'denied', uses: { d1: 1 } });
    await env.DB.prepare(
      "INSERT INTO permissions (user_id, device_id, permission, change_id) VALUES (?, ?, 'VIEW', 'x')",
    )
      .bind(Number(userId), device.deviceId)
      .run();
    const now = Date.now();
    expect(await check(accessToken, view(), now)).toMatchObject({
      kind: 'denied',
      uses: { d1: 0 },
    });
    expect(await check(accessToken, view(), now + 5_100)).toMatchObject({
      kind: 'allowed',
      uses: { d1: 1 },
    });
  });

  it('stays a deny when D1 is away', async () => {
    const { accessToken } = await opened();
    expect(await isolate({ d1: true }).check(accessToken, view())).toMatchObject({
      kind: 'denied',
    });
  });

  it('is none when the question is by meterId and the meter’s device is granted', async () => {
    const { accessToken } = await opened([device]);
    const question = { meterId: device.meterId, permission: 'VIEW' as const };
    expect(await isolate().check(accessToken, { question })).toMatchObject({ kind: 'allowed' });
    expect(
      await isolate().check(accessToken, { question: { ...question, permission: 'CHARGE' } }),
    ).toMatchObject({ kind: 'denied' });
  });
});

describe('an allow lives no longer than the earliest end in it', () => {
  it('though the copy is remembered', async () => {
    const { accessToken, user } = await opened();
    const end = Date.now() + 10_000;
    await grant(world, tenant, user, [device], 'addDevicePermissions', new Date(end).toISOString());
    const { check } = isolate();
    expect(await check(accessToken, view(), end - 1)).toMatchObject({ kind: 'allowed' });
    expect(await check(accessToken, view(), end)).toMatchObject({ kind: 'denied' });
  });
});

describe('revocation', () => {
  it('is seen by STRICT at once, and by a copy that nobody updates within 24 h', async () => {
    const { id, accessToken } = await opened();
    const { check } = isolate();
    expect((await check(accessToken)).kind).toBe('allowed');
    await revoke(id);
    const now = Date.now();
    expect((await check(accessToken)).kind).toBe('allowed');
    expect((await check(accessToken, { consistency: 'STRICT' })).kind).toBe('unknown');
    expect((await isolate().check(accessToken, {}, now + DAY + 1)).kind).toBe('unknown');
  });

  it('is never undone by a copy that was left behind', async () => {
    const { id, accessToken } = await opened();
    await revoke(id);
    const { check } = isolate();
    expect((await check(accessToken, { consistency: 'STRICT' })).kind).toBe('unknown');
    expect((await check(accessToken, {}, Date.now() + 6_000)).kind).toBe('unknown');
    expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
  });

  it('is never undone by a renewal', async () => {
    const { id, accessToken } = await opened();
    const { check } = isolate();
    await check(accessToken);
    await revoke(id);
    // Due for renewal, and still believed: accepted from memory, and then healed behind the answer.
    const due = Date.now() + 23 * 3_600_000;
    expect((await isolate().check(accessToken, {}, due)).kind).toBe('allowed');
    expect((await isolate().check(accessToken, {}, due)).kind).toBe('unknown');
    expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
    const row = await env.DB.prepare('SELECT renewed_at, revoked_at FROM sessions WHERE id = ?')
      .bind(id)
      .first<{ renewed_at: number; revoked_at: number }>();
    expect(row?.revoked_at).toBe(1);
    expect(row?.renewed_at).toBeLessThan(due);
  });
});

describe('the slide', () => {
  it('renews once a window, behind the answer', async () => {
    const { accessToken, expiresAt } = await opened();
    const { check } = isolate();
    const now = Date.now();
    const expiry = Date.parse(expiresAt);
    expect(await check(accessToken, {}, now + 3_600_000)).toMatchObject({ expiresAt: expiry });
    const due = now + 22.5 * 3_600_000;
    expect(await check(accessToken, {}, due)).toMatchObject({
      expiresAt: expiry,
      uses: { d1: 0, puts: 0 },
    });
    expect(await check(accessToken, {}, due + 1)).toMatchObject({ expiresAt: due + 31 * DAY });
  });

  it('does not happen without activity', async () => {
    const { accessToken, expiresAt } = await opened();
    const { check } = isolate();
    for (const time of [22.5, 40]) {
      const now = Date.now() + time * 3_600_000;
      expect(await check(accessToken, { activity: false }, now)).toMatchObject({
        expiresAt: Date.parse(expiresAt),
      });
    }
  });

  it('past the time a copy is to be checked by, is the question to D1 itself: one round trip', async () => {
    const { accessToken } = await opened();
    const later = Date.now() + 5 * DAY;
    expect(await isolate().check(accessToken, {}, later)).toMatchObject({
      kind: 'allowed',
      expiresAt: later + 31 * DAY,
      uses: { kv: 1, d1: 1 },
    });
  });

  it('ends: 31 days after the last renewal the token is unknown', async () => {
    const { accessToken } = await opened();
    expect(await isolate().check(accessToken, {}, Date.now() + 31 * DAY)).toMatchObject({
      kind: 'unknown',
    });
  });
});

describe('a user with more grants than a record carries', () => {
  it('is asked about in D1', async () => {
    const devices = await newDevices(world, tenant, 499);
    const user = await newUser(world, tenant);
    await grant(world, tenant, user.identifier, devices);
    const rest = await newDevices(world, tenant, 3);
    await grant(world, tenant, user.identifier, rest.slice(0, 2));
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const { check } = isolate();
    const answers = await Promise.all(
      [devices[0], rest[1], rest[2]].map(async (asked) => {
        const question = { deviceId: asked?.deviceId ?? null, permission: 'VIEW' as const };
        return (await check(accessToken, { question })).kind;
      }),
    );
    expect(answers).toEqual(['allowed', 'allowed', 'denied']);
  });
});
