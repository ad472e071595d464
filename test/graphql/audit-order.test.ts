/**
 * The audit trail has the order in which changes were committed. A reader who follows it misses
 * none.
 */
import { describe, expect, it } from 'vitest';
import {
  env,
  external,
  fresh,
  type Json,
  newTenant,
  newUser,
  newWorld,
  succeed,
} from '../world.ts';

const world = newWorld();

const run = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run();

/** A page of the trail; `args` besides `first`. */
const page = (key: string, args: string, first = 100): Promise<Json> =>
  world.ask(
    key,
    `{ auditEvents(first: ${first}, ${args}) { nodes { id at action userId suspended }
      pageInfo { hasNextPage endCursor } } }`,
  );

/** Reads on behind a cursor, to the end; gives the events, and the last cursor. */
async function follow(key: string, cursor: string | null, first = 100, filters = '') {
  const nodes: Json[] = [];
  let after = cursor;
  for (let more = true; more; ) {
    const args = `order: OLDEST_FIRST ${filters} ${after === null ? '' : `, after: "${after}"`}`;
    const { pageInfo, nodes: found } = await page(key, args, first);
    nodes.push(...found);
    more = pageInfo.hasNextPage;
    after = pageInfo.endCursor ?? after;
  }
  return { nodes, after };
}

/** A document of changes, sent at once. */
const change = (key: string, changes: string[]) =>
  world.graphql(
    key,
    `mutation { ${changes.map((one, nth) => `c${nth}: ${one} { success }`).join(' ')} }`,
  );

const suspend = (externalId: string, suspended: boolean): string =>
  `updateUser(input: { userIdentifier: { externalUser: { externalId: "${externalId}" } }, ` +
  `suspended: ${suspended} })`;

describe('the trail tells changes in their order', () => {
  it('of six in one document, each time', async () => {
    const tenant = await newTenant(world);
    const { externalId, id } = await newUser(world, tenant);
    const wanted = [true, false, true, false, true, false];
    for (let time = 0; time < 8; time++) {
      await change(
        tenant.key,
        wanted.map((suspended) => suspend(externalId, suspended)),
      );
    }
    const { nodes } = await follow(tenant.key, null, 100, `userId: "${id}"`);
    const told = nodes.slice(1).map(({ suspended }) => suspended);
    expect(told).toEqual(Array.from({ length: 8 }, () => wanted).flat());
    const { nodes: newest } = await page(tenant.key, `userId: "${id}"`);
    expect(newest).toEqual(nodes.toReversed());
  });

  it('of 20 documents at the same time, as they were committed', async () => {
    const tenant = await newTenant(world);
    const { externalId, id } = await newUser(world, tenant);
    // What is so already is no change: that the last one was undone before is what an event says.
    await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        change(tenant.key, [
          suspend(externalId, nth % 2 === 0),
          suspend(externalId, nth % 2 === 1),
        ]),
      ),
    );
    const { nodes } = await follow(tenant.key, null, 7, `userId: "${id}"`);
    const told = nodes.slice(1).map(({ suspended }) => suspended);
    expect(told.length).toBeGreaterThan(9);
    expect(told).toEqual(told.map((_, nth) => nth % 2 === 0));
    const ids = nodes.map((one) => Number(one.id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const user =
      `{ user(userIdentifier: { externalUser: { externalId: "${externalId}" } }) { suspended } ` +
      '}';
    expect(await world.ask(tenant.key, user)).toEqual({ suspended: told.at(-1) });
  });

  it('by a clock that is behind as well: times never go back', async () => {
    const tenant = await newTenant(world);
    const ahead = Date.now() + 3_600_000;
    await run(
      'INSERT INTO audit_events (number, tenant_id, actor_kind, action, subject, request_id) ' +
        "VALUES (?, ?, 'OPERATOR', 'user.remove', '{}', '')",
      ahead * 1024,
      Number(tenant.id),
    );
    await newUser(world, tenant);
    const { nodes } = await follow(tenant.key, null);
    expect(nodes.map(({ action }) => action)).toEqual([
      'intermediary.add',
      'user.remove',
      'user.add',
    ]);
    expect(nodes[2].at >= nodes[1].at).toBe(true);
    const since = `from: "${nodes[2].at}"`;
    expect((await page(tenant.key, since)).nodes[0]).toEqual(nodes[2]);
  });
});

describe('whoever follows the trail', () => {
  it('misses none, while many write and what is old is taken away', async () => {
    const tenant = await newTenant(world);
    let isWriting = true;
    const writers = Array.from({ length: 8 }, async () => {
      for (let nth = 0; nth < 12; nth++) await newUser(world, tenant);
    });
    const writing = Promise.all(writers).then(() => {
      isWriting = false;
    });
    const seen: string[] = [];
    let after: string | null = null;
    const read = async () => {
      const found: Awaited<ReturnType<typeof follow>> = await follow(tenant.key, after, 3);
      after = found.after;
      seen.push(...found.nodes.flatMap(({ userId }) => userId ?? []));
    };
    while (isWriting) {
      await read();
      // The runtime runs no timer while a test asks without a pause, and the writers wait for some.
      await scheduler.wait(1);
      // What was read is past its retention.
      const last = seen.at(-1) ?? 0;
      await run(
        'DELETE FROM audit_events WHERE tenant_id = ? AND number < (SELECT max(number) FROM ' +
          'audit_events WHERE user_id = ?)',
        ...[Number(tenant.id), Number(last)],
      );
    }
    await writing;
    await read();
    const { results } = await env.DB.prepare('SELECT id FROM users WHERE tenant_id = ?')
      .bind(Number(tenant.id))
      .all<{ id: number }>();
    expect(results).toHaveLength(96);
    expect(seen.toSorted()).toEqual(results.map(({ id }) => String(id)).sort());
  });

  it('sees what comes after the newest were deleted: numbers are never used again', async () => {
    const tenant = await newTenant(world);
    const ahead = (Date.now() + 3_600_000) * 1024;
    await run(
      'INSERT INTO audit_events (number, tenant_id, actor_kind, action, subject, request_id) ' +
        "VALUES (?, ?, 'OPERATOR', 'user.remove', '{}', '')",
      ...[ahead, Number(tenant.id)],
    );
    const { nodes, after } = await follow(tenant.key, null);
    expect(nodes.at(-1)?.action).toBe('user.remove');
    await run('DELETE FROM audit_events WHERE number >= ?', ahead);
    await newUser(world, tenant);
    const { nodes: news } = await follow(tenant.key, after);
    expect(news.map(({ action }) => action)).toEqual(['user.add']);
    expect(Number(news[0].id)).toBeGreaterThan(ahead);
  });

  it('sees more events of one change than a millisecond has numbers', async () => {
    const tenant = await newTenant(world);
    const lines = Array.from({ length: 1_500 }, () =>
      JSON.stringify({ externalId: fresh('imported') }),
    ).join('\n');
    const headers = { 'Content-Type': 'application/x-ndjson' };
    const imported = await world.send('/import', tenant.key, {
      method: 'POST',
      headers,
      body: lines,
    });
    await imported.text();
    await newUser(world, tenant);
    const { nodes } = await follow(tenant.key, null);
    expect(new Set(nodes.map(({ userId }) => userId)).size).toBe(1_502);
    const times = nodes.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('is led on over pages where filters leave nothing', async () => {
    const tenant = await newTenant(world);
    const { id, identifier } = await newUser(world, tenant);
    // So many of another action that one page does not look through them.
    await run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
       INSERT INTO audit_events (tenant_id, actor_kind, action, user_id, subject, request_id)
       SELECT ?, 'OPERATOR', 'session.add', ?, '{}', '' FROM n`,
      ...[Number(tenant.id), Number(id)],
    );
    await succeed(
      world.call(tenant.key, 'updateUser', { userIdentifier: identifier, suspended: true }),
    );
    const filters = `userId: "${id}", actions: ["user.update"]`;
    const first = await page(tenant.key, `order: OLDEST_FIRST, ${filters}`);
    expect(first).toMatchObject({
      nodes: [],
      pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
    });
    const { nodes, after } = await follow(tenant.key, null, 5, `, ${filters}`);
    expect(nodes.map(({ action }) => action)).toEqual(['user.update']);
    await succeed(
      world.call(tenant.key, 'updateUser', { userIdentifier: identifier, suspended: false }),
    );
    const { nodes: news } = await follow(tenant.key, after, 5, `, ${filters}`);
    expect(news.map(({ suspended }) => suspended)).toEqual([false]);
    expect((await page(tenant.key, filters)).nodes.map((one: Json) => one.suspended)).toEqual([
      false,
      true,
    ]);
  });
});

describe('a cursor', () => {
  it('is of one list: any other refuses it, and its own goes on behind it', async () => {
    const [tenant, other] = [await newTenant(world), await newTenant(world)];
    for (const { key } of [tenant, other]) {
      for (const name of ['a', 'b']) {
        await succeed(world.call(key, 'addUser', { userIdentifier: external(name) }));
      }
    }
    const lists: [key: string, name: string, args: string][] = [
      [tenant.key, 'users', ''],
      [tenant.key, 'users', ', search: "a"'],
      [other.key, 'users', ''],
      [tenant.key, 'auditEvents', ''],
      [tenant.key, 'auditEvents', ', order: OLDEST_FIRST'],
      [tenant.key, 'auditEvents', ', actions: ["user.add"]'],
      [tenant.key, 'auditEvents', ', from: "2020-01-01T00:00:00Z"'],
      [tenant.key, 'auditEvents', ', to: "2100-01-01T00:00:00Z"'],
      [other.key, 'auditEvents', ''],
    ];
    const cursors = [];
    for (const [key, name, args] of lists) {
      const { edges } = await world.ask(key, `{ ${name}(first: 1${args}) { edges { cursor } } }`);
      cursors.push(edges[0].cursor);
    }
    for (const [at, [key, name, args]] of lists.entries()) {
      for (const [from, cursor] of cursors.entries()) {
        const answer = await world.graphql(
          key,
          `{ ${name}(first: 1${args}, after: "${cursor}") { edges { cursor } } }`,
        );
        const why = `${name} ${args} with the cursor of ${lists[from]?.slice(1)}`;
        const refusal = [{ extensions: { code: 'INVALID', path: ['after'] } }];
        if (at === from) expect(answer.errors, why).toBeUndefined();
        else expect(answer, why).toMatchObject({ status: 200, errors: refusal });
      }
    }
  });

  it('that no list gave is refused, whatever it holds', async () => {
    const { key } = await newTenant(world);
    const { edges } = await world.ask(key, '{ auditEvents(first: 1) { edges { cursor } } }');
    const [mark] = JSON.parse(Buffer.from(edges[0].cursor, 'base64url').toString());
    const forged = ['"\\ud800"', '1e999', '-1e400', '1.5', 'null', '{}', '[1]', '9007199254740993'];
    for (const part of [...forged, '']) {
      const text = `["${mark}"${part && `,${part}`}]`;
      const cursor = Buffer.from(text).toString('base64url');
      expect(
        await world.graphql(key, `{ auditEvents(first: 1, after: "${cursor}") { nodes { id } } }`),
        text,
      ).toMatchObject({ status: 200, errors: [{ extensions: { code: 'INVALID' } }] });
    }
  });
});
