/** Each answer that the reference documents is given, on all paths outside of the company API. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { routes } from '../../src/rest/routes.ts';
import { expectDocumented, faultsIn, reference, seen } from '../reference.ts';
import { hush } from '../secrets.ts';
import {
  D1_AWAY,
  grant,
  type Json,
  newDevice,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
  UNLIMITED,
} from '../world.ts';

const world = newWorld();
const NONE = { limit: async () => ({ success: false }) };
const crowded = newWorld({ ...UNLIMITED, CALLS: NONE });

let tenant: Tenant;
let token: string;
let device: string;

beforeAll(async () => {
  tenant = await newTenant(world);
  const user = await newUser(world, tenant);
  const granted = await newDevice(world, tenant);
  await grant(world, tenant, user.identifier, [granted]);
  token = (await newSession(world, tenant, user.identifier)).accessToken;
  device = granted.deviceId;
});

beforeEach(() => {
  hush('error');
  hush('warn');
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Asked {
  credential?: string | null;
  body?: BodyInit;
  headers?: Record<string, string>;
  in?: typeof world;
}

/** The status of an answer, which must be as the reference has it. */
async function ask(call: string, asked: Asked = {}): Promise<number> {
  const { credential = token, body, headers = {}, in: where = world } = asked;
  const [method = '', path = ''] = call.split(' ');
  const response = await where.send(path, credential, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  expectDocumented(call, response, await response.text());
  return response.status;
}

const form = (fields: Record<string, string>) => new URLSearchParams(fields);
const away = () => newWorld({ DB: D1_AWAY });
const LINES = { 'Content-Type': 'application/x-ndjson' };

const LATIN = {
  body: 'token=x',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=iso-8859-1' },
};

/** By path, each documented status and how one comes by it. */
const answers: Record<string, () => [status: number, answer: Promise<number>][]> = {
  'GET /verify/{tenant}': () => {
    const path = `GET /verify/${tenant.id}`;
    return [
      [200, ask(path, { headers: { 'X-Latchkey-Verify': tenant.id } })],
      [204, ask(`${path}?device=${device}`)],
      [401, ask(path, { credential: null })],
      [403, ask(`${path}?device=nobodys1`)],
      [503, ask(`${path}?consistency=strict`, { in: away() })],
    ];
  },
  'GET /verify/{tenant}/{path}': () => {
    const path = `GET /verify/${tenant.id}/devices/x?any=query`;
    const headers = { 'X-Latchkey-Verify': tenant.id };
    return [
      [200, ask(path, { headers })],
      [401, ask(path, { headers, credential: tenant.key })],
      [403, ask(path)],
      [503, ask(path, { headers, in: newWorld({ DB: D1_AWAY, SESSIONS: EMPTY }) })],
    ];
  },
  'GET /verify': () => [
    [204, ask('GET /verify?permission=VIEW&device='.concat(device))],
    [401, ask('GET /verify', { credential: 'x' })],
    [403, ask('GET /verify?permission=VIEW')],
    [503, ask('GET /verify?consistency=strict', { in: away() })],
  ],
  'POST /introspect': () => [
    [200, ask('POST /introspect', { credential: tenant.key, body: form({ token }) })],
    [400, ask('POST /introspect', { credential: tenant.key, body: form({}) })],
    [401, ask('POST /introspect', { credential: null, body: form({ token }) })],
    [413, ask('POST /introspect', { body: 'x'.repeat(2_000_001) })],
    [415, ask('POST /introspect', { ...LATIN, credential: tenant.key })],
    [503, ask('POST /introspect', { credential: tenant.key, body: form({ token }), in: away() })],
  ],
  'POST /revoke': () => [
    [200, ask('POST /revoke', { credential: tenant.key, body: form({ token: 'x' }) })],
    [400, ask('POST /revoke', { credential: tenant.key, body: form({}) })],
    [401, ask('POST /revoke', { credential: null, body: form({ token }) })],
    [413, ask('POST /revoke', { body: 'x'.repeat(2_000_001) })],
    [415, ask('POST /revoke', { ...LATIN, credential: tenant.key })],
    [503, ask('POST /revoke', { credential: tenant.key, body: form({ token }), in: away() })],
  ],
  'GET /session': () => [
    [200, ask('GET /session')],
    [400, ask('GET /session?consistency=')],
    [401, ask('GET /session', { credential: null })],
    [503, ask('GET /session?consistency=strict', { in: away() })],
  ],
  'DELETE /session': () => [
    [204, signOut()],
    [401, ask('DELETE /session', { credential: tenant.key })],
    [503, ask('DELETE /session', { in: away() })],
  ],
  'GET /.well-known/oauth-authorization-server': () => [
    [200, ask('GET /.well-known/oauth-authorization-server', { credential: null })],
  ],
  'POST /import': () => {
    const body = '{"externalId":"tenant-1"}\n{"externalId":""}\n';
    const asked = { credential: tenant.key, body, headers: LINES };
    return [
      [200, ask('POST /import', asked)],
      [401, ask('POST /import', { ...asked, credential: null })],
      [403, ask('POST /import', { ...asked, credential: token })],
      [415, ask('POST /import', { ...asked, headers: { 'Content-Type': 'text/csv' } })],
      [429, ask('POST /import', { ...asked, in: crowded })],
      [503, ask('POST /import', { ...asked, in: away() })],
    ];
  },
  'GET /export': () => [
    [200, ask('GET /export', { credential: tenant.key })],
    [400, ask('GET /export?after=%F8', { credential: tenant.key })],
    [401, ask('GET /export', { credential: null })],
    [403, ask('GET /export')],
    [429, ask('GET /export', { credential: tenant.key, in: crowded })],
    [503, ask('GET /export', { credential: tenant.key, in: away() })],
  ],
  'GET /health': () => [
    [200, ask('GET /health', { credential: null })],
    [503, ask('GET /health', { credential: null, in: newWorld({ OPERATOR_KEY: '' }) })],
  ],
  'GET /openapi.json': () => [[200, ask('GET /openapi.json', { credential: null })]],
};

/** No copy is there. */
const EMPTY = { get: async () => null } as unknown as KVNamespace;

async function signOut(): Promise<number> {
  const user = await newUser(world, tenant);
  const { accessToken } = await newSession(world, tenant, user.identifier);
  return ask('DELETE /session', { credential: accessToken });
}

const ofCompany = new Set(routes.map(({ path }) => path.replace(':id', '{id}')));
const operations = Object.entries<Json>(reference.paths)
  .filter(([path]) => !ofCompany.has(path))
  .flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]): [string, Json] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

describe('each answer that is documented is given', () => {
  it.each(operations)('by %s', async (call, { operationId, responses }) => {
    const given = answers[call]?.() ?? [];
    for (const [status, answer] of given) expect([call, await answer]).toEqual([call, status]);
    const documented = Object.keys(responses).map((status) => `${operationId} ${status}`);
    expect([...seen].filter((one) => one.startsWith(`${operationId} `)).sort()).toEqual(
      documented.sort(),
    );
  });
});

it('covers every path but GraphQL’s and the pages', () => {
  expect(operations.map(([call]) => call).sort()).toEqual(Object.keys(answers).sort());
  expect([...ofCompany].filter((path) => !(path in reference.paths))).toEqual([]);
});

describe('what generators of clients stumble over', () => {
  /** Every schema in it, with where it stands. */
  function* schemasIn(node: Json, at = '#'): Generator<[at: string, schema: Json]> {
    if (typeof node !== 'object' || node === null || at.endsWith('/example')) return;
    if (!Array.isArray(node) && ('type' in node || 'const' in node || 'enum' in node)) {
      yield [at, node];
    }
    for (const [key, value] of Object.entries(node)) yield* schemasIn(value, `${at}/${key}`);
  }
  const schemas = [...schemasIn({ paths: reference.paths, components: reference.components })];
  const where = (odd: (schema: Json, at: string) => boolean) =>
    schemas.filter(([at, schema]) => odd(schema, at)).map(([at]) => at);

  it('is not there: ids are int64, however they are named', () => {
    expect(
      where(
        ({ type, maximum, format }) =>
          type === 'integer' && maximum > 2 ** 31 && format !== 'int64',
      ),
    ).toEqual([]);
    expect(where(({ format }) => format === 'int64').length).toBeGreaterThan(50);
    const named = /\/(id|\w*(user|station|company|project|sensor)_id)$/;
    const bare = where(({ type, format }, at) => named.test(at) && type === 'integer' && !format);
    // The units are everybody's: their ids are small, and their company is 0.
    expect(bare).toEqual(
      ['id', 'company_id'].map((name) => `#/components/schemas/Unit/properties/${name}`),
    );
  });

  it('is not there: no type twice, and none left out', () => {
    expect(where(({ type }) => Array.isArray(type) && new Set(type).size < type.length)).toEqual(
      [],
    );
    expect(where((schema) => ('const' in schema || 'enum' in schema) && !schema.type)).toEqual([]);
  });

  it('is complete: each list in a form says how it is written and if it may be empty', () => {
    const forms = formsIn(reference.paths);
    expect(forms.length).toBeGreaterThan(20);
    for (const { schema, encoding = {} } of forms) {
      const { properties } = reference.components.schemas[schema.$ref.split('/').at(-1)];
      const lists = Object.keys(properties).filter((name) => name.endsWith('[]'));
      expect(Object.keys(encoding)).toEqual(lists);
    }
    const schema = reference.components.schemas.UpdateUserForm;
    const sent = { name: 'UpdatedUserName', member_level_id: '', sms: '', 'station_ids[]': [''] };
    expect(faultsIn(schema, sent)).toEqual([]);
    expect(faultsIn(schema, { member_level_id: 'x' })).not.toEqual([]);
    expect(faultsIn(schema, { 'station_ids[]': ['x'] })).not.toEqual([]);
  });

  it('is not there: what they make a type of has a name', () => {
    const { schemas } = reference.components;
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    expect(schemas.AddUserResult.properties.data.properties).toEqual({ user: ref('User') });
    expect(schemas.ListUsersResult.properties.data.properties).toEqual({
      users: { type: 'array', items: ref('User') },
      paging: ref('Paging'),
    });
    expect(schemas.ConfigPacket.properties.projects.items).toEqual(ref('ConfigProject'));
  });

  it('is not there: servers name no host, and no operation that is limited hides it', async () => {
    const limited = Object.values<Json>(reference.paths)
      .flatMap((methods) => Object.values<Json>(methods))
      .filter(({ tags }) => !['Token checks', 'Service'].includes(tags[0]));
    expect(limited.filter(({ responses }) => !responses[429])).toEqual([]);
    const asked = await world.fetch(new Request('https://keys.example.com/openapi.json'));
    expect(((await asked.json()) as Json).servers).toEqual([{ url: 'https://keys.example.com' }]);
  });

  const formsIn = (paths: Json): Json[] =>
    Object.values<Json>(paths)
      .flatMap((methods) => Object.values<Json>(methods))
      .flatMap(({ requestBody }) => Object.entries<Json>(requestBody?.content ?? {}))
      .flatMap(([type, media]) => (/form/.test(type) && media.schema.$ref ? [media] : []));
});
