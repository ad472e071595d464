/**
 * Fresh proof: what is grave is asked for it, where a session of the console calls, and nothing
 * else is.
 */
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { getSchema } from '../../src/graphql/schema.ts';
import { type Action, type Rule, rules } from '../../src/policy/rules.ts';
import { routes } from '../../src/rest/routes.ts';
import {
  type ConsoleAnswer,
  cookieBeside,
  cookieOf,
  enter,
  fromPage,
  OURS,
  rowOf,
  sessionIn,
} from '../console.ts';
import { rowsOf } from '../domain/usage/share.ts';
import { d1OfSize, watchD1 } from '../doubles/d1.ts';
import { limitOf, unlimited } from '../doubles/limits.ts';
import { codeOf, enrol } from '../factors.ts';
import { type Base, namedBy, newBase, requestOf } from '../faults/base.ts';
import { readState, restore, type State } from '../faults/state.ts';
import { allCases, type Case, documentOf, type GraphqlCase, sentBy } from '../operations/cases.ts';
import type { Ids, On } from '../operations/operation.ts';
import { PASSWORD } from '../secrets.ts';
import { env, type Json, newWorld, operator } from '../world.ts';

const MINUTE = 60_000;
const WRONG = 'a door that nobody painted';

/** Grave actions of paths that only the console has, with where they are tested. */
const ELSEWHERE: Partial<Record<Action, string>> = {
  'member.addFactor': 'test/front/passkeys.test.ts',
  'member.removePasskey': 'test/front/passkeys.test.ts',
};

/** What a case needs besides the action of its route. */
const ALSO: Record<string, Action> = {
  'PATCH /user/:id raising': 'member.setAccess',
  'PATCH /user/:id demoted': 'member.setAccess',
  'PATCH /user/:id address': 'member.setAccess',
  'PATCH /user/:id end_minted': 'member.setAccess',
};

const anything = new Proxy({}, { get: () => 'x' }) as Ids & On;

function actionOf(one: Case): Action {
  const nameOf = (route: { method: string; path: string }) =>
    `${route.method.toUpperCase()} ${route.path}`;
  if (one.face !== 'graphql') {
    const route = routes.find((known) => nameOf(known) === one.operation);
    return ALSO[one.name] ?? (route?.action as Action);
  }
  const schema = getSchema();
  const root = one.writes ? schema.getMutationType() : schema.getQueryType();
  const declared = root?.getFields()[one.operation]?.extensions.action as
    | Action
    | ((args: object) => Action);
  return typeof declared === 'function'
    ? declared(documentOf(one as GraphqlCase, anything).variables)
    : declared;
}

interface Judged {
  name: string;
  one: Case;
  action: Action;
  rule: Rule;
}

const judged: Judged[] = allCases()
  .filter(({ face, by: [by] }) => face !== 'edge' && by !== 'guest')
  .map((one) => ({ name: one.name, one, action: actionOf(one), rule: rules[actionOf(one)] }));
const ofMembers = judged.filter(({ rule }) => rule.member ?? rule.session);
const grave = ofMembers.filter(({ rule }) => rule.grave);
const ofOperator = judged.filter(({ rule }) => rule.grave && rule.operator);

let base: Base;
let start: State;
/** Of a member of level 1: a session that was opened 16 minutes ago. */
let cookie: string;

const sinceProof = (session: string, ms: number) =>
  env.DB.prepare('UPDATE sessions SET created_at = ?, proved_at = NULL WHERE id = ?')
    .bind(Date.now() - ms, session)
    .run();

beforeAll(async () => {
  base = await newBase();
  cookie = await cookieBeside(base.head.token);
  await sinceProof(sessionIn(cookie).id, 16 * MINUTE);
  await sinceProof(base.head.token.slice(7, 23), 16 * MINUTE);
  start = await readState();
});

const someWorld = (bindings = {}) =>
  newWorld({ TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited, ...bindings });

/** What the page sends for a case, by whom this cookie is. */
function send(one: Case, by: string, world = someWorld(), more?: object): Promise<ConsoleAnswer> {
  const { method, path, body } = sentBy(one, namedBy(base, one));
  const { query, variables } = (body ?? {}) as Json;
  const named = more && { query, variables: { input: { ...variables.input, ...more } } };
  return fromPage(world, by, `${method} /console/api${path}`, named ?? body);
}

const prove = (by: string | null, proof: object, world = someWorld()) =>
  fromPage(world, by, 'POST /console/session/proof', proof);

const SENTENCE = /^More than 15 minutes ago you proved who you are\./;

/** Whether it is refused for want of a proof, in the form of its API. */
function isAsked({ status, body }: Pick<ConsoleAnswer, 'status' | 'body'>): boolean {
  if (!JSON.stringify(body).includes('you proved who you are')) return false;
  const message = expect.stringMatching(SENTENCE);
  expect(status).toBe(403);
  if (body.message) expect(body.message.errors).toEqual({ proof: message });
  else expect(body.errors).toMatchObject([{ message, extensions: { code: 'PROOF' } }]);
  return true;
}

const isDone = ({ status, body }: ConsoleAnswer): boolean => {
  const [payload]: Json[] = Object.values(body.data ?? {});
  return status < 300 && body.errors !== true && (payload?.success ?? true);
};

const provedAt = async (): Promise<number | null> => (await rowOf(sessionIn(cookie).id)).proved_at;

describe('a session of the console that is older than 15 minutes', () => {
  beforeEach(() => restore(start));

  it.each(grave)(
    'is asked before $name, and does it once it has proved itself',
    async ({ one }) => {
      const before = await rowsOf();
      expect(isAsked(await send(one, cookie))).toBe(true);
      expect(await rowsOf()).toBe(before);
      expect(await prove(cookie, { password: PASSWORD })).toMatchObject({ status: 200, data: {} });
      const { status, headers, ...answer } = await send(one, cookie);
      expect([isDone({ status, headers, ...answer }), answer.body]).toEqual([true, answer.body]);
    },
  );

  it('is asked before each action that the rules call grave', () => {
    const all = (Object.keys(rules) as Action[]).filter((name) => (rules[name] as Rule).grave);
    const tested = new Set([...grave, ...ofOperator].map(({ action }) => action));
    expect(all.filter((action) => !tested.has(action) && !ELSEWHERE[action])).toEqual([]);
  });

  it('is asked before nothing else', async () => {
    const world = someWorld();
    const others = ofMembers.filter(
      ({ rule, action }) => !rule.grave && action !== 'session.removeOwn',
    );
    for (const { name, one } of others) {
      const answer = await send(one, cookie, world);
      expect([name, isAsked(answer), answer.status === 401]).toEqual([name, false, false]);
    }
    expect(others.length).toBeGreaterThan(50);
  });

  it('is asked of no token, however old its session is', async () => {
    for (const { name, one } of grave) {
      await restore(start);
      const request = requestOf(base, { ...one, by: ['member'] } as Case);
      const response = await someWorld().fetch(request);
      const { status } = response;
      expect([name, status, isAsked({ status, body: await response.json() })]).toEqual([
        name,
        200,
        false,
      ]);
    }
  });

  it('is not asked in its first 15 minutes, nor in those after a proof', async () => {
    const removal = grave.find(({ name }) => name === 'removeApiKey') as Judged;
    const session = sessionIn(cookie).id;
    await sinceProof(session, 15 * MINUTE + 1);
    expect(isAsked(await send(removal.one, cookie))).toBe(true);
    await sinceProof(session, 15 * MINUTE - 5_000);
    expect(isDone(await send(removal.one, cookie))).toBe(true);
    await sinceProof(session, 60 * MINUTE);
    const proved = (ago: number) =>
      env.DB.prepare('UPDATE sessions SET proved_at = ? WHERE id = ?').bind(
        Date.now() - ago,
        session,
      );
    await proved(14 * MINUTE).run();
    expect(isDone(await send(removal.one, cookie))).toBe(true);
    await proved(16 * MINUTE).run();
    expect(isAsked(await send(removal.one, cookie))).toBe(true);
  });

  it('refuses a document as a whole, of which one call is grave', async () => {
    const before = await rowsOf();
    const addUser =
      'addUser(input: { userIdentifier: { externalUser: { externalId: "x" } } }) { success }';
    const addKey = 'addApiKey(input: { name: "x", scopes: [] }) { success }';
    const query = `mutation { ${addUser} ${addKey} }`;
    const answer = await fromPage(someWorld(), cookie, 'POST /console/api/graphql', { query });
    expect(isAsked(answer)).toBe(true);
    expect(answer.body.errors[0].path).toEqual(['addApiKey']);
    expect(await rowsOf()).toBe(before);
  });
});

describe('proof of a member', () => {
  const removal = () => (grave.find(({ name }) => name === 'removeApiKey') as Judged).one;
  beforeEach(() => restore(start));

  it('is for this session, and changes no cookie', async () => {
    const other = await cookieBeside(base.head.token);
    await sinceProof(sessionIn(other).id, 16 * MINUTE);
    const answer = await prove(other, { password: PASSWORD });
    expect([answer.status, answer.headers.has('Set-Cookie')]).toEqual([200, false]);
    expect(isAsked(await send(removal(), cookie))).toBe(true);
    expect(isDone(await send(removal(), other))).toBe(true);
  });

  it.each<[name: string, proof: object, status: number, fields: string[]]>([
    ['nothing', {}, 422, ['password']],
    ['a number', { password: 7 }, 422, ['password']],
    ['an empty password', { password: '' }, 422, ['password']],
    ['a wrong password', { password: WRONG }, 400, ['password']],
    ['an operator key', { operatorKey: operator }, 422, ['operatorKey']],
    ['a password and a key', { password: PASSWORD, operatorKey: operator }, 422, ['password']],
    ['an address', { email: 'ada@example.com' }, 422, ['body', 'email']],
  ])('is not %s', async (_, proof, status, fields) => {
    const answer = await prove(cookie, proof);
    expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([status, fields]);
    expect(await provedAt()).toBeNull();
    expect(isAsked(await send(removal(), cookie))).toBe(true);
  });

  it('is a code of an app, once, or a recovery code; wrong ones count', async () => {
    const world = someWorld();
    await sinceProof(sessionIn(cookie).id, 0);
    const { secret, codes } = await enrol(world, cookie);
    const stale = async () => {
      await sinceProof(sessionIn(cookie).id, 16 * MINUTE);
      expect(isAsked(await send(removal(), cookie))).toBe(true);
    };
    const code = codeOf(secret);
    for (const [proof, status] of [
      [{ code: '000000x' }, 422],
      [{ code }, 200],
      [{ code }, 422],
      [{ code: codes[0] }, 200],
      [{ code: codes[0] }, 422],
    ] as const) {
      await stale();
      const answer = await prove(cookie, proof, world);
      expect([proof, answer.status]).toEqual([proof, status]);
      if (status !== 200) expect(Object.keys(answer.errors ?? {})).toEqual(['code']);
      expect((await provedAt()) !== null).toBe(status === 200);
    }
    for (let n = 0; n < 9; n++) await prove(cookie, { code: 'wrong' }, someWorld());
    const closed = await prove(cookie, { code: codes[1] }, someWorld());
    expect([closed.status, await provedAt()]).toEqual([429, null]);
  });

  it('is asked of a page of ours, with a cookie that is live', async () => {
    const call = 'POST /console/session/proof';
    const proof = { password: PASSWORD };
    const bearer = { ...OURS, Authorization: `Bearer ${base.head.token}` };
    expect((await fromPage(someWorld(), cookie, call, proof, {})).status).toBe(403);
    expect((await fromPage(someWorld(), null, call, proof, bearer)).status).toBe(401);
    for (const by of [null, `${cookie}x`, `__Host-latchkey=${base.head.token}`]) {
      expect([by, (await prove(by, proof)).status]).toEqual([by, 401]);
    }
    expect(await provedAt()).toBeNull();
  });

  it('with a wrong password is a failed sign-in, and counts against the same limits', async () => {
    const tries = { TRIES_BY_ACCOUNT: limitOf(10).binding, TRIES_BY_ADDRESS: limitOf(12).binding };
    const world = someWorld(tries);
    const own = { password: WRONG, old_password: WRONG };
    const asked = [];
    for (let n = 0; n < 10; n++)
      asked.push((await prove(cookie, { password: WRONG }, world)).status);
    expect(asked).toEqual(Array(10).fill(400));
    expect((await prove(cookie, { password: PASSWORD }, world)).status).toBe(429);
    expect((await fromPage(world, cookie, 'PATCH /console/api/user/me', own)).status).toBe(429);
    expect((await prove(cookie, { password: PASSWORD }, world)).status).toBe(429);
    // Of the network, twelve.
    expect((await prove(null, {}, world)).status).toBe(429);
    const { nodes } = await world.ask(
      base.key,
      `{ auditEvents(first: 1, order: NEWEST_FIRST, actions: ["member.signInFailed"]) {
        nodes { count userId actor { kind credentialId } } } }`,
    );
    const credentialId = sessionIn(cookie).id;
    expect(nodes).toEqual([
      { count: 1, userId: String(base.head.id), actor: { kind: 'MEMBER', credentialId } },
    ]);
  });

  it('is the same work for whoever has no password', async () => {
    const told = [];
    for (const hash of ['hash', 'NULL']) {
      await env.DB.prepare(
        `UPDATE passwords SET first_set_at = iif(${hash} IS NULL, NULL, 1), hash = ${hash}
          WHERE user_id = ?`,
      )
        .bind(base.head.id)
        .run();
      const d1 = watchD1();
      const { status, body } = await prove(cookie, { password: WRONG }, someWorld({ DB: d1.DB }));
      told.push(JSON.stringify([status, body, d1.trips]));
    }
    expect(told[0]).toContain('[400,');
    expect(told[1]).toBe(told[0]);
  });

  it.each([
    ['demoted', 'UPDATE users SET member_level = 4 WHERE id = ?', 401],
    ['disabled', 'UPDATE users SET suspended_at = 1 WHERE id = ?', 401],
    ['signed out', 'UPDATE sessions SET revoked_at = 1, label = NULL WHERE user_id = ?', 401],
    ['given another password', "UPDATE passwords SET hash = hash || 'x' WHERE user_id = ?", 400],
  ])('is none of a member who is %s meanwhile', async (_, change, status) => {
    let isChanged = false;
    // The password was read, and is being hashed.
    const DB = watchD1({
      async after(__, { texts }) {
        if (isChanged || !texts.some((text) => /passwords/.test(text))) return;
        isChanged = true;
        await env.DB.prepare(change).bind(base.head.id).run();
      },
    });
    const answer = await prove(cookie, { password: PASSWORD }, someWorld({ DB: DB.DB }));
    expect([isChanged, answer.status, await provedAt()]).toEqual([true, status, null]);
  });

  it('gives a member who was demoted no more than the new level', async () => {
    await env.DB.prepare('UPDATE users SET member_level = 2 WHERE id = ?').bind(base.head.id).run();
    expect((await prove(cookie, { password: PASSWORD })).status).toBe(200);
    const { status, body } = await send(removal(), cookie);
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
  });

  it('is taken when the events of the day are used up, and in a nearly full database', async () => {
    await env.DB.prepare(
      "UPDATE quotas SET most = 0, used = 99999 WHERE name = 'eventsPerDay'",
    ).run();
    const world = someWorld({ DATABASE_BYTES: '1000000000', DB: d1OfSize(960_000_000) });
    expect((await prove(cookie, { password: PASSWORD }, world)).status).toBe(200);
    expect(isDone(await send(removal(), cookie, world))).toBe(true);
  });
});

describe('proof of the operator', () => {
  const later = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });

  it.each(ofOperator)('is asked before $name', async ({ one, rule }) => {
    await restore(start);
    const old = await enter(someWorld(), { operatorKey: operator });
    const more =
      rule.operator === 'named' && one.by[0] !== 'operator'
        ? { intermediaryId: base.tenant.id }
        : undefined;
    try {
      later(14 * MINUTE);
      expect(isAsked(await send(one, old, someWorld(), more))).toBe(false);
      await restore(start);
      later(2 * MINUTE);
      expect(isAsked(await send(one, old, someWorld(), more))).toBe(true);
      const answer = await prove(old, { operatorKey: operator });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('Set-Cookie')).toMatch(/=lk_ops_\w+; Max-Age=43200; /);
      expect(isAsked(await send(one, old, someWorld(), more))).toBe(true);
      const { status, headers, ...done } = await send(one, cookieOf(answer), someWorld(), more);
      expect([isDone({ status, headers, ...done }), done.body]).toEqual([true, done.body]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is an operator key alone, within the limits of signing in', async () => {
    const by = await enter(someWorld(), { operatorKey: operator });
    const world = someWorld({ TRIES_BY_ACCOUNT: limitOf(2).binding });
    const tries: [object, number][] = [
      [{ password: PASSWORD }, 422],
      [{}, 422],
      [{ operatorKey: `${operator}x` }, 400],
      [{ operatorKey: 7 }, 400],
      [{ operatorKey: operator }, 429],
    ];
    for (const [proof, status] of tries) {
      const answer = await prove(by, proof, world);
      expect([proof, answer.status, answer.headers.has('Set-Cookie')]).toEqual([
        proof,
        status,
        false,
      ]);
    }
  });
});
