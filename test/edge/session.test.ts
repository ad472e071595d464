/** `/session`: what an app asks about its own session. */
import { beforeAll, describe, expect, it } from 'vitest';
import { looksOf } from '../looks.ts';
import {
  env,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  type Tenant,
  twinOf,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let user: { id: string; identifier: object };

beforeAll(async () => {
  tenant = await newTenant(world);
  user = await newUser(world, tenant);
});

const openSession = () => newSession(world, tenant, user.identifier);

const dead = async () => {
  const revoked = await openSession();
  await world.call(tenant.key, 'removeUserSession', { sessionId: revoked.id });
  const expired = await openSession();
  await env.DB.prepare('UPDATE sessions SET expires_at = 1 WHERE id = ?').bind(expired.id).run();
  await env.SESSIONS.delete(`ses:${expired.id}`);
  return [
    revoked.accessToken,
    expired.accessToken,
    twinOf(revoked.accessToken),
    `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`,
    'x',
    tenant.key,
    operator,
  ];
};

describe('GET /session', () => {
  it('says whose it is and when it ends', async () => {
    const { accessToken, expiresAt } = await openSession();
    for (const query of ['', '?consistency=strict', '?consistency=fast']) {
      const response = await world.send(`/session${query}`, accessToken);
      expect(response.status).toBe(200);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      expect(await response.json()).toEqual({ user: Number(user.id), expires_at: expiresAt });
    }
    const odd = await world.send('/session?consistency=lax', accessToken);
    expect([odd.status, await odd.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it('is activity: the session slides behind the answer', async () => {
    const { id, accessToken } = await openSession();
    const long = Date.now() - 23 * 3_600_000;
    await env.DB.prepare('UPDATE sessions SET renewed_at = ?, renew_after = ? WHERE id = ?')
      .bind(long, long + 1, id)
      .run();
    const isolate = newWorld();
    await isolate.send('/session?consistency=strict', accessToken);
    const { expires_at } = (await (await isolate.send('/session', accessToken)).json()) as {
      expires_at: string;
    };
    expect(Date.parse(expires_at)).toBeGreaterThan(Date.now() + 31 * 86_400_000 - 60_000);
  });
});

describe('DELETE /session', () => {
  it('signs out: at once here, and with strict everywhere', async () => {
    const { accessToken } = await openSession();
    const response = await world.send('/session', accessToken, { method: 'DELETE' });
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect((await world.send('/session', accessToken)).status).toBe(401);
    const elsewhere = await newWorld().send('/session?consistency=strict', accessToken);
    expect(elsewhere.status).toBe(401);
  });

  it('ends no other session of the user', async () => {
    const [one, another] = [await openSession(), await openSession()];
    await world.send('/session', one.accessToken, { method: 'DELETE' });
    expect((await newWorld().send('/session', another.accessToken)).status).toBe(200);
  });

  it('is in the audit trail as the user’s own doing', async () => {
    const { id, accessToken } = await openSession();
    await world.send('/session', accessToken, { method: 'DELETE' });
    const row = await env.DB.prepare(
      'SELECT action, actor_kind, actor_id FROM audit_events WHERE tenant_id = ? ORDER BY ' +
        'number DESC LIMIT 1',
    )
      .bind(Number(tenant.id))
      .first();
    expect(row).toEqual({ action: 'session.removeOwn', actor_kind: 'END_USER', actor_id: id });
  });
});

describe('/session', () => {
  it.each(['GET', 'DELETE'])(
    '%s without a live session’s token is 401 and changes nothing',
    async (method) => {
      const without = await world.send('/session', null, { method });
      expect(without.status).toBe(401);
      expect(without.headers.get('WWW-Authenticate')).toBe('Bearer realm="latchkey"');
      const answers = new Map<string, Set<string>>();
      for (const credential of await dead()) {
        const response = await newWorld().send('/session', credential, { method });
        expect(response.status).toBe(401);
        const told = [response.headers.get('WWW-Authenticate'), await response.json()];
        const looks = looksOf(credential);
        answers.set(looks, (answers.get(looks) ?? new Set()).add(JSON.stringify(told)));
      }
      for (const [looks, texts] of answers) {
        expect([looks, ...texts]).toEqual([looks, expect.stringContaining('invalid_token')]);
      }
    },
  );

  it('takes GET, HEAD and DELETE', async () => {
    const { accessToken } = await openSession();
    expect((await world.send('/session', accessToken, { method: 'HEAD' })).status).toBe(200);
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const response = await world.send('/session', accessToken, { method });
      expect([response.status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD, DELETE']);
    }
  });
});
