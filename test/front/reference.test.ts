/** Each answer that the reference documents is given, on all paths outside of the company API. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { routes } from '../../src/rest/routes.ts';
import { D1_AWAY } from '../doubles/d1.ts';
import { KV_EMPTY } from '../doubles/kv.ts';
import { refusing } from '../doubles/limits.ts';
import { edgeCases, sentBeside } from '../operations/cases.ts';
import { edgeOperations } from '../operations/edge.ts';
import type { Ids } from '../operations/operation.ts';
import { expectDocumented, faultsIn, reference, seen } from '../reference.ts';
import { hush } from '../secrets.ts';
import {
  env,
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
const crowded = newWorld({ ...UNLIMITED, CALLS: refusing });

let tenant: Tenant;
let token: string;
let device: string;
let meter: string;

beforeAll(async () => {
  tenant = await newTenant(world);
  const user = await newUser(world, tenant);
  const granted = await newDevice(world, tenant);
  await grant(world, tenant, user.identifier, [granted]);
  token = (await newSession(world, tenant, user.identifier)).accessToken;
  ({ deviceId: device, meterId: meter } = granted);
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

const LATIN = {
  body: 'token=x',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=iso-8859-1' },
};

/** As the table of operations has it, by who may call it. */
function plain(call: string): Asked {
  const one = edgeCases().find(({ name }) => name === call);
  if (!one) throw new Error(`${call} is not in test/operations/edge.ts`);
  const ids = { tenantId: tenant.id, externalId: 'tenant-1', deviceId: device, meterId: meter };
  const { body, headers = {} } = sentBeside(one, { ...ids, accessToken: token } as Ids);
  const [by] = one.by;
  return {
    credential: by === 'key' ? tenant.key : by === 'session' ? token : null,
    headers,
    ...(body && { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
  };
}

/** How most paths come by a status. */
const answers: Record<string, (call: string) => Promise<number>> = {
  200: (call) => ask(call, plain(call)),
  401: (call) => ask(call, { ...plain(call), credential: null }),
  403: (call) => ask(call, { ...plain(call), credential: token }),
  413: (call) => ask(call, { body: 'x'.repeat(2_000_001) }),
  429: (call) => ask(call, { ...plain(call), in: crowded }),
  503: (call) => ask(call, { ...plain(call), in: away() }),
};

/** Where that will not do. */
const ownAnswers: Record<string, (call: string) => Promise<number>> = {
  'GET /verify/{tenant} 200': () =>
    ask(`GET /verify/${tenant.id}`, { headers: { 'X-Latchkey-Verify': tenant.id } }),
  'GET /verify/{tenant} 204': () => ask(`GET /verify/${tenant.id}?device=${device}`),
  'GET /verify/{tenant} 401': () => ask(`GET /verify/${tenant.id}`, { credential: null }),
  'GET /verify/{tenant} 403': () => ask(`GET /verify/${tenant.id}?device=nobodys1`),
  'GET /verify/{tenant} 503': () =>
    ask(`GET /verify/${tenant.id}?consistency=strict`, { in: away() }),
  'GET /verify/{tenant}/{path} 200': () => below({}),
  'GET /verify/{tenant}/{path} 401': () => below({ credential: tenant.key }),
  'GET /verify/{tenant}/{path} 403': () => below({ headers: {} }),
  'GET /verify/{tenant}/{path} 503': () =>
    below({ in: newWorld({ DB: D1_AWAY, SESSIONS: KV_EMPTY }) }),
  'GET /verify 204': () => ask('GET /verify?permission=VIEW&device='.concat(device)),
  'GET /verify 401': (call) => ask(call, { credential: 'x' }),
  'GET /verify 403': (call) => ask(`${call}?permission=VIEW`),
  'GET /verify 503': (call) => ask(`${call}?consistency=strict`, { in: away() }),
  'POST /introspect 400': (call) => ask(call, { credential: tenant.key, body: form({}) }),
  'POST /introspect 415': (call) => ask(call, { ...LATIN, credential: tenant.key }),
  'POST /revoke 200': (call) => ask(call, { credential: tenant.key, body: form({ token: 'x' }) }),
  'POST /revoke 400': (call) => ask(call, { credential: tenant.key, body: form({}) }),
  'POST /revoke 415': (call) => ask(call, { ...LATIN, credential: tenant.key }),
  'GET /session 400': (call) => ask(`${call}?consistency=`),
  'GET /session 503': (call) => ask(`${call}?consistency=strict`, { in: away() }),
  'DELETE /session 204': signOut,
  'DELETE /session 401': (call) => ask(call, { credential: tenant.key }),
  'POST /import 200': (call) =>
    ask(call, { ...plain(call), body: '{"externalId":"tenant-1"}\n{"externalId":""}\n' }),
  'POST /import 415': (call) =>
    ask(call, { ...plain(call), headers: { 'Content-Type': 'text/csv' } }),
  'GET /export 400': (call) => ask(`${call}?after=%F8`, { credential: tenant.key }),
  'GET /events 400': (call) => ask(`${call}?after=%F8`, { credential: tenant.key }),
  'GET /events 410': readGone,
  'GET /events 422': (call) => ask(`${call}?limit=0`, { credential: tenant.key }),
  'GET /health 503': (call) => ask(call, { credential: null, in: newWorld({ OPERATOR_KEY: '' }) }),
};

const below = (asked: Asked) =>
  ask(`GET /verify/${tenant.id}/devices/x?any=query`, {
    headers: { 'X-Latchkey-Verify': tenant.id },
    ...asked,
  });

/** All that came behind a cursor was taken away. */
async function readGone(): Promise<number> {
  const { key, id } = await newTenant(world);
  const { next } = (await (await world.send('/events?limit=1', key)).json()) as Json;
  await env.DB.prepare(
    "INSERT INTO sweeps (part, cursor) VALUES ('events ' || ?, '9000000000000000')",
  )
    .bind(id)
    .run();
  return ask(`GET /events?after=${next}`, { credential: key });
}

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
    const documented = Object.keys(responses);
    const given = [];
    for (const status of documented) {
      const answer = ownAnswers[`${call} ${status}`] ?? answers[status];
      given.push(String(await answer?.(call)));
    }
    expect(given).toEqual(documented);
    expect([...seen].filter((one) => one.startsWith(`${operationId} `)).sort()).toEqual(
      documented.map((status) => `${operationId} ${status}`).sort(),
    );
  });
});

/** GraphQL, which has a schema, and pages. */
const OTHERS = [
  ...['POST /', 'POST /graphql', 'GET /graphql', 'GET /schema.graphql'],
  ...['GET /', 'GET /docs', 'GET /docs/*'],
];

it('covers every path but GraphQL’s and the pages', () => {
  const known = Object.keys(edgeOperations)
    .filter((call) => !OTHERS.includes(call))
    .map((call) => call.replace(':tenant', '{tenant}').replace('a/path', '{path}'));
  const calls = operations.map(([call]) => call);
  expect(calls.sort()).toEqual(known.sort());
  const own = Object.keys(ownAnswers).map((answer) => answer.replace(/ \d+$/, ''));
  expect(own.filter((call) => !calls.includes(call))).toEqual([]);
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
    expect(schemas.AddUserResult.properties.data.properties.user).toEqual(ref('User'));
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
