/** `TokenAuthority`, as another Worker calls it over a service binding. */
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TokenAuthority } from '../../src/index.ts';
import { newProject, newStaff, newStation } from '../rest/company.ts';
import {
  type Device,
  env,
  grant,
  type Json,
  newDevice,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  type Session,
  type Tenant,
  twinOf,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let other: Tenant;
let device: Device;
let user: { id: string; externalId: string; identifier: object };
let session: Session;

/** Arguments as plain JavaScript may send them. */
type Loose = Record<'verify' | 'introspect', (...args: unknown[]) => Promise<Json>>;
const authority = (exports as unknown as { TokenAuthority: TokenAuthority & Loose }).TokenAuthority;

const verify = async (...args: unknown[]): Promise<Json> =>
  (authority.verify as Loose['verify'])(...args);
const introspect = async (...args: unknown[]): Promise<Json> =>
  (authority.introspect as Loose['introspect'])(...args);

beforeAll(async () => {
  [tenant, other] = [await newTenant(world), await newTenant(world, 'Other')];
  device = await newDevice(world, tenant);
  user = await newUser(world, tenant, 'Zoë');
  await grant(world, tenant, user.identifier, [device]);
  session = await newSession(world, tenant, user.identifier);
});

const deadTokens = () => [
  twinOf(session.accessToken),
  // What an isolate that knows the session finds it by, besides its token.
  session.id,
  `${session.accessToken}\n`,
  `Bearer ${session.accessToken}`,
  `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`,
  tenant.key,
  operator,
  '',
  'x'.repeat(100_000),
  undefined,
  null,
  7,
  {},
  [session.accessToken],
];

describe('verify', () => {
  it('says allowed, and whose token it is, as /verify does', async () => {
    const { accessToken, expiresAt } = session;
    const allowed = {
      kind: 'allowed',
      user: user.id,
      externalId: 'Zoë',
      tenant: tenant.id,
      expiresAt,
    };
    for (const question of [
      undefined,
      {},
      { tenant: tenant.id },
      { tenant: Number(tenant.id), consistency: 'strict' },
    ]) {
      expect(await verify(accessToken, question)).toStrictEqual(allowed);
    }
    // A yes to a question names what was checked.
    const about = { ...allowed, device: device.deviceId, permission: 'VIEW' };
    for (const question of [
      { tenant: tenant.id, device: device.deviceId },
      { tenant: tenant.id, device: device.deviceId, consistency: 'strict' },
      { meter: device.meterId, permission: 'VIEW', consistency: 'fast' },
    ]) {
      expect(await verify(accessToken, question)).toStrictEqual(about);
    }
  });

  it('says which station was checked', async () => {
    const head = await newStaff(world, tenant, 1);
    const project = await newProject(world, head.token);
    const { id } = await newStation(world, head.token, project.id);
    const answer = await verify(head.token, { tenant: tenant.id, station: id });
    expect(answer).toMatchObject({ kind: 'allowed', station: String(id), permission: 'VIEW' });
    expect(answer).not.toHaveProperty('device');
  });

  it('gives null for a member’s external id', async () => {
    const member = await newMember(tenant);
    const { accessToken } = await newSession(world, tenant, member.identifier);
    expect(await verify(accessToken)).toMatchObject({ kind: 'allowed', externalId: null });
  });

  it(
    'says denied for what is not granted, for what does not exist, and for a question it does ' +
      'not wholly understand',
    async () => {
      const { deviceId, meterId } = device;
      for (const [question, judged] of [
        [
          { device: deviceId, permission: 'CHARGE' },
          `permission CHARGE on the device "${deviceId}"`,
        ],
        [{ device: 'Nothere1' }, 'permission VIEW on the device "Nothere1"'],
        [{ meter: 'nothing' }, 'permission VIEW on the meter "nothing"'],
        [{ station: 1 }, 'station 1'],
        [{ station: '1' }, 'station 1'],
      ] as const) {
        expect(await verify(session.accessToken, question)).toEqual({
          kind: 'denied',
          message: expect.stringContaining(`The token’s user has no ${judged}.`),
        });
      }
      for (const question of [
        { devise: deviceId },
        { device: '' },
        { device: null },
        { device: undefined },
        { device: deviceId, meter: undefined },
        { device: [deviceId] },
        { device: deviceId, meter: meterId },
        { device: deviceId, permission: 'view' },
        { permission: 'VIEW' },
        { device: deviceId, consistency: 'STRICTEST' },
        { station: 1.5 },
        { tenant: tenant.id, consistency: true },
        null,
        'device',
        7,
      ]) {
        const answer = await verify(session.accessToken, question);
        expect([question, answer.kind, Object.keys(answer)]).toEqual([
          question,
          'denied',
          ['kind', 'message'],
        ]);
      }
    },
  );

  it('says unknown for all but a live session of the tenant, and never throws', async () => {
    for (const token of deadTokens()) {
      expect(await verify(token)).toEqual({ kind: 'unknown' });
      expect(await verify(token, { devise: 'x' })).toEqual({ kind: 'unknown' });
    }
    for (const named of [
      undefined,
      other.id,
      Number(other.id),
      '',
      0,
      -1,
      'x',
      null,
      {},
      `0${tenant.id}`,
    ]) {
      expect(await verify(session.accessToken, { tenant: named })).toEqual({ kind: 'unknown' });
    }
  });

  it('asks D1 when strict: a revoked token is unknown at once', async () => {
    const { id, accessToken } = await newSession(world, tenant, user.identifier);
    expect(await verify(accessToken)).toMatchObject({ kind: 'allowed' });
    await env.DB.prepare('UPDATE sessions SET revoked_at = 1, label = NULL WHERE id = ?')
      .bind(id)
      .run();
    expect(await verify(accessToken)).toMatchObject({ kind: 'allowed' });
    expect(await verify(accessToken, { consistency: 'strict' })).toEqual({ kind: 'unknown' });
  });
});

describe('introspect', () => {
  it('says what /introspect says', async () => {
    const ends = Math.floor(Date.parse(session.expiresAt) / 1000);
    const active = {
      kind: 'active',
      active: true,
      sub: user.id,
      client_id: tenant.id,
      username: 'Zoë',
      token_type: 'Bearer',
      iat: ends - 31 * 86_400,
      exp: ends,
    };
    for (const options of [undefined, {}, { tenant: tenant.id, consistency: 'strict' }]) {
      expect(await introspect(session.accessToken, options)).toEqual(active);
    }
  });

  it('says inactive for all else', async () => {
    const inactive = { kind: 'inactive', active: false };
    for (const token of deadTokens()) expect(await introspect(token)).toEqual(inactive);
    for (const options of [
      { tenant: other.id },
      { tenent: tenant.id },
      { device: device.deviceId },
      { consistency: 'lax' },
      null,
    ]) {
      expect(await introspect(session.accessToken, options)).toEqual(inactive);
    }
  });
});
