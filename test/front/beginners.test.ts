/**
 * Mistakes of beginners. Each answer says what to do, and says the same to valid and invalid
 * credentials.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { nestedRoutes } from '../../src/rest/nested-paths.ts';
import { routes } from '../../src/rest/routes.ts';
import {
  type Json,
  mistype,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  type Tenant,
  twinOf,
  type World,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let session: string;

beforeAll(async () => {
  tenant = await newTenant(world);
  session = (await newSession(world, tenant, (await newUser(world, tenant)).identifier))
    .accessToken;
});

const send = (path: string, init: RequestInit = {}, where: World = world) =>
  where.fetch(new Request(`http://latchkey.test${path}`, init));
const who = JSON.stringify({ query: '{ caller { kind } }' });
const JSON_TYPE = { 'Content-Type': 'application/json' };
const post = (headers: Record<string, string>, body = who): RequestInit => ({
  method: 'POST',
  headers: { ...JSON_TYPE, ...headers },
  body,
});

describe('a path where nothing is', () => {
  const meant = async (path: string, where = world, method = 'GET') => {
    const response = await send(path, { method }, where);
    expect([path, response.status]).toEqual([path, 404]);
    const { message } = (await response.json()) as Json;
    return /Did you mean (\S+)\? /.exec(message.errors.path)?.[1] ?? null;
  };

  it.each([
    ['/api/graphql', '/graphql'],
    ['/GraphQL', '/graphql'],
    ['/v1/graphql', '/graphql'],
    ['/gql', '/graphql'],
    ['/devices', '/graphql'],
    ['/users', '/user'],
    ['/projects', '/project'],
    ['/api/user', '/user'],
    ['/v1/user', '/user'],
    ['/api/v2/Users/5', '/user/<id>'],
    ['/station', '/project/<id>/station'],
    ['/stations', '/project/<id>/station'],
    ['/stations/5', '/station/<id>'],
    ['/station/5/sensor/7', '/sensor/<id>'],
    ['/Project/5/Sensors/7', '/sensor/<id>'],
    ['/channels', '/sensor/<id>/channel'],
    ['/company/32/user/7', '/user/<id>'],
    ['/users/jane@example.com', '/user/<id>'],
    ['/me', '/user/me'],
    ['/Verify/12', '/verify/<tenant>'],
    ['/verifys/acme', '/verify/<tenant>'],
    ['/api/verify/12/any/path', '/verify/<tenant>'],
    ['/auth/session', '/session'],
    ['/projects/5/stations', '/project/<id>/station'],
    ['/user/5/password_reset', '/user/<id>/password-reset'],
    ['/users/me', '/user/me'],
    ['/configPacket', '/config-packet'],
    ['/login', '/authenticate'],
    ['/oauth2/introspect', '/introspect'],
    ['/verfy', '/verify'],
    ['/swagger', '/openapi.json'],
    ['/healthz', '/health'],
    ['/status', '/health'],
    ['/sign-in', '/authenticate'],
    ['/sign_out', '/session'],
    ['/api-docs', '/openapi.json'],
    ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'],
    ['/schema', '/schema.graphql'],
    ['/devices/5/users', '/graphql'],
    ['/wp-admin', null],
    ['/nothing', null],
    [`/${'user/'.repeat(500)}`, null],
    [`/us%65rs%00%E0%A4`, null],
  ])('names the one that is near: %s', async (path, nearest) => {
    expect(await meant(path)).toBe(nearest);
  });

  const ROUTES = [
    ...[...routes, ...nestedRoutes].map(({ method, path }) => [method, path] as const),
    ...['/verify', '/verify/:tenant', '/graphql', '/schema.graphql', '/health'].map(
      (path) => ['get', path] as const,
    ),
    ...['/session', '/openapi.json', '/export', '/.well-known/oauth-authorization-server'].map(
      (path) => ['get', path] as const,
    ),
    ...['/import', '/introspect', '/revoke'].map((path) => ['post', path] as const),
  ];
  const plural = (path: string) =>
    path.replaceAll(/[a-z]+(?=\/|$)/g, (word) => word.replace(/y$/, 'ie').replace(/s?$/, 's'));
  /** What people make of a path. */
  const GARBLED: Record<string, (path: string) => string> = {
    'in capitals': (path) => path.toUpperCase(),
    'with a capital': (path) => path.replaceAll(/\/[a-z]/g, (word) => word.toUpperCase()),
    'in the plural': plural,
    'with underscores': (path) => plural(path).replaceAll('-', '_'),
    'with a word behind it': (path) => `${plural(path)}/list`,
    'below /api': (path) => `/api${path}`,
    'below /v1': (path) => `/v1${path}`,
    'below both, and two slashes behind it': (path) => `/api/v2${path}//`,
    'with a doubled slash': (path) => path.replaceAll('/', '//'),
    'with an encoded slash': (path) => `/${path.slice(1).replaceAll('/', '%2F')}%2f`,
    'with a slip': (path) => path.replace(/[a-z]{3}/, (word) => word.slice(0, 2) + word.slice(1)),
  };

  it.each(Object.entries(GARBLED))('is known for the one that it is %s', async (_, garble) => {
    for (const [method, path] of ROUTES) {
      const sent = garble(path.replaceAll(/:\w+/g, '12'));
      const wanted = path.replaceAll(/:(\w+)/g, '<$1>');
      expect([sent, await meant(sent, world, method.toUpperCase())]).toEqual([sent, wanted]);
    }
  });

  it('names no page where pages are off', async () => {
    expect(await meant('/doc')).toBe('/docs');
    expect(await meant('/doc', newWorld({ DOCS: 'off' }))).toBeNull();
  });

  it('is none with a slash behind /graphql', async () => {
    const answer = await send('/graphql/', post({ Authorization: `Bearer ${tenant.key}` }));
    expect(await answer.json()).toMatchObject({ data: { caller: { kind: 'API_KEY' } } });
    const page = await send('/graphql/', { headers: { Accept: 'text/html' } });
    expect(await page.text()).toContain('<html');
  });
});

describe('a method that a path does not have', () => {
  it.each([
    ['DELETE', '/station/5/sensor', 'GET, HEAD, POST', 'This path only supports GET, HEAD, POST.'],
    ['PUT', '/project/1/station/5/sensor/7/channel/', 'GET, HEAD, POST', 'This path only'],
    ['PUT', '/user/5', 'GET, HEAD, PATCH, DELETE', 'PATCH changes the fields that you send.'],
    ['POST', '/project/5', 'GET, HEAD, PATCH, DELETE', 'PATCH changes the fields that you send'],
    ['GET', '/authenticate', 'POST', 'This path only supports POST.'],
    ['GET', '/import', 'POST', 'GET /export reads users.'],
    ['PUT', '/health', 'GET, HEAD', 'This path only supports GET, HEAD.'],
  ])('%s %s is told those that it has', async (method, path, allow, said) => {
    const answer = await send(path, { method });
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, allow]);
    expect(((await answer.json()) as Json).message.errors.method).toContain(said);
  });

  it.each([
    ['PUT', '/graphql', 'GET, HEAD, POST'],
    ['DELETE', '/graphql/', 'GET, HEAD, POST'],
    ['PATCH', '/', 'GET, HEAD, POST'],
    ['POST', '/schema.graphql', 'GET, HEAD'],
  ])('%s %s is told so as GraphQL tells of errors', async (method, path, allow) => {
    for (const Accept of ['application/json', 'application/graphql-response+json']) {
      const answer = await send(path, { method, headers: { Accept } });
      expect([answer.status, answer.headers.get('Allow')]).toEqual([405, allow]);
      expect(answer.headers.get('Content-Type')).toContain(Accept);
      const message = `This path only supports ${allow}.`;
      expect(await answer.json()).toEqual({
        errors: [{ message, extensions: { code: 'BAD_REQUEST' } }],
      });
    }
  });

  it.each([
    ['POST', '/session', 'GET, HEAD, DELETE', 'POST /authenticate opens one for a member'],
    ['GET', '/introspect', 'POST', 'This path only supports POST.'],
  ])('%s %s is told so as OAuth tells of errors', async (method, path, allow, said) => {
    const answer = await send(path, { method });
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, allow]);
    expect(await answer.json()).toEqual({
      error: 'invalid_request',
      error_description: expect.stringContaining(said),
    });
  });
});

const bearer = (credential: string) => ({ Authorization: `Bearer ${credential}` });
const documentOf = (query: string) => JSON.stringify({ query });

/** Where a credential is sent, and where the sentence of its refusal stands. */
const FACES = {
  graphql: {
    ask: (header: string) => send('/graphql', post({ Authorization: header })),
    said: ({ errors }: Json) => errors[0].message,
  },
  rest: {
    ask: (header: string) => send('/user', { headers: { Authorization: header } }),
    said: ({ message }: Json) => message.errors.token,
  },
  verify: {
    ask: (header: string) => send('/verify', { headers: { Authorization: header } }),
    said: ({ error_description }: Json) => error_description,
  },
  session: {
    ask: (header: string) => send('/session', { headers: { Authorization: header } }),
    said: ({ error_description }: Json) => error_description,
  },
  'end of a session': {
    ask: (header: string) =>
      send('/session', { method: 'DELETE', headers: { Authorization: header } }),
    said: ({ error_description }: Json) => error_description,
  },
  introspect: {
    ask: (header: string) =>
      send('/introspect', {
        method: 'POST',
        headers: { Authorization: header },
        body: new URLSearchParams({ token: session }),
      }),
    said: ({ error_description }: Json) => error_description,
  },
};
type Face = keyof typeof FACES;

/** The refusal of a header, without what no two answers share. */
async function refusalOf(face: Face, header: string) {
  const response = await FACES[face].ask(header);
  const { 'x-request-id': _, ...headers } = Object.fromEntries(response.headers);
  const body = await response.text();
  expect([face, response.status]).toEqual([face, 401]);
  return {
    said: FACES[face].said(JSON.parse(body)) as string,
    whole: JSON.stringify([headers, body]),
  };
}

const EVERYWHERE = [
  'graphql',
  'rest',
  'verify',
  'session',
  'end of a session',
  'introspect',
] as const;
const OF_TOKENS = ['verify', 'session', 'end of a session'] as const;

/** The header that a credential makes, what is said of it, and where. */
const MISTAKES: [name: string, make: (credential: string) => string, said: string][] = [
  ['no Bearer', (one) => one, 'The word "Bearer" is missing'],
  ['quotes', (one) => `Bearer "${one}"`, 'The header contains quotes'],
  ['all in quotes', (one) => `'Bearer ${one}'`, 'The header contains quotes'],
  ['typographic quotes', (one) => `Bearer ${one}\u0060`, 'The header contains quotes'],
  ['Bearer twice', (one) => `Bearer Bearer ${one}`, 'appears twice'],
  ['a tab', (one) => `Bearer\t${one}`, 'Put exactly one space between "Bearer" and the credential'],
  [
    'no blank',
    (one) => `Bearer${one}`,
    'Put exactly one space between "Bearer" and the credential',
  ],
  [
    'a colon',
    (one) => `Bearer: ${one}`,
    'Put exactly one space between "Bearer" and the credential',
  ],
  ['Token', (one) => `Token ${one}`, 'The first word must be "Bearer"'],
  ['a comma behind it', (one) => `Bearer ${one},`, 'There is more here than the credential'],
  ['two', (one) => `Bearer ${one} ${one}`, 'There is more here than the credential'],
  ['cut off', (one) => `Bearer ${one.slice(0, -3)}`, 'It is not as we issued it'],
  ['capitals', (one) => `Bearer ${one.toUpperCase()}`, 'Our credentials begin with "lk_key_"'],
  ['its id alone', (one) => `Bearer ${one.slice(7, 23)}`, 'Our credentials begin with "lk_".'],
];

describe('a credential that is sent wrongly', () => {
  it.each(MISTAKES)(
    '%s: is told what is wrong, whether it is good or not',
    async (_, make, said) => {
      for (const good of [tenant.key, session]) {
        for (const face of EVERYWHERE) {
          const answers = await Promise.all(
            [good, mistype(good), twinOf(good)].map((one) => refusalOf(face, make(one))),
          );
          for (const answer of answers) {
            expect(answer.said).toContain(said);
            expect(answer.whole).toBe(answers[0]?.whole);
            expect(answer.whole).not.toContain(good.slice(7, 20));
          }
        }
      }
    },
  );

  it.each([
    ['', 'The header is empty'],
    ['Bearer', 'There is nothing after "Bearer"'],
    ['Bearer undefined', 'Is a variable empty?'],
    ['Bearer [object Object]', 'Is a variable empty?'],
    ['Bearer $KEY', 'This is the name of a credential'],
    ['Bearer {{token}}', 'This is the name of a credential'],
    ['Bearer <key>', 'This is the name of a credential'],
    ['Bearer eyJhbGciOiJIUzI1NiJ9.e30.x', 'This looks like a JWT'],
    ['Bearer whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'the secret of a webhook'],
    ['Digest username=x', 'The first word must be "Bearer"'],
    [`Bearer ${'x'.repeat(5_000)}`, 'Our credentials begin with "lk_".'],
  ])('%s', async (header, said) => {
    for (const face of EVERYWHERE) {
      expect((await refusalOf(face, header)).said).toContain(said);
    }
  });

  it('by Basic, where that is not taken', async () => {
    for (const face of ['graphql', 'rest', ...OF_TOKENS] as const) {
      const { said } = await refusalOf(face, `Basic ${btoa(`${tenant.id}:${tenant.key}`)}`);
      expect(said).toContain('The first word must be "Bearer"');
    }
  });
});

describe('a credential that belongs elsewhere', () => {
  it.each<[string, readonly Face[], () => string[], string]>([
    [
      'an API key, where tokens are asked about',
      OF_TOKENS,
      () => [tenant.key, mistype(tenant.key), twinOf(tenant.key)],
      'This looks like an API key. The access token of a session, "lk_ses_…", belongs here.',
    ],
    [
      'the operator key, where tokens are asked about',
      OF_TOKENS,
      () => [operator, `lk_op_${'A'.repeat(43)}`],
      'This looks like the operator key. The access token of a session, "lk_ses_…", belongs here.',
    ],
    [
      'a session’s token, where a service asks',
      ['introspect'],
      () => [session, mistype(session), twinOf(session)],
      'This looks like the access token of a session. An API key, "lk_key_…", belongs here.',
    ],
    [
      'a reset token',
      ['graphql', 'rest', ...OF_TOKENS, 'introspect'],
      () => [`lk_rst_${'A'.repeat(40)}${'0'.repeat(20)}`],
      'This looks like a reset token, which works only in POST /password.',
    ],
  ])('%s, is told so, whether it is good or not', async (_, faces, credentials, said) => {
    for (const face of faces) {
      const answers = await Promise.all(
        credentials().map((one) => refusalOf(face, `Bearer ${one}`)),
      );
      for (const answer of answers) {
        expect(answer.said).toContain(said);
        expect(answer.whole).toBe(answers[0]?.whole);
      }
    }
  });

  it('a bad one of the right kind, is told nothing more', async () => {
    for (const [face, one] of [
      ['graphql', mistype(tenant.key)],
      ['graphql', mistype(session)],
      ['rest', `lk_op_${'A'.repeat(43)}`],
      ['verify', twinOf(session)],
      ['introspect', twinOf(tenant.key)],
    ] as const) {
      expect((await refusalOf(face, `Bearer ${one}`)).said).not.toMatch(
        /look|as we issued|Our credentials/,
      );
    }
  });

  it.each<[string, () => Promise<Response>]>([
    ['X-API-Key', () => send('/graphql', post({ 'X-API-Key': tenant.key }))],
    ['X-API-Key, to REST', () => send('/user', { headers: { 'X-API-Key': tenant.key } })],
    ['X-Api-Key, to /verify', () => send('/verify', { headers: { 'X-Api-Key': session } })],
    ['Authorisation', () => send('/graphql', post({ Authorisation: `Bearer ${tenant.key}` }))],
    ['a query string', () => send(`/user?access_token=${session}`)],
    ['a query string, to /verify', () => send(`/verify?access_token=${session}`)],
    ['a query string, to /session', () => send(`/session?access_token=${session}`)],
    [
      'a query string, to GraphQL',
      () => send(`/graphql?query={caller{kind}}&access_token=${tenant.key}`),
    ],
    ['a cookie', () => send('/user', { headers: { Cookie: `token=${session}` } })],
  ])('sent by %s, is told where it belongs', async (_, ask) => {
    const response = await ask();
    const text = await response.text();
    expect([response.status, text]).toEqual([401, expect.anything()]);
    expect(text).toMatch(/Send it as \\"Authorization: Bearer <(credential|token)>\\"/);
    expect(text).not.toMatch(/lk_\w{3}_\w/);
  });

  it('in the query of /introspect, is told to be sent in the form', async () => {
    const headers = { ...bearer(tenant.key), 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await send(`/introspect?token=${session}`, { method: 'POST', headers });
    expect(await answer.json()).toMatchObject({
      error: 'invalid_request',
      error_description: '"token" is missing. Send it in the form: token=….',
    });
  });

  it.each<[string, () => Promise<Response>]>([
    ['/introspect', () => send(`/introspect?client_secret=${tenant.key}`, { method: 'POST' })],
    ['/verify', () => send(`/verify?device=${tenant.key}`, { headers: bearer(session) })],
    [
      'REST',
      () => send('/user', { ...post(bearer(tenant.key), JSON.stringify({ [session]: 1 })) }),
    ],
    ['a document', () => send('/graphql', post(bearer(tenant.key), documentOf(`{ ${session} }`)))],
    [
      'a value in a document',
      () =>
        send(
          '/graphql',
          post(bearer(tenant.key), documentOf(`{ user(userIdentifier: "${session}") { id } }`)),
        ),
    ],
  ])('in the wrong place of %s, is not repeated', async (_, ask) => {
    const response = await ask();
    const told = [...response.headers].flat().join() + (await response.text());
    for (const secret of [tenant.key, session]) expect(told).not.toContain(secret.slice(0, 30));
  });
});

describe('a GraphQL request', () => {
  const said = async (body: string, type = 'application/json', where = world): Promise<string> => {
    const headers = { Authorization: `Bearer ${tenant.key}`, 'Content-Type': type };
    const { errors } = (await (await send('/graphql', post(headers, body), where)).json()) as Json;
    return errors[0].message;
  };
  const asked = (query: string, where = world) =>
    said(JSON.stringify({ query }), 'application/json', where);

  it.each([
    ['a comma at the end', '{"query":"{ caller { kind } }",}', 'no comma at the end'],
    ['the bare document', '{ caller { kind } }', 'A body is {"query": "…"'],
    ['another name', '{"q":"{ caller { kind } }"}', 'A body has "query"'],
    ['nothing', '{}', 'The request has no "query"'],
    ['a list', `[${who}]`, 'Send one object, not a list.'],
    [
      'variables as text',
      '{"query":"{ caller { kind } }","variables":"{}"}',
      'Write {…} without quotes around it.',
    ],
    ['an empty document', '{"query":"# none"}', 'The document is empty. It begins with "{"'],
    ['a bare name', '{"query":"caller { kind }"}', 'It begins with "{", "query" or "mutation"'],
    ['one brace too few', '{"query":"{ caller { kind }"}', 'A "}" or ")" is missing.'],
    ['one brace too many', '{"query":"{ caller { kind } } }"}', 'It has no opening bracket.'],
  ])('with %s in its body, is told what belongs there', async (_, body, words) => {
    expect(await said(body)).toContain(words);
  });

  it('of JSON that is declared a form, is told the type', async () => {
    const words = await said(who, 'application/x-www-form-urlencoded');
    expect(words).toContain('"Content-Type: application/json"');
  });

  const USER = 'userIdentifier: { externalUser: { externalId: "x" } }';
  it.each([
    [`{ addUser(input: { ${USER} }) { success } }`, 'write mutation { addUser(…) { … } }'],
    ['mutation { users(first: 1) { nodes { id } } }', '"users" is a query, not a mutation'],
    ['{ users(first: 1) { id } }', 'ask for "id" below "nodes"'],
    [
      '{ device(deviceIdentifier: "ACME4711") { deviceId } }',
      '"DeviceIdentifierInput" is an object: write { deviceId: … } or { meterId: … }.',
    ],
    [
      '{ user(userIdentifier: { externalUser: "x" }) { id } }',
      '"ExternalUserInput" is an object: write { externalId: … }.',
    ],
  ])('that has something in the wrong place, is told the right one: %s', async (query, words) => {
    expect(await asked(query)).toContain(words);
    // Names that are there are suggested to nobody where the schema is not open.
    const closed = await asked(`${query} # closed`, newWorld({ DOCS: 'off' }));
    expect(closed).toMatch(/^(Cannot query field|Expected value of type)/);
  });

  const asking = async (query: string, variables: object, where = world) =>
    ((await where.graphql(tenant.key, query, variables)).errors ?? [])
      .map(({ message }) => message)
      .join('\n');
  it.each<[query: string, variables: object, words: string, hidden: RegExp]>([
    [
      '{ users(first: 1) { nodes { phone } } }',
      {},
      '"User" has no field "phone". It has id, userIdentifier',
      /userIdentifier/,
    ],
    ['{ user(id: 5) { id } }', {}, 'no argument "id". It has userIdentifier.', /It has/],
    [
      '{ user { id } }',
      {},
      '"user" lacks "userIdentifier": write user(userIdentifier: { externalUser: … } or { ' +
        'companyUser: … }).',
      /write|companyUser/,
    ],
    ['{ users { nodes { id } } }', {}, '"users" lacks "first": write users(first: …).', /write/],
    [
      'mutation { addOrder(input: { orderId: "x" }) { success } }',
      {},
      '"AddOrderInput" lacks "userIdentifier": write { userIdentifier: … }.',
      /write/,
    ],
    ['{ caller(first: 5) { kind } }', {}, 'no argument "first". It has none.', /none/],
    ['{ usrs(first: 1) { nodes { id } } }', {}, 'Did you mean "users"', /users/],
    [
      '{ users(frist: 1) { nodes { id } } }',
      {},
      'It has first, after, kind, search.',
      /after|search/,
    ],
    ['query ($d: DeviceIdentifer!) { caller { kind } }', {}, '"DeviceIdentifierInput"', /Input/],
    [
      '{ orders(first: 1, status: SENT) { nodes { orderId } } }',
      {},
      'There is no "SENT": "OrderStatus" is one of PLACED, PROCESSING, SHIPPED, DELIVERED, ' +
        'CANCELLED, RETURNED.',
      /PLACED|SHIPPED/,
    ],
    [
      '{ orders(first: 1, status: "SHIPPED") { nodes { orderId } } }',
      {},
      '"OrderStatus" is one of PLACED, PROCESSING, SHIPPED, DELIVERED, CANCELLED, RETURNED, ' +
        'without quotes.',
      /PLACED/,
    ],
    [
      'query ($s: OrderStatus) { orders(first: 1, status: $s) { nodes { orderId } } }',
      { s: 'shipped' },
      '"OrderStatus" is one of PLACED, PROCESSING, SHIPPED, DELIVERED, CANCELLED, RETURNED.',
      /PLACED|SHIPPED/,
    ],
    [
      'mutation { addUser(input: { externalId: "x" }) { success } }',
      {},
      '"AddUserInput" has no field "externalId". It has userIdentifier.',
      /has userIdentifier/,
    ],
    [
      'mutation ($i: AddOrderInput!) { addOrder(input: $i) { success } }',
      { i: { userIdentifier: { externalUser: { externalId: 'x' } }, order: 'x' } },
      '"AddOrderInput" has no field "order". It has userIdentifier, orderId.',
      /has userIdentifier/,
    ],
    [
      '{ device(deviceIdentifier: { deviceId: "a", meterId: "b" }) { deviceId } }',
      {},
      '"DeviceIdentifierInput" takes exactly one: write { deviceId: … } or { meterId: … }.',
      /write/,
    ],
    [
      'query ($d: DeviceIdentifierInput!) { device(deviceIdentifier: $d) { deviceId } }',
      { d: {} },
      'takes exactly one of its fields: { deviceId: … } or { meterId: … }.',
      /deviceId|meterId/,
    ],
    [
      'query ($d: DeviceIdentifierInput!) { device(deviceIdentifier: $d) { deviceId } }',
      { d: { deviceId: 'AAAA0000', meterId: null } },
      '{ meterId: … }. Leave the others out, also those that are null.',
      /deviceId|meterId/,
    ],
  ])(
    'that names what is not there, is told what is: %s',
    async (query, variables, words, hidden) => {
      expect(await asking(query, variables)).toContain(words);
      // What is there is told to nobody where the schema is not open.
      const closed = await asking(`${query} # closed`, variables, newWorld({ DOCS: 'off' }));
      expect(closed).toMatch(/"/);
      expect(closed).not.toMatch(hidden);
    },
  );

  it('with one device and an unknown field is told of that field only', async () => {
    const { errors } = await world.graphql(
      tenant.key,
      'query ($d: DeviceIdentifierInput!) { device(deviceIdentifier: $d) { deviceId } }',
      { d: { deviceId: 'AAAA0000', permission: 'VIEW' } },
    );
    expect(errors).toMatchObject([{ message: expect.stringContaining('no field "permission"') }]);
  });

  it('that is sent a variable under another name, is told which it lacks', async () => {
    const { errors } = await world.graphql(
      tenant.key,
      'query ($first: Int!) { users(first: $first) { nodes { id } } }',
      { n: 5 },
    );
    expect(errors?.[0].message).toBe(
      'Variable "$first" is not among the "variables" that were sent: a value of type "Int!" ' +
        'is needed.',
    );
  });

  it('that has no time where one belongs, is told where', async () => {
    const { errors } = await world.graphql(
      tenant.key,
      '{ auditEvents(\n  first: 1\n  from: "yesterday"\n) { nodes { id } } }',
    );
    expect(errors).toEqual([
      {
        message: 'A DateTime is RFC 3339 text, such as "2026-11-23T08:30:00Z".',
        locations: [{ line: 3, column: 9 }],
        extensions: expect.anything(),
      },
    ]);
    for (const time of ['5', 'true', '[]', '{ at: 5 }', '2026']) {
      const query = `{ auditEvents(first: 1, to: ${time}) { nodes { id } } }`;
      const [error] = (await world.graphql(tenant.key, query)).errors ?? [];
      expect([time, error.message, error.locations]).toEqual([
        time,
        errors?.[0].message,
        [{ line: 1, column: 29 }],
      ]);
    }
  });

  const A = 'query A { caller { kind } }';
  const B = 'mutation B { addUser(input: {}) { success } }';
  it.each<[string, string | undefined, string]>([
    [
      `${A} query B { caller { kind } }`,
      undefined,
      'several operations. Name one that it has as "operationName": A, B.',
    ],
    [
      `${A} ${B}`,
      'C',
      'The document has no operation "C". Name one that it has as "operationName": A, B.',
    ],
    [A, 'a', 'no operation "a". Name one that it has as "operationName": A.'],
    [
      '{ caller { kind } }',
      'A',
      'has no operation "A". It has one without a name. Leave "operationName" out.',
    ],
    ['fragment F on Caller { kind }', undefined, 'has only fragments'],
  ])(
    'that does not name an operation of its document, is told those that there are: %s',
    async (query, operationName, words) => {
      for (const where of [world, newWorld({ DOCS: 'off' })]) {
        expect(
          await said(JSON.stringify({ query, operationName }), 'application/json', where),
        ).toContain(words);
        const search = new URLSearchParams({ query, ...(operationName && { operationName }) });
        const answer = await send(`/graphql?${search}`, { headers: bearer(tenant.key) }, where);
        expect(answer.status).toBe(400);
        const { errors } = (await answer.json()) as Json;
        expect(errors[0]).toMatchObject({
          message: expect.stringContaining(words),
          extensions: { code: 'BAD_REQUEST' },
        });
      }
    },
  );

  it('for events of an action that is none, is told those of its noun, or the nouns', async () => {
    for (const [action, words] of [
      [
        'permission.adds',
        'There is no such action. There are permission.add, permission.remove, ' +
          'permission.removeAll, permission.end.',
      ],
      ['PERMISSION_ADD', 'The nouns are user, permission, session, order, device, apiKey, '],
    ] as const) {
      const { errors } = await world.graphql(
        tenant.key,
        `{ auditEvents(first: 1, actions: ["${action}"]) { nodes { id } } }`,
      );
      expect(errors?.[0].message).toContain(words);
    }
  });

  it('whose variable is a text where an object belongs, is told how that is written', async () => {
    const { errors } = await world.graphql(
      tenant.key,
      'query ($d: DeviceIdentifierInput!) { device(deviceIdentifier: $d) { deviceId } }',
      { d: 'ACME4711' },
    );
    expect(errors?.[0].message).toBe(
      'Variable "$d" has an invalid value: An object of type "DeviceIdentifierInput" is ' +
        'expected: { deviceId: … } or { meterId: … }.',
    );
  });

  it('that names an end user as a member, is told how end users are named', async () => {
    const user = await newUser(world, tenant);
    const { data } = await world.graphql(
      tenant.key,
      `mutation { addUserSession(input: { userIdentifier: { companyUser: { id: "${user.id}" } } }) {
        errors { code message } } }`,
    );
    expect(data.addUserSession.errors).toEqual([
      { code: 'NOT_FOUND', message: expect.stringContaining('"externalUser", with your own id') },
    ]);
  });
});
