/** Limits on the size and the rate of calls. They do not apply to proxies. */
import {
  type GraphQLObjectType,
  getNullableType,
  isIntrospectionType,
  isListType,
  isObjectType,
} from 'graphql';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isConnection } from '../../src/graphql/cost.ts';
import { getSchema } from '../../src/graphql/schema.ts';
import { watchD1 } from '../doubles/d1.ts';
import { limitOf, refusing } from '../doubles/limits.ts';
import { passPauses } from '../time.ts';
import {
  newKey,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  type Tenant,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let session: string;

beforeAll(async () => {
  tenant = await newTenant(world);
  session = (await newSession(world, tenant, (await newUser(world, tenant)).identifier))
    .accessToken;
});

async function graphql(query: string, where = world, credential = tenant.key, variables = {}) {
  const response = await where.send('/graphql', credential, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Body,
  };
}
interface Body {
  data?: object;
  errors?: { message: string; extensions: { code: string; cost?: object } }[];
  extensions?: { cost?: { requested: number; maximum: number } };
}

describe('what a document may cost', () => {
  const costOf = async (query: string, variables = {}) =>
    (await graphql(query, world, tenant.key, variables)).body.extensions?.cost?.requested;

  it('comes with each answer: a field as often as it may come, a related thing once', async () => {
    expect(await costOf('{ caller { kind } }')).toBe(2);
    expect(await costOf('{ users(first: 50) { nodes { id name } } }')).toBe(1 + 50 * (1 + 2));
    expect(
      await costOf('{ users(first: 50) { edges { node { id } } pageInfo { hasNextPage } } }'),
    ).toBe(1 + 50 * (1 + 2 + 2));
    expect(
      await costOf('{ users(first: 10) { nodes { devices(first: 20) { nodes { deviceId } } } } }'),
    ).toBe(1 + 10 * (1 + 1 + 20 * 2));
    // Lists that have no `first`.
    expect(await costOf('{ users(first: 2) { nodes { orders { orderId } } } }')).toBe(
      1 + 2 * (1 + 1 + 1000),
    );
    // Four plain values for one.
    expect(await costOf('{ auditEvents(first: 100) { nodes { deviceIds } } }')).toBe(
      1 + 100 * (1 + 1 + 125),
    );
    const deviceIdentifiers = Array.from({ length: 7 }, (_, n) => ({ meterId: `m${n}` }));
    expect(
      await costOf(
        'query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) { allowed } }',
        { input: { userIdentifier: { externalUser: { externalId: 'x' } }, deviceIdentifiers } },
      ),
    ).toBe(1 + 7 + 1);
    // As many as were brought along.
    expect(
      await costOf(
        'query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) { devices { ' +
          'granted } } }',
        { input: { userIdentifier: { externalUser: { externalId: 'x' } }, deviceIdentifiers } },
      ),
    ).toBe(1 + 7 + 1 + 7);
  });

  it('knows of each list how much it may hold', () => {
    const lists = Object.values(getSchema().getTypeMap())
      .filter((type) => isObjectType(type) && !isIntrospectionType(type) && !isConnection(type))
      .flatMap((type) => Object.values((type as GraphQLObjectType).getFields()))
      .filter(({ type }) => isListType(getNullableType(type)));
    expect(lists.length).toBeGreaterThan(20);
    const silent = lists.filter(
      ({ args, extensions }) =>
        !('most' in extensions) && !args.some(({ name }) => name === 'first'),
    );
    expect(silent.map(String)).toEqual([]);
  });

  it('counts a fragment where it is spread, only as often as it brings something', async () => {
    const fragment = 'fragment F on Caller { kind }';
    expect(await costOf(`{ caller { ...F ...F } } ${fragment}`)).toBe(2);
    expect(await costOf(`{ a: caller { ...F } b: caller { ...F } } ${fragment}`)).toBe(4);
    expect(
      await costOf('{ caller { ... on Caller { kind } ... @include(if: true) { kind } } }'),
    ).toBe(3);
  });

  it('has a bound, which a setting moves; beyond it nothing runs', async () => {
    const query =
      '{ users(first: 100) { nodes { devices(first: 100) { nodes { deviceId meterId ' +
      'permissions { permission expiresAt } } } } } }';
    const { status, body } = await graphql(query);
    expect(status).toBe(400);
    expect(body.data).toBeUndefined();
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      cost: { maximum: 50_000 },
    });
    const rich = newWorld({ GRAPHQL_MAX_COST: '1000000' });
    expect((await graphql(query, rich)).status).toBe(200);
    const poor = newWorld({ GRAPHQL_MAX_COST: '1' });
    expect((await graphql('{ caller { kind } }', poor)).status).toBe(400);
    const mutation =
      'mutation { addUser(input: { userIdentifier: { externalUser: { externalId: "costly" } ' +
      '} }) { success } }';
    expect((await graphql(mutation, poor)).status).toBe(400);
    const { body: found } = await graphql('{ users(first: 1, search: "costly") { nodes { id } } }');
    expect(found.data).toEqual({ users: { nodes: [] } });
  });
});

describe('a document', () => {
  it.each([
    ['aliases', (n: number) => Array.from({ length: n }, (_, i) => `a${i}: __typename`).join(' ')],
    ['directives', (n: number) => `__typename ${'@include(if: true) '.repeat(n)}`],
  ])('may have a hundred %s and no more', async (_, fields) => {
    const isTooMany = async (n: number) =>
      JSON.stringify((await graphql(`{ ${fields(n)} }`)).body).includes('at most 100');
    expect(await isTooMany(100)).toBe(false);
    expect(await isTooMany(101)).toBe(true);
  });

  it('may have a thousand comments and no more, however a line ends', async () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const answerTo = async (many: number) =>
        JSON.stringify((await graphql(`{ __typename } ${`#${end}`.repeat(many)}`)).body);
      expect(await answerTo(1_000)).toContain('"data"');
      expect(await answerTo(1_001)).toContain('at most 1000 lines with a \\"#\\"');
    }
  });

  it('whose fragments spread each other, however many there are, is refused', async () => {
    for (const many of [60, 100, 160]) {
      const spread = (n: number) => `ofType { ...F${n % many} }`;
      const fragments = Array.from(
        { length: many },
        (_, n) => `fragment F${n} on __Type { ${spread(n + 1)} ${spread(n + 7)} }`,
      );
      const { status, body } = await graphql(
        `{ __type(name: "User") { ${spread(0)} ${spread(1)} } } ${fragments.join(' ')}`,
      );
      expect([many, body.data, status < 500]).toEqual([many, undefined, true]);
      expect(body.errors?.[0]?.extensions.code).not.toBe('INTERNAL');
    }
  });

  it('comes alone: a batch of them is refused', async () => {
    const response = await world.send('/graphql', tenant.key, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify([{ query: '{ caller { kind } }' }, { query: '{ caller { kind } }' }]),
    });
    expect(response.status).toBe(400);
  });
});

describe('variables that do not fit', () => {
  it('are refused at the first, however many there are, and tell a guest nothing', async () => {
    const query =
      'query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) { allowed } }';
    const variables = { input: { deviceIdentifiers: Array(100_000).fill({}) } };
    const send = async (credential: string | null) => {
      const response = await world.send('/graphql', credential, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return [response.status, ((await response.json()) as Body).errors] as const;
    };
    const [, errors = []] = await send(tenant.key);
    expect(errors[0]?.extensions.code).toBe('BAD_REQUEST');
    expect(errors.length).toBeLessThan(60);
    const [status, told = []] = await send(null);
    expect([status, told[0]?.extensions.code, told.length]).toEqual([401, 'UNAUTHENTICATED', 1]);
  });
});

describe('where the schema is not open', () => {
  const closed = newWorld({ DOCS: 'off' });

  it('nobody introspects, whatever the credential', async () => {
    for (const credential of [tenant.key, operator, session]) {
      for (const query of [
        '{ __schema { types { name } } }',
        '{ __type(name: "User") { name } }',
      ]) {
        const { status, body } = await graphql(query, closed, credential);
        expect([status, body.errors?.[0]?.extensions.code]).toEqual([403, 'FORBIDDEN']);
      }
      expect((await graphql('{ __typename }', closed, credential)).status).toBe(200);
    }
  });

  it('no error suggests a name', async () => {
    const documents: [string, object?][] = [
      ['{ caler { kind } }'],
      ['{ caller { kindd } }'],
      ['{ users(frst: 1) { nodes { id } } }'],
      ['query ($i: AddUserInpt!) { caller { kind } }'],
      ['{ caller { ... on Calller { kind } } }'],
      [
        'mutation ($input: AddUserInput!) { addUser(input: $input) { success } }',
        { input: { userIdentifer: {} } },
      ],
      [
        'query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) { allowed } }',
        { input: { permission: 'VIWE' } },
      ],
    ];
    for (const [query, variables] of documents) {
      const told = JSON.stringify((await graphql(query, closed, tenant.key, variables)).body);
      expect(told).toContain('errors');
      expect(told).not.toMatch(/did you mean/i);
    }
    expect(JSON.stringify((await graphql('{ callr { kind } }')).body)).toMatch(/did you mean/i);
  });
});

describe('how often may be asked', () => {
  const call = (where: typeof world, path: string, credential: string | null, headers = {}) =>
    where.send(path, credential, {
      headers,
      ...(path === '/graphql'
        ? {
            method: 'POST',
            body: '{"query":"{ __typename }"}',
            headers: { 'Content-Type': 'application/json', ...headers },
          }
        : {}),
    });

  it.each(['/graphql', '/project'])(
    '%s is limited by key and by session, each for itself',
    async (path) => {
      const { keys, binding } = limitOf(2);
      const limited = newWorld({ CALLS: binding });
      const other = await newKey(world, tenant, ['stations:read']);
      const statuses = [];
      for (let n = 0; n < 3; n++) statuses.push((await call(limited, path, tenant.key)).status);
      expect(statuses).toEqual([200, 200, 429]);
      const refused = await call(limited, path, tenant.key);
      expect(refused.headers.get('Retry-After')).toBe('60');
      expect(await refused.text()).toContain('Wait a minute');
      expect((await call(limited, path, other.secret)).status).toBe(200);
      await call(limited, path, session);
      // Ids that are public, and of credentials that were found to be good.
      await call(limited, path, `lk_key_${'A'.repeat(40)}${'0'.repeat(20)}`);
      expect([...keys.keys()].sort()).toEqual(
        [tenant.key, other.secret, session].map((credential) => credential.slice(7, 23)).sort(),
      );
    },
  );

  it('refused credentials are limited by address, and nobody else there is', async () => {
    const { keys, binding } = limitOf(2);
    const limited = newWorld({ REFUSALS: binding });
    const from = (address: string) => ({ 'CF-Connecting-IP': address });
    for (const path of ['/graphql', '/project']) {
      keys.clear();
      const statuses = [];
      for (let n = 0; n < 3; n++) {
        statuses.push((await call(limited, path, 'lk_key_forged', from('203.0.113.1'))).status);
      }
      expect(statuses).toEqual([401, 401, 429]);
      expect((await call(limited, path, tenant.key, from('203.0.113.1'))).status).toBe(200);
      expect((await call(limited, path, 'lk_key_forged', from('203.0.113.2'))).status).toBe(401);
    }
  });

  it(
    'a genuine credential that has ended is 401 and no guess, whoever else is behind its ' +
      'address',
    async () => {
      const { keys: networks, binding: refusals } = limitOf(100);
      const { keys: ids, binding: calls } = limitOf(3);
      const limited = newWorld({ REFUSALS: refusals, CALLS: calls });
      const here = { 'CF-Connecting-IP': '203.0.113.9' };
      for (let n = 0; n < 101; n++) await call(limited, '/graphql', 'lk_ses_garbage', here);
      expect((await call(limited, '/project', 'lk_ses_garbage', here)).status).toBe(429);
      const bodies = new Set<string>();
      for (let n = 0; n < 20; n++) {
        const { identifier } = await newUser(world, tenant);
        const ended = await newSession(world, tenant, identifier);
        await world.call(tenant.key, 'removeUserSession', { sessionId: ended.id });
        const { id, secret } = await newKey(world, tenant, ['stations:read']);
        await world.call(tenant.key, 'removeApiKey', { id });
        for (const credential of [ended.accessToken, secret]) {
          const answers = [];
          for (const path of ['/graphql', '/project', '/export']) {
            const response = await call(limited, path, credential, here);
            answers.push(response.status);
            if (path === '/graphql') bodies.add(await response.text());
          }
          expect(answers).toEqual([401, 401, 401]);
        }
        // Only for the first is anybody asked: its own limit, by its own id.
        expect(ids.get(secret.slice(7, 23))).toBe(1);
      }
      expect([...networks.keys()]).toEqual(['203.0.113.9']);
      expect(networks.get('203.0.113.9')).toBe(102);
      const whole = `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`;
      const forged = await call(newWorld(), '/graphql', whole, here);
      expect([...bodies]).toEqual([await forged.text()]);
    },
  );

  it('is asked by the credential, before D1 is and before the body is read', async () => {
    const d1 = watchD1();
    const limited = newWorld({ CALLS: refusing, DB: d1.DB });
    for (const credential of [tenant.key, session]) {
      for (const [path, type] of [
        ['/graphql', 'application/json'],
        ['/project', 'application/json'],
        ['/import', 'application/x-ndjson'],
      ] as const) {
        const response = await limited.send(path, credential, {
          method: 'POST',
          headers: { 'Content-Type': type },
          body: 'no { body',
        });
        expect([path, response.status]).toEqual([path, 429]);
      }
    }
    expect(d1.trips).toBe(0);
  });

  describe('by one tenant', () => {
    /** Asked for every ten units, and for the first. */
    const perTenant = () => limitOf(2);

    it('counts all its credentials together, and no neighbour’s', async () => {
      const { keys, binding } = perTenant();
      const limited = newWorld({ CALLS_BY_TENANT: binding });
      const neighbour = await newTenant(world);
      const others = [await newKey(world, tenant, ['stations:read']), { secret: session }];
      const statuses = [];
      // The first call with each tells whose it is, and is counted once that is known.
      for (let n = 0; n < 8; n++) {
        for (const { secret } of [{ secret: tenant.key }, ...others]) {
          statuses.push((await call(limited, '/graphql', secret)).status);
        }
      }
      expect(statuses).toEqual([...Array(20).fill(200), ...Array(4).fill(429)]);
      expect((await call(limited, '/graphql', neighbour.key)).status).toBe(200);
      expect([...keys.keys()].sort()).toEqual([tenant.id, neighbour.id].sort());
    });

    it('asks D1 nothing for what it refuses, with credentials that it knows', async () => {
      let isOver = false;
      const d1 = watchD1();
      const limit = async () => ({ success: !isOver });
      const limited = newWorld({ CALLS_BY_TENANT: { limit }, DB: d1.DB });
      for (const credential of [tenant.key, session]) await call(limited, '/graphql', credential);
      isOver = true;
      // Up to ten units pass before it is asked again.
      for (let n = 0; n < 10; n++) await call(limited, '/graphql', tenant.key);
      d1.trips = 0;
      for (const credential of [tenant.key, session]) {
        for (let n = 0; n < 20; n++) {
          expect((await call(limited, '/graphql', credential)).status).toBe(429);
        }
      }
      expect(d1.trips).toBe(0);
    });

    it('counts a document, a change and a line by what they may cost', async () => {
      const countsOf = async (send: (to: typeof world) => Promise<unknown>) => {
        const { keys, binding } = limitOf(1_000);
        const limited = newWorld({ CALLS_BY_TENANT: binding });
        // So that it is known whose the key is, and the next to be counted is a tenth unit.
        for (let n = 0; n < 10; n++) await call(limited, '/graphql', tenant.key);
        keys.clear();
        await send(limited);
        return keys.get(tenant.id) ?? 0;
      };
      const dear =
        '{ users(first: 100) { nodes { devices(first: 80) { nodes { deviceId meterId } } } } }';
      const change = (n: number) =>
        `a${n}: addUser(input: { userIdentifier: { externalUser: { externalId: "u${n}" } } ` +
        '}) { success }';
      const changes = `mutation { ${Array.from({ length: 15 }, (_, n) => change(n)).join(' ')} }`;
      const lines = Array.from({ length: 400 }, (_, n) => `{"externalId":"line ${n}"}\n`).join('');
      expect(await countsOf((to) => graphql('{ caller { kind } }', to))).toBe(1);
      expect(await countsOf((to) => graphql(dear, to))).toBe(1 + 4);
      expect(await countsOf((to) => graphql(changes, to))).toBe(1 + 1);
      const imported = (to: typeof world) =>
        to
          .send('/import', tenant.key, {
            method: 'POST',
            headers: { 'Content-Type': 'application/x-ndjson' },
            body: lines,
          })
          .then((response) => response.text());
      expect(await countsOf(imported)).toBe(1 + 2);
    });

    const countsOf = async (send: (to: typeof world) => Promise<unknown>, isKnown = true) => {
      const { keys, binding } = limitOf(1_000);
      const limited = newWorld({ CALLS_BY_TENANT: binding });
      if (isKnown) await call(limited, '/graphql', tenant.key);
      keys.clear();
      await send(limited);
      return keys.get(tenant.id) ?? 0;
    };

    describe('a body of 905 KB counts 90 units more', () => {
      const json = JSON.stringify({ query: '{ caller { kind } }', more: 'x'.repeat(905_000) });
      const type = { 'Content-Type': 'application/json' };
      const length = { ...type, 'Content-Length': String(json.length) };
      const chunked = () => ({
        headers: type,
        body: new ReadableStream({
          start(out) {
            for (let at = 0; at < json.length; at += 100_000) {
              out.enqueue(new TextEncoder().encode(json.slice(at, at + 100_000)));
            }
            out.close();
          },
        }),
      });
      it.each(['/graphql', '/project'])('%s, in chunks or not, be the key new', async (path) => {
        for (const init of [() => ({ headers: length, body: json }), chunked]) {
          for (const isKnown of [true, false]) {
            const send = async (to: typeof world) => {
              const sent = { method: 'POST', ...init() };
              const { status } = await to.send(path, tenant.key, sent);
              expect(status).not.toBe(429);
            };
            expect(await countsOf(send, isKnown)).toBeGreaterThanOrEqual(9);
          }
        }
      });

      it.each(['/graphql', '/project'])('%s: many in chunks are LIMITED', async (path) => {
        const limited = newWorld({ TENANT_UNITS_PER_SECOND: '20' });
        const statuses = [];
        for (let n = 0; n < 3; n++) {
          const sent = { method: 'POST', ...chunked() };
          statuses.push((await limited.send(path, tenant.key, sent)).status);
        }
        expect(statuses[0]).not.toBe(429);
        expect(statuses.slice(1)).toEqual([429, 429]);
      });
    });

    it('counts all first calls with a key, though they come at once', async () => {
      const send = (to: typeof world) =>
        Promise.all(Array.from({ length: 30 }, () => call(to, '/graphql', tenant.key)));
      expect(await countsOf(send, false)).toBe(3);
    });

    it('counts an import by its lines, in chunks or not', async () => {
      const lines = Array.from({ length: 400 }, (_, n) => `{"externalId":"chunk ${n}"}\n`);
      const send = async (to: typeof world) => {
        const response = await to.send('/import', tenant.key, {
          method: 'POST',
          headers: { 'Content-Type': 'application/x-ndjson' },
          body: new ReadableStream({
            start(out) {
              for (const line of lines) out.enqueue(new TextEncoder().encode(line));
              out.close();
            },
          }),
        });
        await response.text();
      };
      expect(await countsOf(send)).toBe(2);
    });

    describe('within its rate', () => {
      afterEach(() => {
        vi.restoreAllMocks();
        vi.useRealTimers();
      });

      it('waits for nobody, whatever a neighbour asks for', async () => {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
        let waited = 0;
        vi.spyOn(scheduler, 'wait').mockImplementation(async (milliseconds) => {
          waited += milliseconds;
          vi.setSystemTime(Date.now() + milliseconds);
        });
        const limited = newWorld({ TENANT_UNITS_PER_SECOND: '200' });
        const neighbour = await newTenant(world);
        const statuses = new Set<number>();
        // 156 units a second for five seconds; the neighbour's calls are some a second.
        for (let n = 0; n < 5 * 156; n++) {
          vi.setSystemTime(Date.now() + 1_000 / 156);
          if (n % 50 === 0) await call(limited, '/graphql', neighbour.key);
          statuses.add((await call(limited, '/graphql', tenant.key)).status);
        }
        expect([[...statuses], waited]).toEqual([[200], 0]);
      });
    });

    /** What becomes of so many calls at once: the status of each, and when it came. */
    const callAtOnce = async (where: typeof world, key: string, many: number) => {
      const start = performance.now();
      return Promise.all(
        Array.from({ length: many }, async () => {
          const { status } = await call(where, '/graphql', key);
          return { status, at: performance.now() - start };
        }),
      );
    };

    it('is spread over time: a burst waits, a neighbour does not', async () => {
      const limited = newWorld({ TENANT_UNITS_PER_SECOND: '100' });
      const neighbour = await newTenant(world);
      for (const key of [tenant.key, neighbour.key]) await call(limited, '/graphql', key);
      const burst = callAtOnce(limited, tenant.key, 250);
      const beside = await callAtOnce(limited, neighbour.key, 20);
      expect(new Set(beside.map(({ status }) => status))).toEqual(new Set([200]));
      const answers = await burst;
      const passed = answers.filter(({ status }) => status === 200);
      expect(passed.length).toBeGreaterThanOrEqual(100);
      expect(answers.filter(({ status }) => ![200, 429].includes(status))).toEqual([]);
      expect(Math.max(...passed.map(({ at }) => at))).toBeGreaterThan(500);
    }, 20_000);

    it('is spread over time, though the isolate knows none of the credentials', async () => {
      const { identifier } = await newUser(world, tenant);
      const opened = Array.from({ length: 12 }, () => newSession(world, tenant, identifier));
      const sessions = await Promise.all(opened);
      const limited = newWorld({ TENANT_UNITS_PER_SECOND: '20' });
      const start = performance.now();
      const answers = sessions.map(async ({ accessToken }) => {
        const { status } = await call(limited, '/graphql', accessToken);
        return { status, at: performance.now() - start };
      });
      const passed = (await Promise.all(answers)).filter(({ status }) => status === 200);
      expect(passed.length).toBe(12);
      expect(Math.max(...passed.map(({ at }) => at))).toBeGreaterThan(400);
    });

    it('refuses what waits once it is a flood', async () => {
      const limited = newWorld({ TENANT_UNITS_PER_SECOND: '100' });
      await call(limited, '/graphql', tenant.key);
      const answers = await callAtOnce(limited, tenant.key, 600);
      const passed = answers.filter(({ status }) => status === 200);
      // A burst, and a tenth of the rate for as long as a call waits.
      expect(passed.length).toBeGreaterThanOrEqual(10);
      expect(passed.length).toBeLessThan(100);
      expect(answers.filter(({ status }) => ![200, 429].includes(status))).toEqual([]);
    }, 20_000);

    it('is no session’s alone: what one is refused is not its company’s', async () => {
      const limited = newWorld({ TENANT_UNITS_PER_SECOND: '20' });
      for (const one of [tenant.key, session]) await call(limited, '/graphql', one);
      const flood = Array.from({ length: 60 }, () => call(limited, '/graphql', session));
      const company = [];
      for (let n = 0; n < 5; n++)
        company.push((await call(limited, '/graphql', tenant.key)).status);
      const statuses = (await Promise.all(flood)).map(({ status }) => status);
      expect(company).toEqual([200, 200, 200, 200, 200]);
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(40);
    }, 20_000);

    it('loses nothing to bodies that never come', async () => {
      const limited = newWorld({ TENANT_UNITS_PER_SECOND: '20' });
      await call(limited, '/graphql', tenant.key);
      const bodies: ReadableStreamDefaultController[] = [];
      const hanging = Array.from({ length: 3 }, () =>
        limited.send('/graphql', tenant.key, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'Content-Length': '1000000' },
          body: new ReadableStream({ start: (out) => void bodies.push(out) }),
        }),
      );
      expect((await call(limited, '/graphql', tenant.key)).status).toBe(200);
      for (const body of bodies) body.close();
      await Promise.allSettled(hanging);
    });

    it('is nothing to what has ended, which is told so', async () => {
      const limited = newWorld({ TENANT_UNITS_PER_SECOND: '20' });
      const { identifier } = await newUser(world, tenant);
      const { accessToken } = await newSession(world, tenant, identifier);
      await call(limited, '/graphql', accessToken);
      expect((await limited.send('/session', accessToken, { method: 'DELETE' })).status).toBe(204);
      expect((await call(limited, '/graphql', accessToken)).status).toBe(401);
      const body = JSON.stringify({ query: '{ __typename }', more: 'x'.repeat(900_000) });
      const headers = { 'Content-Type': 'application/json' };
      await limited.send('/graphql', tenant.key, { method: 'POST', headers, body });
      expect((await call(limited, '/graphql', tenant.key)).status).toBe(429);
      expect((await call(limited, '/graphql', accessToken)).status).toBe(401);
    });

    describe('is refused ahead of all else, in the very words of the face', () => {
      beforeEach(passPauses);
      afterEach(() => {
        vi.useRealTimers();
        vi.unstubAllGlobals();
      });

      const told = async (response: Response) => {
        const { 'x-request-id': id, ...headers } = Object.fromEntries(response.headers);
        return {
          id: id !== undefined,
          status: response.status,
          headers,
          text: await response.text(),
        };
      };
      /** A call for which its tenant owes half a minute. */
      const owe = async (limited: typeof world, credential: string) => {
        await call(limited, '/graphql', credential);
        const body = JSON.stringify({ query: '{ __typename }', more: 'x'.repeat(300_000) });
        const headers = { 'Content-Type': 'application/json' };
        await limited.send('/graphql', credential, { method: 'POST', headers, body });
      };
      const json = 'application/graphql-response+json';
      it.each([
        ['/graphql', {}],
        ['/graphql', { Accept: json }],
        ['/project', {}],
        ['/user/me', {}],
      ])('%s %j', async (path, headers) => {
        const limited = newWorld({ TENANT_UNITS_PER_SECOND: '1' });
        await owe(limited, tenant.key);
        const answers = [];
        for (let n = 0; n < 2; n++) {
          answers.push(await told(await call(limited, path, tenant.key, headers)));
        }
        // A browser's program is answered further in.
        const { Origin, ...origin } = { Origin: 'https://app.example', ...headers };
        const further = await told(await call(limited, path, tenant.key, { ...origin, Origin }));
        expect(further.headers).toMatchObject({ 'retry-after': '2' });
        expect(further.status).toBe(429);
        expect(answers).toEqual([further, further]);
      });

      it('costs nobody else anything, nor what has no limits', async () => {
        const limited = newWorld({ TENANT_UNITS_PER_SECOND: '1' });
        const neighbour = await newTenant(world);
        await call(limited, '/graphql', neighbour.key);
        await owe(limited, session);
        expect((await call(limited, '/graphql', session)).status).toBe(429);
        for (const [path, credential] of [
          ['/graphql', neighbour.key],
          ['/graphql', null],
          ['/graphql', operator],
          ['/session', session],
          ['/health', session],
          [`/verify/${tenant.id}`, session],
        ] as const) {
          expect([path, (await call(limited, path, credential)).status < 300]).toEqual([
            path,
            true,
          ]);
        }
        expect((await call(limited, '/nothing', session)).status).toBe(404);
      });
    });
  });

  it('what proxies and resource servers call is limited by nothing', async () => {
    const never = { limit: () => Promise.reject(new Error('asked')) } as unknown as RateLimit;
    const asked: string[] = [];
    const binding = {
      limit({ key }: { key: string }) {
        asked.push(key);
        return never.limit({ key });
      },
    } as RateLimit;
    const limited = newWorld({
      CALLS: binding,
      CALLS_BY_TENANT: binding,
      REFUSALS: binding,
      TRIES_BY_ADDRESS: binding,
      TRIES_BY_ACCOUNT: binding,
    });
    const form = (credential: string) => ({
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: `token=${credential}`,
    });
    for (const credential of [session, 'lk_ses_forged']) {
      await limited.send(`/verify/${tenant.id}`, credential, {
        headers: { 'CF-Connecting-IP': '203.0.113.3' },
      });
      await limited.send('/introspect', tenant.key, form(credential));
      await limited.send('/introspect', 'lk_key_forged', form(credential));
      await limited.send('/revoke', tenant.key, form('lk_ses_forged'));
      await limited.send('/session', credential);
    }
    expect(asked).toEqual([]);
  });
});
