/** Refusals are small, whatever the request was. So is the data collected until then. */
import fc from 'fast-check';
import { getIntrospectionQuery } from 'graphql';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { limitOf } from '../doubles/limits.ts';
import { byGuests, graphql, hostile, type Sender } from '../fuzz/hostile.ts';
import { newSender } from '../fuzz/sender.ts';
import { requestOf, type Shot, saidBy, shown } from '../fuzz/shot.ts';
import { isRefused, largeIn } from '../fuzz/small.ts';
import {
  fresh,
  type Json,
  newTenant,
  newWorld,
  operator,
  type Tenant,
  type World,
} from '../world.ts';

const world = newWorld();
const closed = newWorld({ DOCS: 'off' });
let tenant: Tenant;
let sender: Sender;

beforeAll(async () => {
  tenant = await newTenant(world);
  sender = await newSender(world, tenant);
});

async function send(shot: Shot, where: World = world) {
  const response = await where.fetch(requestOf(shot));
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Sends what must be refused, and expects that little is said about it, and little collected. */
async function refuse(shot: Shot, where: World = world) {
  // Each error of GraphQL's takes down where it was made.
  const made = vi.spyOn(Error, 'captureStackTrace');
  try {
    const { status, headers, text } = await send(shot, where);
    expect(
      isRefused(status, text) || /"errors":\[/.test(text),
      `${status} ${text.slice(0, 500)}`,
    ).toBe(true);
    expect(largeIn(status, text, saidBy(shot)), shown(shot)).toEqual([]);
    expect(JSON.stringify([...headers]).length).toBeLessThan(4_000);
    const errors = made.mock.calls.length;
    expect(errors).toBeLessThan(50);
    expect(status).toBeLessThan(500);
    return { status, text, errors };
  } finally {
    made.mockRestore();
  }
}

const names = Object.keys(hostile);
const shotOf = (name: string, size: number): Shot => {
  const make = hostile[name];
  if (!make) throw new Error(`no request ${name}`);
  return make(size, sender);
};

describe('a refusal is small', () => {
  it.each(names)('%s', async (name) => {
    for (const size of [100, 13_000, 900_000]) await refuse(shotOf(name, size));
  });

  it.each([...byGuests])('%s, where the schema is not open', async (name) => {
    const shot = shotOf(name, 13_000);
    expect((await refuse(shot, closed)).status).toBe(401);
    shot.headers.push(['Authorization', `Bearer ${tenant.key}`]);
    await refuse(shot, closed);
  });

  it('and its errors are not kept, since each holds the request that it arose in', async () => {
    for (const name of byGuests) {
      const shot = shotOf(name, 300);
      const { errors } = await refuse(shot);
      expect((await refuse(shot)).errors, name).toBe(errors);
    }
  });

  it('whatever is put together', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'x',
        '"',
        '" ',
        '\\',
        '\n',
        '\u0001',
        '😀',
        'é',
        ' found: ',
        'value: ',
        '`',
        '${',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }),
    );
    const filling = fc
      .tuple(
        fc.array(piece, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(10, 79, 81, 400, 20_000),
      )
      .map(([pieces, length]) => {
        const text = pieces.join('');
        return text.repeat(Math.ceil(length / text.length));
      });
    const spot = fc.constantFrom<(text: string) => Shot>(
      (text) => graphql(text, tenant.key),
      (text) => graphql(`{ caller ${JSON.stringify(text)} }`, tenant.key),
      (text) => graphql(`{ user(userIdentifier: ${JSON.stringify(text)}) { id } }`, tenant.key),
      (text) =>
        graphql(
          `{ user(userIdentifier: { a: ${JSON.stringify(text)}, b: 1, c: 2 }) { id } }`,
          tenant.key,
        ),
      (text) =>
        graphql(
          `{ checkUserAccess(input: { permission: ${JSON.stringify(text)} }) { allowed } }`,
          tenant.key,
        ),
      (text) =>
        graphql(
          'query ($u: UserIdentifierInput!) { user(userIdentifier: $u) { id } }',
          tenant.key,
          { variables: { u: text } },
        ),
      (text) =>
        graphql(
          'query ($u: UserIdentifierInput!) { user(userIdentifier: $u) { id } }',
          tenant.key,
          { variables: { u: { [text]: text, a: text, b: [text] } } },
        ),
      (text) =>
        graphql('query ($u: Int!) { users(first: $u) { nodes { id } } }', tenant.key, {
          variables: { u: text },
        }),
      (text) =>
        graphql(
          'query ($t: DateTime!) { auditEvents(first: 1, since: $t) { nodes { id } } }',
          tenant.key,
          { variables: { t: text } },
        ),
      (text) =>
        graphql('{ caller { kind } nothing }', tenant.key, { [text]: text, operationName: text }),
    );
    await fc.assert(
      fc.asyncProperty(spot, filling, async (make, text) => {
        const shot = make(text);
        const { status, text: answer } = await send(shot);
        expect(largeIn(status, answer, saidBy(shot) + text), shown(shot)).toEqual([]);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });
});

const ask = async (
  query: string,
  more: object = {},
  where = world,
  credential: string | null = tenant.key,
) => {
  const { status, text } = await send(graphql(query, credential, more), where);
  return { status, body: JSON.parse(text) as Json, size: text.length };
};

describe('refused mutations', () => {
  const identifiers = (many: number) => Array(many).fill({ deviceId: 'NOTHERE1' });
  const input = (many: number) => ({
    input: {
      userIdentifier: { externalUser: { externalId: sender.externalId } },
      deviceIdentifiers: identifiers(many),
    },
  });

  it('tell as many faults as fit, in order, and how many are left out', async () => {
    const { body, size } = await ask(
      'mutation ($input: AddDevicePermissionsInput!) { addDevicePermissions(input: $input) { ' +
        'success errors { code message path } } }',
      { variables: input(500) },
    );
    const { success, errors } = body.data.addDevicePermissions;
    expect(success).toBe(false);
    expect(errors.length).toBeGreaterThan(90);
    expect(size).toBeGreaterThan(13_000);
    const told = errors.slice(0, -1);
    expect(told.map(({ path }: Json) => path[2])).toEqual(
      told.map((_: Json, n: number) => String(n)),
    );
    expect(errors.at(-1)).toEqual({
      code: 'NOT_FOUND',
      message: `${500 - told.length} more errors are omitted.`,
      path: ['input'],
    });
  });

  it('tell all where all fit', async () => {
    const { body } = await ask(
      'mutation ($input: AddDevicePermissionsInput!) { addDevicePermissions(input: $input) { ' +
        'errors { message } } }',
      { variables: input(50) },
    );
    expect(body.data.addDevicePermissions.errors).toHaveLength(50);
    expect(JSON.stringify(body)).not.toContain('left out');
  });

  it('share the room of one answer', async () => {
    const calls = Array.from(
      { length: 20 },
      (_, n) =>
        `c${n}: addDevicePermissions(input: $input) { success errors { code message path } }`,
    );
    const { body, size } = await ask(
      `mutation ($input: AddDevicePermissionsInput!) { ${calls.join(' ')} }`,
      { variables: input(500) },
    );
    expect(size).toBeLessThan(16_384);
    for (const { errors } of Object.values(body.data) as Json[]) {
      expect(errors.length).toBeGreaterThan(1);
      expect(errors.at(-1).message).toMatch(/^49\d more errors are omitted\.$/);
    }
  });
});

describe('mutations of one document', () => {
  const adding = (many: number, prefix: string) =>
    Array.from(
      { length: many },
      (_, n) =>
        `m${n}: addUser(input: { userIdentifier: { externalUser: { externalId: ` +
        `"${prefix}-${n}" } } }) { success }`,
    ).join(' ');
  const found = async (prefix: string) =>
    (await ask(`{ users(first: 100, search: "${prefix}") { nodes { id } } }`)).body.data.users.nodes
      .length;

  it('are twenty at most: with more, none runs', async () => {
    const [few, many, spread] = [fresh('few'), fresh('many'), fresh('spread')];
    expect((await ask(`mutation { __typename ${adding(20, few)} }`)).body.errors).toBeUndefined();
    expect(await found(few)).toBe(20);
    for (const [prefix, document] of [
      [many, `mutation { ${adding(21, many)} }`],
      [
        spread,
        `mutation { ...F ... { ${adding(1, spread).replace('m0', 'x')} } } fragment F on ` +
          `Mutation { ${adding(20, spread)} }`,
      ],
    ] as const) {
      const { body } = await ask(document);
      expect(body.errors[0]).toMatchObject({
        message: expect.stringContaining('at most 20 mutations'),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      });
      expect(await found(prefix)).toBe(0);
    }
  });
});

describe('introspection', () => {
  const standard = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });

  it('costs nothing: the query that tools send passes, whatever a document may cost', async () => {
    for (const where of [world, newWorld({ GRAPHQL_MAX_COST: '1' })]) {
      for (const credential of [null, tenant.key, operator]) {
        const { status, body } = await ask(standard, {}, where, credential);
        expect([status, body.errors]).toEqual([200, undefined]);
        expect(body.data.__schema.types.length).toBeGreaterThan(50);
        expect(body.extensions.cost.requested).toBe(0);
      }
    }
  });

  it('is one "__schema" and ten "__type", under whatever names and in fragments', async () => {
    const types = (many: number) =>
      Array.from({ length: many }, (_, n) => `t${n}: __type(name: "User") { name }`).join(' ');
    expect(
      (await ask(`{ __schema { queryType { name } } ${types(10)} }`)).body.errors,
    ).toBeUndefined();
    for (const document of [
      `{ ${Array.from({ length: 99 }, (_, n) => `a${n}: __schema { types { name } }`).join(' ')} }`,
      '{ __schema { queryType { name } } ...F } fragment F on Query { b: __schema { ' +
        'queryType { name } } }',
      '{ ...F ...F } fragment F on Query { __schema { queryType { name } } }',
      `{ ${types(11)} }`,
      `{ ...F x: __type(name: "User") { name } } fragment F on Query { ${types(10)} }`,
    ]) {
      const { body, size } = await ask(document);
      expect(body.errors[0].message).toMatch(
        /^A document may have at most (1 "__schema"|10 "__type")\.$/,
      );
      expect(size).toBeLessThan(16_384);
    }
  });

  it('nests 15 deep and no deeper', async () => {
    const nested = (depth: number) =>
      `{ __type(name: "User") { fields { type { ${'ofType { '.repeat(depth - 4)} name ` +
      `${'} '.repeat(depth - 4)} } } } }`;
    expect((await ask(nested(15))).body.errors).toBeUndefined();
    expect((await ask(nested(16))).body.errors[0].message).toBe(
      'Introspection may nest at most 15 deep.',
    );
  });

  it.each([
    [
      'one list under many names',
      `{ __schema { ${Array.from({ length: 97 }, (_, n) => `a${n}: types { name }`).join(' ')} } }`,
    ],
    [
      'one field under many names',
      `{ __schema { types { ${Array.from({ length: 97 }, (_, n) => `a${n}: name`).join(' ')} } } }`,
    ],
    ['a list in itself', '{ __schema { types { fields { type { fields { name } } } } } }'],
    [
      'a list in itself, in fragments',
      '{ __schema { types { ...F } } } fragment F on __Type { fields { type { ...G } } } ' +
        'fragment G on __Type { fields { name } }',
    ],
  ])('does not multiply itself by %s', async (_, document) => {
    const { body } = await ask(document);
    expect([
      'Introspection may ask for a field once in each place.',
      'Introspection may not ask for "fields" below itself.',
    ]).toContain(body.errors[0].message);
  });
});

describe('a guest', () => {
  it('learns nothing where the schema is not open: 401 before anything is read', async () => {
    for (const credential of [null, 'lk_key_forged', `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`]) {
      for (const body of [
        '{"query":"{"}',
        '{"query":"{ nothing }"}',
        '{"query":1}',
        '{',
        '[]',
        '{"query":"{ __typename }"}',
      ]) {
        const response = await closed.send('/graphql', credential, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body,
        });
        expect([body, response.status]).toEqual([body, 401]);
        const { errors } = (await response.json()) as Json;
        expect(errors.map((error: Json) => error.extensions.code)).toEqual(['UNAUTHENTICATED']);
      }
      expect((await closed.send('/graphql?query={', credential)).status).toBe(401);
    }
  });

  it('is limited by network where it is open, and nobody else there is', async () => {
    const { keys: asked, binding } = limitOf(2);
    const limited = newWorld({ REFUSALS: binding });
    const from = async (address: string, credential: string | null, query = '{ __typename }') => {
      const response = await limited.send('/graphql', credential, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'CF-Connecting-IP': address },
        body: JSON.stringify({ query }),
      });
      return response.status;
    };
    expect(await from('203.0.113.1', null)).toBe(200);
    expect(await from('203.0.113.1', null, '{ nothing')).toBe(200);
    expect(await from('203.0.113.1', null)).toBe(429);
    expect(await from('203.0.113.1', tenant.key)).toBe(200);
    expect(await from('203.0.113.2', null)).toBe(200);
    expect([...asked.keys()]).toEqual(['203.0.113.1', '203.0.113.2']);
  });
});

describe('more execution errors than are told', () => {
  it('are five, those that decide about the status among them', async () => {
    const calls = Array.from(
      { length: 30 },
      (_, n) => `c${n}: user(userIdentifier: { externalUser: { externalId: "" } }) { id }`,
    );
    const { body } = await ask(`{ ${calls.join(' ')} }`);
    expect(body.errors).toHaveLength(5);
    for (const { extensions } of body.errors) expect(extensions.code).toBe('INVALID');
  });
});
