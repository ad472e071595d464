/** `/verify`, as reverse proxies call it. */
import { createExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { weigh } from '../../src/domain/sessions/cache.ts';
import { type App, createApp, newIsolate } from '../../src/index.ts';
import { counted } from '../doubles/counted.ts';
import { done, newProject, newStaff, newStation, rest } from '../rest/company.ts';
import {
  type Device,
  env,
  grant,
  newDevice,
  newDevices,
  newKey,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  type Session,
  type Tenant,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let other: Tenant;
let device: Device;
let user: { id: string; externalId: string; identifier: object };
let session: Session;

beforeAll(async () => {
  [tenant, other] = [await newTenant(world), await newTenant(world, 'Other')];
  device = await newDevice(world, tenant);
  user = await newUser(world, tenant, 'Zoë & 🔑, 50%');
  await grant(world, tenant, user.identifier, [device]);
  session = await newSession(world, tenant, user.identifier);
});

const verify = (rest: string, token: string | null = session.accessToken, init?: RequestInit) =>
  world.send(`/verify${rest}`, token, init);

const latchkey = (response: Response) =>
  [...response.headers.keys()].filter((name) => name.startsWith('x-latchkey-'));

describe('a good token', () => {
  it('is 204 with who it is, and no body', async () => {
    const response = await verify(`/${tenant.id}`);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'no-store',
      'x-latchkey-user': user.id,
      'x-latchkey-external-id': 'Zo%C3%AB%20%26%20%F0%9F%94%91%2C%2050%25',
      'x-latchkey-tenant': tenant.id,
      'x-latchkey-expires-at': session.expiresAt,
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('of a member has an empty external id', async () => {
    const member = await newMember(tenant);
    const { accessToken } = await newSession(world, tenant, member.identifier);
    const response = await verify(`/${tenant.id}`, accessToken);
    expect(response.headers.get('X-Latchkey-External-Id')).toBe('');
    expect(response.headers.get('X-Latchkey-User')).toBe(member.id);
  });

  it('has a request id of its own at each call, warm or cold', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await verify('')).headers.get('X-Request-Id')),
    );
    expect(new Set(ids).size).toBe(3);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'])(
    'is 204 by any method: %s',
    async (method) => {
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? 'what the client sent' : null;
      expect((await verify(`/${tenant.id}`, undefined, { method, body })).status).toBe(204);
    },
  );

  it.each(['bearer', 'BEARER', 'Bearer', 'bEaReR  '])(
    'is 204 with the scheme in any letter case: %s',
    async (scheme) => {
      const headers = { Authorization: `${scheme} ${session.accessToken}` };
      expect((await verify('', null, { headers })).status).toBe(204);
    },
  );
});

describe('what a check costs', () => {
  const { sign, digest } = crypto.subtle;
  const uses = { turns: 0, hashes: 0, stores: 0 };
  const count = () => uses.stores++;

  /** Turns of the microtask queue up to the answer, hashes, and calls to KV and D1. */
  async function costOf(ask: () => Response | Promise<Response>) {
    Object.assign(uses, { turns: 0, hashes: 0, stores: 0 });
    for (const [name, hash] of Object.entries({ sign, digest })) {
      vi.spyOn(crypto.subtle, name as 'sign').mockImplementation((...given) => {
        uses.hashes++;
        return Reflect.apply(hash, crypto.subtle, given);
      });
    }
    let isThere = false;
    const turn = () => {
      uses.turns++;
      // More would keep a store from answering.
      if (!isThere && uses.turns < 100) queueMicrotask(turn);
    };
    const answer = ask();
    const cost = answer instanceof Promise ? undefined : { ...uses };
    if (!cost) queueMicrotask(turn);
    const { status } = await Promise.resolve(answer).finally(() => {
      isThere = true;
    });
    vi.restoreAllMocks();
    return { status, ...(cost ?? uses) };
  }

  it('warm is no wait, no hash and no call to a store, with a question as without', async () => {
    const app = createApp(newIsolate());
    const bindings = { ...env, DB: counted(env.DB, count), SESSIONS: counted(env.SESSIONS, count) };
    const headers = { Authorization: `Bearer ${session.accessToken}` };
    const ask = (query: string) =>
      costOf(() =>
        app.fetch(
          new Request(`http://latchkey.test/verify/${tenant.id}${query}`, { headers }),
          bindings,
          createExecutionContext(),
        ),
      );
    const cold = await ask('');
    expect(cold).toMatchObject({ status: 204, hashes: 1, stores: 1 });
    expect(cold.turns).toBeGreaterThan(0);
    const questions = [
      '',
      `?device=${device.deviceId}`,
      `?meter=${device.meterId}&permission=VIEW`,
    ];
    for (const query of [...questions, ...questions]) {
      expect(await ask(query)).toEqual({ status: 204, turns: 0, hashes: 0, stores: 0 });
    }
  });
});

describe('what is remembered of a session', () => {
  const ask = (app: App, accessToken: string, query = '') =>
    app.fetch(
      new Request(`http://latchkey.test/verify${query}`, {
        headers: { Authorization: `Bearer ${accessToken}` },
      }),
      env,
      createExecutionContext(),
    );

  it('is plain values, and weighs no less than they take', async () => {
    const isolate = newIsolate();
    const app = createApp(isolate);
    const externalId = `${crypto.randomUUID()}${'\u{1f50c}'.repeat(100)}`;
    const named = await newUser(world, tenant, externalId);
    const { id, accessToken } = await newSession(world, tenant, named.identifier);
    for (let nth = 0; nth < 3; nth++) expect((await ask(app, accessToken)).status).toBe(204);
    const known = isolate.sessions.get(id, Date.now()) ?? 'ended';
    // The runtime's own objects take kilobytes that nobody counts.
    expect(Object.values(known).filter((part) => part instanceof Headers)).toEqual([]);
    expect(weigh(known)).toBeGreaterThan(JSON.stringify(known).length);
  });

  it('is told of that session alone, whoever was answered before', async () => {
    const app = createApp(newIsolate());
    const member = await newMember(tenant);
    const theirs = await newSession(world, tenant, member.identifier);
    for (let nth = 0; nth < 3; nth++) {
      const yes = await ask(app, session.accessToken, `?device=${device.deviceId}`);
      const plain = await ask(app, theirs.accessToken);
      expect([...yes.headers.keys()].filter((name) => !plain.headers.has(name))).toEqual([
        'x-latchkey-device',
        'x-latchkey-permission',
      ]);
      expect(plain.headers.get('X-Latchkey-User')).toBe(member.id);
      expect(plain.headers.get('X-Latchkey-External-Id')).toBe('');
      expect(yes.headers.get('X-Latchkey-User')).not.toBe(member.id);
      expect(yes.headers.get('X-Request-Id')).not.toBe(plain.headers.get('X-Request-Id'));
    }
  });
});

describe('a question', () => {
  const asked = async (query: string, consistency = '') =>
    (await verify(`/${tenant.id}?${query}${consistency}`)).status;

  it('about a granted device is 204, by either id, and VIEW is the default', async () => {
    for (const strict of ['', '&consistency=strict', '&consistency=fast']) {
      expect(await asked(`device=${device.deviceId}`, strict)).toBe(204);
      expect(await asked(`meter=${device.meterId}`, strict)).toBe(204);
      expect(await asked(`device=${device.deviceId}&permission=VIEW`, strict)).toBe(204);
      expect(await asked(`device=${device.deviceId}&permission=CHARGE`, strict)).toBe(403);
    }
  });

  it('about an unknown device is answered like one about a device not granted', async () => {
    const ungranted = await newDevice(world, tenant);
    const theirs = await newDevice(world, other);
    const answers = await Promise.all(
      [
        `device=${ungranted.deviceId}`,
        `device=${theirs.deviceId}`,
        'device=Nothere1',
        'device=no%20device%20at%20all',
        `device=${device.deviceId.toLowerCase()}`,
        `meter=${ungranted.meterId}`,
        `meter=${theirs.meterId}`,
        'meter=nothing',
        'station=1',
      ].map(async (query) => {
        const response = await verify(`/${tenant.id}?${query}`);
        const { 'x-request-id': _, ...headers } = Object.fromEntries(response.headers);
        const body = (await response.json()) as { error_description: string };
        const [what = '', id = ''] = query.split('=');
        const name = `${what} "${decodeURIComponent(id)}"`;
        const asked = `permission VIEW on the ${name}. Letter case matters.`;
        // It names what was asked, and nothing else differs.
        body.error_description = body.error_description
          .replace(asked, 'such permission.')
          .replace('station 1.', 'such permission.');
        return JSON.stringify([response.status, headers, body]);
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('The token’s user has no such permission.');
    expect(JSON.parse(answers[0] ?? '')[0]).toBe(403);
  });

  it.each([
    'devise=X',
    'device=',
    'device',
    '=',
    'x',
    'DEVICE=<device>',
    'device=<device>&device=<device>',
    'device=<device>&x=',
    'device=<device>&meter=<meter>',
    'device=<device>&station=1',
    'device=<device>&permission=',
    'device=<device>&permission=view',
    'device=<device>&permission=ADMIN',
    'device=<device>&permission=VIEW&permission=VIEW',
    'device=<device>&consistency=lax',
    'device=<device>&consistency=strict&consistency=strict',
    'permission=VIEW',
    'station=1&permission=CHARGE',
    'station=x',
    'tenant=1',
    'access_token=x',
  ])('that is not wholly understood is 403: %s', async (query) => {
    const filled = query
      .replaceAll('<device>', device.deviceId)
      .replaceAll('<meter>', encodeURIComponent(device.meterId));
    const response = await verify(`/${tenant.id}?${filled}`);
    expect(response.status).toBe(403);
    expect(latchkey(response)).toEqual([]);
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' });
  });

  it('that is empty is none', async () => {
    expect((await verify(`/${tenant.id}?`)).status).toBe(204);
    expect((await verify('?')).status).toBe(204);
  });

  it(
    'below the tenant, be it behind a slash, is 403 for every token: a slash too many makes no ' +
      'yes',
    async () => {
      const theirs = await newSession(world, other, (await newUser(world, other)).identifier);
      for (const below of [
        '/',
        `/?device=${device.deviceId}`,
        '/?device=Nothere1',
        '/m/1?device=x',
        '/x/?consistency=lax',
        '//',
        '/%E0%A4',
        '/a%0Ab',
        `/../${tenant.id}/x`,
        `/../${other.id}/x`,
      ]) {
        for (const token of [session.accessToken, theirs.accessToken, 'x', null]) {
          const response = await verify(`/${tenant.id}${below}`, token);
          expect([below, response.status]).toEqual([below, 403]);
          expect(latchkey(response)).toEqual([]);
          expect(await response.json()).toMatchObject({
            error: 'insufficient_scope',
            error_description: expect.stringContaining('X-Latchkey-Verify'),
          });
        }
      }
    },
  );

  it('below the tenant asks no store, whatever the token', async () => {
    const asked = () => {
      throw new Error('asked');
    };
    const nobody = newWorld({
      DB: counted(env.DB, asked),
      SESSIONS: counted(env.SESSIONS, asked),
    });
    const response = await nobody.send(`/verify/${tenant.id}/`, session.accessToken);
    expect(response.status).toBe(403);
  });

  it(
    'of a proxy that names the tenant in a header is 200, and nothing but that tenant’s tokens ' +
      'is good',
    async () => {
      const headers = { 'X-Latchkey-Verify': tenant.id };
      const stranger = await newUser(world, other);
      const theirs = (await newSession(world, other, stranger.identifier)).accessToken;
      // As the URL of a request has them, dot segments are resolved.
      for (const path of ['/meters/1?device=x', '/', '', '/a%0Ab', `/../${tenant.id}/x`]) {
        const response = await verify(`/${tenant.id}${path}`, undefined, { headers });
        expect([path, response.status]).toEqual([path, 200]);
        expect(response.headers.get('X-Latchkey-User')).toBe(user.id);
      }
      for (const path of [
        '/../../?x=1',
        '/../../health',
        '/../../graphql',
        '/%2e%2e/%2e%2e/health',
        '/../../.well-known/oauth-authorization-server',
        '/..',
        '/../../nowhere',
        `/../${other.id}/x`,
        `/../${other.id}`,
        '/x',
      ]) {
        for (const token of [null, theirs]) {
          const response = await verify(`/${tenant.id}${path}`, token, { headers });
          expect([path, response.status]).toEqual([path, 401]);
          expect(latchkey(response)).toEqual([]);
        }
      }
      for (const named of ['', 'x', other.id, '0']) {
        const odd = { 'X-Latchkey-Verify': named };
        expect((await verify(`/${tenant.id}/x`, undefined, { headers: odd })).status).toBe(401);
      }
    },
  );

  it('about a grant made a moment ago is 204 at once, though the copy says no', async () => {
    const late = await newDevice(world, tenant);
    const isolate = newWorld();
    const path = `/verify?device=${late.deviceId}`;
    await isolate.send('/verify', session.accessToken);
    await env.DB.prepare(
      'INSERT INTO permissions (user_id, device_id, permission, change_id) VALUES (?, ?, ' +
        "'VIEW', 'x')",
    )
      .bind(Number(user.id), late.deviceId)
      .run();
    expect((await isolate.send(path, session.accessToken)).status).toBe(204);
  });
});

describe('a yes to a question', () => {
  const told = async (query: string, token = session.accessToken) => {
    const response = await verify(`/${tenant.id}?${query}`, token);
    const about = ['device', 'station', 'permission'].map((name) =>
      response.headers.get(`X-Latchkey-${name}`),
    );
    return [response.status, ...about];
  };

  it('names the device and the permission that were checked, also for a meter', async () => {
    const [{ deviceId, meterId }] = [device];
    for (const consistency of ['', '&consistency=strict']) {
      const yes = [204, deviceId, null, 'VIEW'];
      expect(await told(`device=${deviceId}${consistency}`)).toEqual(yes);
      expect(await told(`device=${deviceId}&permission=VIEW${consistency}`)).toEqual(yes);
      expect(await told(`meter=${meterId}${consistency}`)).toEqual(yes);
    }
  });

  it('names the permission to charge, and nothing in a no', async () => {
    const charged = await newDevice(world, tenant);
    await grant(world, tenant, user.identifier, [charged], 'addChargingPermission');
    const charge = `device=${charged.deviceId}&permission=CHARGE`;
    expect(await told(charge)).toEqual([204, charged.deviceId, null, 'CHARGE']);
    expect(await told(`device=${charged.deviceId}`)).toEqual([403, null, null, null]);
    expect(await told(charge, 'x')).toEqual([401, null, null, null]);
  });

  it('names the station, for who is assigned it and for level 1, which D1 answers', async () => {
    const head = await newStaff(world, tenant, 1);
    const project = await newProject(world, head.token);
    const station = await newStation(world, head.token, project.id);
    await done(rest(world, head.token, `PATCH /user/${user.id}`, { station_ids: [station.id] }));
    const yes = [204, null, String(station.id), 'VIEW'];
    for (const token of [session.accessToken, head.token]) {
      expect(await told(`station=${station.id}`, token)).toEqual(yes);
      expect(await told(`station=${station.id}&consistency=strict`, token)).toEqual(yes);
    }
  });

  it('names the device where D1 is asked, since the record cannot carry all grants', async () => {
    const many = await newUser(world, tenant);
    const devices = await newDevices(world, tenant, 499);
    const [first, second] = await newDevices(world, tenant, 2);
    if (!first || !second) throw new Error('no devices');
    await grant(world, tenant, many.identifier, devices);
    await grant(world, tenant, many.identifier, [first, second]);
    const { accessToken } = await newSession(world, tenant, many.identifier);
    const yes = [204, second.deviceId, null, 'VIEW'];
    expect(await told(`meter=${second.meterId}`, accessToken)).toEqual(yes);
    expect(await told(`device=${second.deviceId}`, accessToken)).toEqual(yes);
  });

  it('to no question names neither, and to the next question names the next device', async () => {
    const next = await newDevice(world, tenant);
    await grant(world, tenant, user.identifier, [next]);
    expect((await told(`device=${device.deviceId}`))[1]).toBe(device.deviceId);
    expect((await told(`device=${next.deviceId}`))[1]).toBe(next.deviceId);
    expect(await told('')).toEqual([204, null, null, null]);
  });
});

describe('whose tokens', () => {
  it('below a tenant, only that tenant’s: another’s is 401, like an unknown one', async () => {
    const forged = `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`;
    const answersTo = async (...asked: Promise<Response>[]) => {
      const answers = (await Promise.all(asked)).map(async (response) => {
        expect(response.status).toBe(401);
        const { 'x-request-id': _, ...headers } = Object.fromEntries(response.headers);
        return JSON.stringify([headers, await response.json()]);
      });
      return new Set(await Promise.all(answers));
    };
    // Whether or not there is the tenant.
    const [named, ...others] = await answersTo(
      verify(`/${other.id}`),
      verify(`/${other.id}`, forged),
      verify(`/${other.id}?device=${device.deviceId}`),
      verify(`/${other.id}?devise=`),
      verify(`/${other.id}?consistency=strict`),
      verify('/9007199254740991'),
      verify('/9007199254740991', forged),
      verify(`/${tenant.id}`, forged),
    );
    expect(named).toContain('or does not belong to the tenant in the path');
    expect(others).toEqual([]);
    const [unnamed, ...more] = await answersTo(
      ...['/', '/0', `/0${tenant.id}`, `/${tenant.id}x`, '/%20', '/acme', '/$TENANT'].flatMap(
        (path) => [verify(path), verify(path, forged)],
      ),
    );
    expect(unnamed).toContain('The path must have the id of a tenant, a number');
    expect(more).toEqual([]);
  });

  it('that lacks the permission is told what was checked, also for an unknown thing', async () => {
    const late = await newDevice(world, tenant);
    const long = 'm'.repeat(200);
    for (const [query, said] of [
      [
        `device=${late.deviceId}`,
        `has no permission VIEW on the device "${late.deviceId}". Letter case`,
      ],
      ['device=Nothere1&permission=CHARGE', 'has no permission CHARGE on the device "Nothere1".'],
      [`meter=${late.meterId}`, `has no permission VIEW on the meter "${late.meterId}".`],
      [`meter=${long}`, `on the meter "${long.slice(0, 77)}…".`],
      [`device=${session.accessToken}`, 'on the device "lk_ses_…".'],
      ['station=12', 'has no station 12.'],
    ] as const) {
      const answer = await verify(`/${tenant.id}?${query}`);
      expect(answer.status).toBe(403);
      expect(((await answer.json()) as { error_description: string }).error_description).toContain(
        said,
      );
    }
  });

  it('asked at another tenant’s proxy, is not activity', async () => {
    const { id, accessToken } = await newSession(world, tenant, user.identifier);
    const long = Date.now() - 25 * 3_600_000;
    await env.DB.prepare('UPDATE sessions SET renewed_at = ?, renew_after = ? WHERE id = ?')
      .bind(long, long + 1, id)
      .run();
    const copy = await env.SESSIONS.get<object>(`ses:${id}`, 'json');
    await env.SESSIONS.put(
      `ses:${id}`,
      JSON.stringify({ ...copy, renewedAt: long, renewAfter: long + 1 }),
    );
    const renewedAt = () =>
      env.DB.prepare('SELECT renewed_at FROM sessions WHERE id = ?').bind(id).first('renewed_at');
    for (const strict of ['', '?consistency=strict']) {
      await newWorld().send(`/verify/${other.id}${strict}`, accessToken);
      expect(await renewedAt()).toBe(long);
    }
    // At its own tenant it counts as activity, with any answer.
    const response = await newWorld().send(
      '/verify?device=Nothere1&consistency=strict',
      accessToken,
    );
    expect(response.status).toBe(403);
    expect(await renewedAt()).toBeGreaterThan(long);
  });

  it('without a tenant, any tenant’s: the header tells whose', async () => {
    const stranger = await newUser(world, other);
    const { accessToken } = await newSession(world, other, stranger.identifier);
    const response = await verify('', accessToken);
    expect(response.status).toBe(204);
    expect(response.headers.get('X-Latchkey-Tenant')).toBe(other.id);
  });
});

describe('RFC 6750', () => {
  it('section 3: a request without credentials is challenged without an error code', async () => {
    const response = await verify('', null);
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer realm="latchkey"');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(latchkey(response)).toEqual([]);
  });

  it(
    'section 3.1: an expired, revoked, malformed or otherwise invalid token is 401 ' +
      'invalid_token',
    async () => {
      const revoked = await newSession(world, tenant, user.identifier);
      await world.call(tenant.key, 'removeUserSession', { sessionId: revoked.id });
      const expired = await newSession(world, tenant, user.identifier);
      await env.DB.prepare('UPDATE sessions SET expires_at = 1 WHERE id = ?')
        .bind(expired.id)
        .run();
      await env.SESSIONS.delete(`ses:${expired.id}`);
      const key = await newKey(world, tenant, ['introspect']);
      const isolate = newWorld();
      for (const credential of [
        revoked.accessToken,
        expired.accessToken,
        session.accessToken.slice(0, -1),
        `${session.accessToken}0`,
        session.accessToken.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        'x',
        'x'.repeat(100_000),
        key.secret,
        tenant.key,
        operator,
      ]) {
        const response = await isolate.send('/verify', credential);
        expect(response.status).toBe(401);
        expect(response.headers.get('WWW-Authenticate')).toBe(
          'Bearer realm="latchkey", error="invalid_token"',
        );
        expect(await response.json()).toMatchObject({ error: 'invalid_token' });
      }
    },
  );

  it('section 3.1: a token without the permission is 403 insufficient_scope', async () => {
    const response = await verify(`?device=${device.deviceId}&permission=CHARGE`);
    expect(response.status).toBe(403);
    expect(response.headers.get('WWW-Authenticate')).toBe(
      'Bearer realm="latchkey", error="insufficient_scope"',
    );
  });

  it.each([
    ['two headers', () => `Bearer ${session.accessToken}, Bearer ${session.accessToken}`],
    ['Basic', () => `Basic ${btoa(`x:${session.accessToken}`)}`],
    ['no scheme', () => session.accessToken],
    ['a scheme alone', () => 'Bearer'],
    ['more than a token', () => `Bearer ${session.accessToken} x`],
    ['an empty header', () => ''],
  ])('section 2.1: what is no bearer token is 401: %s', async (_, header) => {
    const response = await verify('', null, { headers: { Authorization: header() } });
    expect(response.status).toBe(401);
  });

  it('section 2.2 and 2.3: a token elsewhere than in the header is none', async () => {
    expect((await verify(`/${tenant.id}?access_token=${session.accessToken}`, null)).status).toBe(
      401,
    );
    const inBody = await verify('', null, {
      method: 'POST',
      body: new URLSearchParams({ access_token: session.accessToken }),
    });
    expect(inBody.status).toBe(401);
  });
});

it('paths that only begin like it are not found', async () => {
  for (const path of ['/verifyx', '/verify-', '/Verify', '/x/verify']) {
    expect((await world.send(path, session.accessToken)).status).toBe(404);
  }
});

it('a revoked token is 401 at once where it was revoked, with strict everywhere', async () => {
  const { id, accessToken } = await newSession(world, tenant, user.identifier);
  const elsewhere = newWorld();
  await elsewhere.send('/verify', accessToken);
  await world.call(tenant.key, 'removeUserSession', { sessionId: id });
  expect((await world.send('/verify', accessToken)).status).toBe(401);
  expect((await elsewhere.send('/verify?consistency=strict', accessToken)).status).toBe(401);
  expect((await elsewhere.send('/verify', accessToken)).status).toBe(401);
});
