/**
 * Intermediaries: the operator adds and removes them. Also `caller`, for each kind of credential.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../src/domain/entities/key.ts';
import {
  env,
  fresh,
  freshDeviceId,
  grant,
  type Json,
  newDevice,
  newKey,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  snapshot,
  succeed,
} from '../world.ts';

const world = newWorld();

const call = (name: string, input: object, fields = ''): Promise<Json> =>
  world.call(operator, name, input, fields);
const add = (name: string) =>
  call(
    'addIntermediary',
    { name },
    'intermediary { id name companyId } apiKey { id name scopes expiresAt } secret',
  );
const remove = (id: string) => call('removeIntermediary', { id }, 'intermediary { id name }');
const rows = async (sql: string, ...values: (string | number)[]): Promise<Json[]> =>
  (
    await env.DB.prepare(sql)
      .bind(...values)
      .all()
  ).results;

describe('addIntermediary', () => {
  it('adds a company with a first key, which has every scope and no end', async () => {
    const { intermediary, apiKey, secret } = await succeed(add('Acme'));
    expect(intermediary).toEqual({
      id: expect.stringMatching(/^[1-9]\d*$/),
      name: 'Acme',
      companyId: intermediary.id,
    });
    expect(Number.isSafeInteger(Number(intermediary.id))).toBe(true);
    expect(apiKey).toMatchObject({ scopes: SCOPES, expiresAt: null });
    expect(await world.ask(secret, '{ apiKeys { id } }')).toEqual([{ id: apiKey.id }]);
  });

  it('adds another at each call, whatever the name', async () => {
    const [first, second] = [await succeed(add('Twice')), await succeed(add('Twice'))];
    expect(second.intermediary.id).not.toBe(first.intermediary.id);
    expect(second.secret).not.toBe(first.secret);
  });

  it.each(['', 'x'.repeat(101), 'a\u0000b', '\ud800'])('refuses the name %j', async (name) => {
    const before = await snapshot();
    expect(await add(name)).toEqual({
      success: false,
      errors: [{ code: 'INVALID', path: ['input', 'name'] }],
      intermediary: null,
      apiKey: null,
      secret: null,
    });
    expect(await snapshot()).toBe(before);
  });
});

describe('intermediaries', () => {
  const page = (first: number, after?: string | null) =>
    world.graphql(
      operator,
      `query ($first: Int!, $after: String) { intermediaries(first: $first, after: $after) {
        nodes { id name companyId } edges { cursor node { id } } pageInfo { hasNextPage endCursor }
        } }`,
      { first, after },
    );

  it('come in pages, each company once', async () => {
    const added = await Promise.all([1, 2, 3, 4, 5].map(() => newTenant(world, fresh('paged'))));
    const seen: Json[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, edges, pageInfo }: Json = (await page(2, after)).data.intermediaries;
      expect(edges.map(({ node }: Json) => node.id)).toEqual(nodes.map(({ id }: Json) => id));
      seen.push(...nodes);
      ({ hasNextPage: more, endCursor: after } = pageInfo);
      if (more) expect(nodes).toHaveLength(2);
    }
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(added.map(({ id }) => id)));
    expect(ids).toHaveLength(
      (await rows('SELECT id FROM tenants WHERE removed_at IS NULL')).length,
    );
  });
});

describe('intermediaries that are searched for', () => {
  const found = async (search: string): Promise<string[]> =>
    (
      await world.ask(
        operator,
        'query ($search: String) { intermediaries(first: 100, search: $search) { nodes { ' +
          'name } } }',
        { search },
      )
    ).nodes.map(({ name }: Json) => name);

  it('are found, in order of name, by how it begins, without case and accents', async () => {
    for (const name of ['Øresund Kraft', 'Zoë & Söhne', 'ÖRESUND', 'Oresund 2', 'Straßenwerk']) {
      await newTenant(world, name);
    }
    expect(await found('øre')).toEqual(['ÖRESUND', 'Oresund 2', 'Øresund Kraft']);
    expect(await found('ORESUND ')).toEqual(['Oresund 2', 'Øresund Kraft']);
    expect(await found('zoe & so')).toEqual(['Zoë & Söhne']);
    expect(await found('strasse')).toEqual(['Straßenwerk']);
    for (const none of ['%', 'resund', 'Oresund 2 ']) expect(await found(none)).toEqual([]);
  });

  it('are found by their new name once renamed, and not found once removed', async () => {
    const { id } = await newTenant(world, 'Weser Energie');
    await succeed(call('updateIntermediary', { id, name: 'Über Energie' }));
    expect(await found('weser')).toEqual([]);
    expect(await found('uber')).toEqual(['Über Energie']);
    await succeed(remove(id));
    expect(await found('uber')).toEqual([]);
  });
});

/** A tenant with an end user and a member, who both have a session, a granted device, an order. */
async function settle(name: string) {
  const tenant = await newTenant(world, name);
  const user = await newUser(world, tenant);
  const member = await newMember(tenant, 1);
  const device = await newDevice(world, tenant);
  await grant(world, tenant, user.identifier, [device]);
  const addOrder = `mutation ($u: UserIdentifierInput!) {
    addOrder(input: { userIdentifier: $u }) { success order { orderId } } }`;
  const { order } = await succeed(world.ask(tenant.key, addOrder, { u: user.identifier }));
  const sessions = [
    await newSession(world, tenant, user.identifier),
    await newSession(world, tenant, member.identifier),
  ];
  return { tenant, user, member, device, order, sessions };
}

describe('updateIntermediary', () => {
  const FIELDS = 'intermediary { id name limits { users grants } }';
  const update = (id: string, more: object) => call('updateIntermediary', { id, ...more }, FIELDS);
  const noted = async (id: string) =>
    (
      await rows(
        "SELECT subject ->> 'fields' AS fields FROM audit_events WHERE tenant_id = ? AND " +
          "action = 'intermediary.update' ORDER BY number",
        Number(id),
      )
    ).map(({ fields }) => JSON.parse(fields));

  it('renames, sets each limit, restores the default. Events name what changed', async () => {
    const { id, key } = await newTenant(world, 'Acme');
    const defaults = { users: 1_000_000, grants: 5_000_000 };
    const own = '{ caller { intermediary { name limits { users grants } } } }';
    for (const [change, name, limits, fields] of [
      [{ name: 'Ajax' }, 'Ajax', {}, ['name']],
      [{ limits: { users: 5 } }, 'Ajax', { users: 5 }, ['limits.users']],
      [{ limits: { grants: 0 } }, 'Ajax', { users: 5, grants: 0 }, ['limits.grants']],
      [
        { name: 'Acme', limits: { users: null, grants: 7 } },
        'Acme',
        { grants: 7 },
        ['name', 'limits.users', 'limits.grants'],
      ],
    ] as const) {
      const wanted = { name, limits: { ...defaults, ...limits } };
      expect(await update(id, change)).toMatchObject({
        success: true,
        intermediary: { id, ...wanted },
      });
      expect((await newWorld().ask(key, own)).intermediary).toEqual(wanted);
      expect((await noted(id)).at(-1)).toEqual(fields);
    }
    expect(await noted(id)).toHaveLength(4);
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['nulls', { name: null, limits: null }],
    ['no limit', { limits: {} }],
    ['what is so', { name: 'Acme', limits: { users: 5, orders: null } }],
  ])('given %s, changes nothing', async (_, given) => {
    const { id } = await newTenant(world, 'Acme');
    await succeed(update(id, { limits: { users: 5 } }));
    const before = await snapshot();
    expect(await update(id, given)).toMatchObject({
      success: true,
      intermediary: { name: 'Acme' },
    });
    expect(await snapshot()).toBe(before);
  });

  it.each<[string, object, string]>([
    ['a negative limit', { limits: { users: -1 } }, 'limits,users'],
    ['an empty name', { name: '' }, 'name'],
  ])('refuses %s', async (_, given, path) => {
    const { id } = await newTenant(world);
    const before = await snapshot();
    const { errors } = await update(id, given);
    expect(errors).toMatchObject([{ code: 'INVALID', path: ['input', ...path.split(',')] }]);
    expect(await snapshot()).toBe(before);
  });

  it('knows none that is removed, and none that there never was', async () => {
    const { id } = await newTenant(world);
    await succeed(remove(id));
    for (const gone of [id, '7']) {
      const before = await snapshot();
      expect(await update(gone, { name: 'x', limits: { users: 1 } })).toMatchObject({
        ...{ success: false, intermediary: null },
        errors: [{ code: 'NOT_FOUND', path: ['input', 'id'] }],
      });
      expect(await snapshot()).toBe(before);
    }
  });
});

describe('removeIntermediary', () => {
  let leaving: Awaited<ReturnType<typeof settle>>;
  let staying: Awaited<ReturnType<typeof settle>>;
  let removal: Json;
  let kept: { before: Json[]; after: Json[] };

  /** What a removal leaves alone: orders but for their user, events, and all that is another's. */
  const keeping = async () => [
    await rows('SELECT tenant_id, order_id, status, created_at FROM orders ORDER BY 1, 2'),
    await rows(`SELECT * FROM audit_events WHERE action <> 'intermediary.remove' ORDER BY 1, 2`),
    ...(await Promise.all(
      ['users', 'devices', 'sessions'].map((table) =>
        rows(`SELECT * FROM ${table} WHERE tenant_id = ? ORDER BY 1`, staying.tenant.id),
      ),
    )),
  ];

  beforeAll(async () => {
    [leaving, staying] = [await settle('Leaving'), await settle('Staying')];
    const before = await keeping();
    removal = await remove(leaving.tenant.id);
    kept = { before, after: await keeping() };
  });

  it('tells whom it removed, and is a success the second time, with nothing changed', async () => {
    const { id } = leaving.tenant;
    expect(removal).toEqual({ success: true, errors: [], intermediary: { id, name: 'Leaving' } });
    const before = await snapshot();
    const again = { success: true, errors: [], intermediary: null };
    expect(await remove(id)).toEqual(again);
    expect(await remove('7')).toEqual(again);
    expect(await snapshot()).toBe(before);
  });

  it('keeps orders and audit events, and touches nobody else’s', async () => {
    expect(kept.after).toEqual(kept.before);
    expect(await world.ask(staying.tenant.key, '{ caller { kind } }')).toBeDefined();
  });

  describe.each([
    ['where it was removed', world],
    ['elsewhere', newWorld()],
  ])('%s', (_, isolate) => {
    it('ends the keys at once', async () => {
      const { status } = await isolate.graphql(leaving.tenant.key, '{ caller { kind } }');
      expect(status).toBe(401);
    });

    it('ends the sessions of end users and members at once', async () => {
      for (const { accessToken } of leaving.sessions) {
        const { status } = await isolate.graphql(accessToken, '{ viewer { session { id } } }');
        expect(status).toBe(401);
      }
    });
  });

  it('erases what identifies the users', async () => {
    const users = await rows('SELECT * FROM users WHERE tenant_id = ?', leaving.tenant.id);
    expect(users).toHaveLength(2);
    expect(JSON.stringify(users)).not.toContain(leaving.user.externalId);
    expect(JSON.stringify(users)).not.toContain(leaving.member.email);
  });

  it('puts the devices back into stock, without grants, for another to have', async () => {
    const { deviceId, meterId } = leaving.device;
    expect(await rows('SELECT * FROM permissions WHERE device_id = ?', deviceId)).toEqual([]);
    const input = { intermediaryId: staying.tenant.id, devices: [{ deviceId, meterId }] };
    expect(await call('addDevices', input, 'devices { deviceId meterId }')).toEqual({
      success: true,
      errors: [],
      devices: [leaving.device],
    });
  });

  it('leaves nobody to list, to add to or to ship to', async () => {
    expect(
      await world.ask(operator, '{ intermediaries(first: 100) { nodes { id } } }'),
    ).not.toEqual({
      nodes: expect.arrayContaining([{ id: leaving.tenant.id }]),
    });
    const intermediaryId = leaving.tenant.id;
    const before = await snapshot();
    for (const [name, input] of Object.entries({
      addDevices: { devices: [{ deviceId: freshDeviceId() }] },
      addApiKey: { name: 'late', scopes: ['users:read'] },
      updateOrder: { orderId: leaving.order.orderId, orderStatus: 'PROCESSING' },
    })) {
      expect(await call(name, { intermediaryId, ...input })).toEqual({
        success: false,
        errors: [{ code: 'NOT_FOUND', path: ['input', 'intermediaryId'] }],
      });
    }
    expect(await snapshot()).toBe(before);
  });

  it('refuses an id that is none', async () => {
    expect(await remove('x')).toMatchObject({
      success: false,
      errors: [{ code: 'INVALID', path: ['input', 'id'] }],
    });
  });
});

describe('caller', () => {
  const WHO = '{ caller { kind intermediary { id name companyId } scopes } }';

  it('is the tenant of an API key, with the key’s scopes', async () => {
    const { id, key } = await newTenant(world, 'Acme');
    const whole = { kind: 'API_KEY', intermediary: { id, name: 'Acme', companyId: id } };
    expect(await world.ask(key, WHO)).toEqual({ ...whole, scopes: SCOPES });
    const { secret } = await newKey(world, { id, key }, ['introspect']);
    expect(await world.ask(secret, WHO)).toEqual({ ...whole, scopes: ['introspect'] });
  });

  it('is told to its members, with their level', async () => {
    const tenant = await newTenant(world, 'Of members');
    const { accessToken } = await newSession(world, tenant, (await newMember(tenant)).identifier);
    expect(
      await world.ask(accessToken, '{ caller { kind level intermediary { id name } } }'),
    ).toEqual({
      ...{ kind: 'MEMBER', level: 2 },
      intermediary: { id: tenant.id, name: 'Of members' },
    });
  });

  it('is the company of a viewer who is a member of any level, not of an end user', async () => {
    const tenant = await newTenant(world, 'Of viewers');
    const { id, name } = { ...tenant, name: 'Of viewers' };
    const QUERY = '{ viewer { intermediary { id name } } }';
    const member = await newSession(world, tenant, (await newMember(tenant, 4)).identifier);
    expect(await world.ask(member.accessToken, QUERY)).toEqual({
      intermediary: { id, name },
    });
    const user = await newSession(world, tenant, (await newUser(world, tenant)).identifier);
    const { errors } = await world.graphql(user.accessToken, QUERY);
    expect(errors?.[0].extensions.code).toBe('FORBIDDEN');
  });

  it('is nobody’s tenant for the operator', async () => {
    const nobody = { kind: 'OPERATOR', intermediary: null, scopes: [] };
    expect(await world.ask(operator, WHO)).toEqual(nobody);
  });
});

describe('system', () => {
  it('tells the size of the database, and what waits', async () => {
    const ask = () =>
      world.ask(operator, '{ system { databaseBytes databaseBytesMost toPublish toDeliver } }');
    const before = await ask();
    expect(before).toEqual({
      ...{ databaseBytes: expect.any(Number), databaseBytesMost: 10_000_000_000 },
      ...{ toPublish: expect.any(Number), toDeliver: expect.any(Number) },
    });
    expect(before.databaseBytes).toBeGreaterThan(10_000);
    const tenant = await newTenant(world);
    const id = fresh('system');
    await env.DB.batch([
      env.DB.prepare(
        "INSERT INTO withdrawals (tenant_id, id, cause, sessions) VALUES (?, ?, 'user', '[]')",
      ).bind(Number(tenant.id), id),
      // It takes all that there ever was of the tenant: one event.
      env.DB.prepare(
        'INSERT INTO webhooks (id, tenant_id, url, types, created_at, secret_id, version, ' +
          "cursor, due_at, change_id) VALUES (?, ?, 'https://x.example/', '[]', 0, 'x', 1, 0, 0, " +
          "'')",
      ).bind(id, Number(tenant.id)),
    ]);
    expect(await ask()).toMatchObject({
      ...{ toPublish: before.toPublish + 1, toDeliver: before.toDeliver + 1 },
    });
    await env.DB.prepare('DELETE FROM withdrawals WHERE id = ?').bind(id).run();
  });
});
