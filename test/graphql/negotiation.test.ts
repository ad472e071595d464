/**
 * The types of requests and responses. Other types are refused with a sentence that says what to
 * do.
 */
import { buildSchema, printSchema } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { getSchema } from '../../src/graphql/schema.ts';
import {
  external,
  fresh,
  mistype,
  newKey,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  type Tenant,
} from '../world.ts';

const world = newWorld();
const closed = newWorld({ DOCS: 'off' });
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

const DOCUMENT = JSON.stringify({ query: '{ caller { kind } }' });

const post = (headers: Record<string, string>, body: string | Blob = DOCUMENT) =>
  world.send('/graphql', tenant.key, { method: 'POST', headers, body });

/** An answer that tells one error, and of what type. */
async function told(answer: Response) {
  expect(answer.headers.get('Content-Type')).toBe('application/json; charset=utf-8');
  const { errors, ...more } = (await answer.json()) as { errors: { message: string }[] };
  expect(more).toEqual({});
  expect(errors).toEqual([{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }]);
  return { status: answer.status, message: errors[0]?.message ?? '' };
}

describe('a body', () => {
  it.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/octet-stream',
    'multipart/form-data; boundary=x',
    'application/jsonx',
  ])('of type %s is 415, and how to send it is told', async (type) => {
    const { status, message } = await told(await post({ 'Content-Type': type }));
    expect(status).toBe(415);
    expect(message).toContain('Content-Type: application/json');
  });

  it('of a type that is not told is 415', async () => {
    const untold = new Blob([DOCUMENT]);
    expect(await told(await post({}, untold))).toMatchObject({
      status: 415,
      message: expect.stringContaining('does not say'),
    });
  });

  it('of JSON that is called a form, as curl does, is told so', async () => {
    const { status, message } = await told(
      await post({ 'Content-Type': 'application/x-www-form-urlencoded' }, ` \n${DOCUMENT}`),
    );
    expect(status).toBe(400);
    expect(message).toContain('Add the header "Content-Type: application/json"');
  });

  it.each(['Application/JSON', 'application/json ; charset=utf-8', 'APPLICATION/GRAPHQL+JSON'])(
    'of type "%s" is read',
    async (type) => {
      const answer = await post({ 'Content-Type': type });
      expect(await answer.json()).toMatchObject({ data: { caller: { kind: 'API_KEY' } } });
    },
  );

  it('that asks for nothing is told how to ask', async () => {
    const json = { 'Content-Type': 'application/json', Accept: 'application/json' };
    for (const answer of [
      await post(json, '{}'),
      await post(json, '{"query":null}'),
      await world.send('/graphql', tenant.key, { headers: { Accept: 'application/json' } }),
    ]) {
      expect((await told(answer)).message).toMatch(
        /^The request has no "query"\. Send \{"query": /,
      );
    }
  });
});

describe('an answer', () => {
  const json = { 'Content-Type': 'application/json' };

  it.each(['image/png', 'text/plain', 'application/xml, text/csv', 'application/json;q=0', '*'])(
    'that "Accept: %s" has no room for is 406, and which there are is told',
    async (Accept) => {
      const answer = await post({ ...json, Accept });
      expect(answer.headers.get('Accept')).toContain('application/graphql-response+json');
      const { status, message } = await told(answer);
      expect(status).toBe(406);
      expect(message).toContain('Accept: application/json');
    },
  );

  it('that cannot be given stands for nothing that was done', async () => {
    const query =
      'mutation { addUser(input: { userIdentifier: { externalUser: { externalId: ' +
      `"${fresh('user')}" } } }) { success } }`;
    const before = await users();
    expect((await post({ ...json, Accept: 'text/html' }, JSON.stringify({ query }))).status).toBe(
      406,
    );
    expect(await users()).toBe(before);
  });

  const users = async () =>
    JSON.stringify(await world.ask(tenant.key, '{ users(first: 100) { nodes { id } } }'));

  it.each([
    '*/*',
    'application/*',
    'Application/JSON',
    'text/html, application/json;q=0.9',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8',
  ])('fits "Accept: %s"', async (Accept) => {
    expect((await post({ ...json, Accept })).status).toBe(200);
  });

  it('to a browser without GraphiQL says where the page is', async () => {
    const answer = await closed.send('/graphql', tenant.key, { headers: { Accept: 'text/html' } });
    const { status, message } = await told(answer);
    expect(status).toBe(406);
    expect(message).toMatch(/^This is for programs\. .*GraphiQL.* is off here/);
  });

  const ended = async () => {
    const { id, secret } = await newKey(world, tenant, ['users:read']);
    await world.call(tenant.key, 'removeApiKey', { id });
    return secret;
  };
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

  it.each<[string, RequestInit]>([
    ['who takes pages alone', { headers: { Accept: 'text/html' } }],
    ['who takes anything', { headers: { Accept: browser } }],
    ['who takes pictures', { method: 'POST', headers: { ...json, Accept: 'image/png' } }],
    ['who sends a text', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'x' }],
    ['who sends nothing', { method: 'POST' }],
    [
      'in another charset',
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json; charset=utf-16' },
        body: '{}',
      },
    ],
    ['who sends too much', { method: 'POST', headers: json, body: 'x'.repeat(1_100_000) }],
  ])('to a guest %s is 401 before all else, where DOCS is off', async (_, init) => {
    for (const [credential, sentence] of [
      [null, 'A credential is needed.'],
      [mistype(tenant.key), 'The credential is not valid.'],
      ...(JSON.stringify(init).length > 1_000_000
        ? []
        : [[await ended(), 'The credential is not valid.'] as const]),
    ] as const) {
      for (const path of ['/graphql', '/']) {
        if (path === '/' && init.method !== 'POST') continue;
        const answer = await closed.send(path, credential, init);
        expect([credential, answer.status]).toEqual([credential, 401]);
        expect(await answer.json()).toMatchObject({
          errors: [{ message: expect.stringContaining(sentence) }],
        });
      }
    }
  });
});

describe('an empty name of an operation', () => {
  const query = '{ caller { kind } }';
  it.each([
    ['in JSON', () => post({ 'Content-Type': 'application/json' }, named(query))],
    [
      'in a form',
      () =>
        post(
          { 'Content-Type': 'application/x-www-form-urlencoded' },
          String(new URLSearchParams({ query, operationName: '', variables: '' })),
        ),
    ],
    [
      'in a query string',
      () => {
        const asked = new URLSearchParams({ query, operationName: '', variables: '' });
        return world.send(`/graphql?${asked}`, tenant.key);
      },
    ],
  ])('is none: %s', async (_, send) => {
    expect(await (await send()).json()).toMatchObject({ data: { caller: { kind: 'API_KEY' } } });
  });

  it('does not choose between two', async () => {
    const answer = await post(
      { 'Content-Type': 'application/json' },
      named('query A { caller { kind } } query B { caller { kind } }'),
    );
    expect(answer.status).toBe(400);
  });

  const named = (query: string) => JSON.stringify({ query, operationName: '' });
});

describe('GET /schema.graphql', () => {
  const get = (where: typeof world, credential: string | null) =>
    where.send('/schema.graphql', credential);

  it('is the schema, to everybody where DOCS is on', async () => {
    const answer = await get(world, null);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    const text = await answer.text();
    expect(text).toBe(printSchema(getSchema()));
    expect(() => buildSchema(text)).not.toThrow();
  });

  it('is for any key where it is off, and for nobody else', async () => {
    const user = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, external(user.externalId));
    for (const [credential, status] of [
      [tenant.key, 200],
      [operator, 200],
      [accessToken, 403],
      [`lk_key_${'A'.repeat(40)}${'0'.repeat(20)}`, 401],
      [null, 401],
    ] as const) {
      const answer = await get(closed, credential);
      expect([credential, answer.status]).toEqual([credential, status]);
      if (status === 200) expect(await answer.text()).toContain('type Query {');
      else expect(await answer.json()).toMatchObject({ errors: [{ message: expect.any(String) }] });
    }
  });
});
