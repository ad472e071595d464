/** How a hostile colleague, key or tenant might take over an account, or keep access. */
import { describe, expect, it } from 'vitest';
import { SCOPES, type Scope } from '../../src/domain/entities/key.ts';
import { d1Held, watchD1 } from '../doubles/d1.ts';
import { newOutbox, type SentMail, tokensIn } from '../doubles/mail.ts';
import { PASSWORD } from '../secrets.ts';
import {
  callOf,
  env,
  fresh,
  type Json,
  newKey,
  newTenant,
  newWorld,
  refused,
  snapshot,
  succeed,
  type Tenant,
  type World,
} from '../world.ts';
import { done, memberFields, newProject, newStaff, newStation, rest } from './company.ts';

const world = newWorld();
const CHOSEN = 'mallory chose this one';

/** D1 as it is, but further away. */
const slow = newWorld({
  DB: watchD1({ before: () => scheduler.wait(2 + Math.random() * 13) }).DB,
});

const elsewhere = () => ({ 'CF-Connecting-IP': fresh('address') });
const signIn = (email: string, password = PASSWORD, more = {}) =>
  rest(world, null, 'POST /authenticate', { email, password, ...more }, elsewhere());
const setPassword = (reset_token: string, password = CHOSEN) =>
  rest(world, null, 'POST /password', { reset_token, password }, elsewhere());
const resetToken = async (credential: string, id: number): Promise<string> =>
  (await done(rest(world, credential, `POST /user/${id}/password-reset`))).reset_token;

async function newSignedUp(of: Tenant, more: object = {}): Promise<Json> {
  const { user } = await done(rest(world, of.key, 'POST /user', memberFields(of, more)));
  await done(setPassword(await resetToken(of.key, user.id), PASSWORD));
  return user;
}

const change = (of: Tenant, id: number, fields: object) =>
  done(rest(world, of.key, `PATCH /user/${id}`, fields));

describe('a call that was under way when its member was disabled, demoted or removed', () => {
  it.each([
    ['disabled', { status: 0 }],
    ['demoted', { member_level_id: 4 }],
  ])('changes nothing of that: %s', async (_, fields) => {
    for (let run = 0; run < 3; run++) {
      const tenant = await newTenant(world);
      await newStaff(world, tenant, 1);
      const staff = await newStaff(world, tenant, 1);
      const calls: Promise<unknown>[] = [];
      let over = false;
      const flood = (async () => {
        while (!over) {
          const undo = { status: 1, member_level_id: 1 };
          calls.push(rest(slow, staff.token, `PATCH /user/${staff.id}`, undo));
          await scheduler.wait(4);
        }
      })();
      await scheduler.wait(40);
      await done(rest(slow, tenant.key, `PATCH /user/${staff.id}`, fields));
      over = true;
      await flood;
      await Promise.all(calls);
      const { user } = await done(rest(world, tenant.key, `GET /user/${staff.id}`));
      expect(user).toMatchObject(fields);
    }
  });

  describe.each([
    ['removed', (tenant: Tenant, id: number) => rest(world, tenant.key, `DELETE /user/${id}`)],
    ['demoted', (tenant: Tenant, id: number) => change(tenant, id, { member_level_id: 4 })],
  ])('%s meanwhile', (_, meanwhile) => {
    const late = async (
      tenant: Tenant,
      send: (late: World, token: string) => Promise<Response>,
    ) => {
      const { token, id } = await newStaff(world, tenant, 1);
      const { DB, reached, release } = d1Held(2, 'before');
      const answer = send(newWorld({ DB }), token);
      await reached;
      await meanwhile(tenant, id);
      release();
      return { status: (await answer).status, token };
    };

    it('makes nobody else what it was', async () => {
      const tenant = await newTenant(world);
      const staff = await newStaff(world, tenant, 1);
      const statusOf = async (call: string, body?: object) => {
        const [method = '', path = ''] = call.split(' ');
        const headers = { 'Content-Type': 'application/json' };
        const init = body ? { method, headers, body: JSON.stringify(body) } : { method };
        return (await late(tenant, (isolate, token) => isolate.send(path, token, init))).status;
      };
      const member = memberFields(tenant, { member_level_id: 1 });
      expect(await statusOf('POST /user', member)).toBe(401);
      expect(await statusOf(`POST /user/${staff.id}/password-reset`)).toBe(401);
      expect(await statusOf('POST /project', { name: 'x' })).toBe(401);
      expect(await statusOf('PATCH /user/me', { name: 'x' })).toBe(401);
    });

    it('signs out all the same', async () => {
      const tenant = await newTenant(world);
      const { status, token } = await late(tenant, (isolate, token) =>
        isolate.send('/session', token, { method: 'DELETE' }),
      );
      expect(status).toBe(204);
      expect((await rest(world, token, 'GET /user/me')).status).toBe(401);
    });
  });
});

describe('a reset token works no longer', () => {
  it('once its user is above who had it made, or sees stations that they do not', async () => {
    const tenant = await newTenant(world);
    const { token } = await newStaff(world, tenant, 2);
    const raised = await newSignedUp(tenant, { member_level_id: 4 });
    const forRaised = await resetToken(token, raised.id);
    await change(tenant, raised.id, { member_level_id: 1 });
    const seeing = await newSignedUp(tenant, { member_level_id: 3 });
    const forSeeing = await resetToken(token, seeing.id);
    const station = await newStation(world, tenant.key, (await newProject(world, tenant.key)).id);
    await change(tenant, seeing.id, { station_ids: [station.id] });
    const plain = await newSignedUp(tenant, { member_level_id: 3 });
    const forPlain = await resetToken(token, plain.id);
    expect((await setPassword(forRaised)).status).toBe(422);
    expect((await setPassword(forSeeing)).status).toBe(422);
    expect((await setPassword(forPlain)).status).toBe(200);
  });

  it.each(['disabled', 'demoted', 'removed', 'a removed key'])(
    'once who had it made is %s',
    async (how) => {
      const tenant = await newTenant(world);
      const target = await newSignedUp(tenant, { member_level_id: 1 });
      const issuer = await newStaff(world, tenant, 1);
      const scopes = ['users:read', 'users:write', 'stations:read', 'stations:write'];
      const key = await newKey(world, tenant, scopes);
      const token = await resetToken(
        how === 'a removed key' ? key.secret : issuer.token,
        target.id,
      );
      if (how === 'disabled') await change(tenant, issuer.id, { status: 0 });
      if (how === 'demoted') await change(tenant, issuer.id, { member_level_id: 4 });
      if (how === 'removed') await done(rest(world, tenant.key, `DELETE /user/${issuer.id}`));
      if (how === 'a removed key') await world.call(tenant.key, 'removeApiKey', { id: key.id });
      expect((await setPassword(token)).status).toBe(422);
      expect((await signIn(target.email)).status).toBe(200);
    },
  );
});

it('whoever stole a session cannot have a token made for its own user', async () => {
  const tenant = await newTenant(world);
  const { id, token } = await newStaff(world, tenant, 1);
  expect((await rest(world, token, `POST /user/${id}/password-reset`)).status).toBe(403);
});

describe('an address that a member of another company takes', () => {
  it('does not stand before whoever signs in by it already', async () => {
    const [theirs, good] = [await newTenant(world), await newTenant(world)];
    const sleeper = await newSignedUp(theirs, { member_level_id: 4 });
    const victim = await newSignedUp(good, { member_level_id: 1 });
    await change(theirs, sleeper.id, { email: victim.email });
    expect((await done(signIn(victim.email))).user.id).toBe(victim.id);
    // The same address again is no other.
    await change(good, victim.id, { email: victim.email.toUpperCase() });
    expect((await done(signIn(victim.email))).user.id).toBe(victim.id);
  });

  it('does not shadow the active one while it is disabled', async () => {
    const [first, second] = [await newTenant(world), await newTenant(world)];
    const email = `${fresh('both')}@example.com`;
    const disabled = await newSignedUp(first, { email });
    const active = await newSignedUp(second, { email });
    await change(first, disabled.id, { status: 0 });
    expect((await done(signIn(email))).user.id).toBe(active.id);
  });
});

it('a key that cannot make a member cannot let one in again', async () => {
  const tenant = await newTenant(world);
  const user = await newSignedUp(tenant, { member_level_id: 1 });
  await change(tenant, user.id, { status: 0 });
  const { secret } = await newKey(world, tenant, ['users:read', 'users:write']);
  expect((await rest(world, secret, `PATCH /user/${user.id}`, { status: 1 })).status).toBe(403);
  const identifier = { companyUser: { id: String(user.id) } };
  const restore = `mutation ($input: UpdateUserInput!) { updateUser(input: $input) { success } }`;
  const { errors } = await world.graphql(secret, restore, {
    input: { userIdentifier: identifier, suspended: false },
  });
  expect(errors?.[0].extensions.code).toBe('FORBIDDEN');
  expect((await signIn(user.email)).status).toBe(400);
  const { errors: none } = await world.graphql(secret, restore, {
    input: { userIdentifier: identifier, suspended: true },
  });
  expect(none).toBeUndefined();
});

const MEMBER: Scope[] = ['users:read', 'users:write', 'stations:read', 'stations:write'];
/** What a key needs to let members in, and no more. */
const NARROW: Scope[] = [...MEMBER, 'sessions:write'];

describe('whoever comes of a key may do no more than the key', () => {
  const outbox = newOutbox();
  const mailing = newWorld(outbox.bindings);
  const identifierOf = (id: number | string) => ({ companyUser: { id: String(id) } });
  const HEAD = { member_level_id: 1 };

  const add = async (of: Tenant, by: string, more: object = HEAD): Promise<Json> =>
    (await done(rest(world, by, 'POST /user', memberFields(of, more)))).user;
  const openFor = async (by: string, id: number): Promise<string> => {
    const input = { userIdentifier: identifierOf(id) };
    const call = world.call(by, 'addUserSession', input, 'session { accessToken }');
    return (await succeed(call)).session.accessToken;
  };
  /** The session of a password that a reset token set, which this credential made. */
  const takeOver = async (by: string, { id, email }: Json): Promise<string> => {
    expect((await setPassword(await resetToken(by, id))).status).toBe(200);
    return signedIn(email, CHOSEN);
  };
  const signedIn = async (email: string, password = PASSWORD): Promise<string> =>
    (await done(signIn(email, password))).token;
  /** The session of a password that a reset token set, which somebody asked for by mail. */
  const byMail = async (email: string): Promise<string> => {
    outbox.takeFor(email);
    await done(rest(mailing, null, 'POST /password-reset', { email }, elsewhere()));
    const [token = ''] = tokensIn(outbox.takeFor(email)[0] as SentMail);
    expect((await setPassword(token)).status).toBe(200);
    return signedIn(email, CHOSEN);
  };
  const addPasskey = ({ id }: Json) =>
    env.DB.prepare(
      `INSERT INTO passkeys
          (id, user_id, name, algorithm, public_key, counter, created_at, change_id)
        VALUES (?, ?, 'A key', -7, 'x', 0, 1, 'x')`,
    )
      .bind(fresh('passkey'), id)
      .run();
  const moved = () => `${fresh('mallory')}@example.com`;
  const patch = (by: string, id: number, fields: object, on = world) =>
    done(rest(on, by, `PATCH /user/${id}`, fields));

  /** How a key comes to the session of a member. */
  const ways: Record<string, (of: Tenant, key: string) => Promise<string>> = {
    'it opens one for a head': async (of, key) => openFor(key, (await newStaff(world, of, 1)).id),
    'it adds a head, and opens one': async (of, key) => openFor(key, (await add(of, key)).id),
    'it adds a head, and sets the password': async (of, key) => takeOver(key, await add(of, key)),
    'it adds a head, whom the company opens one': async (of, key) =>
      openFor(of.key, (await add(of, key)).id),
    'it raises a clerk that it added': async (of, key) => {
      const clerk = await add(of, key, { member_level_id: 4 });
      await patch(key, clerk.id, HEAD);
      return openFor(of.key, clerk.id);
    },
    'it raises a clerk that is signed in': async (of, key) => {
      const clerk = await newSignedUp(of, { member_level_id: 4 });
      const token = await signedIn(clerk.email);
      await patch(key, clerk.id, HEAD);
      return token;
    },
    'it raises a clerk whom the company has sent a reset token': async (of, key) => {
      const clerk = await newSignedUp(of, { member_level_id: 4 });
      const token = await resetToken(of.key, clerk.id);
      await patch(key, clerk.id, HEAD);
      expect((await setPassword(token)).status).toBe(200);
      return signedIn(clerk.email, CHOSEN);
    },
    'it resets the password of a head': async (of, key) =>
      takeOver(key, await newSignedUp(of, HEAD)),
    'a head has the password that it set, and another one since': async (of, key) => {
      const head = await newSignedUp(of, HEAD);
      const change = { password: PASSWORD, old_password: CHOSEN };
      await done(rest(world, await takeOver(key, head), 'PATCH /user/me', change));
      return signedIn(head.email);
    },
    'it adds a head, resets the password, and asks by mail': async (of, key) => {
      const head = await add(of, key, { ...HEAD, email: moved() });
      await resetToken(key, head.id);
      return byMail(head.email);
    },
    'it leads the mails of a head elsewhere': async (of, key) => {
      const head = await newSignedUp(of, HEAD);
      const email = moved();
      await patch(key, head.id, { email }, mailing);
      return byMail(email);
    },
    'it restores a head': async (of, key) => {
      const head = await newSignedUp(of, HEAD);
      await patch(of.key, head.id, { status: 0 });
      await patch(key, head.id, { status: 1 });
      return signedIn(head.email);
    },
    'it restores a head over GraphQL': async (of, key) => {
      const head = await newSignedUp(of, HEAD);
      await patch(of.key, head.id, { status: 0 });
      const input = { userIdentifier: identifierOf(head.id), suspended: false };
      await succeed(world.call(key, 'updateUser', input));
      return signedIn(head.email);
    },
    'a head whom it let in adds one, and that one another': async (of, key) => {
      const first = await openFor(key, (await newStaff(world, of, 1)).id);
      const second = await takeOver(first, await add(of, first));
      return openFor(of.key, (await add(of, second)).id);
    },
    'a head whom it let in resets the password of another': async (of, key) =>
      takeOver(await openFor(key, (await newStaff(world, of, 1)).id), await newSignedUp(of, HEAD)),
    'a head whom it let in moves itself': async (of, key) => {
      const head = await newSignedUp(of, HEAD);
      const email = moved();
      await patch(await openFor(key, head.id), head.id, { email }, mailing);
      return byMail(email);
    },
    'its successor opens one': async (of, key) => {
      const { id } = await newStaff(world, of, 1);
      const named = { id: key.split('_')[2]?.slice(0, 16), graceSeconds: 0 };
      const { secret } = await succeed(world.call(of.key, 'rotateApiKey', named, 'secret'));
      return openFor(secret, id);
    },
  };

  /** What takes more than NARROW. */
  const powers: [string, (token: string) => Promise<{ status: number }>][] = [
    ...Object.entries({
      addApiKey: { name: 'x', scopes: SCOPES },
      addWebhook: { url: 'https://hooks.example.com/' },
      addDevicePermissions: {
        userIdentifier: { externalUser: { externalId: 'x' } },
        deviceIdentifiers: [],
      },
      addOrder: { userIdentifier: { externalUser: { externalId: 'x' } } },
    }).map(([name, input]): (typeof powers)[number] => [
      name,
      (token) => world.graphql(token, callOf(name), { input }),
    ]),
    ['apiKeys', (token) => world.graphql(token, '{ apiKeys { id } }')],
    ['auditEvents', (token) => world.graphql(token, '{ auditEvents(first: 1) { nodes { id } } }')],
    ['orders', (token) => world.graphql(token, '{ orders(first: 1) { nodes { id } } }')],
    ['GET /events', (token) => world.send('/events', token)],
  ];

  it.each(Object.entries(ways))('%s', async (_, way) => {
    const tenant = await newTenant(world);
    const { secret } = await newKey(world, tenant, NARROW);
    const token = await way(tenant, secret);
    const before = await snapshot();
    for (const [power, use] of powers) {
      expect([power, (await use(token)).status]).toEqual([power, 403]);
    }
    expect(await snapshot()).toBe(before);
    const { level, scopes } = await world.ask(token, '{ caller { level scopes } }');
    expect([level, [...scopes].sort()]).toEqual([1, [...NARROW].sort()]);
    // All that a member does at REST goes on, and what the key does at GraphQL.
    const project = await newProject(world, token);
    await newStation(world, token, project.id);
    await done(rest(world, token, `DELETE /user/${(await add(tenant, token)).id}`));
    const input = { userIdentifier: { externalUser: { externalId: fresh('user') } } };
    for (const call of ['addUser', 'removeUserSessions', 'removeUser']) {
      await succeed(world.call(token, call, input));
    }
  });

  it.each<[string, (head: Json) => Promise<string>]>([
    ['by the password alone', ({ email }) => signedIn(email)],
    ['by mail', ({ email }) => byMail(email)],
  ])('a head whose second factor it removed signs in %s', async (_, enter) => {
    const tenant = await newTenant(world);
    const { secret } = await newKey(world, tenant, NARROW);
    const head = await newSignedUp(tenant, HEAD);
    await addPasskey(head);
    expect((await signIn(head.email)).status).toBe(400);
    await done(rest(world, secret, `DELETE /user/${head.id}/second-factor`));
    const token = await enter(head);
    expect((await world.graphql(token, '{ apiKeys { id } }')).status).toBe(403);
    const { scopes } = await world.ask(token, '{ caller { scopes } }');
    expect([...scopes].sort()).toEqual([...NARROW].sort());
    // Removing none bounds nothing.
    const other = await newSignedUp(tenant, HEAD);
    await done(rest(world, secret, `DELETE /user/${other.id}/second-factor`));
    const free = await signedIn(other.email);
    expect((await world.graphql(free, '{ apiKeys { id } }')).status).toBe(200);
  });

  it('a head whose passkeys it ends, as it ends what another key made', async () => {
    const tenant = await newTenant(world);
    const { id } = await newStaff(world, tenant, 1);
    const head: Json = { id, email: moved() };
    await patch(tenant.key, id, { email: head.email });
    const keys = [...NARROW, 'keys:write'] as const;
    const [leaked, cleaner] = [
      await newKey(world, tenant, NARROW),
      await newKey(world, tenant, [...keys]),
    ];
    await takeOver(leaked.secret, head);
    await addPasskey(head);
    await succeed(world.call(cleaner.secret, 'removeApiKey', { id: leaked.id, endMinted: true }));
    const { scopes } = await world.ask(await byMail(head.email), '{ caller { scopes } }');
    expect([...scopes].sort()).toEqual([...keys].sort());
  });

  it('ensureUserAccess opens one too', async () => {
    const tenant = await newTenant(world);
    const { secret } = await newKey(world, tenant, [...NARROW, 'permissions:write']);
    const { id } = await newStaff(world, tenant, 1);
    const input = { userIdentifier: identifierOf(id) };
    const fields = 'session { accessToken }';
    const { session } = await succeed(world.call(secret, 'ensureUserAccess', input, fields));
    const keys = await world.graphql(session.accessToken, '{ apiKeys { id } }');
    expect(keys.errors).toMatchObject([
      {
        message:
          'Your account, password or session comes from an API key, and does no more than that ' +
          'key. It lacks: keys:write.',
        extensions: { code: 'FORBIDDEN' },
      },
    ]);
  });

  it('a head of a key that makes keys makes none with more, and takes over none', async () => {
    const tenant = await newTenant(world);
    const { secret } = await newKey(world, tenant, [...NARROW, 'keys:write']);
    const token = await openFor(secret, (await newStaff(world, tenant, 1)).id);
    const full = await newKey(world, tenant, [...SCOPES]);
    const more = world.call(token, 'addApiKey', { name: 'x', scopes: [...MEMBER, 'audit:read'] });
    expect(await more).toMatchObject(refused('FORBIDDEN scopes'));
    for (const call of ['rotateApiKey', 'removeApiKey']) {
      expect(await world.call(token, call, { id: full.id })).toMatchObject(refused('FORBIDDEN id'));
    }
    const same = world.call(token, 'addApiKey', { name: 'x', scopes: NARROW }, 'secret');
    const made = (await succeed(same)).secret;
    const further = await openFor(made, (await newStaff(world, tenant, 1)).id);
    expect((await world.graphql(further, '{ apiKeys { id } }')).status).toBe(403);
  });

  it('two keys leave what both may', async () => {
    const tenant = await newTenant(world);
    const [one, other] = await Promise.all(
      (['orders:read', 'audit:read'] as const).map((scope) =>
        newKey(world, tenant, [...NARROW, scope]),
      ),
    );
    const clerk = await newSignedUp(tenant, { member_level_id: 4 });
    for (const [key, level] of [
      [one, 3],
      [other, 1],
    ] as const) {
      await patch(key?.secret ?? '', clerk.id, { member_level_id: level });
    }
    const { scopes } = await world.ask(await signedIn(clerk.email), '{ caller { scopes } }');
    expect(scopes.toSorted()).toEqual(NARROW.toSorted());
  });

  /** Whether a member's new session may do all that its level may. */
  const isFree = async (email: string, password = PASSWORD): Promise<boolean> => {
    const token = await signedIn(email, password);
    return (await world.graphql(token, '{ orders(first: 1) { nodes { id } } }')).status === 200;
  };

  /** What becomes of a head whom a narrow key raised, and who has a password of its own. */
  it.each<
    [string, boolean, (of: Tenant, head: Json, other: string) => Promise<string | undefined>]
  >([
    ['the company resets the password', true, async (of, head) => takeOver(of.key, head)],
    ['another head does', true, async (_, head, other) => takeOver(other, head)],
    ['the member forgets the password', false, (_, { email }) => byMail(email)],
    [
      'the company lowers and raises it',
      true,
      async (of, { id }) => {
        await patch(of.key, id, { member_level_id: 2 });
        await patch(of.key, id, HEAD);
        return undefined;
      },
    ],
    [
      'the company only lowers it',
      false,
      async (of, { id }) => {
        await patch(of.key, id, { member_level_id: 2 });
        return undefined;
      },
    ],
    [
      'the company gives it another address',
      true,
      async (of, head) => {
        const email = moved();
        await patch(of.key, head.id, { email }, mailing);
        return byMail(email);
      },
    ],
    [
      'the company disables and restores it',
      false,
      async (of, { id }) => {
        for (const status of [0, 1]) await patch(of.key, id, { status });
        return undefined;
      },
    ],
  ])('%s: it does all of its level: %s', async (_, isAll, then) => {
    const tenant = await newTenant(world);
    const { secret } = await newKey(world, tenant, NARROW);
    const clerk = await newSignedUp(tenant, { member_level_id: 4 });
    await patch(secret, clerk.id, HEAD);
    const { token: other } = await newStaff(world, tenant, 1);
    const token = (await then(tenant, clerk, other)) ?? (await signedIn(clerk.email));
    const { status } = await world.graphql(token, '{ orders(first: 1) { nodes { id } } }');
    expect(status).toBe(isAll ? 200 : 403);
  });

  it('a password that a key reset binds no longer than it works', async () => {
    const tenant = await newTenant(world);
    const { secret } = await newKey(world, tenant, NARROW);
    const head = await newSignedUp(tenant, HEAD);
    await takeOver(secret, head);
    expect(await isFree(head.email, CHOSEN)).toBe(false);
    await byMail(head.email);
    expect(await isFree(head.email, CHOSEN)).toBe(true);
  });

  it('a key with every scope binds nobody, nor does what was there before bounds', async () => {
    const tenant = await newTenant(world);
    const head = await add(tenant, tenant.key);
    await takeOver(tenant.key, head);
    expect(await isFree(head.email, CHOSEN)).toBe(true);
    const { secret } = await newKey(world, tenant, NARROW);
    const token = await openFor(secret, head.id);
    expect((await world.graphql(token, '{ apiKeys { id } }')).status).toBe(403);
    await env.DB.prepare('UPDATE sessions SET cap = NULL WHERE user_id = ?').bind(head.id).run();
    expect((await world.graphql(token, '{ apiKeys { id } }')).status).toBe(200);
  });

  it('a key that only changes users leaves to a member what members do', async () => {
    const tenant = await newTenant(world);
    const { secret } = await newKey(world, tenant, ['users:read', 'users:write']);
    const head = await newSignedUp(tenant, HEAD);
    const email = moved();
    await patch(secret, head.id, { email });
    // Mail comes only later.
    const token = await byMail(email);
    await newProject(world, token);
    const { scopes } = await world.ask(token, '{ caller { scopes } }');
    expect(scopes.toSorted()).toEqual(MEMBER.toSorted());
  });
});

describe('a body that is there to be parsed', () => {
  it.each([
    ['of 65,000 stations that are none', { station_ids: Array(65_000).fill(0) }, 422],
    ['of 490,000 of them', { station_ids: Array(490_000).fill(0) }, 422],
    ['of 71,000 parts', new URLSearchParams(Array(71_000).fill(['station_ids', 'x'])), 400],
  ])('%s is refused for less', async (_, body, status) => {
    const tenant = await newTenant(world);
    const answer = await rest(world, tenant.key, 'POST /user', body);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body).length).toBeLessThan(1_000);
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'whose type is "%s" has no type',
    async (type) => {
      const tenant = await newTenant(world);
      const call = rest(world, tenant.key, 'POST /project', '{}', { 'Content-Type': type });
      expect((await call).status).toBe(415);
    },
  );
});
