/** GraphQL over HTTP, by the audits of its specification and by our own rules. */
import { serverAudits } from 'graphql-http';
import { beforeAll, describe, expect, it } from 'vitest';
import { D1_AWAY, d1Failing } from '../doubles/d1.ts';
import { env, newTenant, newWorld, operator, randomSecret, type Tenant } from '../world.ts';

const world = newWorld();
const url = 'http://latchkey.test/graphql';
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

function request(query: string, headers: Record<string, string> = {}, where = world) {
  return where.fetch(
    new Request(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${tenant.key}`,
        ...headers,
      },
      body: JSON.stringify({ query }),
    }),
  );
}

describe('the audits of GraphQL over HTTP', () => {
  const audits = serverAudits({
    url,
    fetchFn: (input: string, init: RequestInit = {}) => {
      const sent = new Request(input, init);
      sent.headers.set('Authorization', `Bearer ${tenant.key}`);
      return world.fetch(sent);
    },
  });

  it('are 61', () => expect(audits).toHaveLength(61));

  it.each(audits)('$id $name', async (audit) => {
    const result = await audit.fn();
    expect(result).toMatchObject({ status: 'ok' });
  });
});

describe('a bad document', () => {
  const response = 'application/graphql-response+json';
  it.each([
    ['{ nothing }', response, 400],
    ['{ nothing }', 'application/json', 200],
    ['{', response, 400],
    ['{', 'application/json', 200],
  ])('%j, accepting %s, is %d with a code', async (query, Accept, status) => {
    const answer = await request(query, { Accept });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('Content-Type')).toBe(`${Accept}; charset=utf-8`);
    const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toMatch(/^GRAPHQL_(VALIDATION|PARSE)_FAILED$/);
  });
});

describe('a document is refused whole', () => {
  const mixed =
    'mutation { addUser(input: { userIdentifier: { externalUser: { externalId: "x" } } }) { ' +
    'success } %s }';

  it.each([
    ['a field that the caller may not have', 'addIntermediary(input: { name: "x" }) { success }'],
    ['one under another name', 'a: addIntermediary(input: { name: "x" }) { success }'],
    ['one in a fragment', '... on Mutation { addIntermediary(input: { name: "x" }) { success } }'],
    [
      'one that is included',
      'addIntermediary(input: { name: "x" }) @include(if: true) { success }',
    ],
  ])('because of %s', async (_, field) => {
    const before = await users();
    const answer = await request(mixed.replace('%s', field), { Accept: 'application/json' });
    expect(answer.status).toBe(403);
    expect(await users()).toBe(before);
  });

  it('but not because of one that is skipped', async () => {
    const skipped = 'addIntermediary(input: { name: "x" }) @skip(if: true) { success }';
    expect((await request(mixed.replace('%s', skipped))).status).toBe(200);
  });

  it('because of a nested field, with its path', async () => {
    const { secret } = await world.ask(
      tenant.key,
      'mutation { addApiKey(input: { name: "k", scopes: ["users:write"] }) { secret } }',
    );
    const query =
      'mutation { addUser(input: { userIdentifier: { externalUser: { externalId: "nested" } ' +
      '} }) { who: user { orders { orderId } } } }';
    const before = await users();
    const { status, errors } = await world.graphql(secret, query);
    expect(status).toBe(403);
    expect(errors?.[0]).toMatchObject({
      path: ['addUser', 'who', 'orders'],
      extensions: { code: 'FORBIDDEN' },
    });
    expect(await users()).toBe(before);
  });

  const users = async () =>
    JSON.stringify(await env.DB.prepare('SELECT count(*) AS n FROM users').first());
});

describe('a document made to hurt', () => {
  it('that spreads a fragment two to the two hundredth times is answered at once', async () => {
    const fragments = Array.from(
      { length: 200 },
      (_, n) => `fragment F${n} on Caller { ...F${n + 1} ...F${n + 1} }`,
    );
    const { data } = await world.graphql(
      tenant.key,
      `{ caller { ...F0 } } ${fragments.join(' ')} fragment F200 on Caller { kind }`,
    );
    expect(data).toEqual({ caller: { kind: 'API_KEY' } });
  });

  it.each([51, 500, 3_000, 50_000])('that nests %d deep is a bad one', async (depth) => {
    const query = `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`;
    const { status, errors } = await world.graphql(tenant.key, query);
    expect({ status, codes: errors?.map(({ extensions }) => extensions.code) }).toEqual({
      status: 200,
      codes: ['GRAPHQL_PARSE_FAILED'],
    });
  });

  it('may name a thousand devices inline', async () => {
    const devices = Array.from({ length: 500 }, () => '{ deviceId: "NOTHERE1" }').join(' ');
    const { data } = await world.graphql(
      tenant.key,
      `mutation { ensureUserAccess(input: { userIdentifier: { externalUser: { externalId: "many" }
        },
        deviceIdentifiers: [${devices}], chargingDeviceIdentifiers: [${devices}] }) { success errors
        { code message } } }`,
    );
    const { errors } = data.ensureUserAccess;
    expect(errors.at(-1).message).toBe(`${1001 - errors.length} more errors are omitted.`);
  });
});

describe('parameters that are no JSON', () => {
  const authorization = () => ({ Authorization: `Bearer ${tenant.key}` });
  it.each([
    [
      'variables in a query string',
      () => new Request(`${url}?query={caller{kind}}&variables=xx`, { headers: authorization() }),
    ],
    [
      'extensions in a query string',
      () => new Request(`${url}?query={caller{kind}}&extensions={`, { headers: authorization() }),
    ],
    [
      'variables in a form',
      () =>
        new Request(url, {
          method: 'POST',
          headers: { ...authorization(), 'Content-Type': 'application/x-www-form-urlencoded' },
          body: 'query={caller{kind}}&variables=xx',
        }),
    ],
    [
      'a body',
      () =>
        new Request(url, {
          method: 'POST',
          headers: { ...authorization(), 'Content-Type': 'application/json' },
          body: '{"query":',
        }),
    ],
  ])('are a 400 that tells nothing of the inside: %s', async (_, sent) => {
    const answer = await world.fetch(sent());
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      errors: [
        {
          message:
            'The request’s parameters are not valid JSON. A body is {"query": "…", ' +
            '"variables": {…}}, with names in double quotes and no comma at the end.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
  });
});

describe('variables that do not fit', () => {
  it.each([
    [
      'null where a list must be',
      'query ($d: [DeviceIdentifierInput!]) { checkUserAccess(input: { userIdentifier: { ' +
        'externalUser: { externalId: "x" } }, deviceIdentifiers: $d }) { allowed } }',
      { d: null },
    ],
    [
      'null in place of a default',
      'query ($n: Int = 10) { devices(first: $n) { nodes { deviceId } } }',
      { n: null },
    ],
    [
      'null in a member’s place',
      'mutation ($u: UserIdentifierInput) { addUserSession(input: { userIdentifier: $u }) { ' +
        'success } }',
      { u: null },
    ],
    [
      'two ways at once',
      'query ($u: UserIdentifierInput!) { user(userIdentifier: $u) { id } }',
      { u: { externalUser: { externalId: 'x' }, companyUser: { id: '1' } } },
    ],
    [
      'a number for a name',
      'mutation ($n: String!) { addIntermediary(input: { name: $n }) { success } }',
      { n: 1 },
    ],
  ])('make no fault of ours: %s', async (_, query, variables) => {
    const { status, errors } = await world.graphql(tenant.key, query, variables);
    expect(status).toBeLessThan(500);
    expect(errors?.[0].extensions.code).toMatch(/^(BAD_REQUEST|GRAPHQL_VALIDATION_FAILED)$/);
  });
});

it('a body of more than a megabyte is 413', async () => {
  const { status } = await world.fetch(
    new Request(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${tenant.key}` },
      body: JSON.stringify({ query: `{ caller { kind } } # ${'x'.repeat(1_000_001)}` }),
    }),
  );
  expect(status).toBe(413);
});

describe('a body that is held back', () => {
  it('does not hold back the time by which its credential is judged', async () => {
    const { secret } = await world.ask(
      tenant.key,
      'mutation { addApiKey(input: { name: "brief", scopes: ["users:read"], expiresAt: ' +
        `"${new Date(Date.now() + 200).toISOString()}" }) { secret } }`,
    );
    const { readable, writable } = new TransformStream<Uint8Array>();
    const answer = world.fetch(
      new Request(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
        body: readable,
      }),
    );
    const writer = writable.getWriter();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await writer.write(new TextEncoder().encode('{"query":"{ caller { kind } }"}'));
    await writer.close();
    expect((await answer).status).toBe(401);
  });
});

describe('a mutation that fails whole', () => {
  it('takes nothing from what the mutations before it answered', async () => {
    const { apiKey, secret } = await world.ask(
      tenant.key,
      'mutation { addApiKey(input: { name: "self", scopes: ["keys:write"] }) { apiKey { id } ' +
        'secret } }',
    );
    const { status, data, errors } = await world.graphql(
      secret,
      `mutation { rotated: rotateApiKey(input: { id: "${apiKey.id}", graceSeconds: 0 }) { secret }
        added: addApiKey(input: { name: "more", scopes: ["keys:write"] }) { success } }`,
    );
    expect(data).toEqual({
      rotated: { secret: expect.stringMatching(/^lk_key_/) },
      added: null,
    });
    expect({ status, path: errors?.[0].path }).toEqual({ status: 401, path: ['added'] });
  });
});

describe('a store that is away', () => {
  const away = newWorld({
    DB: D1_AWAY,
  });

  it.each([
    'D1_ERROR: Network connection lost.',
    'D1 DB is overloaded. Too many requests queued.',
    'D1_ERROR: internal error; reference = x',
  ])('is 503 UNAVAILABLE with Retry-After: %s', async (message) => {
    const DB = d1Failing(() => true, message);
    const answer = await request('{ caller { kind } }', {}, newWorld({ DB }));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('Retry-After')).toBe('5');
    expect(await answer.json()).toMatchObject({
      errors: [{ extensions: { code: 'UNAVAILABLE' } }],
    });
  });

  it('does not matter for a forged credential', async () => {
    const forged = `Bearer lk_key_${'A'.repeat(40)}${'0'.repeat(20)}`;
    expect((await request('{ caller { kind } }', { Authorization: forged }, away)).status).toBe(
      401,
    );
  });
});

describe('a fault of ours', () => {
  const broken = newWorld({
    DB: d1Failing(
      () => true,
      'D1_ERROR: UNIQUE constraint failed: users.secret: SQLITE_CONSTRAINT',
    ),
  });

  it('is a masked 500 when what is stored does not fit the schema', async () => {
    const { id, key } = await newTenant(world, 'Misfit');
    await env.DB.prepare(`UPDATE audit_events SET subject = '{"deviceIds":1}' WHERE tenant_id = ?`)
      .bind(Number(id))
      .run();
    const { status, errors } = await world.graphql(
      key,
      '{ auditEvents(first: 1) { nodes { deviceIds } } }',
    );
    expect({ status, code: errors?.[0].extensions.code }).toEqual({
      status: 500,
      code: 'INTERNAL',
    });
    expect(JSON.stringify(errors)).not.toContain('Iterable');
  });

  it('is a masked 500 with the request id', async () => {
    const answer = await request(
      'mutation { addIntermediary(input: { name: "x" }) { success } }',
      { Authorization: `Bearer ${operator}` },
      broken,
    );
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toMatch(/SQLITE|constraint|users/);
    expect(JSON.parse(text).errors[0].extensions).toEqual({
      code: 'INTERNAL',
      requestId: answer.headers.get('X-Request-Id'),
    });
  });
});

describe('around it', () => {
  it('every answer has an X-Request-Id of its own', async () => {
    const ids = await Promise.all(
      ['/', '/health', '/graphql', '/nothing'].map(async (path) =>
        (await world.fetch(new Request(`http://latchkey.test${path}`))).headers.get('X-Request-Id'),
      ),
    );
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => id && /^[0-9a-f-]{36}$/.test(id))).toBe(true);
  });

  it('GET / welcomes, GET /health answers, anything else is 404', async () => {
    const get = (path: string) => world.fetch(new Request(`http://latchkey.test${path}`));
    expect(await (await get('/')).text()).toContain('<h1>Latchkey</h1>');
    expect(await (await get('/health')).json()).toEqual({ status: 'ok' });
    expect((await get('/nothing')).status).toBe(404);
  });

  it('GraphiQL and introspection are open to guests only where DOCS is on', async () => {
    const browser = (where: typeof world) =>
      where.fetch(new Request(url, { headers: { Accept: 'text/html' } }));
    const closed = newWorld({ DOCS: 'off' });
    expect(await (await browser(world)).text()).toContain('Latchkey');
    expect(await (await browser(closed)).text()).not.toContain('<html');
    const introspection = '{ __schema { queryType { name } } }';
    expect((await world.graphql(null, introspection)).status).toBe(200);
    expect((await closed.graphql(null, introspection)).status).toBe(401);
    expect((await closed.graphql(null, '{ __typename }')).status).toBe(401);
  });

  it('a mutation by GET is 405', async () => {
    const query = encodeURIComponent('mutation { removeApiKey(input: { id: "x" }) { success } }');
    const answer = await world.fetch(
      new Request(`${url}?query=${query}`, { headers: { Authorization: `Bearer ${tenant.key}` } }),
    );
    expect(answer.status).toBe(405);
    expect(answer.headers.get('Allow')).toBe('POST');
  });

  it('secrets too weak to run with stop every call, without saying more than that', async () => {
    for (const weak of [
      { OPERATOR_KEY: 'lk_op_short' },
      { OPERATOR_KEY: `lk_op_${'0'.repeat(43)}` },
      { TOKEN_SECRETS: '' },
      { TOKEN_SECRETS: 'replace-this-example-before-you-deploy-it' },
      { TOKEN_SECRETS: 'abababababababababababababababababab' },
      { TOKEN_SECRETS: '0123456789abcdef0123456789abcdef' },
      { OPERATOR_KEY: `lk_op_${'abcdefghijklmnopqrstuvwxyz'.repeat(2)}` },
      // One value for both, or twice, be it with a little more.
      { OPERATOR_KEY: `lk_op_${env.TOKEN_SECRETS}` },
      { TOKEN_SECRETS: operator },
      { TOKEN_SECRETS: operator.replace('lk_op_', '') },
      { TOKEN_SECRETS: `${env.TOKEN_SECRETS},x${env.TOKEN_SECRETS}1` },
      { OPERATOR_KEY: `${operator}, ${operator}` },
      { TOKEN_SECRETS: `${env.TOKEN_SECRETS} ${randomSecret()} ${env.TOKEN_SECRETS}` },
    ]) {
      const misconfigured = newWorld(weak);
      const answer = await request('{ caller { kind } }', {}, misconfigured);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({
        errors: [{ extensions: { code: 'UNAVAILABLE' } }],
      });
      const health = await misconfigured.fetch(new Request('http://latchkey.test/health'));
      expect([weak, health.status]).toEqual([weak, 503]);
    }
  });

  it('secrets that are each random are fit, one or several', async () => {
    for (const fit of [
      { TOKEN_SECRETS: `${randomSecret()},${env.TOKEN_SECRETS}` },
      { OPERATOR_KEY: `${operator} lk_op_${randomSecret()}` },
    ]) {
      const health = await newWorld(fit).fetch(new Request('http://latchkey.test/health'));
      expect(health.status).toBe(200);
    }
  });
});
