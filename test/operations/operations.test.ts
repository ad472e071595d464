/**
 * The table of operations is whole, and an entry of it is all that the suites need of an operation.
 */
/// <reference types="vite/types/importMeta.d.ts" />
import type { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getSchema } from '../../src/graphql/schema.ts';
import type { Route } from '../../src/rest/route.ts';
import { routes } from '../../src/rest/routes.ts';
import { rest } from '../../src/rest/serve.ts';
import { blocksOf } from '../documents.ts';
import { graphqlOperations as matrixOfGraphql } from '../isolation/documents.ts';
import { edgeOperations as matrixOfEdge } from '../isolation/edge.ts';
import { restOperations as matrixOfRest } from '../isolation/rest.ts';
import { newStaff } from '../rest/company.ts';
import { edgeCalls } from '../scale/edge-calls.ts';
import { graphqlCalls } from '../scale/graphql-calls.ts';
import { restCalls } from '../scale/rest-calls.ts';
import { newTenant, newWorld, snapshot } from '../world.ts';
import { edgeCases, graphqlCases, restCases, writingCases } from './cases.ts';
import { edgeOperations } from './edge.ts';
import { added, entries } from './example.ts';
import { graphqlOperations } from './graphql.ts';
import { restOperations } from './rest.ts';
import { unlisted } from './served.ts';

const sources = import.meta.glob<string>('./example.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

it('has an entry for each operation that is served, and for nothing else', () => {
  expect(unlisted()).toEqual([]);
});

/** What a test puts somewhere, and takes out again. */
const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function put<Value>(table: Record<string, Value>, name: string, value: Value): void {
  table[name] = value;
  undo.push(() => delete table[name]);
}

function push<Value>(list: readonly Value[], ...values: Value[]): void {
  const { length } = list;
  (list as Value[]).push(...values);
  undo.push(() => (list as Value[]).splice(length));
}

const namesOf = (list: { name: string }[]): string[] => list.map(({ name }) => name);
const sentence = (name: string, file: string): string =>
  `${name} has no entry: add one to test/operations/${file} that says who calls it, with what, ` +
  'and what comes of it.';

describe('a route that is added', () => {
  const [[name = '', entry = {}] = []] = Object.entries(entries);

  beforeEach(() => push<Route>(routes, added));

  it('is told to be without an entry, in one sentence that says what to add', () => {
    expect(unlisted()).toEqual([sentence(name, 'rest.ts')]);
  });

  it('with its entry is in every suite', () => {
    put(restOperations, name, entry);
    expect(unlisted()).toEqual([]);
    for (const suite of [restCases(), writingCases(), matrixOfRest()]) {
      expect(namesOf(suite)).toContain(name);
    }
    expect(Object.keys(restCalls())).toContain(name);
  });

  it('does what it is for', async () => {
    // What serves routes, made anew with this one: the front door takes over what it has of it.
    const anew = '../../src/rest/serve.ts?anew';
    const served: { rest: Hono } = await import(/* @vite-ignore */ anew);
    const handlers = served.rest.routes.filter(({ path }) => path === added.path);
    expect(handlers.length).toBeGreaterThan(1);
    push(rest.routes, ...(handlers as typeof rest.routes));
    const world = newWorld();
    const tenant = await newTenant(world);
    const { id, token } = await newStaff(world, tenant, 4);
    const end = (credential: string) =>
      world.send(`/user/${id}/session`, credential, { method: 'DELETE' });
    expect((await end(token)).status).toBe(403);
    expect(await (await end(tenant.key)).json()).toMatchObject({
      data: { session_ids: [token.slice(7, 23)] },
    });
    const after = await snapshot();
    expect((await end(tenant.key)).status).toBe(200);
    expect(await snapshot()).toBe(after);
    expect((await world.send('/verify', token)).status).toBe(401);
  });

  it('stands in the documentation as it is here', () => {
    const plain = (text = '') => text.replaceAll(/\s+/g, ' ').trim();
    const blocks = blocksOf('docs/contributing.md', 'add-an-operation').filter(
      ({ language }) => language === 'ts',
    );
    expect(blocks).toHaveLength(2);
    for (const { text } of blocks) expect(plain(sources['./example.ts'])).toContain(plain(text));
  });
});

it('a mutation that is added is told to be without an entry, and with it is in every suite', () => {
  const fields = getSchema().getMutationType()?.getFields() ?? {};
  const like = fields.removeUserSessions;
  if (!like) throw new Error('no mutation to be like');
  put(fields, 'endSessions', { ...like, name: 'endSessions' } as typeof like);
  expect(unlisted()).toEqual([sentence('endSessions', 'graphql.ts')]);
  put(graphqlOperations, 'endSessions', { by: ['key'], input: () => ({}) });
  expect(unlisted()).toEqual([]);
  for (const suite of [graphqlCases(), writingCases(), matrixOfGraphql()]) {
    expect(namesOf(suite)).toContain('endSessions');
  }
  expect(Object.keys(graphqlCalls())).toContain('endSessions');
});

it(
  'a path that is added is in every suite by its entry, which without the path is ' +
    'one too many',
  () => {
    put(edgeOperations, 'GET /sessions', { by: ['session'], query: ({ userId }) => ({ userId }) });
    expect(unlisted()).toEqual([
      'GET /sessions is not served: take its entry out of test/operations/edge.ts.',
    ]);
    expect(namesOf(edgeCases())).toContain('GET /sessions');
    const [one] = matrixOfEdge().filter(({ name }) => name === 'GET /sessions');
    expect(one?.shapes[0]?.places.map(({ word }) => word.id)).toEqual(['userId']);
    expect(Object.keys(edgeCalls())).toContain('GET /sessions');
  },
);
