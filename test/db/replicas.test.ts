/**
 * Reading from replicas that have all that the client has seen. Rights are read from the primary
 * only.
 */
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { newProject, newStaff, newStation } from '../rest/company.ts';
import {
  env,
  grant,
  type Json,
  newDevices,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  type Tenant,
} from '../world.ts';

const HEADER = 'X-Latchkey-Bookmark';
const BOOKMARK = /^[0-9a-f]{8}(-[0-9a-f]{8}){2}-[0-9a-f]{32}$/;

/** Where each batch of statements went: a session's constraint, or `primary`. */
const asked: string[] = [];
/** What D1 does not know. */
let forgotten = '';

const watch = (source: Pick<D1Database, 'prepare' | 'batch'>, where: string) => ({
  prepare: (sql: string) => source.prepare(sql),
  batch: (statements: D1PreparedStatement[]) => {
    asked.push(where);
    if (where === forgotten) return Promise.reject(new Error('D1_ERROR: unknown bookmark'));
    return source.batch(statements);
  },
});
const world = newWorld({
  DB: {
    ...watch(env.DB, 'primary'),
    withSession(from: string) {
      const session = env.DB.withSession(from);
      return { ...watch(session, from), getBookmark: () => session.getBookmark() };
    },
  } as unknown as D1Database,
});

let tenant: Tenant;
let token: string;
let deviceId: string;
let externalId: string;

beforeAll(async () => {
  tenant = await newTenant(world);
  const user = await newUser(world, tenant);
  externalId = user.externalId;
  const [device] = await newDevices(world, tenant);
  if (!device) throw new Error('no device');
  deviceId = device.deviceId;
  await grant(world, tenant, user.identifier, [device]);
  token = (await newSession(world, tenant, user.identifier)).accessToken;
});

beforeEach(() => {
  asked.length = 0;
  forgotten = '';
});

const LISTS: [string, () => string, string][] = [
  ['viewer', () => token, '{ viewer { user { id } devices(first: 5) { nodes { deviceId } } } }'],
  ['users', () => tenant.key, '{ users(first: 5) { nodes { id } } }'],
  ['devices', () => tenant.key, '{ devices(first: 5) { nodes { deviceId } } }'],
  ['auditEvents', () => tenant.key, '{ auditEvents(first: 5) { nodes { id } } }'],
  ['intermediaries', () => operator, '{ intermediaries(first: 5) { nodes { id } } }'],
];

async function ask(credential: string, query: string, bookmark?: string, variables = {}) {
  const response = await world.send('/graphql', credential, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(bookmark === undefined ? {} : { [HEADER]: bookmark }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as Json;
  expect(errors).toBeUndefined();
  return { data, bookmark: response.headers.get(HEADER) ?? '' };
}

const read = () => asked.filter((where) => where !== 'primary');

it.each(LISTS)(
  '%s asks the primary for whoever brings no bookmark, and gives one',
  async (_, by, query) => {
    const { bookmark } = await ask(by(), query);
    expect(bookmark).toMatch(BOOKMARK);
    expect(read()).toEqual(['first-primary']);
  },
);

it.each(LISTS)('%s asks any replica that has what the bookmark tells of', async (_, by, query) => {
  const { bookmark } = await ask(by(), query);
  asked.length = 0;
  const again = await ask(by(), query, bookmark);
  expect(read()).toEqual([bookmark]);
  expect(again.bookmark >= bookmark).toBe(true);
});

it('a change gives a bookmark. The same call and the next read from it on', async () => {
  const { bookmark: before } = await ask(tenant.key, '{ users(first: 1) { nodes { id } } }');
  asked.length = 0;
  const mutation = `mutation ($input: EnsureUserAccessInput!) {
    ensureUserAccess(input: $input) { success userCreated user { id devices(first: 5) { nodes {
    deviceId } } } } }`;
  const input = {
    userIdentifier: { externalUser: { externalId: 'somebody new' } },
    deviceIdentifiers: [{ deviceId }],
  };
  const { data, bookmark } = await ask(tenant.key, mutation, before, { input });
  expect(data.ensureUserAccess).toMatchObject({
    userCreated: true,
    user: { devices: { nodes: [{ deviceId }] } },
  });
  expect(bookmark > before).toBe(true);
  const [change, ...reads] = read();
  expect(change).toBe('first-primary');
  expect(reads).toHaveLength(1);
  expect((reads[0] ?? '') > before && (reads[0] ?? '') <= bookmark).toBe(true);
  const found = await ask(
    tenant.key,
    '{ users(first: 5, search: "somebody new") { nodes { id } } }',
    bookmark,
  );
  expect(found.data.users.nodes).toHaveLength(1);
  expect(read().at(-1)).toBe(bookmark);
});

it.each(['', 'x', 'first-unconstrained', '0'.repeat(50), '00000001-00000002-00000003-z'])(
  'takes no harm from a bookmark that is none: %j',
  async (odd) => {
    await ask(token, '{ viewer { devices(first: 5) { nodes { deviceId } } } }', odd);
    expect(read()).toEqual(['first-primary']);
  },
);

it('asks the primary where D1 does not know the bookmark', async () => {
  forgotten = `ffffffff-ffffffff-ffffffff-${'f'.repeat(32)}`;
  const { data } = await ask(
    token,
    '{ viewer { devices(first: 5) { nodes { deviceId } } } }',
    forgotten,
  );
  expect(data.viewer.devices.nodes).toEqual([{ deviceId }]);
  expect(read()).toEqual([forgotten, 'first-primary']);
});

it('who may do what is asked of the primary, whatever bookmark comes along', async () => {
  const { bookmark } = await ask(tenant.key, '{ users(first: 1) { nodes { id } } }');
  const staff = await newStaff(world, tenant, 1);
  asked.length = 0;
  const headers = { [HEADER]: bookmark };
  await world.send(`/verify/${tenant.id}?device=${deviceId}&consistency=strict`, token, {
    headers,
  });
  await world.send('/introspect', tenant.key, {
    method: 'POST',
    body: new URLSearchParams({ token, consistency: 'strict' }),
    headers,
  });
  await world.send('/session', token, { headers });
  await world.send('/project', staff.token, { headers });
  const input = {
    userIdentifier: { externalUser: { externalId } },
    accessToken: token,
    deviceIdentifiers: [{ deviceId }],
    consistency: 'STRICT',
  };
  await ask(
    tenant.key,
    'query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) { allowed } }',
    bookmark,
    { input },
  );
  expect(asked.length).toBeGreaterThan(3);
  // A key's use is written down.
  expect(read().filter((where) => where !== 'first-primary')).toEqual([]);
});

it(
  'a replica that has heard of nobody yet refuses nobody, and shows no station that is not to ' +
    'be seen',
  async () => {
    const { bookmark } = await ask(tenant.key, '{ users(first: 1) { nodes { id } } }');
    const behind = newWorld({
      DB: {
        ...watch(env.DB, 'primary'),
        withSession(from: string) {
          const session = env.DB.withSession(from);
          if (from === 'first-primary') return session;
          // It lags: what it is asked for it does not have.
          const batch = async (statements: D1PreparedStatement[]) =>
            (await session.batch(statements)).map((result) => ({ ...result, results: [] }));
          return { ...watch(session, from), batch, getBookmark: () => session.getBookmark() };
        },
      } as unknown as D1Database,
    });
    const head = await newStaff(world, tenant, 1);
    const project = await newProject(world, head.token);
    const station = await newStation(world, head.token, project.id);
    const other = await newStation(world, head.token, project.id);
    const staff = await newStaff(world, tenant, 3, [station.id]);
    const headers = { 'Content-Type': 'application/json', [HEADER]: bookmark };
    const query =
      '{ viewer { user { id } session { id } stations(first: 9) { nodes { id } } ' +
      'devices(first: 9) { nodes { deviceId } } orders { orderId } } }';
    const look = async (to: typeof world, credential: string) => {
      const init = { method: 'POST', headers, body: JSON.stringify({ query }) };
      const response = await to.send('/graphql', credential, init);
      return { status: response.status, body: (await response.json()) as Json };
    };
    const { status, body } = await look(behind, staff.token);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.data.viewer).toMatchObject({
      user: { id: String(staff.id) },
      stations: { nodes: [{ id: String(station.id) }] },
      devices: { nodes: [] },
    });
    await world.send(`/user/${staff.id}`, tenant.key, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ station_ids: [other.id] }),
    });
    const { body: after } = await look(behind, staff.token);
    expect(after.data.viewer.stations.nodes).toEqual([{ id: String(other.id) }]);
    for (const [path, credential] of [
      ['/project', staff.token],
      [`/station/${other.id}`, staff.token],
      ['/user/me', staff.token],
    ] as const) {
      expect((await behind.send(path, credential, { headers })).status, path).toBe(200);
    }
    const keys = await behind.send('/graphql', tenant.key, {
      method: 'POST',
      headers,
      body: '{"query":"{ apiKeys { id } caller { kind } }"}',
    });
    expect(((await keys.json()) as Json).data.apiKeys.length).toBeGreaterThan(0);
  },
);
