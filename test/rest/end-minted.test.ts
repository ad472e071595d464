/** All that a member made ends with the member, if the call asks for it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newReceivers } from '../receiver.ts';
import { PASSWORD } from '../secrets.ts';
import {
  expectNoChange,
  fresh,
  type Json,
  newSession,
  newTenant,
  newWorld,
  succeed,
  type Tenant,
} from '../world.ts';
import { done, memberFields, newStaff, rest } from './company.ts';

newReceivers();
const world = newWorld();
const END = { end_minted: 1 };
let tenant: Tenant;
let head: Awaited<ReturnType<typeof newStaff>>;
/** Who did what should end. */
let rogue: Awaited<ReturnType<typeof newStaff>>;

beforeEach(async () => {
  tenant = await newTenant(world);
  head = await newStaff(world, tenant, 1);
  rogue = await newStaff(world, tenant, 1);
});

const elsewhere = () => ({ 'CF-Connecting-IP': fresh('address') });
const setPassword = async (reset_token: string) =>
  (await rest(world, null, 'POST /password', { reset_token, password: PASSWORD }, elsewhere()))
    .status;
const signIn = (email: string) =>
  rest(world, null, 'POST /authenticate', { email, password: PASSWORD }, elsewhere());
const resetToken = async (by: string, id: number): Promise<string> =>
  (await done(rest(world, by, `POST /user/${id}/password-reset`))).reset_token;
const addMember = async (by: string, more = {}): Promise<Json> =>
  (await done(rest(world, by, 'POST /user', memberFields(tenant, more)))).user;
const change = (by: string, id: number, fields: object) =>
  rest(world, by, `PATCH /user/${id}`, fields);
const statusOf = async (id: number): Promise<0 | 1> =>
  (await done(rest(world, tenant.key, `GET /user/${id}`))).user.status;
const lives = async (token: string): Promise<boolean> =>
  (await world.send(`/verify/${tenant.id}?consistency=strict`, token)).status === 204;

/** By a member: a key, another that it was rotated to, and a webhook. */
async function makeThings(by: string) {
  const fields = 'apiKey { id name } secret';
  const given = async (mutation: string, input: object) => {
    const { apiKey, secret } = await succeed(world.call(by, mutation, input, fields));
    return { ...apiKey, secret };
  };
  const scopes = ['users:read'];
  const key = await given('addApiKey', { name: fresh('key'), scopes });
  const old = await succeed(
    world.call(tenant.key, 'addApiKey', { name: fresh('key'), scopes }, 'apiKey { id }'),
  );
  const rotated = await given('rotateApiKey', { id: old.apiKey.id, graceSeconds: 0 });
  const url = 'https://hooks.example.com/';
  const { webhook } = await succeed(world.call(by, 'addWebhook', { url }, 'webhook { id url }'));
  return { key, rotated, webhook };
}
const isWorking = async (key: string): Promise<boolean> =>
  (await newWorld().graphql(key, '{ caller { kind } }')).status === 200;

describe.each<[string, (by: string, more?: object) => Promise<Json>]>([
  ['removed', (by, more) => done(rest(world, by, `DELETE /user/${rogue.id}`, more))],
  [
    'removed, by the query',
    (by, more) => done(rest(world, by, `DELETE /user/${rogue.id}?${more ? 'end_minted=1' : ''}`)),
  ],
  ['disabled', (by, more) => done(change(by, rogue.id, { status: 0, ...more }))],
  ['demoted', (by, more) => done(change(by, rogue.id, { member_level_id: 4, ...more }))],
])('a member who is %s', (_, act) => {
  it('takes what they made along, and what that made', async () => {
    const added = await addMember(rogue.token);
    const addedToken = (await newSession(world, tenant, { companyUser: { id: String(added.id) } }))
      .accessToken;
    const further = await addMember(addedToken);
    const victim = await addMember(head.token);
    const token = await resetToken(rogue.token, victim.id);
    expect(await setPassword(token)).toBe(200);
    const taken = (await done(signIn(victim.email))).token;
    const left = await addMember(taken);

    await act(head.token, END);
    expect(await statusOf(added.id)).toBe(0);
    expect(await statusOf(further.id)).toBe(0);
    expect(await lives(addedToken)).toBe(false);
    expect(await statusOf(victim.id)).toBe(1);
    expect(await lives(taken)).toBe(false);
    expect((await signIn(victim.email)).status).toBe(400);
    expect(await statusOf(left.id)).toBe(0);
    expect(await lives(head.token)).toBe(true);
  });

  it('leaves it where nobody asks for that, and tells what goes on', async () => {
    const added = await addMember(rogue.token);
    const victim = await addMember(head.token);
    expect(await setPassword(await resetToken(rogue.token, victim.id))).toBe(200);
    const { key, rotated, webhook } = await makeThings(rogue.token);
    await makeThings(head.token);
    const { made } = await act(head.token);
    expect(made).toEqual({
      api_keys: [key, rotated].map(({ id, name }) => ({ id, name })),
      webhooks: [webhook],
      users: [{ id: added.id, name: added.name }],
    });
    expect([await statusOf(added.id), await statusOf(victim.id)]).toEqual([1, 1]);
    expect(await isWorking(key.secret)).toBe(true);
    await done(signIn(victim.email));
  });

  it('takes keys and webhooks along, also keys that it rotated', async () => {
    const { key, rotated, webhook } = await makeThings(rogue.token);
    const others = await makeThings(head.token);
    const { made } = await act(head.token, END);
    expect(made).toEqual({ api_keys: [], webhooks: [], users: [] });
    expect(await isWorking(key.secret)).toBe(false);
    expect(await isWorking(rotated.secret)).toBe(false);
    expect(await isWorking(others.key.secret)).toBe(true);
    const webhooks = await world.ask(tenant.key, '{ webhooks { id enabled } }');
    const enabled = webhooks.map(({ id, enabled: on }: Json) => [id, on]);
    expect(Object.fromEntries(enabled)).toEqual({
      [webhook.id]: false,
      [others.webhook.id]: true,
    });
  });
});

it('keys that a member made end likewise, be the member neither disabled nor demoted', async () => {
  const { key } = await makeThings(rogue.token);
  await done(change(tenant.key, rogue.id, END));
  expect(await isWorking(key.secret)).toBe(false);
  // What the member is stays, where nothing else is said.
  expect([await statusOf(rogue.id), await lives(rogue.token)]).toEqual([1, true]);
});

describe('a member who asks for it', () => {
  it('ends nobody above them, and no password of such', async () => {
    const second = await newStaff(world, tenant, 2);
    const made = await newStaff(world, tenant, 2);
    const added = await addMember(made.token);
    const raised = await addMember(made.token);
    expect(await setPassword(await resetToken(made.token, raised.id))).toBe(200);
    await done(change(tenant.key, raised.id, { member_level_id: 1 }));
    const token = (await done(signIn(raised.email))).token;
    await done(rest(world, second.token, `DELETE /user/${made.id}?end_minted=1`));
    expect([await statusOf(added.id), await statusOf(raised.id)]).toEqual([0, 1]);
    expect(await lives(token)).toBe(true);
    await done(signIn(raised.email));
  });

  it('does not end themselves, nor the last head of the company', async () => {
    const own = await addMember(rogue.token, { member_level_id: 1 });
    const { accessToken } = await newSession(world, tenant, {
      companyUser: { id: String(own.id) },
    });
    await done(change(tenant.key, head.id, { member_level_id: 4 }));
    await done(rest(world, accessToken, `DELETE /user/${rogue.id}?end_minted=1`));
    expect([await statusOf(own.id), await lives(accessToken)]).toEqual([1, true]);
  });

  it('does not leave with it: who would be left may be ended', async () => {
    await addMember(rogue.token, { member_level_id: 1 });
    const gone = [
      [`DELETE /user/${rogue.id}?end_minted=1`, undefined],
      [`PATCH /user/${rogue.id}`, { status: 0, ...END }],
    ] as const;
    for (const [call, body] of gone) {
      await expectNoChange(() => rest(world, rogue.token, call, body), {
        status: 403,
        errors: { end_minted: expect.any(String) },
      });
    }
    await done(rest(world, head.token, `DELETE /user/${rogue.id}?end_minted=1`));
  });

  it('changes nothing where the call is refused', async () => {
    const neighbour = await newTenant(world, 'Neighbour');
    const second = await newStaff(world, tenant, 2);
    await addMember(rogue.token);
    const calls: [string, object?][] = [
      [`DELETE /user/${rogue.id}?end_minted=1`],
      [`DELETE /user/${rogue.id}`, END],
      [`PATCH /user/${rogue.id}`, { status: 0, ...END }],
    ];
    for (const [call, body] of calls) {
      await expectNoChange(() => rest(world, second.token, call, body), { status: 403 });
      await expectNoChange(() => rest(world, neighbour.key, call, body), { status: 404 });
    }
    await expectNoChange(
      () => rest(world, head.token, `DELETE /user/${rogue.id}`, { end_minted: 2 }),
      { status: 422 },
    );
  });
});
