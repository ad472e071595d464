/** Publishing a copy: from D1, through refused writes, until both agree. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { kvWith, tooMany } from '../../doubles/kv.ts';
import { newQueue } from '../../doubles/queue.ts';
import { skipPauses } from '../../time.ts';
import {
  env,
  type Json,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
} from '../../world.ts';

const world = newWorld();
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the copy', () => {
  it('is written when a session opens, says who, and expires with the session', async () => {
    const user = await newUser(world, tenant, 'emoji 🔑');
    const { id, accessToken, expiresAt } = await newSession(world, tenant, user.identifier);
    expect(await env.SESSIONS.get<Json>(`ses:${id}`, 'json')).toEqual({
      id,
      tenantId: Number(tenant.id),
      userId: Number(user.id),
      externalId: 'emoji 🔑',
      email: null,
      hash: expect.stringMatching(/^[0-9a-f]{44}$/),
      createdAt: expect.any(Number),
      renewedAt: expect.any(Number),
      renewAfter: expect.any(Number),
      expiresAt: Date.parse(expiresAt),
      grants: [],
      stations: [],
    });
    expect(accessToken).toContain(id);
    const { keys } = await env.SESSIONS.list({ prefix: `ses:${id}` });
    expect(Math.abs((keys[0]?.expiration ?? 0) * 1000 - Date.parse(expiresAt))).toBeLessThan(5_000);
  });

  it('is written though KV refuses a write with 429, and refuses it again', async () => {
    let refusals = 2;
    const pauses = skipPauses();
    const limited = newWorld({
      SESSIONS: kvWith({
        put: (...args) => (refusals-- > 0 ? tooMany('PUT') : env.SESSIONS.put(...args)),
      }),
    });
    const user = await newUser(world, tenant);
    const { id } = await newSession(limited, tenant, user.identifier);
    expect(await env.SESSIONS.get(`ses:${id}`)).not.toBeNull();
    // KV takes one write a second for a key.
    expect(pauses.filter((ms) => ms > 1_000)).toHaveLength(2);
  });

  it('that KV refuses for good does not keep the others from being written', async () => {
    const user = await newUser(world, tenant);
    const sessions = [
      await newSession(world, tenant, user.identifier),
      await newSession(world, tenant, user.identifier),
    ];
    const stubborn = newWorld({
      // Others would try for as long again.
      WORK: newQueue().binding,
      SESSIONS: kvWith({
        delete: (key) =>
          key === `ses:${sessions[0]?.id}` ? tooMany('DELETE') : env.SESSIONS.delete(key),
      }),
    });
    skipPauses();
    await stubborn.ask(
      tenant.key,
      'mutation ($u: UserIdentifierInput!) { removeUserSessions(input: { userIdentifier: $u ' +
        '}) { success } }',
      { u: user.identifier },
    );
    const left = await Promise.all(sessions.map(({ id }) => env.SESSIONS.get(`ses:${id}`)));
    expect(left.map((copy) => copy !== null)).toEqual([true, false]);
  });

  it('that was left behind goes when the call that ended its session is repeated', async () => {
    const user = await newUser(world, tenant);
    const input = { userIdentifier: user.identifier };
    for (const [call, rest] of [
      ['removeUserSessions', {}],
      ['updateUser', { suspended: true }],
    ] as const) {
      const { id } = await newSession(world, tenant, user.identifier);
      const left = (await env.SESSIONS.get(`ses:${id}`)) ?? '';
      await world.call(tenant.key, call, { ...input, ...rest });
      await env.SESSIONS.put(`ses:${id}`, left);
      await world.call(tenant.key, call, { ...input, ...rest });
      expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
    }
  });

  it('is gone when a revocation fell between reading D1 and writing KV', async () => {
    const user = await newUser(world, tenant);
    let revoked = false;
    const late = newWorld({
      SESSIONS: kvWith({
        async put(key, value, options) {
          if (!revoked) {
            revoked = true;
            await env.DB.prepare('UPDATE sessions SET revoked_at = 1 WHERE id = ?')
              .bind(key.slice('ses:'.length))
              .run();
          }
          return env.SESSIONS.put(key, value, options);
        },
      }),
    });
    const { id } = await newSession(late, tenant, user.identifier);
    expect(revoked).toBe(true);
    expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
  });

  it('follows the first and a new meterId of a device, and the user’s new externalId', async () => {
    const user = await newUser(world, tenant);
    const { id } = await newSession(world, tenant, user.identifier);
    const copy = () => env.SESSIONS.get<Json>(`ses:${id}`, 'json');
    const assign = (meterId: string | null) =>
      world.ask(
        env.OPERATOR_KEY,
        'mutation ($input: AddDevicesInput!) { addDevices(input: $input) { success } }',
        { input: { intermediaryId: tenant.id, devices: [{ deviceId: 'METERED1', meterId }] } },
      );
    await assign(null);
    await world.call(tenant.key, 'addDevicePermissions', {
      userIdentifier: user.identifier,
      deviceIdentifiers: [{ deviceId: 'METERED1' }],
    });
    for (const meterId of ['first meter', 'new meter']) {
      await assign(meterId);
      expect(await copy()).toMatchObject({ grants: [['METERED1', meterId, 'VIEW', null]] });
    }
    await world.call(tenant.key, 'updateUser', {
      userIdentifier: user.identifier,
      newExternalId: 'renamed',
    });
    expect(await copy()).toMatchObject({
      externalId: 'renamed',
      grants: [['METERED1', 'new meter', 'VIEW', null]],
    });
  });
});
