/**
 * What still works when the events of the day are used up, and when the database is nearly full:
 * every call that changes something.
 */

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { getSchema } from '../../../src/graphql/schema.ts';
import { createApp, newIsolate } from '../../../src/index.ts';
import { rules } from '../../../src/policy/rules.ts';
import { routes } from '../../../src/rest/routes.ts';
import { d1OfSize } from '../../doubles/d1.ts';
import { unlimited } from '../../doubles/limits.ts';
import { createExecutionContext, waitOnExecutionContext } from '../../execution.ts';
import { type Base, newBase, requestOf } from '../../faults/base.ts';
import { readState, restore, type State } from '../../faults/state.ts';
import { type Case, writingCases } from '../../operations/cases.ts';
import { consoleActions } from '../../operations/console.ts';
import { env, type Json } from '../../world.ts';
import { rowsOf } from './share.ts';

const CAPACITY = 1_000_000_000;
let base: Base;
let start: State;

beforeAll(async () => {
  base = await newBase();
  start = await readState();
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

const begin = (sizeAfter = 1) => {
  const app = createApp(newIsolate());
  const bindings = {
    ...{ ...env, CALLS: unlimited, REFUSALS: unlimited, DATABASE_BYTES: String(CAPACITY) },
    ...{ TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited, DB: d1OfSize(sizeAfter) },
  };
  return async (request: Request): Promise<Json> => {
    const context = createExecutionContext();
    const response = await app.fetch(request, bindings, context);
    await waitOnExecutionContext(context);
    const text = await response.text();
    const { status } = response;
    return { status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  };
};

const ask = (query: string, credential = base.key) =>
  new Request('http://latchkey.test/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
    body: JSON.stringify({ query }),
  });
const health = new Request('http://latchkey.test/health');

/** `done`, or why not. */
function outcomeOf({ status, body }: Json): string {
  const [payload]: Json[] = Object.values(body.data ?? {});
  if (status === 503) return 'UNAVAILABLE';
  if (status === 403 && body.message.errors.limit) return 'QUOTA';
  if (status > 299 || body.errors?.length) return JSON.stringify([status, body]);
  return payload?.errors?.[0]?.code ?? 'done';
}

async function outcome(one: Case, sizeAfter?: number): Promise<string> {
  const send = begin(sizeAfter);
  // Any answer of D1 tells the isolate its size.
  await send(ask('{ apiKeys { id } }'));
  const before = await rowsOf();
  const found = outcomeOf(await send(requestOf(base, one)));
  if (found !== 'done') expect(await rowsOf()).toBe(before);
  return found;
}

/** Of an import, each line has an outcome. */
const cases = writingCases().filter(({ entry, without }) => !('line' in entry) && !without?.room);

describe('with the events of the day used up', () => {
  it.each(cases)('$name', async (one) => {
    await restore(start);
    await env.DB.prepare(
      'UPDATE quotas SET most = 0, used = max(used, 1) WHERE tenant_id = ? AND name = ' +
        "'eventsPerDay'",
    )
      .bind(Number(base.tenant.id))
      .run();
    const works = one.ends || one.by[0] === 'operator';
    expect(await outcome(one)).toBe(works ? 'done' : 'QUOTA');
  });
});

describe.each([
  ['little room: 96 %', 0.96, 'ends'],
  ['none: 99.5 %', 0.995, 'makesRoom'],
] as const)('with a database that has %s', (_, part, works) => {
  it.each(cases)('$name', async (one) => {
    await restore(start);
    const isDone = one[works] || one.onlyAsks;
    expect(await outcome(one, part * CAPACITY)).toBe(isDone ? 'done' : 'UNAVAILABLE');
  });

  it('what changes nothing is a success, and what only asks is answered', async () => {
    await restore(start);
    const send = begin(part * CAPACITY);
    const user = 'userIdentifier: { externalUser: { externalId: "resident" } }';
    for (const document of [
      `mutation { addUser(input: { ${user} }) { success } }`,
      `mutation { removeUserSession(input: { sessionId: "nothing" }) { success } }`,
      `{ checkUserAccess(input: { ${user} }) { allowed } }`,
    ]) {
      expect(await send(ask(document))).toMatchObject({ status: 200 });
    }
  });
});

describe('an isolate', () => {
  it('says at /health, and in each refusal, that the database is full', async () => {
    await restore(start);
    const send = begin(0.96 * CAPACITY);
    expect((await send(health)).body).toEqual({ status: 'ok' });
    const { status, headers, body } = await send(
      ask(
        'mutation { addUser(input: { userIdentifier: { externalUser: { externalId: "x" } } ' +
          '}) { success } }',
      ),
    );
    expect({ status, retry: headers.get('Retry-After') }).toEqual({ status: 503, retry: '5' });
    expect(body.errors).toMatchObject([
      {
        message: expect.stringContaining('The database is nearly full'),
        extensions: { code: 'UNAVAILABLE' },
      },
    ]);
    expect((await send(health)).body).toEqual({ status: 'ok', storage: 'full' });
  });

  it('takes D1’s word that it is full', async () => {
    const { DatabaseSize } = await import('../../../src/db/size.ts');
    const size = new DatabaseSize();
    size.seeFull();
    expect(size.space).toBe('none');
    size.see([{ meta: { size_after: 1 } }]);
    expect(size.space).toBe('plenty');
  });
});

describe('the rules', () => {
  it('say of all that changes something whether it grows, and of nothing else', () => {
    const mutations = getSchema().getMutationType()?.getFields() ?? {};
    const fields = Object.values(mutations).flatMap(({ extensions }) =>
      typeof extensions.action === 'function' ? [] : [extensions.action],
    );
    const changing = new Set([
      ...fields,
      ...routes.filter(({ method }) => method !== 'get').map(({ action }) => action),
      ...['user.update', 'user.restoreMember', 'user.import', 'user.beginExport'],
      ...['session.add', 'session.addForMember', 'access.ensure', 'access.ensureForMember'],
      ...['session.addSupport', 'session.removeOwn', 'session.signOut', 'session.prove'],
      ...consoleActions.filter((action) => action !== 'member.readOwnFactors'),
    ]);
    const marked = Object.entries(rules).filter(([, rule]) => 'writes' in rule);
    expect(new Set(marked.map(([action]) => action))).toEqual(changing);
  });
});
