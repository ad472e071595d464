/** Each answer that the reference documents is given, and each of its examples is accepted. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { D1_AWAY } from '../doubles/d1.ts';
import { refusing, unlimited } from '../doubles/limits.ts';
import { newOutbox } from '../doubles/mail.ts';
import { reference as whole } from '../reference.ts';
import { hush } from '../secrets.ts';
import {
  fresh,
  type Json,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
  type World,
} from '../world.ts';
import {
  done,
  newProject,
  newStaff,
  newStation,
  type RestAnswer,
  reference,
  rest,
  seen,
} from './company.ts';

const patient = { TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited };

const TOO_MANY = {
  CALLS: refusing,
  TRIES_BY_ADDRESS: refusing,
  TRIES_BY_ACCOUNT: refusing,
};

const world = newWorld({ ...patient, ...newOutbox().bindings });
/** It sends no mail, and so it shows tokens. */
const plain = newWorld(patient);
const away = newWorld({ ...patient, DB: D1_AWAY });

let tenant: Tenant;
let head: { token: string };
/** Signs in by e-mail address and password, and has the password of the examples. */
let signer: Awaited<ReturnType<typeof newMember>>;
/** Whose credential opens nothing here. */
let endUser: { id: string; token: string };
/** By the first part of its path, what `{id}` stands for. */
let ids: Record<string, number>;

interface Operation {
  operationId: string;
  requestBody?: { required: boolean; content: Record<string, { example: Json }> };
  responses: Record<string, Json>;
}

/** By method and path, as in `PATCH /user/{id}`. */
const operations = Object.entries<Json>(reference.paths).flatMap(([path, methods]) =>
  Object.entries<Operation>(methods).map(([method, operation]): [string, Operation] => [
    `${method.toUpperCase()} ${path}`,
    operation,
  ]),
);
const bodies = new Map(
  operations.flatMap(([call, { requestBody }]) =>
    requestBody ? [[call, requestBody.content] as const] : [],
  ),
);

const at = (call: string, id?: number): string =>
  call.replace(/ \/(\w+)\/\{id\}/, (_, name) => ` /${name}/${id ?? ids[name]}`);

const newToken = async (): Promise<string> => {
  const path = `POST /user/${signer.id}/password-reset`;
  return (await done(rest(plain, tenant.key, path))).reset_token;
};

/** What stands in examples for what nobody has. */
const realFields = async (call: string): Promise<Json> => ({
  email: call === 'POST /authenticate' ? signer.email : `${fresh('someone')}@example.com`,
  ...(call.includes('/station') ? { code: fresh('code') } : {}),
  ...(call === 'POST /password' ? { reset_token: await newToken() } : {}),
});

/** The operation's example for a kind of body, with what is real. */
async function exampleOf(call: string, type: string): Promise<Json> {
  const real = await realFields(call);
  const fields = Object.entries<Json>(bodies.get(call)?.[type]?.example);
  return Object.fromEntries(
    fields.map(([name, value]) => [name, real[name.replace('[]', '')] ?? value]),
  );
}

const pairsOf = (fields: Json): [string, string][] =>
  Object.entries<Json>(fields).flatMap(([name, value]) =>
    [value].flat().map((item): [string, string] => [name, String(item)]),
  );

const encoders: Record<string, (fields: Json) => object> = {
  'application/json': (fields) => fields,
  'application/x-www-form-urlencoded': (fields) => new URLSearchParams(pairsOf(fields)),
  'multipart/form-data': (fields) => {
    const form = new FormData();
    for (const [name, value] of pairsOf(fields)) form.append(name, value);
    return form;
  },
};

/** What would be done, but for what the caller of this changes. */
async function ask(call: string, how: { world?: World; token?: string | null; id?: number } = {}) {
  const { world: asked = world, token = head.token, id } = how;
  const body = bodies.has(call) ? await exampleOf(call, 'application/json') : undefined;
  return rest(asked, token, at(call, id), body);
}

beforeAll(async () => {
  tenant = await newTenant(world);
  head = await newStaff(world, tenant, 1);
  signer = await newMember(tenant, 4);
  const resident = await newUser(world, tenant);
  const { accessToken } = await newSession(world, tenant, resident.identifier);
  endUser = { id: resident.id, token: accessToken };
  const project = await newProject(world, head.token);
  const station = await newStation(world, head.token, project.id);
  const user = await newMember(tenant, 2);
  ids = { user: Number(user.id), project: project.id, station: station.id };
  ids.sensor = (await done(ask('POST /station/{id}/sensor'))).sensor.id;
  ids.channel = (await done(ask('POST /sensor/{id}/channel'))).channel.id;
  await done(ask('POST /password'));
});

beforeEach(() => {
  hush('error');
});
afterEach(() => {
  vi.restoreAllMocks();
});

const UNKNOWN = 4;
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** How each operation comes by a refusal. */
const refusals: Record<string, (call: string) => Promise<RestAnswer>> = {
  400: (call) =>
    call.startsWith('GET')
      ? rest(world, head.token, `${at(call)}?page=%F8`)
      : rest(world, head.token, at(call), '{', JSON_TYPE),
  401: (call) => ask(call, { token: null }),
  403: (call) => ask(call, { token: endUser.token }),
  404: (call) => ask(call, { id: UNKNOWN }),
  413: (call) => rest(world, head.token, at(call), ' '.repeat(1_000_001), JSON_TYPE),
  415: (call) => rest(world, head.token, at(call), 'a text'),
  422: (call) =>
    call.startsWith('GET')
      ? rest(world, head.token, `${at(call)}?page=0`)
      : rest(world, head.token, at(call), { name: [], password: [] }),
  429: (call) => ask(call, { world: newWorld({ ...TOO_MANY, TRIES_BY_ADDRESS: unlimited }) }),
  503: (call) => ask(call, { world: away }),
};

/** Where that will not do. */
const ownRefusals: Record<string, () => Promise<RestAnswer>> = {
  'POST /user/{id}/password-reset 422': () =>
    rest(world, head.token, `POST /user/${endUser.id}/password-reset`),
  'DELETE /user/{id}/second-factor 422': () =>
    rest(world, head.token, `DELETE /user/${endUser.id}/second-factor`),
  'POST /password-reset 403': () => ask('POST /password-reset', { world: plain }),
  // It asks no store before the answer.
  'POST /password-reset 503': () =>
    ask('POST /password-reset', { world: newWorld({ TOKEN_SECRETS: '' }) }),
  'POST /password 429': () => ask('POST /password', { world: newWorld(TOO_MANY) }),
  'POST /user 409': () => twice('POST /user', 'email'),
  'PATCH /user/{id} 409': () => taken('PATCH /user/{id}', { email: signer.email }),
  'POST /project/{id}/station 409': () => twice('POST /project/{id}/station', 'code'),
  'PATCH /station/{id} 409': async () => {
    const { code } = await newStation(world, head.token, ids.project as number);
    return taken('PATCH /station/{id}', { code });
  },
  'DELETE /user/{id} 422': () => rest(world, head.token, `${at('DELETE /user/{id}')}?end_minted=2`),
  'DELETE /project/{id} 409': () => rest(world, head.token, at('DELETE /project/{id}')),
};

const taken = (call: string, fields: object) => rest(world, head.token, at(call), fields);

async function twice(call: string, field: string): Promise<RestAnswer> {
  const body = await exampleOf(call, 'application/json');
  const first = Object.values(await done(rest(world, head.token, at(call), body)))[0] as Json;
  return taken(call, { ...body, [field]: first[field] });
}

describe('each refusal that is documented is given', () => {
  it.each(operations)('by %s', async (call, { responses }) => {
    const documented = Object.keys(responses).filter((status) => Number(status) >= 300);
    const given = [];
    for (const status of documented) {
      const refuse = ownRefusals[`${call} ${status}`] ?? refusals[status];
      given.push(String((await refuse?.(call))?.status));
    }
    expect(given).toEqual(documented);
  });

  it('by POST /authenticate also to who tried from one address too often', async () => {
    const crowded = newWorld({ ...patient, TRIES_BY_ADDRESS: refusing });
    expect((await ask('POST /authenticate', { world: crowded })).status).toBe(429);
  });
});

describe('each example is accepted as it stands, in each encoding', () => {
  it.each([...bodies])(
    'by %s',
    async (call, content) => {
      const types = Object.keys(content);
      expect(types).toEqual(Object.keys(encoders));
      for (const type of types) {
        const example = await exampleOf(call, type);
        const { accessToken } = await newSession(world, tenant, signer.identifier);
        const token = call === 'PATCH /user/me' ? accessToken : head.token;
        const whom = call.startsWith('DELETE')
          ? Number((await newMember(tenant, 4)).id)
          : undefined;
        await done(rest(world, token, at(call, whom), encoders[type]?.(example)));
      }
    },
    20_000,
  );
});

describe('the example of POST /user', () => {
  it('is done as the page has prefilled it: whoever sends it needs to change nothing', async () => {
    const fresh = await newTenant(world);
    const { token } = await newStaff(world, fresh, 1);
    const example = bodies.get('POST /user')?.['application/json']?.example;
    const { user } = await done(rest(world, token, 'POST /user', example));
    expect(user).toMatchObject(
      Object.fromEntries(Object.entries(example).filter(([name]) => name !== 'station_ids')),
    );
  });
});

describe('what needs no body is done', () => {
  const bare = operations.flatMap(([call, { requestBody }]) =>
    requestBody?.required ? [] : [call],
  );
  const order = ['channel', 'sensor', 'station', 'project', 'user'];
  const rank = (call: string) => order.findIndex((noun) => call === `DELETE /${noun}/{id}`);
  // A project goes once its stations have.
  const sorted = bare.toSorted((one, other) => rank(one) - rank(other));

  beforeAll(async () => {
    ids.project = (await newProject(world, head.token)).id;
    ids.station = (await newStation(world, head.token, ids.project as number)).id;
    ids.sensor = (await done(ask('POST /station/{id}/sensor'))).sensor.id;
    ids.channel = (await done(ask('POST /sensor/{id}/channel'))).channel.id;
  });

  it.each(sorted)('by %s', async (call) => {
    await done(ask(call));
  });
});

it('documents nothing else: all of it has been seen above', () => {
  const documented = operations.flatMap(([, { operationId, responses }]) =>
    Object.keys(responses).map((status) => `${operationId} ${status}`),
  );
  expect([...seen].sort()).toEqual(documented.sort());
});

describe('the pages', () => {
  const pages = ['/docs', '/graphql'];
  const read = (path: string, asked = world) =>
    asked.send(path, null, { headers: { Accept: 'text/html' } });
  const off = newWorld({ DOCS: 'off' });

  /** What a page names in attributes that load or lead somewhere. */
  const addressesIn = (page: string): string[] =>
    [...page.matchAll(/\b(?:src|href)\s*=\s*["']?([^"'\s>]*)/gi)].map(
      ([, address = '']) => address,
    );

  it('come with the reference itself, which is served in any case', async () => {
    for (const asked of [plain, off]) {
      const response = await asked.send('/openapi.json', null);
      expect(response.status).toBe(200);
      const servers = [{ url: 'http://latchkey.test' }];
      expect(await response.json()).toEqual({ ...whole, servers });
    }
  });

  it.each(pages)('name no other host, and load what is served here: %s', async (path) => {
    const response = await read(path);
    expect([response.status, response.headers.get('Content-Type')]).toEqual([
      200,
      expect.stringMatching(/^text\/html/),
    ]);
    const addresses = addressesIn(await response.text());
    const ours = addresses.filter((address) => /^\/(?!\/)/.test(address));
    expect(addresses).toEqual([...addresses.filter((address) => address === 'data:,'), ...ours]);
    expect(ours).toContainEqual(expect.stringMatching(/^\/docs\/\w+\.js$/));
    for (const address of ours) {
      const script = await read(address);
      expect([address, script.status]).toEqual([address, 200]);
      await script.body?.cancel();
    }
  });

  it('are not there where DOCS is off, nor are their scripts', async () => {
    const scripts = [];
    for (const path of pages) scripts.push(...addressesIn(await (await read(path)).text()));
    const ours = scripts.filter((address) => address.startsWith('/'));
    expect(ours.length).toBeGreaterThan(2);
    for (const path of ['/docs', '/docs/', ...ours, '/docs/editor.worker.js']) {
      const response = await read(path, off);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.text()).not.toContain('<script');
    }
    expect(await (await read('/graphql', off)).text()).not.toContain('<script');
  });
});
