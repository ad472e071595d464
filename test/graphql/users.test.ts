/** Users: their identifiers, and how they are added, changed and removed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { done, memberFields, newStaff, rest } from '../rest/company.ts';
import {
  env,
  expectNoChange,
  external,
  fresh,
  grant,
  type Json,
  newDevice,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  succeed,
  type Tenant,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let other: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
  other = await newTenant(world, 'Other');
});

const add = (userIdentifier: object) =>
  world.ask(
    tenant.key,
    `mutation ($u: UserIdentifierInput!) { addUser(input: { userIdentifier: $u }) {
      success errors { code path } user { id userIdentifier { externalUser { externalId } } } } }`,
    { u: userIdentifier },
  );

const find = (userIdentifier: object, of = tenant) =>
  world.ask(
    of.key,
    `query ($u: UserIdentifierInput!) { user(userIdentifier: $u) {
      id suspended userIdentifier { externalUser { externalId } companyUser { id email } } } }`,
    { u: userIdentifier },
  );

const update = (input: object) =>
  world.ask(
    tenant.key,
    `mutation ($input: UpdateUserInput!) { updateUser(input: $input) {
      success errors { code path } user { id suspended userIdentifier { externalUser { externalId }
      } } } }`,
    { input },
  );

const viewer = (token: string) => world.graphql(token, '{ viewer { user { id } } }');

const refused = (act: () => Promise<Json>, code: string, path: string[]) =>
  expectNoChange(act, { success: false, errors: [{ code, path }] });

describe('an externalId is 1 to 255 code points of well-formed text', () => {
  it.each([
    ['one character', 'x'],
    ['255 emoji', '🔑'.repeat(255)],
    ['spaces, quotes and SQL', ` '"; DROP TABLE users; -- %_\\ `],
    ['right-to-left and combining', 'שלום é ñ'],
  ])('%s is welcome and comes back unchanged', async (_, externalId) => {
    const { user } = await succeed(add(external(externalId)));
    expect(user.userIdentifier.externalUser.externalId).toBe(externalId);
    expect((await find(external(externalId))).id).toBe(user.id);
  });

  it.each([
    ['empty', ''],
    ['256 long', 'x'.repeat(256)],
    ['256 emoji', '🔑'.repeat(256)],
    ['with a NUL', 'a\u0000b'],
    ['with a line feed', 'a\nb'],
    ['with a C1 control', 'a\u0085b'],
    ['with a lone surrogate', 'a\ud800b'],
  ])('%s is INVALID, with its path', async (_, externalId) => {
    await refused(() => add(external(externalId)), 'INVALID', [
      'input',
      'userIdentifier',
      'externalUser',
      'externalId',
    ]);
  });

  it('is compared exactly', async () => {
    const ids = await Promise.all(
      ['Case', 'case', 'case ', 'e\u0301', '\u00e9'].map(
        async (externalId) => (await succeed(add(external(externalId)))).user.id,
      ),
    );
    expect(new Set(ids).size).toBe(5);
  });

  it('is the tenant’s own: another tenant’s same externalId is another user', async () => {
    const mine = await newUser(world, tenant, 'shared');
    const theirs = await newUser(world, other, 'shared');
    expect(mine.id).not.toBe(theirs.id);
  });
});

describe('members', () => {
  it('are found by id and by e-mail without case, end users are not', async () => {
    const member = await newMember(tenant);
    const endUser = await newUser(world, tenant);
    const expected = { id: member.id, userIdentifier: { companyUser: { email: member.email } } };
    expect(await find(member.identifier)).toMatchObject(expected);
    expect(await find({ companyUser: { email: member.email.toUpperCase() } })).toMatchObject(
      expected,
    );
    expect(await find({ companyUser: { id: endUser.id } })).toBeNull();
    expect(await find(member.identifier, other)).toBeNull();
  });

  it('are not created by addUser', () =>
    refused(() => add({ companyUser: { email: 'new@example.com' } }), 'INVALID', [
      'input',
      'userIdentifier',
      'companyUser',
    ]));

  it('have no externalId to change', async () => {
    const { identifier } = await newMember(tenant);
    await refused(() => update({ userIdentifier: identifier, newExternalId: 'x' }), 'INVALID', [
      'input',
      'newExternalId',
    ]);
  });

  it('open sessions only by a key that has all that a member can do', async () => {
    const { identifier } = await newMember(tenant);
    const document = `mutation ($u: UserIdentifierInput!) {
      addUserSession(input: { userIdentifier: $u }) { success }
      ensureUserAccess(input: { userIdentifier: $u }) { success userCreated } }`;
    const { addKey } = await keyWith(['users:write', 'permissions:write', 'sessions:write']);
    const { status, errors } = await world.graphql(addKey, document, { u: identifier });
    expect(status).toBe(403);
    expect(errors?.[0].message).toContain('users:read, stations:read, stations:write');
    const { data } = await world.graphql(tenant.key, document, { u: identifier });
    expect(data).toEqual({
      addUserSession: { success: true },
      ensureUserAccess: { success: true, userCreated: false },
    });
  });

  async function keyWith(scopes: string[]) {
    const { secret } = await succeed(
      world.ask(
        tenant.key,
        'mutation ($s: [String!]!) { addApiKey(input: { name: "k", scopes: $s }) { success ' +
          'secret } }',
        { s: scopes },
      ),
    );
    return { addKey: secret as string };
  }

  it.each(['1e3', '0x10', '-1', '9007199254740993', 'x', ''])(
    'are not named by the malformed id %j',
    async (id) => {
      const { status, data, errors } = await world.graphql(
        tenant.key,
        `query ($u: UserIdentifierInput!) { user(userIdentifier: $u) { id } }`,
        { u: { companyUser: { id } } },
      );
      expect({ status, data }).toEqual({ status: 200, data: { user: null } });
      expect(errors?.[0].extensions).toEqual({
        code: 'INVALID',
        path: ['userIdentifier', 'companyUser', 'id'],
      });
    },
  );
});

it('a key that may change but not read users is shown only what it named', async () => {
  const member = await newMember(tenant);
  const { secret } = await succeed(
    world.ask(
      tenant.key,
      'mutation { addApiKey(input: { name: "k", scopes: ["permissions:write"] }) { success ' +
        'secret } }',
    ),
  );
  for (const field of [
    'name',
    'suspended',
    'createdAt',
    'userIdentifier { companyUser { email } }',
  ]) {
    const { status } = await world.graphql(
      secret,
      'mutation ($u: UserIdentifierInput!) { removeDevicePermissions(input: { ' +
        `userIdentifier: $u, deviceIdentifiers: [{ meterId: "x" }] }) { user { id ${field} } } ` +
        '}',
      { u: member.identifier },
    );
    expect({ field, status }).toEqual({ field, status: 403 });
  }
});

describe('removeUser', () => {
  it('ends sessions and permissions, erases the person, keeps the orders', async () => {
    const user = await newUser(world, tenant);
    const device = await newDevice(world, tenant);
    await grant(world, tenant, user.identifier, [device]);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    await succeed(
      world.ask(
        tenant.key,
        'mutation { addOrder(input: { userIdentifier: { externalUser: { externalId: ' +
          `"${user.externalId}" } }, orderId: "kept" }) { success } }`,
      ),
    );
    await succeed(
      world.ask(
        tenant.key,
        'mutation ($u: UserIdentifierInput!) { removeUser(input: { userIdentifier: $u }) { ' +
          'success } }',
        { u: user.identifier },
      ),
    );

    expect((await viewer(accessToken)).status).toBe(401);
    expect(await find(user.identifier)).toBeNull();
    const { results: rows } = await env.DB.prepare(
      'SELECT external_id, name, email, removed_at IS NOT NULL AS removed FROM users WHERE id = ?',
    )
      .bind(Number(user.id))
      .all();
    expect(rows).toEqual([{ external_id: null, name: null, email: null, removed: 1 }]);
    const order = await env.DB.prepare(
      "SELECT user_id, status FROM orders WHERE order_id = 'kept'",
    ).first();
    expect(order).toEqual({ user_id: null, status: 'PLACED' });
    const granted = await env.DB.prepare('SELECT count(*) AS n FROM permissions WHERE user_id = ?')
      .bind(Number(user.id))
      .first();
    expect(granted).toEqual({ n: 0 });
    expect(await env.SESSIONS.list({ prefix: `ses:${accessToken.slice(7, 23)}` })).toMatchObject({
      keys: [],
    });
  });

  it('leaves the externalId free for somebody new, who inherits nothing', async () => {
    const user = await newUser(world, tenant);
    const device = await newDevice(world, tenant);
    await grant(world, tenant, user.identifier, [device]);
    await world.ask(
      tenant.key,
      'mutation ($u: UserIdentifierInput!) { removeUser(input: { userIdentifier: $u }) { ' +
        'success } }',
      { u: user.identifier },
    );
    const again = await newUser(world, tenant, user.externalId);
    expect(again.id).not.toBe(user.id);
    const { devices, orders } = await world.ask(
      tenant.key,
      'query ($u: UserIdentifierInput!) { user(userIdentifier: $u) { devices(first: 5) { ' +
        'nodes { deviceId } } orders { orderId } } }',
      { u: user.identifier },
    );
    expect({ devices, orders }).toEqual({ devices: { nodes: [] }, orders: [] });
  });
});

describe('updateUser', () => {
  it('changes the externalId and keeps everything else', async () => {
    const user = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const newExternalId = fresh('renamed');
    const { user: renamed } = await succeed(
      update({ userIdentifier: user.identifier, newExternalId }),
    );
    expect(renamed).toMatchObject({
      id: user.id,
      userIdentifier: { externalUser: { externalId: newExternalId } },
    });
    expect(await find(user.identifier)).toBeNull();
    expect((await viewer(accessToken)).data.viewer.user.id).toBe(user.id);
  });

  it('refuses an externalId that another user has, and then suspends nobody either', async () => {
    const [one, two] = [await newUser(world, tenant), await newUser(world, tenant)];
    await refused(
      () =>
        update({
          userIdentifier: one.identifier,
          newExternalId: two.externalId,
          suspended: true,
        }),
      'CONFLICT',
      ['input', 'newExternalId'],
    );
  });

  it('suspends: sessions end and no new ones open; and restores', async () => {
    const user = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const suspend = (suspended: boolean) =>
      succeed(update({ userIdentifier: user.identifier, suspended }));
    expect((await suspend(true)).user.suspended).toBe(true);
    expect((await viewer(accessToken)).status).toBe(401);
    for (const call of ['addUserSession', 'ensureUserAccess']) {
      await refused(
        () =>
          world.ask(
            tenant.key,
            `mutation ($u: UserIdentifierInput!) { ${call}(input: { userIdentifier: $u }) { ` +
              'success errors { code path } } }',
            { u: user.identifier },
          ),
        'FORBIDDEN',
        ['input', 'userIdentifier'],
      );
    }
    expect((await suspend(false)).user.suspended).toBe(false);
    expect((await viewer(accessToken)).status).toBe(401);
    await newSession(world, tenant, user.identifier);
  });

  it('of an unknown user is NOT_FOUND', () =>
    refused(() => update({ userIdentifier: external('nobody'), suspended: true }), 'NOT_FOUND', [
      'input',
      'userIdentifier',
      'externalUser',
      'externalId',
    ]));
});

describe('users', () => {
  const list = (of: Tenant, args: string) =>
    world.graphql(
      of.key,
      `{ users(${args}) { nodes { id } edges { cursor node { id } } pageInfo { hasNextPage ` +
        'endCursor } } }',
    );

  it('gives each user once, page by page, end users by externalId and then members', async () => {
    const company = await newTenant(world, 'Listed');
    const externalIds = ['b', 'a', 'é', 'Z', '🔑', 'a-1'];
    const users = await Promise.all(externalIds.map((id) => newUser(world, company, id)));
    const member = await newMember(company);
    const sorted = users
      .toSorted((one, two) =>
        Buffer.compare(Buffer.from(one.externalId), Buffer.from(two.externalId)),
      )
      .map(({ id }) => id);
    const seen: string[] = [];
    let after = '';
    for (let more = true; more; ) {
      const { data } = await list(company, `first: 2${after && `, after: "${after}"`}`);
      seen.push(...data.users.nodes.map(({ id }: Json) => id));
      expect(data.users.edges.map(({ node }: Json) => node)).toEqual(data.users.nodes);
      ({ hasNextPage: more, endCursor: after } = data.users.pageInfo);
    }
    expect(seen).toEqual([...sorted, member.id]);
  });

  it('searches by the beginning of externalId, e-mail or name', async () => {
    const company = await newTenant(world, 'Searched');
    const anna = await newUser(world, company, 'anna%_1');
    await newUser(world, company, 'Anna');
    const member = await newMember(company);
    await env.DB.prepare("UPDATE users SET name = 'ANNA%_Member' WHERE id = ?")
      .bind(Number(member.id))
      .run();
    const found = async (search: string) =>
      (await list(company, `first: 9, search: ${JSON.stringify(search)}`)).data.users.nodes.map(
        ({ id }: Json) => id,
      );
    expect(await found('anna%_')).toEqual([anna.id, member.id]);
    expect(await found('aNnA%')).toEqual([member.id]);
    expect(await found(member.email.slice(0, 8).toUpperCase())).toEqual([member.id]);
    for (const [kind, ids] of [
      ['END_USER', [anna.id]],
      ['MEMBER', [member.id]],
    ] as const) {
      const { data } = await list(company, `first: 9, kind: ${kind}, search: "anna%_"`);
      expect(data.users.nodes.map(({ id }: Json) => id)).toEqual(ids);
      const all = (await list(company, `first: 9, kind: ${kind}`)).data.users.nodes;
      expect(all).toHaveLength(kind === 'MEMBER' ? 1 : 2);
    }
    expect(await found('nna')).toEqual([]);
    expect(await found('\u{10ffff}')).toEqual([]);
  });

  it('searches names without case and accents, in letters of all alphabets', async () => {
    const company = await newTenant(world, 'Accents');
    const ids: Record<string, number> = {};
    for (const name of ['Øyvind', 'Özil', 'Étienne', 'Ωμέγα', 'Ёлка', 'Ada']) {
      const fields = memberFields(company, { name: 'A new one' });
      const { id } = (await done(rest(world, company.key, 'POST /user', fields))).user;
      await done(rest(world, company.key, `PATCH /user/${id}`, { name }));
      ids[name] = id;
    }
    const found = async (search: string) =>
      (await list(company, `first: 9, search: ${JSON.stringify(search)}`)).data.users.nodes.map(
        ({ id }: Json) => Number(id),
      );
    for (const [search, name = ''] of [
      ...['øyv', 'OYV', 'Øyvind'].map((search) => [search, 'Øyvind']),
      ...['öz', 'oz', 'o\u0308z', 'ÖZIL'].map((search) => [search, 'Özil']),
      ...['etienne', 'É', 'éTI'].map((search) => [search, 'Étienne']),
      ...['ωμεγ', 'ΩΜΈ'].map((search) => [search, 'Ωμέγα']),
      ...['елк', 'ЁЛ'].map((search) => [search, 'Ёлка']),
      ['åd', 'Ada'],
    ] as [string, string][]) {
      expect(await found(search), search).toEqual([ids[name]]);
    }
    expect(await found('\u0301')).toEqual([]);
    const me = await newStaff(world, company, 2);
    await done(rest(world, me.token, 'PATCH /user/me', { name: 'Ñuñez' }));
    expect(await found('nunez')).toEqual([me.id]);
    await done(rest(world, me.token, 'PATCH /user/me', { name: 'Nobody' }));
    expect(await found('nunez')).toEqual([]);
    // Page by page, in the order of what is searched.
    const { data } = await list(company, 'first: 1, search: "o"');
    const { endCursor } = data.users.pageInfo;
    const { data: others } = await list(company, `first: 9, search: "o", after: "${endCursor}"`);
    expect([...data.users.nodes, ...others.users.nodes].map(({ id }: Json) => Number(id))).toEqual([
      ids.Øyvind,
      ids.Özil,
    ]);
  });

  it('searches addresses in both forms of their domain', async () => {
    const company = await newTenant(world, 'Addresses');
    const email = 'leser@mail.bücher.example';
    const fields = memberFields(company, { email, name: 'Somebody' });
    const { id } = (await done(rest(world, company.key, 'POST /user', fields))).user;
    const found = async (search: string) =>
      (await list(company, `first: 9, search: ${JSON.stringify(search)}`)).data.users.nodes.map(
        ({ id }: Json) => Number(id),
      );
    for (const search of [
      ...['LES', 'leser@', 'leser@mail.', 'leser@mail.bü', 'Leser@Mail.BÜCHER', email],
      ...['leser@mail.xn--bch', 'leser@mail.xn--bcher-kva.example'],
    ]) {
      expect(await found(search), search).toEqual([id]);
    }
    for (const search of ['leser@mail.bö', 'lesen@mail.bü', 'leser@bü']) {
      expect(await found(search), search).toEqual([]);
    }
  });

  it('does not take the cursor of a search for one of the whole list', async () => {
    const company = await newTenant(world, 'Cursors');
    const members = [await newMember(company), await newMember(company)];
    expect(members).toHaveLength(2);
    const { data } = await list(company, 'first: 1, search: "A Mem"');
    const { status, errors } = await list(
      company,
      `first: 1, after: "${data.users.pageInfo.endCursor}"`,
    );
    expect(status).toBe(200);
    expect(errors?.[0].extensions).toEqual({ code: 'INVALID', path: ['after'] });
  });

  it.each([
    ['first: 101', ['first']],
    ['first: 0', ['first']],
    ['first: 1, after: "x"', ['after']],
    [`first: 1, after: "${Buffer.from('[0,1,2,3]').toString('base64url')}"`, ['after']],
    ['first: 1, search: ""', ['search']],
  ])('refuses %s as INVALID with the argument’s path, as a 200', async (args, path) => {
    const { status, errors } = await list(tenant, args);
    expect(status).toBe(200);
    expect(errors?.[0].extensions).toEqual({ code: 'INVALID', path });
  });
});
