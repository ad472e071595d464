/** checkUserAccess and ensureUserAccess: checking and granting access in one call. */
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../../src/base/time.ts';
import { watchD1 } from '../doubles/d1.ts';
import { kvWith } from '../doubles/kv.ts';
import { sweep } from '../faults/run.ts';
import {
  type Device,
  endGrants,
  env,
  external,
  fresh,
  freshDeviceId,
  grant,
  type Json,
  newDevice,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  snapshot,
  succeed,
  type Tenant,
  twinOf,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let other: Tenant;
let device: Device;
let foreign: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  other = await newTenant(world, 'Other');
  device = await newDevice(world, tenant);
  foreign = await newDevice(world, other);
});

const check = (input: object, of = world) =>
  of.ask(
    tenant.key,
    `query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) {
      userExists sessionValid sessionExpiresAt devices { deviceId meterId granted } allowed } }`,
    { input },
  );

const ensure = (input: object) =>
  world.ask(
    tenant.key,
    `mutation ($input: EnsureUserAccessInput!) { ensureUserAccess(input: $input) {
      success errors { code path } user { id } session { id accessToken expiresAt } userCreated
      sessionCreated
      modifiedPermissions { deviceId meterId permission expiresAt } } }`,
    { input },
  );

const consistencies = ['FAST', 'STRICT'] as const;

describe('checkUserAccess says why', () => {
  const why = async (input: object, more: object = {}) => {
    const { devices } = await world.ask(
      tenant.key,
      `query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) {
        devices { granted reason expiresAt endedAt } } }`,
      { input: { deviceIdentifiers: [{ deviceId: device.deviceId }], ...input, ...more } },
    );
    return devices[0];
  };
  const answer = (reason: string, more: object = {}) => ({
    ...{ granted: reason === 'GRANTED', reason, expiresAt: null, endedAt: null },
    ...more,
  });
  const END = '2100-01-01T00:00:00.000Z';

  it('a permission, with its end, from the copy and from the database', async () => {
    const user = await newUser(world, tenant);
    const asked = { userIdentifier: user.identifier };
    const { accessToken } = await newSession(world, tenant, user.identifier);
    await grant(world, tenant, user.identifier, [device], 'addDevicePermissions', END);
    for (const consistency of consistencies) {
      const wanted = answer('GRANTED', { expiresAt: END });
      expect(await why({ ...asked, accessToken, consistency })).toEqual(wanted);
    }
    expect(await why(asked, { permission: 'CHARGE' })).toEqual(answer('OTHER_PERMISSION'));
    await succeed(world.call(tenant.key, 'updateUser', { ...asked, suspended: true }));
    expect(await why(asked)).toEqual(answer('SUSPENDED', { granted: true }));
  });

  it('none: nobody, nothing of ours, nothing granted', async () => {
    const { identifier } = await newUser(world, tenant);
    const asked = { userIdentifier: identifier };
    expect(await why(asked)).toEqual(answer('NOT_GRANTED'));
    expect(await why({ userIdentifier: external(fresh('nobody')) })).toEqual(
      answer('UNKNOWN_USER'),
    );
    for (const named of [
      { deviceId: foreign.deviceId },
      { meterId: foreign.meterId },
      { deviceId: freshDeviceId() },
    ]) {
      expect(await why(asked, { deviceIdentifiers: [named] })).toEqual(answer('UNKNOWN_DEVICE'));
    }
  });

  it('one that was withdrawn, or ran out, whether that is recorded yet or not', async () => {
    const user = await newUser(world, tenant);
    const asked = { userIdentifier: user.identifier };
    const named = { ...asked, deviceIdentifiers: [{ deviceId: device.deviceId }] };
    await grant(world, tenant, user.identifier, [device]);
    await succeed(world.call(tenant.key, 'removeDevicePermissions', named));
    expect(await why(asked)).toEqual(answer('WITHDRAWN', { endedAt: expect.any(String) }));
    expect(await why(asked, { permission: 'CHARGE' })).toEqual(answer('NOT_GRANTED'));

    await grant(world, tenant, user.identifier, [device]);
    const endedAt = new Date(Date.now() - DAY);
    await env.DB.prepare('UPDATE permissions SET expires_at = ? WHERE user_id = ?')
      .bind(endedAt.getTime(), Number(user.id))
      .run();
    const isOver = answer('ENDED', { endedAt: endedAt.toISOString() });
    expect(await why(asked)).toEqual(isOver);
    await sweep();
    expect(await why(asked)).toEqual({ ...isOver, endedAt: expect.any(String) });
    await succeed(
      world.call(tenant.key, 'removeAllDevicePermissions', {
        deviceIdentifier: { deviceId: device.deviceId },
      }),
    );
    await grant(world, tenant, user.identifier, [device]);
    expect(await why(asked)).toEqual(answer('GRANTED'));
  });
});

describe.each(consistencies)('checkUserAccess, %s', (consistency) => {
  it('allows a user with a live session and every device granted', async () => {
    const user = await newUser(world, tenant);
    await grant(world, tenant, user.identifier, [device]);
    const session = await newSession(world, tenant, user.identifier);
    expect(
      await check({
        userIdentifier: user.identifier,
        accessToken: session.accessToken,
        deviceIdentifiers: [{ deviceId: device.deviceId }, { meterId: device.meterId }],
        consistency,
      }),
    ).toEqual({
      userExists: true,
      sessionValid: true,
      sessionExpiresAt: session.expiresAt,
      devices: [
        { ...device, granted: true },
        { ...device, granted: true },
      ],
      allowed: true,
    });
  });

  it('without a token tells nothing of a session', async () => {
    const user = await newUser(world, tenant);
    expect(await check({ userIdentifier: user.identifier, consistency })).toEqual({
      userExists: true,
      sessionValid: null,
      sessionExpiresAt: null,
      devices: [],
      allowed: true,
    });
  });

  it('shows both ids of an own device without a grant, one of a foreign device', async () => {
    const user = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const nobodys = freshDeviceId();
    const { devices, allowed } = await check({
      userIdentifier: user.identifier,
      accessToken,
      deviceIdentifiers: [
        { meterId: device.meterId },
        { deviceId: foreign.deviceId },
        { meterId: foreign.meterId },
        { deviceId: nobodys },
      ],
      consistency,
    });
    expect(devices).toEqual([
      { ...device, granted: false },
      { deviceId: foreign.deviceId, meterId: null, granted: false },
      { deviceId: null, meterId: foreign.meterId, granted: false },
      { deviceId: nobodys, meterId: null, granted: false },
    ]);
    expect(allowed).toBe(false);
  });

  it('takes VIEW for nothing but VIEW', async () => {
    const user = await newUser(world, tenant);
    await grant(world, tenant, user.identifier, [device]);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const asked = {
      userIdentifier: user.identifier,
      accessToken,
      deviceIdentifiers: [{ deviceId: device.deviceId }],
      consistency,
    };
    expect((await check({ ...asked, permission: 'VIEW' })).allowed).toBe(true);
    expect((await check({ ...asked, permission: 'CHARGE' })).allowed).toBe(false);
  });

  it('calls a session of another user or tenant, or none at all, not valid', async () => {
    const [user, neighbour] = [await newUser(world, tenant), await newUser(world, tenant)];
    const stranger = await newUser(world, other, user.externalId);
    const tokens = [
      twinOf((await newSession(world, tenant, user.identifier)).accessToken),
      (await newSession(world, tenant, neighbour.identifier)).accessToken,
      (await newSession(world, other, stranger.identifier)).accessToken,
      tenant.key,
      'nonsense',
      '',
    ];
    for (const accessToken of tokens) {
      expect(
        await check({ userIdentifier: user.identifier, accessToken, consistency }),
      ).toMatchObject({ userExists: true, sessionValid: false, allowed: false });
    }
  });

  it('judges a token with "Bearer" before it', async () => {
    const user = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const asked = { userIdentifier: user.identifier, consistency };
    expect(await check({ ...asked, accessToken: `Bearer ${accessToken}` })).toMatchObject({
      sessionValid: true,
    });
  });

  it('says that an unknown user is', async () => {
    expect(await check({ userIdentifier: external('nobody'), consistency })).toMatchObject({
      userExists: false,
      allowed: false,
    });
  });

  it('answers for members by id and e-mail', async () => {
    const member = await newMember(tenant);
    await grant(world, tenant, member.identifier, [device]);
    const { accessToken } = await newSession(world, tenant, member.identifier);
    for (const companyUser of [{ id: member.id }, { email: member.email.toUpperCase() }]) {
      expect(
        await check({
          userIdentifier: { companyUser },
          accessToken,
          deviceIdentifiers: [{ deviceId: device.deviceId }],
          consistency,
        }),
      ).toMatchObject({ sessionValid: true, allowed: true });
    }
  });

  it('follows a grant, its withdrawal, a suspension and an ended session at once', async () => {
    const user = await newUser(world, tenant);
    const { id, accessToken } = await newSession(world, tenant, user.identifier);
    const one = [{ deviceId: device.deviceId }];
    const allowed = async () =>
      (
        await check({
          userIdentifier: user.identifier,
          accessToken,
          deviceIdentifiers: one,
          consistency,
        })
      ).allowed;
    expect(await allowed()).toBe(false);
    await grant(world, tenant, user.identifier, [device]);
    expect(await allowed()).toBe(true);
    await world.ask(
      tenant.key,
      'mutation ($u: UserIdentifierInput!) { removeDevicePermissions(input: { ' +
        `userIdentifier: $u, deviceIdentifiers: [{ deviceId: "${device.deviceId}" }] }) { ` +
        'success } }',
      { u: user.identifier },
    );
    expect(await allowed()).toBe(false);
    await grant(world, tenant, user.identifier, [device]);
    expect(await allowed()).toBe(true);
    await world.ask(
      tenant.key,
      `mutation { removeUserSession(input: { sessionId: "${id}" }) { success } }`,
    );
    expect(await allowed()).toBe(false);
  });

  it('is no activity of the session', async () => {
    const user = await newUser(world, tenant);
    const { id, accessToken } = await newSession(world, tenant, user.identifier);
    await env.DB.prepare(
      'UPDATE sessions SET renew_after = 0, renewed_at = renewed_at - ? WHERE id = ?',
    )
      .bind(2 * DAY, id)
      .run();
    await env.SESSIONS.delete(`ses:${id}`);
    const before = await snapshot();
    const elsewhere = newWorld();
    expect(
      await check({ userIdentifier: user.identifier, accessToken, consistency }, elsewhere),
    ).toMatchObject({ sessionValid: true });
    expect(await snapshot()).toBe(before);
  });
});

describe('checkUserAccess', () => {
  it('writes nothing to KV, however old the session and however often it is asked', async () => {
    let puts = 0;
    const d1 = watchD1();
    const write = async () => puts++;
    const counted = newWorld({ SESSIONS: kvWith({ put: write, delete: write }), DB: d1.DB });
    const user = await newUser(world, tenant);
    const { id, accessToken } = await newSession(world, tenant, user.identifier);
    await env.DB.prepare(
      'UPDATE sessions SET renew_after = 0, renewed_at = renewed_at - ? WHERE id = ?',
    )
      .bind(2 * DAY, id)
      .run();
    const copy = await env.SESSIONS.get<Json>(`ses:${id}`, 'json');
    copy.renewAfter = 0;
    copy.renewedAt -= 2 * DAY;
    await env.SESSIONS.put(`ses:${id}`, JSON.stringify(copy));
    for (let n = 0; n < 10; n++) {
      const answer = await check({ userIdentifier: user.identifier, accessToken }, counted);
      expect(answer.sessionValid).toBe(true);
    }
    expect({ puts, trips: d1.trips }).toEqual({ puts: 0, trips: 2 });
  });

  it('refuses what does not fit with the path from its input', async () => {
    const { status, errors } = await world.graphql(
      tenant.key,
      `{ checkUserAccess(input: { userIdentifier: { externalUser: { externalId: "x" } },
        deviceIdentifiers: [{ meterId: "x" }, { deviceId: "bad" }, { deviceId: "" }] }) { allowed }
        }`,
    );
    expect(status).toBe(200);
    const path = (n: string) => ['input', 'deviceIdentifiers', n, 'deviceId'];
    expect(errors?.[0].extensions).toMatchObject({
      code: 'INVALID',
      path: path('1'),
      errors: [{ path: path('1') }, { path: path('2') }],
    });
  });
});

describe('ensureUserAccess', () => {
  it('makes user, grants and session at once, and changes nothing the second time', async () => {
    const charger = await newDevice(world, tenant);
    const input = {
      userIdentifier: external(fresh('app')),
      deviceIdentifiers: [{ deviceId: device.deviceId }, { meterId: charger.meterId }],
      chargingDeviceIdentifiers: [{ deviceId: charger.deviceId }],
    };
    const first = await succeed(ensure(input));
    expect(first).toMatchObject({ userCreated: true, sessionCreated: true });
    expect(
      first.modifiedPermissions.map((p: Json) => `${p.permission} ${p.deviceId}`).sort(),
    ).toEqual(
      [`CHARGE ${charger.deviceId}`, `VIEW ${charger.deviceId}`, `VIEW ${device.deviceId}`].sort(),
    );
    const before = await snapshot();
    const again = await succeed(ensure({ ...input, accessToken: first.session.accessToken }));
    expect(again).toEqual({
      ...first,
      userCreated: false,
      sessionCreated: false,
      modifiedPermissions: [],
    });
    expect(await snapshot()).toBe(before);
  });

  it('opens a new session when the token is not one of this very user', async () => {
    const [user, neighbour] = [await newUser(world, tenant), await newUser(world, tenant)];
    const foreignToken = (await newSession(world, tenant, neighbour.identifier)).accessToken;
    const twin = twinOf((await newSession(world, tenant, user.identifier)).accessToken);
    for (const accessToken of [foreignToken, twin, tenant.key, 'nonsense', '']) {
      const { session, sessionCreated } = await succeed(
        ensure({ userIdentifier: user.identifier, accessToken }),
      );
      expect(sessionCreated).toBe(true);
      expect(session.accessToken).not.toBe(accessToken);
    }
  });

  it('gives a token back without what stood around it', async () => {
    const { identifier: userIdentifier } = await newUser(world, tenant);
    const { id, accessToken } = await newSession(world, tenant, userIdentifier);
    const again = await succeed(ensure({ userIdentifier, accessToken: ` Bearer ${accessToken} ` }));
    expect(again).toMatchObject({ sessionCreated: false, session: { id, accessToken } });
  });

  it('counts as activity: a session that is due slides', async () => {
    const user = await newUser(world, tenant);
    const session = await newSession(world, tenant, user.identifier);
    await env.DB.prepare(
      'UPDATE sessions SET renewed_at = renewed_at - ?1, renew_after = renew_after - ?1, ' +
        'expires_at = expires_at - ?1 WHERE id = ?2',
    )
      .bind(3 * DAY, session.id)
      .run();
    const { session: slid, sessionCreated } = await succeed(
      ensure({ userIdentifier: user.identifier, accessToken: session.accessToken }),
    );
    expect(sessionCreated).toBe(false);
    expect(Date.parse(slid.expiresAt)).toBeGreaterThanOrEqual(Date.parse(session.expiresAt));
  });

  it('counts as activity though it is refused', async () => {
    const user = await newUser(world, tenant);
    const session = await newSession(world, tenant, user.identifier);
    await env.DB.prepare('UPDATE sessions SET renew_after = 0, renewed_at = 0 WHERE id = ?')
      .bind(session.id)
      .run();
    const { success } = await ensure({
      userIdentifier: user.identifier,
      accessToken: session.accessToken,
      deviceIdentifiers: [{ deviceId: foreign.deviceId }],
    });
    expect(success).toBe(false);
    const row = await env.DB.prepare('SELECT renewed_at FROM sessions WHERE id = ?')
      .bind(session.id)
      .first<{ renewed_at: number }>();
    expect(row?.renewed_at).toBeGreaterThan(Date.now() - 60_000);
  });

  it('never changes a running grant’s end, and renews an ended one', async () => {
    const user = await newUser(world, tenant);
    const end = new Date(Date.now() + DAY).toISOString();
    await grant(world, tenant, user.identifier, [device], 'addDevicePermissions', end);
    const input = {
      userIdentifier: user.identifier,
      deviceIdentifiers: [{ deviceId: device.deviceId }],
    };
    expect((await succeed(ensure(input))).modifiedPermissions).toEqual([]);
    await endGrants(user.id);
    expect((await succeed(ensure(input))).modifiedPermissions).toEqual([
      { ...device, permission: 'VIEW', expiresAt: null },
    ]);
  });

  it('makes no user, grant, session or event if one device is not the tenant’s', async () => {
    const before = await snapshot();
    expect(
      await ensure({
        userIdentifier: external(fresh('app')),
        deviceIdentifiers: [{ deviceId: device.deviceId }, { deviceId: foreign.deviceId }],
        chargingDeviceIdentifiers: [{ meterId: 'nothing' }],
      }),
    ).toMatchObject({
      success: false,
      errors: [
        { code: 'NOT_FOUND', path: ['input', 'deviceIdentifiers', '1', 'deviceId'] },
        { code: 'NOT_FOUND', path: ['input', 'chargingDeviceIdentifiers', '0', 'meterId'] },
      ],
      user: null,
      session: null,
    });
    expect(await snapshot()).toBe(before);
  });

  it('never creates a member', async () => {
    const before = await snapshot();
    expect(
      await ensure({ userIdentifier: { companyUser: { email: 'nobody@example.com' } } }),
    ).toMatchObject({
      success: false,
      errors: [{ code: 'NOT_FOUND', path: ['input', 'userIdentifier', 'companyUser', 'email'] }],
    });
    expect(await snapshot()).toBe(before);
  });

  it('takes no more than 500 devices in a list', async () => {
    const many = Array.from({ length: 501 }, () => ({ deviceId: device.deviceId }));
    expect(
      await ensure({ userIdentifier: external('x'), chargingDeviceIdentifiers: many }),
    ).toMatchObject({
      success: false,
      errors: [{ code: 'INVALID', path: ['input', 'chargingDeviceIdentifiers'] }],
    });
  });
});
