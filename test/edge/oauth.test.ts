/** `/introspect`, `/revoke` and their metadata, by the RFCs. */
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { D1_AWAY } from '../doubles/d1.ts';
import { looksOf } from '../looks.ts';
import {
  env,
  type Json,
  mistype,
  newKey,
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
let introspector: string;
let revoker: string;
let user: { id: string; externalId: string; identifier: object };
let session: Session;

beforeAll(async () => {
  [tenant, other] = [await newTenant(world), await newTenant(world, 'Other')];
  introspector = (await newKey(world, tenant, ['introspect'])).secret;
  revoker = (await newKey(world, tenant, ['sessions:write'])).secret;
  user = await newUser(world, tenant);
  session = await newSession(world, tenant, user.identifier);
});

type Path = '/introspect' | '/revoke';

const post = (path: Path, credential: string | null, form: BodyInit, init: RequestInit = {}) =>
  world.send(path, credential, { method: 'POST', body: form, ...init });

const form = (parameters: Record<string, string>) => new URLSearchParams(parameters);

const basic = (id: string, secret: string) => ({
  Authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
});

const introspect = async (token: string, credential = introspector): Promise<Json> =>
  (await post('/introspect', credential, form({ token }))).json();

const openSession = () => newSession(world, tenant, user.identifier);

const epoch = (time: string) => Math.floor(Date.parse(time) / 1000);

describe('RFC 7662: introspection', () => {
  it('section 2.2: an active token is described, and the answer is not to be stored', async () => {
    const response = await post('/introspect', introspector, form({ token: session.accessToken }));
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({
      active: true,
      sub: user.id,
      client_id: tenant.id,
      username: user.externalId,
      token_type: 'Bearer',
      iat: epoch(session.expiresAt) - 31 * 86_400,
      exp: epoch(session.expiresAt),
    });
  });

  it('section 2.2: a member is named by the e-mail address', async () => {
    const member = await newMember(tenant);
    const { accessToken } = await newSession(world, tenant, member.identifier);
    expect(await introspect(accessToken)).toMatchObject({ sub: member.id, username: member.email });
  });

  it('section 2.2: whatever is not active says so and no more, whatever the reason', async () => {
    const revoked = await openSession();
    await world.call(tenant.key, 'removeUserSession', { sessionId: revoked.id });
    const expired = await openSession();
    await env.DB.prepare('UPDATE sessions SET expires_at = 1 WHERE id = ?').bind(expired.id).run();
    await env.SESSIONS.delete(`ses:${expired.id}`);
    const stranger = await newUser(world, other);
    const theirs = await newSession(world, other, stranger.identifier);
    for (const token of [
      revoked.accessToken,
      expired.accessToken,
      theirs.accessToken,
      twinOf(session.accessToken),
      `${session.accessToken}\n`,
      ` ${session.accessToken}`,
      `Bearer ${session.accessToken}`,
      session.accessToken.slice(0, -1),
      introspector,
      tenant.key,
      operator,
      'x',
      '\ud800',
      'x'.repeat(1_000_000),
    ]) {
      const response = await newWorld().send('/introspect', introspector, {
        method: 'POST',
        body: form({ token }),
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      expect(await response.text()).toBe('{"active":false}');
    }
  });

  it('section 2.1: token_type_hint and unknown parameters change nothing', async () => {
    for (const token_type_hint of ['access_token', 'refresh_token', 'nonsense', '']) {
      const response = await post(
        '/introspect',
        introspector,
        form({ token: session.accessToken, token_type_hint, more: 'x' }),
      );
      expect(await response.json()).toMatchObject({ active: true });
    }
  });

  it('section 2.1: the body is a form, with one token', async () => {
    const json = { 'Content-Type': 'application/json' };
    const multipart = new FormData();
    multipart.set('token', session.accessToken);
    const answers = [
      await post('/introspect', introspector, JSON.stringify({ token: session.accessToken }), {
        headers: json,
      }),
      await post('/introspect', introspector, `token=${session.accessToken}`, {
        headers: { 'Content-Type': 'text/plain' },
      }),
      await post('/introspect', introspector, multipart),
      await post('/introspect', introspector, form({})),
      await post('/introspect', introspector, form({ token: '' })),
      await post('/introspect', introspector, new URLSearchParams('token=a&token=b')),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
    }
  });

  it('section 2.1: a charset in the content type may say what is so', async () => {
    for (const charset of ['; charset=UTF-8', ';charset="utf-8"', '; charset="', ' ;']) {
      const response = await post('/introspect', introspector, `token=${session.accessToken}`, {
        headers: { 'Content-Type': `Application/x-www-form-urlencoded${charset}` },
      });
      expect(await response.json()).toMatchObject({ active: true });
    }
  });

  it('section 2.1: a form of thousands of parameters is not parsed', async () => {
    const many = `${'a&'.repeat(900_000)}token=${session.accessToken}`;
    const response = await post('/introspect', introspector, many, {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error_description: 'The form has more than 100 parameters.' },
    ]);
  });

  it(
    'section 2.3: a caller without a credential that may is 401, in the same words for every ' +
      'reason',
    async () => {
      const answers = new Map<string, Set<string>>();
      for (const credential of [
        null,
        'x',
        `lk_key_${'A'.repeat(40)}${'0'.repeat(20)}`,
        twinOf(introspector),
        revoker,
        session.accessToken,
        operator,
      ]) {
        for (const body of [form({ token: session.accessToken }), form({}), 'no form']) {
          const response = await post('/introspect', credential, body);
          expect(response.status).toBe(401);
          const told = [response.headers.get('WWW-Authenticate'), await response.json()];
          const looks = looksOf(credential);
          answers.set(looks, (answers.get(looks) ?? new Set()).add(JSON.stringify(told)));
        }
      }
      const plain =
        'The caller is unknown, or may not do this. Send an API key with the scope ' +
        '"introspect" or, to revoke, "sessions:write". Send it as Bearer, or with the ' +
        'intermediary’s id as Basic or in the form.';
      expect(Object.fromEntries([...answers].map(([looks, told]) => [looks, [...told]]))).toEqual(
        Object.fromEntries(
          [
            ['null', ''],
            ['x', ' Our credentials begin with "lk_".'],
            ['key', ''],
            [
              'ses',
              ' This looks like the access token of a session. ' +
                'An API key, "lk_key_…", belongs here.',
            ],
            ['op', ' This looks like the operator key. An API key, "lk_key_…", belongs here.'],
          ].map(([looks, advice]) => [
            looks,
            [
              JSON.stringify([
                // RFC 6750, section 3: the challenge names an error where a token was sent.
                `Bearer realm="latchkey"${looks === 'null' ? '' : ', error="invalid_token"'}`,
                { error: 'invalid_client', error_description: `${plain}${advice}` },
              ]),
            ],
          ]),
        ),
      );
    },
  );

  it('is activity of the session, and another tenant’s asking is not', async () => {
    const { id, accessToken } = await openSession();
    const long = Date.now() - 23 * 3_600_000;
    await env.DB.prepare('UPDATE sessions SET renewed_at = ?, renew_after = ? WHERE id = ?')
      .bind(long, long + 1, id)
      .run();
    const renewedAt = () =>
      env.DB.prepare('SELECT renewed_at FROM sessions WHERE id = ?').bind(id).first('renewed_at');
    for (const [key, active] of [
      [other.key, false],
      [introspector, true],
    ] as const) {
      const response = await newWorld().send('/introspect?consistency=strict', key, {
        method: 'POST',
        body: form({ token: accessToken }),
      });
      expect(await response.json()).toMatchObject({ active });
      expect((await renewedAt()) === long).toBe(!active);
    }
  });

  it('strict asks D1: a revoked token is inactive at once', async () => {
    const { id, accessToken } = await openSession();
    const isolate = newWorld();
    const ask = async (query: string) => {
      const init = { method: 'POST', body: form({ token: accessToken }) };
      return (await (await isolate.send(`/introspect${query}`, introspector, init)).json()) as Json;
    };
    expect(await ask('')).toMatchObject({ active: true });
    await env.DB.prepare('UPDATE sessions SET revoked_at = 1, label = NULL WHERE id = ?')
      .bind(id)
      .run();
    expect(await ask('')).toMatchObject({ active: true });
    expect(await ask('?consistency=strict')).toEqual({ active: false });
    for (const odd of [
      '?consistency=',
      '?consistency=lax',
      '?consistency=strict&consistency=strict',
    ]) {
      expect(await ask(odd)).toMatchObject({ error: 'invalid_request' });
    }
  });
});

describe('RFC 6749, section 2.3.1: Basic', () => {
  const asked = (headers: HeadersInit) =>
    post('/introspect', null, form({ token: session.accessToken }), { headers });

  it('is the key’s own intermediary id and the key', async () => {
    const response = await asked(basic(tenant.id, introspector));
    expect(await response.json()).toMatchObject({ active: true });
  });

  it('with anything else is 401 with a challenge of the same scheme', async () => {
    for (const headers of [
      basic(other.id, introspector),
      basic('', introspector),
      basic(`${tenant.id} `, introspector),
      basic(tenant.id, `${introspector}x`),
      basic(tenant.id, revoker),
      basic(tenant.id, session.accessToken),
      basic('x', operator),
      { Authorization: 'Basic' },
      { Authorization: 'Basic %' },
      { Authorization: `Basic ${btoa('no colon')}` },
      { Authorization: `Basic ${btoa(`${tenant.id}:%E0%A4`)}` },
      { Authorization: `basic ${btoa(`${introspector}:`)}` },
    ]) {
      const response = await asked(headers);
      expect(response.status).toBe(401);
      expect(response.headers.get('WWW-Authenticate')).toBe(
        'Basic realm="latchkey", charset="UTF-8"',
      );
      expect(await response.json()).toMatchObject({ error: 'invalid_client' });
    }
  });

  it('is taken by /introspect and /revoke, and nowhere else', async () => {
    const headers = basic(tenant.id, tenant.key);
    const graphql = await world.send('/graphql', null, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: '{"query":"{ caller { kind } }"}',
    });
    expect(graphql.status).toBe(401);
    expect((await world.send('/verify', null, { headers })).status).toBe(401);
    expect((await world.send('/session', null, { headers })).status).toBe(401);
  });
});

describe('RFC 6749, section 2.3.1: client_secret_post', () => {
  const asked = (client: Record<string, string>, init: RequestInit = {}) =>
    post('/introspect', null, form({ token: session.accessToken, ...client }), init);

  it('is the key’s own intermediary id and the key, in the form', async () => {
    const response = await asked({ client_id: tenant.id, client_secret: introspector });
    expect(await response.json()).toMatchObject({ active: true });
    const opened = await openSession();
    const revoked = await post(
      '/revoke',
      null,
      form({ token: opened.accessToken, client_id: tenant.id, client_secret: revoker }),
    );
    expect([revoked.status, await revoked.text()]).toEqual([200, '']);
    expect(await introspect(opened.accessToken)).toEqual({ active: false });
  });

  it.each<[string, () => Record<string, string>]>([
    ['another company’s id', () => ({ client_id: other.id, client_secret: introspector })],
    ['no id', () => ({ client_secret: introspector })],
    ['no secret', () => ({ client_id: tenant.id })],
    ['another secret', () => ({ client_id: tenant.id, client_secret: twinOf(introspector) })],
    ['a key without the scope', () => ({ client_id: tenant.id, client_secret: revoker })],
    ['a session', () => ({ client_id: tenant.id, client_secret: session.accessToken })],
    ['the operator key', () => ({ client_id: tenant.id, client_secret: operator })],
  ])('with %s is 401', async (_, client) => {
    const response = await asked(client());
    expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([
      401,
      'Bearer realm="latchkey"',
    ]);
    expect(await response.json()).toMatchObject({ error: 'invalid_client' });
  });

  it('revokes nothing with a session’s own token', async () => {
    const token = session.accessToken;
    const client = { client_id: tenant.id, client_secret: token };
    expect((await post('/revoke', null, form({ token, ...client }))).status).toBe(401);
    expect(await introspect(token)).toMatchObject({ active: true });
  });

  it('section 2.3: is refused beside another way, though both are good', async () => {
    const client = { client_id: tenant.id, client_secret: introspector };
    const bearer = { Authorization: `Bearer ${introspector}` };
    for (const headers of [bearer, basic(tenant.id, introspector)]) {
      const response = await asked(client, { headers });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
      const named = await asked({ client_id: tenant.id }, { headers });
      expect(await named.json()).toMatchObject({ active: true });
    }
  });

  it('is 400 where a part of it is given twice', async () => {
    const twice = new URLSearchParams(`token=x&client_id=${tenant.id}&client_id=${tenant.id}`);
    const response = await post('/introspect', introspector, twice);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });
});

describe('RFC 7009: revocation', () => {
  const isGood = async ({ accessToken }: Session) =>
    (await newWorld().send('/verify?consistency=strict', accessToken)).status === 204;

  it('section 2.2: 200 and nothing more, and the token is no good', async () => {
    for (const headers of [{ Authorization: `Bearer ${revoker}` }, basic(tenant.id, revoker)]) {
      const opened = await openSession();
      const response = await post('/revoke', null, form({ token: opened.accessToken }), {
        headers,
      });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      expect(await isGood(opened)).toBe(false);
      expect(await env.SESSIONS.get(`ses:${opened.id}`)).toBeNull();
    }
  });

  it(
    'section 2.2: 200 whatever the token was, and whatever is not the tenant’s session stays ' +
      'as it is',
    async () => {
      const stranger = await newUser(world, other);
      const theirs = await newSession(world, other, stranger.identifier);
      const key = await newKey(world, tenant, ['users:read']);
      for (const token of [
        theirs.accessToken,
        twinOf(session.accessToken),
        key.secret,
        revoker,
        operator,
        'x',
        'x'.repeat(1_000_000),
      ]) {
        const response = await post(
          '/revoke',
          revoker,
          form({ token, token_type_hint: 'nonsense' }),
        );
        expect(response.status).toBe(200);
      }
      expect(await isGood(theirs)).toBe(true);
      expect(await isGood(session)).toBe(true);
      expect((await world.ask(key.secret, '{ caller { kind } }')).kind).toBe('API_KEY');
      expect((await world.ask(revoker, '{ caller { kind } }')).kind).toBe('API_KEY');
    },
  );

  it('says what a wrong token looks like, and ends one that has "Bearer" before it', async () => {
    const opened = await openSession();
    const { accessToken } = opened;
    const hintFor = async (token: string) =>
      (await post('/revoke', revoker, form({ token }))).text();
    for (const [token, hint] of [
      [introspector, 'This looks like an API key.'],
      [accessToken.slice(0, -1), 'It is not as we issued it'],
      [`"${accessToken}"`, 'It contains quotes'],
    ] as const) {
      expect(JSON.parse(await hintFor(token)).hint).toContain(hint);
    }
    for (const token of [mistype(accessToken), twinOf(accessToken)]) {
      expect(await hintFor(token)).toBe('');
    }
    expect(await isGood(opened)).toBe(true);
    expect(await hintFor(`Bearer ${accessToken} `)).toBe('');
    expect(await isGood(opened)).toBe(false);
  });

  it('section 2.1: a token can be revoked again', async () => {
    const { accessToken } = await openSession();
    for (const _ of [1, 2]) {
      expect((await post('/revoke', revoker, form({ token: accessToken }))).status).toBe(200);
    }
  });

  it('section 2.1: a session revokes itself, and no other', async () => {
    const [one, another] = [await openSession(), await openSession()];
    const refused = await post('/revoke', one.accessToken, form({ token: another.accessToken }));
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: 'invalid_client' });
    expect([await isGood(one), await isGood(another)]).toEqual([true, true]);
    const response = await post('/revoke', one.accessToken, form({ token: one.accessToken }));
    expect(response.status).toBe(200);
    expect([await isGood(one), await isGood(another)]).toEqual([false, true]);
  });

  it('section 2.2.1: 401 invalid_client for a bad caller, 400 for a missing token', async () => {
    for (const credential of [null, 'x', introspector, operator, twinOf(revoker)]) {
      const response = await post('/revoke', credential, form({ token: session.accessToken }));
      expect(response.status).toBe(401);
      expect(response.headers.get('WWW-Authenticate')).toBe(
        `Bearer realm="latchkey"${credential === null ? '' : ', error="invalid_token"'}`,
      );
      expect(await response.json()).toMatchObject({ error: 'invalid_client' });
    }
    for (const body of [
      form({}),
      form({ token: '' }),
      'x',
      new URLSearchParams('token=a&token=a'),
    ]) {
      const response = await post('/revoke', revoker, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    }
    expect(await isGood(session)).toBe(true);
  });

  it('is in the audit trail with who did it', async () => {
    const [byKey, byItself] = [await openSession(), await openSession()];
    await post('/revoke', revoker, form({ token: byKey.accessToken }));
    await post('/revoke', byItself.accessToken, form({ token: byItself.accessToken }));
    const { results } = await env.DB.prepare(
      'SELECT action, actor_kind, subject FROM audit_events WHERE action LIKE ' +
        "'session.remove%' AND user_id = ? ORDER BY number DESC LIMIT 2",
    )
      .bind(Number(user.id))
      .all();
    expect(results).toEqual(
      expect.arrayContaining([
        {
          action: 'session.remove',
          actor_kind: 'API_KEY',
          subject: JSON.stringify({ sessionIds: [byKey.id] }),
        },
        {
          action: 'session.removeOwn',
          actor_kind: 'END_USER',
          subject: JSON.stringify({ sessionIds: [byItself.id] }),
        },
      ]),
    );
  });
});

describe('both', () => {
  it('take POST and nothing else', async () => {
    for (const path of ['/introspect', '/revoke']) {
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
        const response = await world.send(path, introspector, { method });
        expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST']);
      }
    }
  });

  it('refuse a body of more than two megabytes', async () => {
    for (const path of ['/introspect', '/revoke'] as const) {
      const response = await post(path, tenant.key, form({ token: 'x'.repeat(2_000_001) }));
      expect(response.status).toBe(413);
    }
  });

  it('are 503 with Retry-After when D1 is away and the key is not remembered', async () => {
    const away = newWorld({
      DB: D1_AWAY,
    });
    for (const [path, key] of [
      ['/introspect', introspector],
      ['/revoke', revoker],
    ] as const) {
      const body = form({ token: session.accessToken });
      const response = await away.send(path, key, { method: 'POST', body });
      expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '5']);
      expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
    }
  });
});

describe('an OAuth client library', () => {
  const issuer = new URL('http://latchkey.test');
  const options = {
    [oauth.customFetch]: (url: string, init: RequestInit) => world.fetch(new Request(url, init)),
    [oauth.allowInsecureRequests]: true,
  } as object;

  it.each([
    ['client_secret_basic', oauth.ClientSecretBasic],
    ['client_secret_post', oauth.ClientSecretPost],
  ])('discovers (RFC 8414), introspects and revokes: oauth4webapi, %s', async (method, using) => {
    const opened = await openSession();
    const discovered = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
    const server = await oauth.processDiscoveryResponse(issuer, discovered);
    expect(server.introspection_endpoint_auth_methods_supported).toContain(method);
    expect(server.revocation_endpoint_auth_methods_supported).toContain(method);
    const client = { client_id: tenant.id };
    const authentication = using(tenant.key);
    const ask = async () =>
      oauth.processIntrospectionResponse(
        server,
        client,
        await oauth.introspectionRequest(
          server,
          client,
          authentication,
          opened.accessToken,
          options,
        ),
      );
    expect(await ask()).toMatchObject({ active: true, sub: user.id, client_id: tenant.id });
    const revoked = await oauth.revocationRequest(
      server,
      client,
      authentication,
      opened.accessToken,
      options,
    );
    expect(await oauth.processRevocationResponse(revoked)).toBeUndefined();
    expect(await ask()).toEqual({ active: false });
  });

  it.each([undefined, openid.ClientSecretBasic(), openid.ClientSecretPost()])(
    'discovers, introspects and revokes: openid-client, as it is by default and otherwise',
    async (authentication) => {
      const opened = await openSession();
      const customFetch = (url: string, init: object) => world.fetch(new Request(url, init));
      const config = await openid.discovery(issuer, tenant.id, tenant.key, authentication, {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
        [openid.customFetch]: customFetch as openid.CustomFetch,
      });
      const ask = () => openid.tokenIntrospection(config, opened.accessToken);
      expect(await ask()).toMatchObject({ active: true, sub: user.id });
      await openid.tokenRevocation(config, opened.accessToken);
      expect(await ask()).toEqual({ active: false });
    },
  );

  it('is led to the origin that PUBLIC_URL names, whatever the request says', async () => {
    const named = newWorld({ PUBLIC_URL: 'https://keys.example.com/' });
    const response = await named.send('/.well-known/oauth-authorization-server', null);
    expect(await response.json()).toMatchObject({
      issuer: 'https://keys.example.com',
      introspection_endpoint: 'https://keys.example.com/introspect',
      revocation_endpoint: 'https://keys.example.com/revoke',
    });
    const reference = (await (await named.send('/openapi.json', null)).json()) as Json;
    expect(reference.servers).toEqual([{ url: 'https://keys.example.com' }]);
  });

  it('is told by RFC 8414’s document what there is, and of nothing else', async () => {
    const path = '/.well-known/oauth-authorization-server';
    const response = await world.send(path, null);
    expect(await response.json()).toEqual({
      issuer: 'http://latchkey.test',
      introspection_endpoint: 'http://latchkey.test/introspect',
      introspection_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'Bearer',
      ],
      revocation_endpoint: 'http://latchkey.test/revoke',
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      response_types_supported: [],
      grant_types_supported: [],
    });
    expect((await world.send(path, null, { method: 'HEAD' })).status).toBe(200);
    const posted = await world.send(path, null, { method: 'POST' });
    expect([posted.status, posted.headers.get('Allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('a program on a page, and one that sends its form in chunks, get the same answers', () => {
  const chunks = (text: string) => new Blob([text]).stream();
  const typed = { 'Content-Type': 'application/x-www-form-urlencoded' };

  it.each(['/introspect', '/revoke', '/introspect/'] as const)('by %s', async (path) => {
    const token = `token=${twinOf(session.accessToken)}`;
    const asked: [credential: string | null, body: string, headers?: Record<string, string>][] = [
      [path === '/revoke' ? revoker : introspector, token],
      [null, token],
      [tenant.key.slice(0, -1), token],
      [tenant.key, `${token}&token=x`],
      [tenant.key, token, { 'Content-Type': 'text/plain' }],
      [tenant.key, `token=${'x'.repeat(2_000_001)}`],
    ];
    for (const [credential, body, headers = typed] of asked) {
      const answers = await Promise.all(
        [
          { body, headers: { ...headers, 'Content-Length': String(body.length) } },
          { body, headers },
          { body: chunks(body), headers },
          { body: chunks(body), headers: { ...headers, Origin: 'https://app.example.com' } },
        ].map(async (init) => {
          const answer = await world.send(path, credential, { method: 'POST', ...init });
          const told = Object.fromEntries(answer.headers);
          return { status: answer.status, ...told, 'x-request-id': '', body: await answer.text() };
        }),
      );
      const [first, ...others] = answers;
      expect(first).toMatchObject({ 'x-frame-options': 'SAMEORIGIN', 'cache-control': 'no-store' });
      for (const other of others) expect(other).toEqual(first);
    }
  });
});
