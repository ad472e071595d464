/** The feed: every change once, in the order in which it was committed, and nothing but ids. */

import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditAction, EVENTS } from '../../src/db/events.ts';
import { eventOf } from '../../src/domain/audit/payload.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { watchD1 } from '../doubles/d1.ts';
import { expectDocumented, faultsIn, reference } from '../reference.ts';
import {
  env,
  external,
  type Json,
  newDevice,
  newKey,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  succeed,
  type Tenant,
  UNLIMITED,
} from '../world.ts';

const world = newWorld();

let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

/** What `GET /events` with this query answers, which must be as the reference has it. */
async function ask(query: string, key: string | null = tenant.key, where = world): Promise<Json> {
  const response = await where.send(`/events${query}`, key);
  const text = await response.text();
  expectDocumented('GET /events', response, text);
  return { status: response.status, headers: response.headers, ...JSON.parse(text) };
}

/** All events behind a cursor, and the last `next`. */
async function follow(key: string, after = '', query = '') {
  const events: Json[] = [];
  for (let next = after; ; ) {
    const page = await ask(`?after=${next}${query}`, key);
    expect(page.status, JSON.stringify(page)).toBe(200);
    events.push(...page.events);
    if (page.events.length === 0) return { events, next: page.next };
    next = page.next;
  }
}

const run = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run();

const sweep = async (days: number) => {
  const context = createExecutionContext();
  const bindings = { ...env, ...UNLIMITED, AUDIT_RETENTION_DAYS: String(days) };
  await createApp(newIsolate()).sweep(bindings, context);
  await waitOnExecutionContext(context);
};

describe('the feed', () => {
  it('tells each change, as the audit trail has it, and goes on where it ended', async () => {
    const { identifier, id } = await newUser(world, tenant);
    const device = await newDevice(world, tenant);
    const expiresAt = '2100-01-01T00:00:00.000Z';
    const deviceIdentifiers = [{ deviceId: device.deviceId }];
    const grant = { userIdentifier: identifier, deviceIdentifiers, expiresAt };
    await succeed(world.call(tenant.key, 'addChargingPermission', grant));
    const { events, next } = await follow(tenant.key);
    expect(events.map(({ type }) => type)).toEqual([
      'intermediary.add',
      'user.add',
      'device.add',
      'permission.add',
    ]);
    const { nodes } = await world.ask(
      tenant.key,
      '{ auditEvents(first: 1) { nodes { id at requestId } } }',
    );
    const credentialId = tenant.key.slice(7, 23);
    expect(events[3]).toEqual({
      id: nodes[0].id,
      type: 'permission.add',
      timestamp: nodes[0].at,
      data: {
        intermediaryId: tenant.id,
        userId: id,
        permission: 'CHARGE',
        deviceIds: [device.deviceId],
        expiresAt,
        actor: { kind: 'API_KEY', credentialId, userId: null },
        requestId: nodes[0].requestId,
      },
    });
    expect(await ask(`?after=${next}`)).toMatchObject({ status: 200, events: [], next });
    const { accessToken, id: sessionId } = await newSession(world, tenant, identifier);
    await world.send('/session', accessToken, { method: 'DELETE' });
    const later = await follow(tenant.key, next);
    expect(later.events.map(({ type, data }) => [type, data.sessionIds, data.actor])).toEqual([
      ['session.add', [sessionId], { kind: 'API_KEY', credentialId, userId: null }],
      ['session.removeOwn', [sessionId], { kind: 'END_USER', credentialId: sessionId, userId: id }],
    ]);
  });

  it('begins where its reader wants to, and filters without losing its place', async () => {
    const { next: latest, events: none } = await ask('?after=latest');
    expect(none).toEqual([]);
    const { externalId } = await newUser(world, tenant);
    const userIdentifier = external(externalId);
    await succeed(world.call(tenant.key, 'addOrder', { userIdentifier, orderId: 'one' }));
    await succeed(world.call(tenant.key, 'cancelOrder', { orderId: 'one' }));
    const types = async (query: string) =>
      (await follow(tenant.key, latest, query)).events.map(({ type }) => type);
    expect(await types('')).toEqual(['user.add', 'order.add', 'order.cancel']);
    expect(await types('&limit=1')).toEqual(['user.add', 'order.add', 'order.cancel']);
    expect(await types('&actions=order.*')).toEqual(['order.add', 'order.cancel']);
    expect(await types('&actions=order.cancel,%20user.add')).toEqual(['user.add', 'order.cancel']);
    expect(await types('&actions=device.*')).toEqual([]);
    // Where one filter ended, another goes on.
    const { next } = await ask(`?after=${latest}&actions=order.add`);
    const rest = await follow(tenant.key, next);
    expect(rest.events.map(({ type }) => type)).toEqual(['order.cancel']);
    const trail = `{ auditEvents(first: 2, actions: ["order.*"]) { nodes { action } } }`;
    expect((await world.ask(tenant.key, trail)).nodes).toEqual([
      { action: 'order.cancel' },
      { action: 'order.add' },
    ]);
  });

  it('misses none and tells none twice, while many write', async () => {
    const busy = await newTenant(world);
    let isWriting = true;
    const writing = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let nth = 0; nth < 10; nth++) await newUser(world, busy);
      }),
    ).then(() => {
      isWriting = false;
    });
    const seen: string[] = [];
    let after = '';
    const read = async () => {
      const { events, next } = await follow(busy.key, after, '&limit=3&actions=user.add');
      seen.push(...events.map(({ data }) => data.userId));
      after = next;
    };
    while (isWriting) {
      await read();
      await scheduler.wait(1);
    }
    await writing;
    await read();
    const { results } = await env.DB.prepare(
      'SELECT user_id AS id FROM audit_events WHERE tenant_id = ? AND action = ? ORDER BY number',
    )
      .bind(Number(busy.id), 'user.add')
      .all<{ id: number }>();
    expect(results).toHaveLength(80);
    expect(seen).toEqual(results.map(({ id }) => String(id)));
  });

  it('answers a megabyte at most, and goes on', async () => {
    const large = await newTenant(world);
    const { next } = await ask('?after=latest', large.key);
    await run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)
       INSERT INTO audit_events (tenant_id, actor_kind, action, subject, request_id)
       SELECT ?, 'OPERATOR', 'device.add', ?, '' FROM n`,
      Number(large.id),
      JSON.stringify({ deviceIds: Array.from({ length: 500 }, () => 'ACME4711') }),
    );
    const first = await ask(`?after=${next}&limit=1000`, large.key);
    expect(first.events.length).toBeGreaterThan(100);
    expect(JSON.stringify(first).length).toBeLessThan(1_400_000);
    expect((await follow(large.key, next, '&limit=1000')).events).toHaveLength(700);
  });

  it('asks D1 once for a page', async () => {
    const d1 = watchD1();
    const counting = newWorld({ DB: d1.DB });
    await ask('?actions=user.add', tenant.key, counting);
    d1.trips = 0;
    for (const query of ['', '?after=latest', '?actions=order.*,user.add&limit=1000']) {
      await ask(query, tenant.key, counting);
    }
    expect(d1.trips).toBe(3);
  });

  it('counts what it may hold against its company', async () => {
    const slow = newWorld({ TENANT_UNITS_PER_SECOND: '1' });
    await ask('?limit=1', tenant.key, slow);
    const answers = [];
    for (let nth = 0; nth < 20; nth++) answers.push(await ask('?limit=1000', tenant.key, slow));
    expect(answers.map(({ status }) => status)).toContain(429);
  });
});

describe('a query that is not as it should be', () => {
  const badCursor = { after: 'Must be an unchanged cursor from this same list.' };

  it.each([
    ['?limit=0', { limit: 'Must be from 1 to 1000.' }],
    ['?limit=1001', { limit: 'Must be from 1 to 1000.' }],
    ['?limit=-1', { limit: 'Must be a whole number from 1 to 1000.' }],
    ['?limit=ten', { limit: 'Must be a whole number from 1 to 1000.' }],
    ['?limit=1.5', { limit: 'Must be a whole number from 1 to 1000.' }],
    ['?limit=5&limit=6', { limit: 'Is given twice. Send it once.' }],
    ['?after=a&after=b', { after: 'Is given twice. Send it once.' }],
    ['?first=5', { first: 'There is no such parameter. There are after, limit, actions.' }],
    ['?constructor=5', { constructor: expect.stringContaining('no such parameter') }],
    ['?after=x', badCursor],
    ['?after=1', badCursor],
    ['?after=W10', badCursor],
    ['?actions=order', { actions: expect.stringContaining('There are order.add, order.cancel') }],
    ['?actions=*', { actions: expect.stringContaining('The nouns are user') }],
    ['?actions=.*', { actions: expect.stringContaining('The nouns are user') }],
    ['?actions=order.add,', { actions: expect.stringContaining('There is no such action') }],
    ['?actions=Order.Add', { actions: expect.stringContaining('There are order.add') }],
    [`?actions=${'order.add,'.repeat(100)}order.add`, { actions: 'Name at most 100 actions.' }],
  ])('is refused: %s', async (query, errors) => {
    const answer = await ask(query);
    expect([answer.status, answer.message.errors]).toEqual([422, errors]);
  });

  it('is refused with a cursor of another list, of another company, or of none', async () => {
    const other = await newTenant(world);
    const list = '{ auditEvents(first: 1, order: OLDEST_FIRST) { edges { cursor } } }';
    const { edges } = await world.ask(tenant.key, list);
    const theirs = (await ask('?limit=1', other.key)).next;
    const ours = (await ask('?limit=1')).next;
    const [mark] = JSON.parse(Buffer.from(ours, 'base64url').toString());
    const forge = (text: string) => Buffer.from(text).toString('base64url');
    const forged = ['1.5', 'null', '"1"', '1e999', '9007199254740993', '1,2'].map((part) =>
      forge(`["${mark}",${part}]`),
    );
    for (const cursor of [edges[0].cursor, theirs, ...forged, forge(`["${mark}"]`)]) {
      const answer = await ask(`?after=${cursor}`);
      expect([answer.status, answer.message.errors], cursor).toEqual([422, badCursor]);
    }
    const page = `first: 1, order: OLDEST_FIRST, after: "${ours}"`;
    const back = `{ auditEvents(${page}) { nodes { id } } }`;
    const { errors } = await world.graphql(tenant.key, back);
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', path: ['after'] } }]);
  });

  it('is not looked at before its credential is', async () => {
    const weak = (await newKey(world, tenant, ['users:read'])).secret;
    for (const query of ['', '?limit=0', '?after=x']) {
      expect(await ask(query, null)).toMatchObject({ status: 401 });
      expect(await ask(query, weak)).toMatchObject({
        status: 403,
        message: { errors: { permission: expect.stringContaining('audit:read') } },
      });
      expect(await ask(query, operator)).toMatchObject({ status: 403 });
    }
  });

  it('is a path like others: HEAD, OPTIONS, other methods, a slash, headers', async () => {
    const head = await world.send('/events?limit=1', tenant.key, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('Cache-Control')).toBe('no-store');
    expect(head.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(head.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const options = await world.send('/events', null, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('Allow')]).toEqual([204, 'GET, HEAD']);
    const post = await world.send('/events', tenant.key, { method: 'POST' });
    expect([post.status, post.headers.get('Allow')]).toEqual([405, 'GET, HEAD']);
    expect(await post.text()).toContain('GET reads them.');
    expect((await world.send('/events/', tenant.key)).status).toBe(200);
    const page = newWorld({ CORS_ORIGINS: 'https://app.example.com' });
    const headers = { Origin: 'https://app.example.com' };
    const read = await page.send('/events', tenant.key, { headers });
    expect(read.headers.get('Access-Control-Allow-Origin')).toBe(headers.Origin);
  });
});

describe('what is not kept any more', () => {
  it('is told to whoever would miss it, with where to go on; and to nobody else', async () => {
    const old = await newTenant(world);
    const day = 86_400_000;
    const add = (ageInDays: number, many: number) =>
      run(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO audit_events
           (number, tenant_id, actor_kind, action, user_id, subject, request_id)
         SELECT ? + i, ?, 'OPERATOR', 'user.remove', 7, '{}', '' FROM n`,
        ...[many, Math.floor(Date.now() - ageInDays * day) * 1024, Number(old.id)],
      );
    await add(50, 10);
    await add(5, 4);
    const trail = async (after: string) =>
      world.graphql(
        old.key,
        `{ auditEvents(first: 9, order: OLDEST_FIRST, after: "${after}") { nodes { id } } }`,
      );
    const fifth = await ask('?limit=5', old.key);
    const tenth = await ask('?limit=10', old.key);
    const edges = `{ auditEvents(first: 10, order: OLDEST_FIRST) { edges { cursor } } }`;
    const cursors = (await world.ask(old.key, edges)).edges.map(({ cursor }: Json) => cursor);
    expect((await follow(old.key, fifth.next)).events).toHaveLength(10);

    await sweep(30);
    const gone = await ask(`?after=${fifth.next}&limit=1`, old.key);
    expect(gone).toMatchObject({ status: 410, errors: true, next: expect.any(String) });
    expect(gone.message.errors.after).toContain('"next"');
    const left = await follow(old.key);
    expect(left.events).toHaveLength(5);
    expect((await follow(old.key, gone.next)).events).toEqual(left.events);
    // It missed nothing, however old its cursor is.
    expect((await follow(old.key, tenth.next)).events).toEqual(left.events);
    expect((await trail(cursors[4])).errors).toMatchObject([
      {
        message: expect.stringContaining('no longer kept'),
        extensions: { code: 'INVALID', path: ['after'] },
      },
    ]);
    expect((await trail(cursors[9])).data.auditEvents.nodes).toHaveLength(5);

    // Once nothing is left, `next` and `latest` go on all the same.
    await run(
      'UPDATE audit_events SET number = number - ? WHERE tenant_id = ?',
      90 * day * 1024,
      Number(old.id),
    );
    await sweep(30);
    const { next, events } = await ask('', old.key);
    expect(events).toEqual([]);
    const { next: latest } = await ask('?after=latest', old.key);
    expect((await ask(`?after=${tenth.next}`, old.key)).status).toBe(200);
    await newUser(world, old);
    for (const cursor of [next, latest, left.next]) {
      const { events: news } = await follow(old.key, cursor);
      expect(news.map(({ type }) => type)).toEqual(['user.add']);
    }
  });
});

describe('a payload', () => {
  const row = {
    ...{ number: 1, tenantId: 2, at: 0, actorKind: 'API_KEY' as const, credentialId: null },
    ...{ actorUserId: null, userId: null, requestId: 'a-request' },
  };
  const types = Object.keys(EVENTS) as AuditAction[];
  const modelOf = (type: string): Json =>
    reference.webhooks[type].post.requestBody.content['application/json'].schema;

  it('has a model for each type, and is no other', () => {
    expect(Object.keys(reference.webhooks)).toEqual([...types, 'webhook.test']);
    expect(reference.components.schemas.Event.oneOf).toHaveLength(types.length);
  });

  it('carries nothing but what its type names, whatever is stored beside it', () => {
    const facts = fc.record(
      {
        name: fc.constant('Telltale'),
        email: fc.constant('telltale@example.com'),
        externalId: fc.constant('telltale'),
        secret: fc.constant('lk_key_telltale'),
        __proto__: fc.constant('telltale'),
        deviceIds: fc.constant(['ACME4711']),
        count: fc.constant(3),
        stationIds: fc.constant([7]),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), facts, (action, subject) => {
        const { data } = eventOf({ ...row, action, subject: JSON.stringify(subject) });
        const named = ['intermediaryId', 'actor', 'requestId', ...EVENTS[action]];
        expect(named).toEqual(expect.arrayContaining(Object.keys(data)));
        expect(JSON.stringify(data)).not.toMatch(/telltale/i);
      }),
    );
  });

  it('is no less a payload where a later version wrote it', () => {
    const action = 'thing.add' as AuditAction;
    const { type, data } = eventOf({ ...row, action, subject: '{"name":"Telltale"}' });
    expect([type, Object.keys(data)]).toEqual([
      'thing.add',
      ['intermediaryId', 'actor', 'requestId'],
    ]);
  });

  it('has models that refuse what is no id and no word', () => {
    const data = {
      ...{ intermediaryId: '2', userId: '3', permission: 'VIEW', deviceIds: ['ACME4711'] },
      actor: { kind: 'OPERATOR', credentialId: null, userId: null },
      ...{ expiresAt: null, requestId: 'r' },
    };
    const event = { id: '1', type: 'permission.add', timestamp: '2026-01-01T00:00:00.000Z' };
    const faults = (more: object) =>
      faultsIn(modelOf('permission.add'), { ...event, data: { ...data, ...more } });
    expect(faults({})).toEqual([]);
    for (const more of [
      { name: 'Telltale' },
      { userId: 'tenant-1' },
      { intermediaryId: 'A company' },
      { permission: 'OWN' },
      { deviceIds: ['A wallbox'] },
      { actor: { kind: 'OPERATOR', credentialId: 'someone@example.com', userId: null } },
    ]) {
      expect(faults(more), JSON.stringify(more)).not.toEqual([]);
    }
  });
});
