/**
 * Clients that cache by type and id: a query of one part of an app never overwrites data of
 * another.
 */
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { createClient, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { afterEach, beforeAll, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import {
  grant,
  type Json,
  newDevices,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Session,
  succeed,
  type Tenant,
} from '../world.ts';

const url = 'http://latchkey.test/graphql';
const world = newWorld();
let tenant: Tenant;
let user: Awaited<ReturnType<typeof newUser>>;
let session: Session;
/** How often the service was asked. */
let asked = 0;
/** What caches complain of: fields that are lost, objects that they cannot tell apart. */
let complaints: Mock[] = [];

beforeAll(async () => {
  tenant = await newTenant(world);
  user = await newUser(world, tenant);
  const devices = await newDevices(world, tenant, 2);
  await grant(world, tenant, user.identifier, devices);
  await grant(world, tenant, user.identifier, devices, 'addChargingPermission');
  await succeed(world.call(tenant.key, 'addOrder', { userIdentifier: user.identifier }));
  session = await newSession(world, tenant, user.identifier);
});

beforeEach(() => {
  asked = 0;
  complaints = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
});

afterEach(() => {
  for (const complaint of complaints) expect(complaint).not.toHaveBeenCalled();
});

const fetchAs = (credential: () => string) => (input: RequestInfo | URL, init?: RequestInit) => {
  asked++;
  const request = new Request(input, { ...init, signal: null });
  request.headers.set('Authorization', `Bearer ${credential()}`);
  return world.fetch(request);
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 500));

/** Two parts of an app that look at the same, each at fields of its own. */
const PAIRS = {
  'at the user and the session': [
    '{ viewer { id user { id createdAt } } }',
    '{ viewer { id session { id expiresAt } } }',
  ],
  'at the same user': [
    '{ viewer { id user { id suspended } } }',
    '{ viewer { id user { id createdAt userIdentifier { externalUser { externalId } } } } }',
  ],
  'at the devices': [
    '{ viewer { id devices(first: 5) { nodes { id deviceId permissions { id permission } } } } }',
    '{ viewer { id devices(first: 5) { nodes { id meterId permissions { id expiresAt } } } } }',
  ],
  'at the orders': [
    '{ viewer { id orders { id orderId } } }',
    '{ viewer { id orders { id orderStatus } } }',
  ],
} satisfies Record<string, [string, string]>;

const wanted = { viewer: expect.objectContaining({ id: expect.any(String) }) };

describe.each(Object.entries(PAIRS))('two that watch the viewer, %s,', (_, documents) => {
  it('ask once each with Apollo', async () => {
    const client = newApollo(() => session.accessToken);
    const seen: Json[] = [{}, {}];
    const watches = documents.map((document, n) =>
      client.watchQuery({ query: gql(document) }).subscribe(({ data }) => {
        seen[n] = data;
      }),
    );
    await settled();
    expect(seen).toEqual([wanted, wanted]);
    expect(asked).toBe(2);
    for (const watch of watches) watch.unsubscribe();
  });

  it('ask once each with urql', async () => {
    const client = newUrql();
    const seen: Json[] = [{}, {}];
    const watches = documents.map((document, n) =>
      client.query(document, {}).subscribe(({ data }) => {
        seen[n] = data;
      }),
    );
    await settled();
    expect(seen).toEqual([wanted, wanted]);
    expect(asked).toBe(2);
    for (const watch of watches) watch.unsubscribe();
  });
});

const newApollo = (credential: () => string) =>
  new ApolloClient({
    link: new HttpLink({ uri: url, fetch: fetchAs(credential) }),
    cache: new InMemoryCache(),
  });

const newUrql = () =>
  createClient({
    url,
    fetch: fetchAs(() => session.accessToken),
    preferGetMethod: false,
    exchanges: [cacheExchange({ keys: KEYLESS }), fetchExchange],
  });

const embedded = () => null;
/** What is a part of the object around it, and is nothing by itself. */
const KEYLESS = {
  PermittedDeviceConnection: embedded,
  UserIdentifier: embedded,
  ExternalUser: embedded,
};

describe('what a mutation answers', () => {
  it('is seen by who watches the same object', async () => {
    const client = newApollo(() => tenant.key);
    const { externalId } = await newUser(world, tenant);
    const identifier = `userIdentifier: { externalUser: { externalId: "${externalId}" } }`;
    const seen: Json[] = [];
    const watch = client
      .watchQuery({ query: gql(`{ user(${identifier}) { id suspended } }`) })
      .subscribe(({ data }) => seen.push((data as Json)?.user?.suspended));
    await settled();
    await client.mutate({
      mutation: gql(
        `mutation { updateUser(input: { ${identifier}, suspended: true }) { success user { ` +
          'id suspended } } }',
      ),
    });
    await settled();
    expect(seen.filter((one) => one !== undefined)).toEqual([false, true]);
    expect(asked).toBe(2);
    watch.unsubscribe();
  });
});

describe('the token of a session', () => {
  const tokenOf = async (credential: string, query: string) =>
    JSON.stringify(await world.ask(credential, query)).match(/"accessToken":("[^"]+"|null)/)?.[1];

  it('is in the answer that opens it or was given it, and null everywhere else', async () => {
    const { identifier, externalId } = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, identifier);
    const named = `userIdentifier: { externalUser: { externalId: "${externalId}" } }`;
    const token = JSON.stringify(accessToken);
    const ensure = (given: string) =>
      `mutation { ensureUserAccess(input: { ${named}, accessToken: ${given} }) { session { ` +
      'id accessToken } } }';
    expect(await tokenOf(tenant.key, ensure(token))).toBe(token);
    expect(await tokenOf(tenant.key, ensure('null'))).toMatch(/^"lk_ses_/);
    expect(await tokenOf(tenant.key, `{ sessions(${named}) { id accessToken } }`)).toBe('null');
    expect(await tokenOf(accessToken, '{ viewer { id session { id accessToken } } }')).toBe('null');
  });
});

describe('an id', () => {
  const typed = (fields: string) => `__typename id ${fields}`;
  const permissions = `permissions { ${typed('permission')} }`;
  const userFields = () =>
    typed(
      `userIdentifier { companyUser { ${typed('')} } } devices(first: 3) { nodes { ` +
        `${typed(permissions)} } } orders { ${typed('')} }`,
    );

  it('is of one object and one type, whatever it is found by', async () => {
    const named = `userIdentifier: { externalUser: { externalId: "${user.externalId}" } }`;
    const answers = [
      await world.graphql(
        tenant.key,
        `{ caller { ${typed(`intermediary { ${typed('')} }`)} }
          user(${named}) { ${userFields()} } users(first: 3) { nodes { ${userFields()} } }
          sessions(${named}) { ${typed('')} } apiKeys { ${typed('')} }
          devices(first: 9) { nodes { ${typed(`permissions { ${typed(`user { ${typed('')} }`)} }`)}
          } }
          ordersForUser(input: { externalUserId: "${user.externalId}" }) { orders { ${typed('')} } }
          auditEvents(first: 100) { nodes { ${typed(`actor { user { ${typed('')} } }`)} } } }`,
      ),
      await world.graphql(
        session.accessToken,
        `{ viewer { ${typed(`user { ${typed('')} } session { ${typed('')} }
          devices(first: 9) { nodes { ${typed(permissions)} } } orders { ${typed('')} }`)} } }`,
      ),
    ];
    const types = new Map<string, Set<string>>();
    const walk = (value: Json): void => {
      if (typeof value !== 'object' || value === null) return;
      if (value.id !== undefined) {
        types.set(value.id, (types.get(value.id) ?? new Set()).add(value.__typename));
      }
      for (const inner of Object.values(value)) walk(inner);
    };
    for (const { data, errors } of answers) {
      expect(errors).toBeUndefined();
      walk(data);
    }
    const found = [...types.values()].map((one) => [...one]);
    expect(found.filter((one) => one.length > 1)).toEqual([]);
    expect([...new Set(found.flat())].sort()).toEqual([
      'ApiKey',
      'AuditEvent',
      'Caller',
      'Device',
      'Intermediary',
      'Order',
      'Permission',
      'PermittedDevice',
      'Session',
      'User',
      'Viewer',
    ]);
  });
});
