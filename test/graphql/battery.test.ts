/** Every operation with every invalid credential, and with every id of somebody else. */
import { beforeAll, describe, expect, it } from 'vitest';
import { MEMBER_SCOPES, type Scope } from '../../src/domain/entities/key.ts';
import { looksOf } from '../looks.ts';
import { documentOf, type GraphqlCase, graphqlCases } from '../operations/cases.ts';
import { LEVELS, type Level, mayCall } from '../operations/levels.ts';
import type { Ids } from '../operations/operation.ts';
import { newReceivers } from '../receiver.ts';
import {
  env,
  expectNoChange,
  expired,
  fresh,
  freshDeviceId,
  grant,
  type Json,
  mistype,
  newDevice,
  newKey,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  refused,
  snapshot,
  succeed,
  type Tenant,
  twinOf,
} from '../world.ts';

newReceivers();
const world = newWorld();
let mine: Tenant;
let my: Ids;
let their: Ids;
let session: string;

async function idsOf(tenant: Tenant): Promise<Ids> {
  const user = await newUser(world, tenant);
  const device = await newDevice(world, tenant);
  await grant(world, tenant, user.identifier, [device]);
  await grant(world, tenant, user.identifier, [device], 'addChargingPermission');
  const { id, accessToken } = await newSession(world, tenant, user.identifier);
  const { order } = await succeed(
    world.ask(
      tenant.key,
      `mutation { addOrder(input: { userIdentifier: { externalUser: { externalId:
        "${user.externalId}" } } }) {
        success order { orderId } } }`,
    ),
  );
  const key = await newKey(world, tenant, ['users:read']);
  const { webhook } = await succeed(
    world.call(tenant.key, 'addWebhook', { url: 'https://hooks.example.com/' }, 'webhook { id }'),
  );
  const free = await newDevice(world, tenant);
  return {
    tenantId: tenant.id,
    userId: user.id,
    externalId: user.externalId,
    ...device,
    freeDeviceId: free.deviceId,
    stockDeviceId: freshDeviceId(),
    newDeviceId: freshDeviceId(),
    orderId: order.orderId,
    processingOrderId: order.orderId,
    sessionId: id,
    accessToken,
    keyId: key.id,
    webhookId: webhook.id,
    eventCursor: '',
    leakedKeyId: key.id,
  };
}

beforeAll(async () => {
  mine = await newTenant(world, 'Mine');
  my = await idsOf(mine);
  their = await idsOf(await newTenant(world, 'Theirs'));
  session = my.accessToken;
});

const each = graphqlCases();
const byKeys = each.filter(({ by }) => by.includes('key'));
const scopesOf = ({ entry }: GraphqlCase) => entry.scopes ?? [];

/** Whether a member of a key may do it: nothing that only members of a level may. */
const isWithin = (cap: readonly Scope[], one: GraphqlCase): boolean =>
  ['key', 'session'].some((kind) => one.entry.by.some((by) => by === kind)) &&
  scopesOf(one).every((scope) => cap.includes(scope));

/** Sends a call about these ids. */
function send(one: GraphqlCase, credential: string | null, ids: Ids, isolate = world) {
  const { query, variables } = documentOf(one, ids);
  return isolate.graphql(credential, query, variables);
}

async function deadCredentials(): Promise<Record<string, string>> {
  const user = await newUser(world, mine);
  const openSession = async () => (await newSession(world, mine, user.identifier)).accessToken;
  const revokedSession = await openSession();
  await world.ask(
    mine.key,
    `mutation { removeUserSession(input: { accessToken: "${revokedSession}" }) { success } }`,
  );
  const removed = await newKey(world, mine, ['users:read']);
  await world.ask(
    mine.key,
    `mutation { removeApiKey(input: { id: "${removed.id}" }) { success } }`,
  );
  return {
    'a forged key': `lk_key_${'A'.repeat(40)}${'0'.repeat(20)}`,
    'a forged session': `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`,
    'a forged operator key': `lk_op_${'A'.repeat(43)}`,
    'a mistyped key': mistype(mine.key),
    'a mistyped session': mistype(session),
    'a truncated key': mine.key.slice(0, -1),
    'a key that shares its id with a real one': twinOf(mine.key),
    'a session that shares its id with a real one': twinOf(session),
    'a key with its kind changed': mine.key.replace('key', 'ses'),
    'no credential of ours': 'eyJhbGciOiJIUzI1NiJ9.e30.x',
    'an expired key': await expired('api_keys', (await newKey(world, mine, ['users:read'])).secret),
    'an expired session': await expired('sessions', await openSession()),
    'a removed key': removed.secret,
    'a revoked session': revokedSession,
  };
}

describe('who is not known is told so, and nothing more', () => {
  it.each(each)('$name without a credential is 401 with a challenge', async (one) => {
    const before = await snapshot();
    const { status, headers, data, errors } = await send(one, null, my);
    expect({ status, data }).toEqual({ status: 401, data: undefined });
    expect(headers.get('WWW-Authenticate')).toBe('Bearer realm="latchkey"');
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
    expect(await snapshot()).toBe(before);
  });

  it('every bad credential is 401, in the same words, for every operation', async () => {
    const dead = await deadCredentials();
    const before = await snapshot();
    const isolate = newWorld();
    const said = new Map<string, Set<string>>();
    for (const credential of Object.values(dead)) {
      for (const one of each) {
        const { status, headers, data, errors } = await send(one, credential, my, isolate);
        expect([status, headers.get('WWW-Authenticate'), data ?? null]).toEqual([
          401,
          'Bearer realm="latchkey", error="invalid_token"',
          null,
        ]);
        const looks = looksOf(credential);
        said.set(looks, (said.get(looks) ?? new Set()).add(JSON.stringify(errors)));
      }
    }
    const plain =
      'The credential is not valid. Send a current one as "Authorization: Bearer <credential>".';
    for (const [looks, answers] of said) {
      expect([looks, answers.size]).toEqual([looks, 1]);
      const [error] = JSON.parse([...answers][0] ?? '');
      expect(error).toEqual({
        message: expect.stringContaining(plain),
        extensions: { code: 'UNAUTHENTICATED' },
      });
      expect([looks, error.message === plain]).toEqual([looks, /^(key|ses|op)$/.test(looks)]);
    }
    expect(await snapshot()).toBe(before);
  });

  it.each(['Basic YTpi', 'Bearer', 'Bearer  ', 'lk_key_x', `Bearer a, Bearer b`])(
    'an Authorization header that is no bearer token is 401: %s',
    async (Authorization) => {
      const response = await world.fetch(
        new Request('http://latchkey.test/graphql', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Authorization },
          body: JSON.stringify({ query: '{ caller { kind } }' }),
        }),
      );
      expect(response.status).toBe(401);
    },
  );
});

describe('who is known and may not is told so', () => {
  const credentials = {
    key: () => mine.key,
    operator: () => operator,
    session: () => session,
  } as const;

  it.each(each)('$name with another kind of credential is 403', async (one) => {
    const before = await snapshot();
    for (const kind of ['key', 'operator', 'session'] as const) {
      if (one.by.includes(kind)) continue;
      const { status, data, errors } = await send(one, credentials[kind](), my);
      expect({ kind, status, data }).toEqual({ kind, status: 403, data: undefined });
      expect(errors).toMatchObject([
        {
          message: expect.stringMatching(/^A credential of this kind cannot do this\. It needs /),
          path: [one.operation],
          extensions: { code: 'FORBIDDEN' },
        },
      ]);
    }
    expect(await snapshot()).toBe(before);
  });

  it.each(each.filter((one) => scopesOf(one).length > 0))(
    '$name with a key that lacks one of its scopes is 403',
    async (one) => {
      const all = (await world.ask(mine.key, '{ caller { scopes } }')).scopes as string[];
      for (const lacking of scopesOf(one)) {
        const key = await newKey(
          world,
          mine,
          all.filter((scope) => scope !== lacking),
        );
        const before = await snapshot();
        const { status, errors } = await send(one, key.secret, my);
        expect(status).toBe(403);
        expect(errors).toMatchObject([
          {
            message: `This API key lacks the scopes that this needs: ${lacking}.`,
            path: [one.operation],
            extensions: { code: 'FORBIDDEN' },
          },
        ]);
        expect(await snapshot()).toBe(before);
      }
    },
  );

  it.each(byKeys)('$name needs no more than its scopes', async (one) => {
    const scopes = scopesOf(one);
    const { secret } = await newKey(world, mine, scopes.length > 0 ? [...scopes] : ['introspect']);
    expect((await send(one, secret, nobody())).status).toBe(200);
  });
});

/** Ids as good as theirs, of nobody. */
const nobody = (): Ids => ({
  tenantId: '4503599627370496',
  userId: '4503599627370497',
  externalId: fresh('nobody'),
  deviceId: freshDeviceId(),
  meterId: fresh('meter'),
  freeDeviceId: freshDeviceId(),
  stockDeviceId: freshDeviceId(),
  newDeviceId: freshDeviceId(),
  orderId: fresh('order'),
  processingOrderId: fresh('order'),
  sessionId: 'NobodysSession00',
  accessToken: mistype(their.accessToken),
  keyId: 'NobodysKey000000',
  webhookId: 'NobodysWebhook00',
  eventCursor: '',
  leakedKeyId: 'NobodysKey000000',
});

describe('what is another tenant’s looks like what does not exist', () => {
  it.each(byKeys)('$name', async (one) => {
    const theirs = () =>
      env.DB.batch(
        ['users', 'sessions', 'orders', 'devices', 'audit_events', 'webhooks'].map((table) =>
          env.DB.prepare(`SELECT * FROM ${table} WHERE tenant_id = ? ORDER BY 1, 2`).bind(
            Number(their.tenantId),
          ),
        ),
      ).then((results) => JSON.stringify(results.map(({ results: rows }) => rows)));
    const before = await theirs();
    const [real, unreal] = [their, nobody()];
    // Each in a tenant of its own, so that neither call sees what the other one did.
    const answers = await Promise.all(
      [real, unreal].map(async (ids) => {
        const caller = await newTenant(world, 'Stranger');
        const { status, data, errors } = await send(one, caller.key, ids);
        return JSON.stringify({ status, data, errors })
          .replaceAll(caller.id, 'the caller')
          .replaceAll(caller.key.slice(7, 23), 'its key');
      }),
    );
    expect(answers[0]).toBe(answers[1]);
    expect(await theirs()).toBe(before);
  });
});

/** Each operation once: its first way. */
const firsts = each.filter(({ name, operation }) => name === operation);

describe('members', () => {
  const sessionOf = async (tenant: Tenant, level: Level) => {
    const member = await newMember(tenant, level);
    const { id, accessToken } = await newSession(world, tenant, member.identifier);
    return { member, sessionId: id, accessToken };
  };

  it('call what their level lets them, as levels.txt says', async () => {
    interface Member {
      name: string;
      level: Level;
      credential: string;
      cap?: readonly Scope[];
    }
    const callers: Member[] = [];
    for (const level of LEVELS) {
      // One of them signs out everywhere.
      callers.push({
        ...{ name: `${level}`, level },
        credential: (await sessionOf(mine, level)).accessToken,
      });
    }
    for (const level of [1, 2] as const) {
      // Of a key that may no more than let members in.
      const cap = [...MEMBER_SCOPES, 'sessions:write'] as const;
      const { secret } = await newKey(world, mine, [...cap]);
      const { accessToken } = await sessionOf({ ...mine, key: secret }, level);
      callers.push({ name: `${level} of a key`, level, credential: accessToken, cap });
    }
    const ids = nobody();
    const rows: string[] = [];
    for (const one of firsts.toSorted((a) => (a.operation === 'removeOwnSessions' ? 1 : -1))) {
      const cells: string[] = [];
      for (const { name, level, credential, cap } of callers) {
        const { status, data, errors } = await send(one, credential, ids);
        cells.push(`${status}`.padEnd(name.length));
        const may = mayCall(level, one) && (!cap || isWithin(cap, one));
        expect([one.name, name, status]).toEqual([one.name, name, may ? 200 : 403]);
        if (may) continue;
        expect(data).toBeUndefined();
        expect(errors).toMatchObject([
          { path: [one.operation], extensions: { code: 'FORBIDDEN' } },
        ]);
      }
      rows.push(`${one.operation.padEnd(28)}${cells.join('  ')}`);
    }
    const head = `${''.padEnd(28)}${callers.map(({ name }) => name.padEnd(3)).join('  ')}`;
    const table = [head, ...rows.sort()].map((row) => `${row.trimEnd()}\n`).join('');
    await expect(table).toMatchFileSnapshot('levels.txt');
  });

  /** What is about a user, and neither changes the user nor ends anything of theirs. */
  const HARMLESS = ['user', 'users', 'checkUserAccess', 'ordersForUser', 'addUser', 'addOrder'];
  /** Words that stand for a user, for what is theirs, and for what all users of it lose. */
  const named = {
    ...{ externalId: 'whose', sessionId: 'which', accessToken: 'token', deviceId: 'DEV' },
    orderId: 'parcel',
  };
  const isAimed = (one: GraphqlCase) => {
    const { query, variables } = documentOf(one, named as Ids);
    return /whose"|which"|token"|parcel"/.test(
      JSON.stringify([query, variables]).replaceAll('\\', ''),
    );
  };
  const aimed = each.filter(
    (one) =>
      mayCall(2, one) &&
      !HARMLESS.includes(one.operation) &&
      (isAimed(one) || one.operation === 'removeAllDevicePermissions') &&
      // Members have no externalId.
      one.name !== 'updateUser renamed',
  );

  /** A call about a member in place of the end user. */
  function sendAbout(one: GraphqlCase, credential: string, ids: Ids, memberId: string) {
    const named = JSON.stringify(documentOf(one, ids))
      .replaceAll(
        JSON.stringify({ externalUser: { externalId: ids.externalId } }),
        JSON.stringify({ companyUser: { id: memberId } }),
      )
      .replaceAll(
        `{ externalUser: { externalId: \\"${ids.externalId}\\" } }`,
        `{ companyUser: { id: \\"${memberId}\\" } }`,
      );
    const { query, variables } = JSON.parse(named);
    return world.graphql(credential, query, variables);
  }

  async function target(level: Level): Promise<{ ids: Ids; memberId: string }> {
    const { member, sessionId, accessToken } = await sessionOf(mine, level);
    const device = await newDevice(world, mine);
    await grant(world, mine, member.identifier, [device]);
    await grant(world, mine, member.identifier, [device], 'addChargingPermission');
    const orderId = fresh('order');
    const order = { userIdentifier: member.identifier, orderId };
    await succeed(world.call(mine.key, 'addOrder', order));
    const ids = { ...my, ...device, sessionId, accessToken, orderId };
    return { ids, memberId: member.id };
  }

  it.each(aimed)('do not reach above their own level: $name', async (one) => {
    const [first, second] = [await sessionOf(mine, 1), await sessionOf(mine, 2)];
    const above = await target(1);
    const before = await snapshot();
    const { data, errors } = await sendAbout(one, second.accessToken, above.ids, above.memberId);
    const [payload] = Object.values(data ?? {}) as Json[];
    const complaint = payload?.errors?.[0] ?? {
      code: errors?.[0].extensions.code,
      message: errors?.[0].message,
    };
    expect(complaint).toMatchObject({
      code: 'FORBIDDEN',
      message: 'This user’s level is above your own.',
    });
    expect(await snapshot()).toBe(before);

    // Whoever is on that level, or above the user, may.
    for (const [credential, { ids, memberId }] of [
      [first.accessToken, above],
      [second.accessToken, await target(2)],
    ] as const) {
      const done = await sendAbout(one, credential, ids, memberId);
      expect(done.errors).toBeUndefined();
      if ('input' in one.entry) {
        expect(Object.values(done.data)).toMatchObject([{ success: true, errors: [] }]);
      }
    }
  });

  it('do not remove or suspend the last administrator, but a key does', async () => {
    const company = await newTenant(world);
    const { member, accessToken } = await sessionOf(company, 1);
    const userIdentifier = member.identifier;
    const calls = [
      ['updateUser', { userIdentifier, suspended: true }],
      ['removeUser', { userIdentifier }],
    ] as const;
    for (const [call, input] of calls) {
      await expectNoChange(
        () => world.call(accessToken, call, input),
        refused('FORBIDDEN userIdentifier'),
      );
    }
    for (const [call, input] of calls) await succeed(world.call(company.key, call, input));
  });
});
