/** Failed sign-ins, as companies see them in the audit trail. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp, newIsolate } from '../../src/index.ts';
import { watchD1 } from '../doubles/d1.ts';
import { refusing, unlimited } from '../doubles/limits.ts';
import { PASSWORD } from '../secrets.ts';
import { env, fresh, type Json, newTenant, newWorld, type Tenant } from '../world.ts';
import { done, memberFields, rest } from './company.ts';

const bindings = { TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited };
const world = newWorld(bindings);
const WRONG = 'a door that nobody painted';
const OTHER = 'mallory chose this one';

let tenant: Tenant;
let email: string;

beforeAll(async () => {
  tenant = await newTenant(world);
});
beforeEach(() => {
  email = `${fresh('owner')}@example.com`;
});

const signIn = (password: string, more: object = {}, from = world) =>
  rest(from, null, 'POST /authenticate', { email, password, ...more });

const add = async (of: Tenant): Promise<Json> =>
  (await done(rest(world, of.key, 'POST /user', memberFields(of, { email })))).user;

async function signUp(of: Tenant, password: string): Promise<Json> {
  const user = await add(of);
  const path = `POST /user/${user.id}/password-reset`;
  const { reset_token } = await done(rest(world, of.key, path));
  await done(rest(world, null, 'POST /password', { reset_token, password }));
  return user;
}

const EVENTS = `query ($userId: ID) { auditEvents(first: 20, userId: $userId) { nodes {
  action count userId actor { kind credentialId } sessionIds fields requestId } } }`;

/** Those of a user, newest first. */
const failuresOf = async (of: Tenant, { id }: { id: number }): Promise<Json[]> =>
  (await world.ask(of.key, EVENTS, { userId: String(id) })).nodes.filter(
    ({ action }: Json) => action === 'member.signInFailed',
  );
const countsOf = async (of: Tenant, user: { id: number }): Promise<number[]> =>
  (await failuresOf(of, user)).map(({ count }) => count);

/** As if the last event of the user had been so many seconds earlier. */
const later = (id: number, seconds: number) =>
  env.DB.prepare('UPDATE failed_sign_ins SET told_at = told_at - ? WHERE user_id = ?')
    .bind(seconds * 1_000, id)
    .run();

describe('a sign-in that fails', () => {
  it('is an event of the account, without what was typed', async () => {
    const user = await signUp(tenant, PASSWORD);
    const { headers } = await signIn(WRONG);
    expect(await failuresOf(tenant, user)).toEqual([
      {
        action: 'member.signInFailed',
        count: 1,
        userId: String(user.id),
        actor: { kind: 'MEMBER', credentialId: null },
        sessionIds: [],
        fields: [],
        requestId: headers.get('X-Request-Id'),
      },
    ]);
    const { results } = await env.DB.prepare('SELECT * FROM audit_events WHERE user_id = ?')
      .bind(user.id)
      .all();
    for (const typed of [WRONG, email]) expect(JSON.stringify(results)).not.toContain(typed);
  });

  it('is one a minute, which counts those since the one before, and never changes', async () => {
    const user = await signUp(tenant, PASSWORD);
    for (let n = 0; n < 3; n++) await signIn(WRONG);
    const [first] = await failuresOf(tenant, user);
    expect(await countsOf(tenant, user)).toEqual([1]);
    await later(user.id, 50);
    await signIn(WRONG);
    expect(await countsOf(tenant, user)).toEqual([1]);
    await later(user.id, 15);
    await done(signIn(PASSWORD));
    await signIn(WRONG);
    expect(await countsOf(tenant, user)).toEqual([4, 1]);
    expect((await failuresOf(tenant, user))[1]).toEqual(first);
    await later(user.id, 61);
    await signIn(WRONG);
    expect(await countsOf(tenant, user)).toEqual([1, 4, 1]);
  });

  it('is one event though many fail at once, in several isolates', async () => {
    const user = await signUp(tenant, PASSWORD);
    const isolates = Array.from({ length: 4 }, () => newWorld(bindings));
    await Promise.all(isolates.map((isolate) => signIn(WRONG, {}, isolate)));
    expect(await countsOf(tenant, user)).toEqual([1]);
    await later(user.id, 61);
    await signIn(WRONG);
    expect(await countsOf(tenant, user)).toEqual([4, 1]);
  });

  it('is told of a disabled member, and of one who has no password yet', async () => {
    const disabled = await signUp(tenant, PASSWORD);
    await done(rest(world, tenant.key, `PATCH /user/${disabled.id}`, { status: 0 }));
    await signIn(PASSWORD);
    expect(await countsOf(tenant, disabled)).toEqual([1]);
    email = `${fresh('owner')}@example.com`;
    const without = await add(tenant);
    await signIn(WRONG);
    expect(await countsOf(tenant, without)).toEqual([1]);
  });

  it('is none where the limits are what stands in the way', async () => {
    const user = await signUp(tenant, PASSWORD);
    const limited = newWorld({ ...bindings, TRIES_BY_ACCOUNT: refusing });
    expect((await signIn(WRONG, {}, limited)).status).toBe(429);
    expect(await countsOf(tenant, user)).toEqual([]);
  });
});

describe('where several companies have the address', () => {
  it('each is told of its own account and count, and not of sign-ins to another', async () => {
    const second = await newTenant(world);
    const [one, two] = [await signUp(tenant, PASSWORD), await signUp(second, OTHER)];
    await done(signIn(PASSWORD));
    await done(signIn(OTHER));
    expect([await countsOf(tenant, one), await countsOf(second, two)]).toEqual([[], []]);
    await signIn(OTHER, { company_id: Number(tenant.id) });
    expect([await countsOf(tenant, one), await countsOf(second, two)]).toEqual([[1], []]);
    await signIn(WRONG);
    await signIn(WRONG);
    await later(one.id, 61);
    await signIn(WRONG);
    expect([await countsOf(tenant, one), await countsOf(second, two)]).toEqual([[3, 1], [1]]);
  });

  it('a password that fits in two of them has not failed', async () => {
    const second = await newTenant(world);
    const [one, two] = [await signUp(tenant, PASSWORD), await signUp(second, PASSWORD)];
    expect((await signIn(PASSWORD)).status).toBe(400);
    expect([await countsOf(tenant, one), await countsOf(second, two)]).toEqual([[], []]);
  });
});

it('a failure is noted after the answer, with as many D1 queries for unknown names', async () => {
  const user = await signUp(tenant, PASSWORD);
  const ask = async (address: string) => {
    const d1 = watchD1();
    const context = createExecutionContext();
    const request = new Request('http://latchkey.test/authenticate', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: address, password: WRONG }),
    });
    const app = createApp(newIsolate());
    const { status } = await app.fetch(request, { ...env, ...bindings, DB: d1.DB }, context);
    const [answered, told] = [d1.trips, (await countsOf(tenant, user)).length];
    await waitOnExecutionContext(context);
    return { status, answered, told, all: d1.trips };
  };
  expect(await ask(email)).toEqual({ status: 400, answered: 1, told: 0, all: 2 });
  expect(await ask('nobody@example.com')).toMatchObject({ status: 400, answered: 1, all: 2 });
  expect(await countsOf(tenant, user)).toEqual([1]);
});

it('what was counted goes with the member', async () => {
  const user = await signUp(tenant, PASSWORD);
  await signIn(WRONG);
  await done(rest(world, tenant.key, `DELETE /user/${user.id}`));
  await signIn(WRONG);
  const left = await env.DB.prepare('SELECT count(*) AS n FROM failed_sign_ins WHERE user_id = ?')
    .bind(user.id)
    .first<number>('n');
  expect(left).toBe(0);
});
