/** How a hostile colleague, key or tenant might take over an account, or keep access. */
import { describe, expect, it } from 'vitest';
import { d1Held, watchD1 } from '../doubles/d1.ts';
import { PASSWORD } from '../secrets.ts';
import {
  fresh,
  type Json,
  newKey,
  newTenant,
  newWorld,
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
