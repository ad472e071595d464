/** The console's door: its page, its session, and the APIs by its cookie. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ConsoleAnswer,
  cookieOf,
  enter,
  fromPage,
  newConsoleMember,
  OURS,
  rowOf,
  sessionIn,
} from '../console.ts';
import { assetsWith } from '../doubles/assets.ts';
import { watchD1 } from '../doubles/d1.ts';
import { limitOf } from '../doubles/limits.ts';
import { hush, PASSWORD } from '../secrets.ts';
import {
  env,
  fresh,
  type Json,
  newSession,
  newTenant,
  newWorld,
  operator,
  randomSecret,
  succeed,
  type Tenant,
} from '../world.ts';

const world = newWorld();

const NAME = '__Host-latchkey';

let tenant: Tenant;
let ada: Awaited<ReturnType<typeof newConsoleMember>>;

beforeAll(async () => {
  tenant = await newTenant(world);
  ada = await newConsoleMember(world, tenant, 2);
});

const me = (cookie: string | null, from = world, headers?: Record<string, string>) =>
  fromPage(from, cookie, 'GET /console/api/user/me', undefined, headers);

const whoCalls = (cookie: string | null, from = world) =>
  fromPage(from, cookie, 'POST /console/api/graphql', { query: '{ caller { kind } }' });

describe('signing in to the console', () => {
  it('gives a member a cookie that no script reads, and no token', async () => {
    const answer = await fromPage(world, null, 'POST /console/session', ada.proof);
    expect(answer).toMatchObject({
      status: 200,
      body: { errors: false, data: { kind: 'member', user: { id: Number(ada.id) } } },
    });
    expect(answer.headers.get('Set-Cookie')).toMatch(
      new RegExp(
        `^__Host-latchkey=lk_con_\\w{60}; Max-Age=34560000; Path=/; HttpOnly; SameSite=Strict; ` +
          'Secure$',
      ),
    );
    const { token } = sessionIn(cookieOf(answer));
    expect(
      JSON.stringify([answer.body, [...answer.headers].filter(([name]) => name !== 'set-cookie')]),
    ).not.toContain(token);
    expect((await me(cookieOf(answer))).data.user.email).toBe(ada.email);
  });

  it('gives an operator a cookie for 12 hours', async () => {
    const answer = await fromPage(world, null, 'POST /console/session', { operatorKey: operator });
    expect(answer).toMatchObject({ status: 200, body: { data: { kind: 'operator' } } });
    expect(answer.headers.get('Set-Cookie')).toMatch(/=lk_ops_\w+; Max-Age=43200; Path=\/; Http/);
    expect((await whoCalls(cookieOf(answer))).data).toEqual({ caller: { kind: 'OPERATOR' } });
    expect((await me(cookieOf(answer))).status).toBe(403);
  });

  it('answers an unknown address, a wrong password and a disabled member alike', async () => {
    const disabled = await newConsoleMember(world, tenant, 4);
    const path = `/user/${disabled.id}`;
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ status: 0 });
    await world.send(path, tenant.key, { method: 'PATCH', headers, body });
    const d1 = watchD1();
    const counted = newWorld({ DB: d1.DB });
    const told = [];
    for (const proof of [
      { ...ada.proof, email: `${fresh('nobody')}@example.com` },
      { ...ada.proof, password: 'a door that nobody painted' },
      disabled.proof,
      { ...ada.proof, company_id: 12 },
    ]) {
      d1.trips = 0;
      const headers = { ...OURS, 'CF-Connecting-IP': fresh('address') };
      const answer = await fromPage(counted, null, 'POST /console/session', proof, headers);
      told.push({ trips: d1.trips, status: answer.status, body: answer.body });
      expect(answer.headers.has('Set-Cookie')).toBe(false);
    }
    expect(told[0]).toMatchObject({ trips: 2, status: 400, body: { errors: true } });
    expect(Object.keys(told[0]?.body.message.errors)).toEqual(['email']);
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  it('counts attempts as those of programs are counted, by network and account', async () => {
    const tries = limitOf(2);
    const limited = newWorld({ TRIES_BY_ACCOUNT: tries.binding });
    const wrong = { ...ada.proof, password: 'a door that nobody painted' };
    const post = (path: string, body: object) =>
      fromPage(limited, null, `POST ${path}`, body, { ...OURS, 'CF-Connecting-IP': '192.0.2.7' });
    expect((await post('/authenticate', wrong)).status).toBe(400);
    expect((await post('/console/session', wrong)).status).toBe(400);
    expect((await post('/console/session', ada.proof)).status).toBe(429);
    const keys = [1, 2, 3].map(() => post('/console/session', { operatorKey: `${operator}x` }));
    expect((await Promise.all(keys)).map(({ status }) => status).sort()).toEqual([400, 400, 429]);
  });

  it.each([
    [{}, 422, ['email', 'password']],
    [{ password: PASSWORD }, 422, ['email']],
    [{ operatorKey: 7 }, 400, ['operatorKey']],
    [{ operatorKey: 'lk_op_x' }, 400, ['operatorKey']],
    [{ operatorKey: operator, email: 'ada@example.com' }, 422, ['operatorKey']],
    [{ user: 'ada' }, 422, ['body', 'user', 'email', 'password']],
    ['{"email":', 400, ['body']],
    ['[]', 400, ['body']],
  ])('refuses %j, and says which field is wrong', async (body, status, fields) => {
    const answer = await fromPage(world, null, 'POST /console/session', body);
    expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([status, fields]);
  });

  it('takes JSON only, which no form of another site can send', async () => {
    const headers = { ...OURS, 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(ada.proof as never).toString();
    const answer = await fromPage(world, null, 'POST /console/session', body, headers);
    expect([answer.status, answer.headers.has('Set-Cookie')]).toEqual([415, false]);
  });

  it('names the companies of whoever is a member of several', async () => {
    const other = await newTenant(world);
    const bob = await newConsoleMember(world, other, 2);
    const { company_id: _, ...anywhere } = ada.proof;
    await env.DB.prepare('UPDATE users SET email = ? WHERE id = ?').bind(ada.email, bob.id).run();
    await env.DB.prepare(
      `UPDATE passwords SET hash = (SELECT hash FROM passwords WHERE user_id = ?)
        WHERE user_id = ?`,
    )
      .bind(ada.id, bob.id)
      .run();
    const answer = await fromPage(world, null, 'POST /console/session', anywhere);
    expect(answer).toMatchObject({ status: 400, errors: { company_id: expect.any(String) } });
    await env.DB.prepare('UPDATE users SET email = ? WHERE id = ?').bind(bob.email, bob.id).run();
  });
});

describe('a session of the console', () => {
  it('is a session like others: it is listed, slides, and ends with what ends them', async () => {
    const { cookie, id: member } = await newConsoleMember(world, tenant, 1);
    const { id } = sessionIn(cookie);
    const sessions = (): Promise<Json> =>
      world.ask(
        tenant.key,
        `{ sessions(userIdentifier: { companyUser: { id: "${member}" } }) { id } }`,
      );
    expect(await sessions()).toEqual([{ id }]);
    expect(await env.SESSIONS.get(`ses:${id}`)).not.toBeNull();
    expect(await rowOf(id)).toMatchObject({ console: 1, opened_by: 'PASSWORD' });
    const other = await newSession(world, tenant, { companyUser: { id: member } });
    expect(await rowOf(other.id)).toMatchObject({ console: 0, opened_by: 'KEY' });

    const before = (await rowOf(id)).expires_at;
    await env.DB.prepare('UPDATE sessions SET renew_after = 1, expires_at = ? WHERE id = ?')
      .bind(before - 1_000_000, id)
      .run();
    // Whichever call it is, and whatever is answered.
    await fromPage(newWorld(), cookie, 'GET /console/api/events');
    expect((await rowOf(id)).expires_at).toBeGreaterThanOrEqual(before);

    await succeed(world.call(tenant.key, 'removeUserSession', { sessionId: id }));
    expect((await me(cookie)).status).toBe(401);
    expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
  });

  it('calls within the limits of a session, whichever way it calls', async () => {
    const calls = limitOf(1);
    const limited = newWorld({ CALLS: calls.binding });
    expect((await me(ada.cookie, limited)).status).toBe(200);
    const refused = await whoCalls(ada.cookie, limited);
    expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([429, 'LIMITED']);
    const answer = await me(ada.cookie, limited);
    expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([429, ['limit']]);
  });

  it('is never told to a script, nor is another token', async () => {
    const { token } = sessionIn(ada.cookie);
    const { headers, body } = await me(ada.cookie);
    expect(headers.has('X-Token')).toBe(false);
    expect(JSON.stringify([body, [...headers]])).not.toContain(token);
    const signedIn = await fromPage(world, null, 'POST /console/api/authenticate', ada.proof);
    expect(signedIn.status).toBe(404);
  });

  it('is no token, wherever it is sent as one', async () => {
    const { token } = sessionIn(ada.cookie);
    const form = (path: string, credential: string) =>
      world.send(path, credential, { method: 'POST', body: new URLSearchParams({ token }) });
    const paths = [
      '/verify',
      `/verify/${tenant.id}`,
      '/session',
      '/user/me',
      '/project',
      '/events',
    ];
    for (const path of paths) {
      expect([path, (await world.send(path, token)).status]).toEqual([path, 401]);
    }
    expect((await world.send('/session', token, { method: 'DELETE' })).status).toBe(401);
    expect((await world.graphql(token, '{ caller { kind } }')).status).toBe(401);
    expect((await form('/introspect', token)).status).toBe(401);
    expect((await form('/revoke', token)).status).toBe(401);
    expect(await (await form('/introspect', tenant.key)).json()).toEqual({ active: false });
    expect((await form('/revoke', tenant.key)).status).toBe(200);
    const removed = await world.call(tenant.key, 'removeUserSession', { accessToken: token });
    expect(removed).toMatchObject({ success: false });
    const ensure = `mutation ($input: EnsureUserAccessInput!) {
      ensureUserAccess(input: $input) { sessionCreated session { id accessToken } } }`;
    const input = { userIdentifier: ada.identifier, deviceIdentifiers: [], accessToken: token };
    const { ensureUserAccess } = (await world.graphql(tenant.key, ensure, { input })).data;
    expect(ensureUserAccess.sessionCreated).toBe(true);
    expect(ensureUserAccess.session.accessToken).toMatch(/^lk_ses_/);
    for (const [explained, consistency] of [
      ['', 'FAST'],
      ['reason', 'FAST'],
      ['', 'STRICT'],
    ]) {
      const query = `query ($input: CheckUserAccessInput!) {
        checkUserAccess(input: $input) { sessionValid devices { granted ${explained} } } }`;
      const about = { ...input, consistency };
      const { checkUserAccess } = (await world.graphql(tenant.key, query, { input: about })).data;
      expect(checkUserAccess.sessionValid).toBe(false);
    }
    expect((await me(ada.cookie)).status).toBe(200);
  });

  it('takes nothing else in its place', async () => {
    const { accessToken } = await newSession(world, tenant, ada.identifier);
    const { token } = sessionIn(ada.cookie);
    for (const other of [accessToken, tenant.key, operator, `${token}0`, token.slice(1), '', '"']) {
      for (const answer of [await me(`${NAME}=${other}`), await whoCalls(`${NAME}=${other}`)]) {
        expect([other.slice(0, 7), answer.status]).toEqual([other.slice(0, 7), 401]);
      }
    }
    expect((await me(null)).status).toBe(401);
    expect((await me(`latchkey=${token}; Latchkey=${token}; x${NAME}=${token}`)).status).toBe(401);
  });

  it('is found among other cookies, and not where there are two', async () => {
    const junk = `a=1; =; ;;; ${NAME}x=1; b="${NAME}=2"`;
    expect((await me(`${junk}; ${ada.cookie}; z`)).status).toBe(200);
    expect((await me(`${ada.cookie};${'x=y;'.repeat(25_000)}`)).status).toBe(200);
    expect((await me(`${NAME}=${'x'.repeat(100_000)}`)).status).toBe(401);
    expect((await me(`${ada.cookie}; ${NAME}=other`)).status).toBe(401);
    expect((await me(`${ada.cookie}; ${ada.cookie}`)).status).toBe(401);
  });

  it('has no prefix on this machine, and its port in its name', async () => {
    const at = async (origin: string, cookie?: string) =>
      world.fetch(
        new Request(`${origin}${cookie ? '/console/api/user/me' : '/console/session'}`, {
          method: cookie ? 'GET' : 'POST',
          headers: {
            ...OURS,
            'Content-Type': 'application/json',
            ...(cookie && { Cookie: cookie }),
          },
          ...(!cookie && { body: JSON.stringify(ada.proof) }),
        }),
      );
    for (const [origin, name] of [
      ['http://localhost:8787', 'latchkey-8787'],
      ['http://127.0.0.1:9000', 'latchkey-9000'],
      ['http://[::1]', 'latchkey-80'],
    ] as const) {
      const cookie = (await at(origin)).headers.get('Set-Cookie') ?? '';
      expect(cookie).toMatch(
        new RegExp(`^${name}=lk_con_\\w+; Max-Age=\\d+; Path=/; HttpOnly; SameSite=Strict$`),
      );
      expect((await at(origin, cookie.split(';', 1)[0])).status).toBe(200);
    }
    const elsewhere = await at(
      'http://localhost:8787',
      `latchkey-9000=${sessionIn(ada.cookie).token}`,
    );
    expect(elsewhere.status).toBe(401);
    expect((await at('https://localhost:8787')).headers.get('Set-Cookie')).toContain('; Secure');
  });
});

describe('the operator’s session', () => {
  const known = newWorld();
  const isOperator = async (cookie: string, from = known) => (await whoCalls(cookie, from)).status;

  it('does what the operator does, and acts as the operator', async () => {
    const cookie = await enter(world, { operatorKey: operator });
    const query = 'mutation { addIntermediary(input: { name: "Made here" }) { success secret } }';
    const { data } = await fromPage(world, cookie, 'POST /console/api/graphql', { query });
    expect(data.addIntermediary).toMatchObject({ success: true });
    expect(await isOperator(cookie)).toBe(200);
    expect((await world.graphql(sessionIn(cookie).token, '{ caller { kind } }')).status).toBe(401);
  });

  it('lasts 12 hours', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const cookie = await enter(known, { operatorKey: operator });
    vi.advanceTimersByTime(12 * 3_600_000 - 1_000);
    expect(await isOperator(cookie)).toBe(200);
    vi.advanceTimersByTime(1_000);
    expect(await isOperator(cookie)).toBe(401);
    vi.useRealTimers();
  });

  it('ends when its key is dropped, and not with another', async () => {
    const [old, next] = [`lk_op_${randomSecret()}`, `lk_op_${randomSecret()}`];
    const both = newWorld({ OPERATOR_KEY: `${old}, ${next}` });
    const [first, second] = [
      await enter(both, { operatorKey: old }),
      await enter(both, { operatorKey: next }),
    ];
    const after = newWorld({ OPERATOR_KEY: next });
    for (const [cookie, inBoth, inAfter] of [
      [first, 200, 401],
      [second, 200, 200],
    ] as const) {
      expect([await isOperator(cookie, both), await isOperator(cookie, after)]).toEqual([
        inBoth,
        inAfter,
      ]);
    }
  });

  it('holds while the secret that signed it is one of the deployment’s', async () => {
    const cookie = await enter(known, { operatorKey: operator });
    const fresh = randomSecret();
    const rotated = newWorld({ SIGNING_SECRETS: `${fresh},${env.SIGNING_SECRETS}` });
    expect(await isOperator(cookie, rotated)).toBe(200);
    expect(await isOperator(cookie, newWorld({ SIGNING_SECRETS: fresh }))).toBe(401);
  });

  it('cannot be forged, extended, or made from another', async () => {
    const cookie = await enter(known, { operatorKey: operator });
    const { token } = sessionIn(cookie);
    const [, , endsAt = '', random = '', mac = ''] = token.split('_');
    const later = String(Number(endsAt) + 1_000);
    for (const forged of [
      `lk_ops_${later}_${random}_${mac}`,
      `lk_ops_${endsAt}_${'A'.repeat(16)}_${mac}`,
      `lk_ops_${endsAt}_${random}_${'0'.repeat(64)}`,
      `lk_ops_${endsAt}_${random}_`,
      `lk_ops_${endsAt}_${random}_${mac.toUpperCase()}`,
      `lk_ops_0${endsAt}_${random}_${mac}`,
      'lk_ops_',
      operator,
    ]) {
      expect([forged, await isOperator(`${NAME}=${forged}`)]).toEqual([forged, 401]);
    }
    expect(await isOperator(cookie)).toBe(200);
  });
});

describe('how and with what a session was opened', () => {
  const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0';
  const told = async (cookie: string) => {
    const query = { query: '{ viewer { sessions { id openedBy client } } }' };
    return (await fromPage(world, cookie, 'POST /console/api/graphql', query)).data.viewer.sessions;
  };
  const ended = async (id: string) => (await rowOf(id)).client;

  it('is told to its member, by the cookie and by a token, and is gone with it', async () => {
    const { cookie, proof, identifier } = await newConsoleMember(world, tenant);
    const agent = { 'User-Agent': FIREFOX, 'CF-Connecting-IP': fresh('address') };
    const page = await fromPage(world, null, 'POST /console/session', proof, { ...OURS, ...agent });
    const app = await fromPage(world, null, 'POST /authenticate', proof, agent);
    const { id: ofKey } = await newSession(world, tenant, identifier);
    const byPassword = { openedBy: 'PASSWORD', client: 'Firefox on Windows' };
    const ofApp = String(app.data.token).slice(7, 23);
    const ofPage = sessionIn(cookieOf(page)).id;
    const first = sessionIn(cookie).id;
    const all = await told(cookie);
    expect(all.toSorted((a: Json, b: Json) => (a.id < b.id ? -1 : 1))).toEqual(
      [
        { id: first, openedBy: 'PASSWORD', client: null },
        { id: ofPage, ...byPassword },
        { id: ofApp, ...byPassword },
        { id: ofKey, openedBy: 'KEY', client: null },
      ].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
    await fromPage(world, cookieOf(page), 'DELETE /console/session');
    await world.call(tenant.key, 'removeUserSessions', { userIdentifier: identifier });
    expect([await ended(ofPage), await ended(ofApp)]).toEqual([null, null]);
  });

  it('is nothing of a header that a key or a stranger sends', async () => {
    const { identifier } = ada;
    const query = `mutation ($input: AddUserSessionInput!) { addUserSession(input: $input) {
      session { openedBy client } } }`;
    const headers = { 'User-Agent': FIREFOX, Authorization: `Bearer ${tenant.key}` };
    const body = { query, variables: { input: { userIdentifier: identifier } } };
    const { data } = await fromPage(world, null, 'POST /graphql', body, headers);
    expect(data.addUserSession.session).toEqual({ openedBy: 'KEY', client: null });
    const odd = {
      ...OURS,
      'CF-Connecting-IP': fresh('a'),
      'User-Agent': `<b>${'x'.repeat(9_000)}`,
    };
    const page = await fromPage(world, null, 'POST /console/session', ada.proof, odd);
    expect((await rowOf(sessionIn(cookieOf(page)).id)).client).toBeNull();
  });
});

describe('signing out', () => {
  const leave = (cookie: string | null, from = world) =>
    fromPage(from, cookie, 'DELETE /console/session');
  const GONE = /^__Host-latchkey=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict; Secure$/;

  it('ends the session in D1 and KV, and takes the cookie away', async () => {
    const { cookie } = await newConsoleMember(world, tenant);
    const { id } = sessionIn(cookie);
    const answer = await leave(cookie);
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(answer.headers.get('Set-Cookie')).toMatch(GONE);
    expect((await rowOf(id)).revoked_at).toBeGreaterThan(0);
    expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
    expect((await me(cookie)).status).toBe(401);
    expect((await leave(cookie)).status).toBe(204);
  });

  it('takes away whatever cookie there is, and the operator’s', async () => {
    for (const cookie of [
      null,
      `${NAME}=junk`,
      `${NAME}=a; ${NAME}=b`,
      `${NAME}=${tenant.key}`,
      await enter(world, { operatorKey: operator }),
    ]) {
      const answer = await leave(cookie);
      expect([answer.status, answer.headers.get('Set-Cookie')]).toEqual([
        204,
        expect.stringMatching(GONE),
      ]);
    }
    expect((await world.send('/project', tenant.key)).status).toBe(200);
  });

  it('works while D1 is slow, and takes the cookie away while D1 is away', async () => {
    const { cookie } = await newConsoleMember(world, tenant);
    const slow = watchD1({ before: () => scheduler.wait(700) });
    expect((await leave(cookie, newWorld({ DB: slow.DB }))).status).toBe(204);
    expect((await me(cookie)).status).toBe(401);

    hush('error');
    const away = watchD1({ before: () => Promise.reject(new Error('D1 is away')) });
    const answer = await leave(ada.cookie, newWorld({ DB: away.DB }));
    expect(answer).toMatchObject({
      status: 503,
      errors: { service: expect.stringContaining('You are signed out in this browser') },
    });
    expect(answer.headers.get('Set-Cookie')).toMatch(GONE);
    expect((await me(ada.cookie)).status).toBe(200);
  });

  it('works for whoever calls too often', async () => {
    const { cookie } = await newConsoleMember(world, tenant);
    const limited = newWorld({ CALLS: limitOf(0).binding, TRIES_BY_ADDRESS: limitOf(0).binding });
    expect((await leave(cookie, limited)).status).toBe(204);
  });
});

describe('a call of the console', () => {
  const ELSEWHERE: Record<string, string>[] = [
    {},
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'none' },
    { 'Sec-Fetch-Site': 'same-origin, cross-site' },
    { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://latchkey.test' },
    { Origin: 'null' },
    { Origin: '' },
    { Origin: 'http://latchkey.test.evil.example' },
    { Origin: 'https://latchkey.test' },
    { Origin: 'http://latchkey.test:8080' },
    { Referer: 'http://latchkey.test/console' },
  ];
  const CALLS = [
    'GET /console/api/user/me',
    'POST /console/api/graphql',
    'GET /console/api/graphql?query={caller{kind}}',
    'PATCH /console/api/user/me',
    'PUT /console/api/user/me',
    'OPTIONS /console/api/user/me',
    'HEAD /console/api/user/me',
    'GET /console/api/nothing',
    'GET /console/api',
    'POST /console/session',
    'DELETE /console/session',
  ];

  it.each(CALLS)('%s comes from a page of ours, or is refused', async (call) => {
    const open = newWorld({ CORS_ORIGINS: '*', CALLS: limitOf(0).binding });
    for (const headers of ELSEWHERE) {
      const body = /^P/.test(call) ? ada.proof : undefined;
      const answer = await fromPage(open, ada.cookie, call, body, headers);
      expect([headers, answer.status]).toEqual([headers, 403]);
      expect(answer.headers.has('Set-Cookie')).toBe(false);
      expect(answer.headers.has('Access-Control-Allow-Origin')).toBe(false);
    }
    expect((await me(ada.cookie)).status).toBe(200);
  });

  it('is told why in the form of its API', async () => {
    const rest = await fromPage(world, ada.cookie, 'GET /console/api/user/me', undefined, {});
    expect(rest.errors).toEqual({
      permission: expect.stringContaining('the pages of the console'),
    });
    const query = { query: '{ caller { kind } }' };
    const graphql = await fromPage(world, ada.cookie, 'POST /console/api/graphql', query, {});
    expect(graphql.body.errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it('may say so by its Origin, as it is called and as PUBLIC_URL says', async () => {
    const headers = { Origin: 'http://latchkey.test' };
    expect((await me(ada.cookie, world, headers)).status).toBe(200);
    const PUBLIC_URL = 'https://latchkey.example.com';
    const known = newWorld({ PUBLIC_URL });
    expect((await me(ada.cookie, known, { Origin: PUBLIC_URL })).status).toBe(200);
    expect((await me(ada.cookie, world, { Origin: PUBLIC_URL })).status).toBe(403);
  });

  it('has no other credential', async () => {
    const bearer = { ...OURS, Authorization: `Bearer ${tenant.key}` };
    for (const cookie of [null, ada.cookie]) {
      for (const call of [
        'GET /console/api/project',
        'POST /console/session',
        'DELETE /console/session',
      ]) {
        const body = call.startsWith('P') ? ada.proof : undefined;
        const answer = await fromPage(world, cookie, call, body, bearer);
        expect([call, answer.status]).toEqual([call, 401]);
        expect(answer.headers.has('Set-Cookie')).toBe(false);
      }
    }
    const { token } = sessionIn(ada.cookie);
    const own = { ...OURS, Authorization: `Bearer ${token}` };
    expect((await me(null, world, own)).status).toBe(401);
  });

  it('answers as the API does, and is kept by nobody', async () => {
    const { accessToken } = await newSession(world, tenant, ada.identifier);
    const of = ({ status, headers, body }: Pick<ConsoleAnswer, 'status' | 'headers' | 'body'>) => [
      status,
      headers.get('Content-Type'),
      headers.get('Cache-Control'),
      body,
    ];
    const calls: [call: string, body?: object | string][] = [
      ['GET /user/me'],
      ['GET /project?per_page=2'],
      ['GET /project?per_page=0'],
      ['GET /station/1'],
      ['PATCH /user/me', { alarm_voice: 9 }],
      ['PATCH /user/me', '{'],
      ['POST /project', { name: '' }],
      ['DELETE /user/1'],
      ['PUT /user/me', {}],
      ['POST /graphql', { query: '{ viewer { user { id } } }' }],
      ['POST /graphql', { query: '{ users { nodes { id } } }' }],
      ['POST /graphql', { query: '{' }],
      ['GET /events'],
    ];
    for (const [call, body] of calls) {
      const bearer = { Authorization: `Bearer ${accessToken}` };
      const byToken = await fromPage(world, null, call, body, bearer);
      const byCookie = await fromPage(world, ada.cookie, call.replace(' ', ' /console/api'), body);
      const plain = (answer: unknown) => JSON.stringify(answer).replace(/"requestId":"[^"]*"/g, '');
      expect([call, plain(of(byCookie))]).toEqual([call, plain(of(byToken))]);
    }
  });

  it.each([
    ...[
      'verify',
      `verify/1`,
      'introspect',
      'revoke',
      'session',
      'authenticate',
      'import',
      'export',
    ],
    ...[
      'docs',
      'openapi.json',
      'schema.graphql',
      'health',
      '',
      'console',
      '.well-known/x',
      'api/user',
    ],
  ])('reaches no /%s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await fromPage(world, ada.cookie, `${method} /console/api/${path}`);
      expect([method, answer.status]).toEqual([method, 404]);
    }
  });

  it('elsewhere is worth nothing', async () => {
    const paths = ['/user/me', '/project', '/session', '/verify', '/events', '/export'];
    for (const path of [...paths, '/api/console/user/me', '/%63onsole/api']) {
      const { status } = await fromPage(world, ada.cookie, `GET ${path}`);
      expect([path, [401, 404].includes(status)]).toEqual([path, true]);
    }
    const posted = await fromPage(world, ada.cookie, 'POST /graphql', {
      query: '{ viewer { user { id } } }',
    });
    expect(posted.body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('the page', () => {
  const PATHS = [
    '/console',
    '/console/',
    '/console/people',
    '/console/customers/x-1%2F?tab=2',
    '/console/apix',
  ];

  it.each(PATHS)('is at %s, runs only scripts of its own, and is kept by nobody', async (path) => {
    const answer = await fromPage(world, null, `GET ${path}`, undefined, {});
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
      200,
      'text/html; charset=UTF-8',
    ]);
    const policy = answer.headers.get('Content-Security-Policy')?.split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'"],
        ...[
          "connect-src 'self'",
          "form-action 'none'",
          "base-uri 'none'",
          "frame-ancestors 'none'",
        ],
        ...["require-trusted-types-for 'script'", "trusted-types 'none'"],
      ]),
    );
    expect(policy?.join()).not.toMatch(/unsafe|\*|https?:|data:|blob:/);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers.has('Set-Cookie')).toBe(false);
    expect(answer.body).toMatch(/<script type="module" src="\/console\/assets\/main-\w+\.js">/);
    expect(answer.body).not.toMatch(/<script>|<style|style=|onload|javascript:/);
    const head = await fromPage(world, null, `HEAD ${path}`, undefined, {});
    expect([head.status, head.body]).toEqual([200, '']);
  });

  it('names files that are there, by names that change with their content', async () => {
    const { body } = await fromPage(world, null, 'GET /console', undefined, {});
    const files = String(body).match(/\/console\/assets\/[^"]+/g) ?? [];
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      expect(file).toMatch(/-[0-9A-Z]{8}\.\w+$/);
      expect((await env.ASSETS.fetch(`http://assets.local${file}`)).status).toBe(200);
    }
  });

  it('is nothing else: no file that is missing, and no other method', async () => {
    for (const call of [
      'GET /console/assets/x.js',
      'GET /console/assets',
      'POST /console/people',
      'PUT /console/x',
    ]) {
      expect([call, (await fromPage(world, null, call)).status]).toEqual([call, 404]);
    }
    expect((await fromPage(world, null, 'POST /console')).status).toBe(405);
    expect((await fromPage(world, null, 'GET /console/session')).status).toBe(405);
  });

  it('is 503 while its file cannot be read', async () => {
    hush('error');
    const ASSETS = assetsWith(async () => new Response(null, { status: 404 }));
    const answer = await fromPage(newWorld({ ASSETS }), null, 'GET /console/people');
    expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([503, ['service']]);
  });

  it.each([
    ['http://127.0.0.1:8787/console', 'http://localhost:8787/console'],
    [
      'http://127.0.0.1:8787/console/people?x=%2F&y',
      'http://localhost:8787/console/people?x=%2F&y',
    ],
    ['http://[::1]:8787/console/', 'http://localhost:8787/console/'],
  ])('at %s leads to the name, at which browsers have passkeys', async (from, to) => {
    const answer = await world.fetch(new Request(from, { redirect: 'manual' }));
    expect([answer.status, answer.headers.get('Location')]).toEqual([302, to]);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
  });
});

it('CONSOLE = "off" takes the pages and their calls away', async () => {
  const off = newWorld({ CONSOLE: 'off' });
  const calls = ['GET /console', 'GET /console/people', 'GET /console/api/user/me'];
  const writes = ['PUT /console/api/user/me', 'POST /console/session', 'DELETE /console/session'];
  for (const call of [...calls, ...writes, 'POST /console']) {
    const answer = await fromPage(off, ada.cookie, call, /^P/.test(call) ? ada.proof : undefined);
    expect([call, answer.status]).toEqual([call, 404]);
    expect(JSON.stringify(answer.body)).not.toMatch(/mean \/console/);
  }
  expect((await fromPage(newWorld(), null, 'GET /consol')).errors?.path).toContain('/console?');
});
