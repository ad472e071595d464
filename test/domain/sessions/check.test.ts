/** The check of a token: from memory, KV or D1, the nearest one that is fresh enough. */
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../../../src/base/time.ts';
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
} from '../../world.ts';
import { newProbe } from './isolate.ts';

const world = newWorld();
let tenant: Tenant;
let device: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  device = await newDevice(world, tenant);
});

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
    const { check } = newProbe();
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
    expect(await newProbe().check(accessToken, { ...view(), consistency: 'STRICT' })).toMatchObject(
      {
        kind: 'allowed',
        uses: { kv: 0, d1: 1 },
      },
    );
  });

  it('a copy that is missing, garbage or of an older shape: D1, which heals it', async () => {
    for (const copy of [null, 'not json', '{}', '{"id":1}', '[]', 'null']) {
      const { id, accessToken } = await opened([device]);
      if (copy === null) await env.SESSIONS.delete(`ses:${id}`);
      else await env.SESSIONS.put(`ses:${id}`, copy);
      expect(await newProbe().check(accessToken, view())).toMatchObject({
        kind: 'allowed',
        uses: { d1: 1 },
      });
      expect(await newProbe().check(accessToken, view())).toMatchObject({
        kind: 'allowed',
        uses: { kv: 1, d1: 0 },
      });
    }
  });

  it('forged, mistyped, truncated and foreign tokens cost no I/O', async () => {
    const { accessToken } = await opened();
    const { check } = newProbe({ d1: 'away', kvGet: 'away' });
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
      expect(await check(token)).toMatchObject({
        kind: 'unknown',
        uses: { kv: 0, puts: 0, d1: 0 },
      });
    }
  });

  it('a token with the id of a real one is unknown, wherever the answer comes from', async () => {
    const { id, accessToken } = await opened();
    const twin = twinOf(accessToken);
    const { check } = newProbe();
    expect((await check(twin)).kind).toBe('unknown');
    expect((await check(accessToken)).kind).toBe('allowed');
    expect((await check(twin)).kind).toBe('unknown');
    expect((await check(twin, { consistency: 'STRICT' })).kind).toBe('unknown');
    await env.SESSIONS.delete(`ses:${id}`);
    expect((await newProbe().check(twin)).kind).toBe('unknown');
  });

  it('a token that has ended is asked about once in ninety seconds', async () => {
    const { id, accessToken } = await opened();
    await revoke(id);
    await env.SESSIONS.delete(`ses:${id}`);
    const { check } = newProbe();
    expect(await check(accessToken)).toMatchObject({ kind: 'unknown', uses: { d1: 1 } });
    expect(await check(accessToken)).toMatchObject({ kind: 'unknown', uses: { kv: 0, d1: 0 } });
    expect(await check(accessToken, {}, Date.now() + 91_000)).toMatchObject({ uses: { d1: 1 } });
  });
});

describe('what an isolate remembers', () => {
  it('it believes for 25 seconds, and then asks KV', async () => {
    const { id, accessToken } = await opened();
    const { check } = newProbe();
    const now = Date.now();
    await check(accessToken, {}, now);
    await revoke(id);
    await env.SESSIONS.delete(`ses:${id}`);
    expect(await check(accessToken, {}, now + 24_999)).toMatchObject({
      kind: 'allowed',
      uses: { kv: 0, d1: 0 },
    });
    expect(await check(accessToken, {}, now + 25_000)).toMatchObject({
      kind: 'unknown',
      uses: { kv: 1, d1: 1 },
    });
  });

  it('of what D1 told, it believes more than a copy that KV gives later', async () => {
    const { id, accessToken } = await opened();
    const { promise, resolve } = Promise.withResolvers<void>();
    const probe = newProbe({ kvGet: promise });
    const slow = probe.check(accessToken);
    await probe.asked('kv');
    await revoke(id);
    expect((await probe.check(accessToken, { consistency: 'STRICT' })).kind).toBe('unknown');
    resolve();
    expect((await slow).kind).toBe('unknown');
    expect((await probe.check(accessToken)).kind).toBe('unknown');
  });

  it('the same when KV was given up on and D1 was away', async () => {
    const { id, accessToken } = await opened();
    const { promise, resolve } = Promise.withResolvers<void>();
    const probe = newProbe({ kvGet: promise, d1: 'away' });
    const slow = probe.check(accessToken);
    await probe.asked('d1');
    await revoke(id);
    delete probe.faults.d1;
    expect((await probe.check(accessToken, { consistency: 'STRICT' })).kind).toBe('unknown');
    resolve();
    expect((await slow).kind).toBe('unknown');
    expect((await probe.check(accessToken)).kind).toBe('unknown');
  });
});

describe('a deny found in a copy', () => {
  it('is confirmed in D1, so that a grant just made is seen', async () => {
    const { accessToken, userId } = await opened();
    const { check } = newProbe();
    expect(await check(accessToken, view())).toMatchObject({ kind: 'denied', uses: { d1: 1 } });
    await env.DB.prepare(
      'INSERT INTO permissions (user_id, device_id, permission, change_id) VALUES (?, ?, ' +
        "'VIEW', 'x')",
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

  it('is none when the question is by meterId and the meter’s device is granted', async () => {
    const { accessToken } = await opened([device]);
    const question = { meterId: device.meterId, permission: 'VIEW' as const };
    expect(await newProbe().check(accessToken, { question })).toMatchObject({ kind: 'allowed' });
    expect(
      await newProbe().check(accessToken, { question: { ...question, permission: 'CHARGE' } }),
    ).toMatchObject({ kind: 'denied' });
  });
});

describe('an allow lives no longer than the earliest end in it', () => {
  it('though the copy is remembered', async () => {
    const { accessToken, user } = await opened();
    const end = Date.now() + 10_000;
    await grant(world, tenant, user, [device], 'addDevicePermissions', new Date(end).toISOString());
    const { check } = newProbe();
    expect(await check(accessToken, view(), end - 1)).toMatchObject({ kind: 'allowed' });
    expect(await check(accessToken, view(), end)).toMatchObject({ kind: 'denied' });
  });
});

describe('revocation', () => {
  it('is seen by STRICT at once, and by a copy that nobody updates within 24 h', async () => {
    const { id, accessToken } = await opened();
    const { check } = newProbe();
    expect((await check(accessToken)).kind).toBe('allowed');
    await revoke(id);
    const now = Date.now();
    expect((await check(accessToken)).kind).toBe('allowed');
    expect((await check(accessToken, { consistency: 'STRICT' })).kind).toBe('unknown');
    expect((await newProbe().check(accessToken, {}, now + DAY + 1)).kind).toBe('unknown');
  });

  it('is never undone by a copy that was left behind', async () => {
    const { id, accessToken } = await opened();
    await revoke(id);
    const { check } = newProbe();
    expect((await check(accessToken, { consistency: 'STRICT' })).kind).toBe('unknown');
    expect((await check(accessToken, {}, Date.now() + 6_000)).kind).toBe('unknown');
    expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
  });

  it('is never undone by a renewal', async () => {
    const { id, accessToken } = await opened();
    const { check } = newProbe();
    await check(accessToken);
    await revoke(id);
    // Due for renewal, and still believed: accepted from memory, and then healed behind the answer.
    const due = Date.now() + 23 * 3_600_000;
    expect((await newProbe().check(accessToken, {}, due)).kind).toBe('allowed');
    expect((await newProbe().check(accessToken, {}, due)).kind).toBe('unknown');
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
    const { check } = newProbe();
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
    const { check } = newProbe();
    for (const time of [22.5, 40]) {
      const now = Date.now() + time * 3_600_000;
      expect(await check(accessToken, { activity: false }, now)).toMatchObject({
        expiresAt: Date.parse(expiresAt),
      });
    }
  });

  it('asks D1 itself, in one round trip, once a copy is due to be checked', async () => {
    const { accessToken } = await opened();
    const later = Date.now() + 5 * DAY;
    expect(await newProbe().check(accessToken, {}, later)).toMatchObject({
      kind: 'allowed',
      expiresAt: later + 31 * DAY,
      uses: { kv: 1, d1: 1 },
    });
  });

  it('ends: 31 days after the last renewal the token is unknown', async () => {
    const { accessToken } = await opened();
    expect(await newProbe().check(accessToken, {}, Date.now() + 31 * DAY)).toMatchObject({
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
    const { check } = newProbe();
    const answers = await Promise.all(
      [devices[0], rest[1], rest[2]].map(async (asked) => {
        const question = { deviceId: asked?.deviceId ?? null, permission: 'VIEW' as const };
        return (await check(accessToken, { question })).kind;
      }),
    );
    expect(answers).toEqual(['allowed', 'allowed', 'denied']);
  });
});
