/** People: their addresses, and their alarms. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assetsWith } from '../doubles/assets.ts';
import { limitOf } from '../doubles/limits.ts';
import { PASSWORD } from '../secrets.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
} from '../world.ts';
import { done, memberFields, newProject, newStaff, newStation, rest } from './company.ts';

const world = newWorld();
let tenant: Tenant;
let head: { id: number; token: string };

beforeAll(async () => {
  tenant = await newTenant(world);
  head = await newStaff(world, tenant, 1);
});

const elsewhere = () => ({ 'CF-Connecting-IP': fresh('network') });
const post = (of: Tenant, more: object) =>
  rest(world, of.key, 'POST /user', memberFields(of, more));
const add = async (of: Tenant, more: object): Promise<Json> => (await done(post(of, more))).user;
const patch = (id: number, body: object) => rest(world, head.token, `PATCH /user/${id}`, body);

async function resetOf(of: Tenant, id: number): Promise<string> {
  return (await done(rest(world, of.key, `POST /user/${id}/password-reset`))).reset_token;
}
async function signUp(of: Tenant, email: string, password = PASSWORD): Promise<Json> {
  const user = await add(of, { email });
  const reset_token = await resetOf(of, user.id);
  await done(rest(world, null, 'POST /password', { reset_token, password }, elsewhere()));
  return user;
}
const signIn = (email: string, password = PASSWORD, more: object = {}) =>
  rest(world, null, 'POST /authenticate', { email, password, ...more }, elsewhere());
const found = (email: string): Promise<Json> =>
  world.ask(
    tenant.key,
    `query ($email: String!) {
      user(userIdentifier: { companyUser: { email: $email } }) {
        id userIdentifier { companyUser { email } } } }`,
    { email },
  );

describe('an e-mail address', () => {
  it.each(["o'brien", 'a&b', 'müller', '"john doe"', '用户'])(
    'may begin with %s, and is signed in with in any letter case, blanks around it or not',
    async (local) => {
      const email = `${local}@${fresh('shop')}.example`;
      const user = await signUp(tenant, email);
      expect(user.email).toBe(email);
      for (const typed of [email, email.toUpperCase(), `  ${email}\t`, `\u00a0${email}\n`]) {
        expect((await done(signIn(typed))).user.id, typed).toBe(user.id);
      }
      expect((await found(email.toUpperCase())).id).toBe(String(user.id));
    },
  );

  it('has one domain in both of its forms, and is shown as it was given', async () => {
    const local = fresh('reader');
    const [given, ascii] = [`${local}@bücher.example`, `${local}@xn--bcher-kva.example`];
    const user = await signUp(tenant, given);
    expect(user.email).toBe(given);
    for (const email of [ascii, ascii.toUpperCase(), given, given.toUpperCase()]) {
      const { user: signedIn, token } = await done(signIn(email));
      expect([signedIn.id, signedIn.email]).toEqual([user.id, given]);
      const { username } = await (
        await world.send('/introspect', tenant.key, {
          method: 'POST',
          body: new URLSearchParams({ token }),
        })
      ).json<Json>();
      expect(username).toBe(given);
      expect(await found(email)).toEqual({
        id: String(user.id),
        userIdentifier: { companyUser: { email: given } },
      });
      const checked = await world.ask(
        tenant.key,
        `query ($email: String!, $token: String!) {
          checkUserAccess(input: { userIdentifier: { companyUser: { email: $email } }, accessToken:
          $token, deviceIdentifiers: [] }) {
            sessionValid allowed } }`,
        { email, token },
      );
      expect(checked).toEqual({ sessionValid: true, allowed: true });
      expect((await post(tenant, { email })).status).toBe(409);
    }
  });

  it('that changes to its other form is the same: nothing ends', async () => {
    const local = fresh('reader');
    const [given, ascii] = [`${local}@bücher.example`, `${local}@xn--bcher-kva.example`];
    const user = await signUp(tenant, given);
    const { token } = await done(signIn(given));
    expect((await done(patch(user.id, { email: ascii }))).user.email).toBe(ascii);
    expect((await done(patch(user.id, { email: given.toUpperCase() }))).user.email).toBe(given);
    await done(rest(world, token, 'GET /user/me'));
    await done(signIn(ascii));
    await done(patch(user.id, { email: `${local}@büchlein.example` }));
    expect((await rest(world, token, 'GET /user/me')).status).toBe(401);
  });

  it('is one across companies: its passwords have one salt, and its tries one limit', async () => {
    const other = await newTenant(world);
    const local = fresh('reader');
    const one = await signUp(tenant, `${local}@bücher.example`);
    const two = await signUp(other, `${local}@xn--bcher-kva.example`, 'another long password');
    const recipe = async ({ id }: Json) =>
      (
        await env.DB.prepare('SELECT hash FROM passwords WHERE user_id = ?').bind(id).first<Json>()
      ).hash
        .split('$', 4)
        .join('$');
    expect(await recipe(two)).toBe(await recipe(one));
    const { user } = await done(signIn(`${local}@bücher.example`, 'another long password'));
    expect(user.id).toBe(two.id);

    const { keys, binding } = limitOf(100);
    const counted = newWorld({ TRIES_BY_ACCOUNT: binding });
    const forms = [`${local}@bücher.example`, ` ${local}@XN--bcher-kva.example`];
    for (const email of forms) {
      await rest(counted, null, 'POST /authenticate', { email, password: 'wrong password' });
    }
    expect(keys.size).toBe(1);
  });

  it('that only looks like another’s is refused, and finds nobody', async () => {
    const local = fresh('bok');
    const user = await signUp(tenant, `${local}@example.com`);
    for (const email of [
      `${local.replace('k', '\u212a')}@example.com`,
      `${local.replace('b', '\uff42')}@example.com`,
    ]) {
      await expectNoChange(() => post(tenant, { email }), {
        status: 422,
        errors: { email: expect.stringContaining('e-mail address') },
      });
      await expectNoChange(() => patch(user.id, { email }), { status: 422 });
      expect((await signIn(email)).status).toBe(400);
      expect(await found(email)).toBe(null);
      const search = email.slice(0, 3);
      const listed = await world.ask(
        tenant.key,
        'query ($search: String!) { users(first: 9, search: $search) { nodes { id } } }',
        { search },
      );
      expect(listed.nodes).toEqual([]);
    }
  });

  it('goes with its user, in every form', async () => {
    const user = await add(tenant, { email: `${fresh('gone')}@bücher.example`, name: 'Özil' });
    await done(rest(world, tenant.key, `DELETE /user/${user.id}`));
    const row = await env.DB.prepare(
      'SELECT email, address, name, name_folded FROM users WHERE id = ?',
    )
      .bind(user.id)
      .first();
    expect(row).toEqual({ email: null, address: null, name: null, name_folded: null });
  });
});

describe('alarms by voice, and the time zone that a user prefers', () => {
  const NUMBER = '+1 555 555 5555';
  const wanted = { alarm_voice: 1, timezone_pref_id: 2 };

  it('are off, and the station’s, where nothing is said', async () => {
    expect(await add(tenant, {})).toMatchObject({ alarm_voice: 0, timezone_pref_id: 3 });
  });

  it('are kept when users are created and changed, also by themselves, and shown', async () => {
    const email = `${fresh('told')}@example.com`;
    const user = await add(tenant, { email, phone: NUMBER, ...wanted });
    expect(user).toMatchObject(wanted);
    const id = user.id;
    const told = async () => {
      const { users } = await done(rest(world, head.token, 'GET /user?per_page=100'));
      return [
        users.find((one: Json) => one.id === id),
        (await done(rest(world, head.token, `GET /user/${id}`))).user,
      ];
    };
    for (const one of await told()) expect(one).toMatchObject(wanted);

    const other = { alarm_voice: 0, timezone_pref_id: 1 };
    expect((await done(patch(id, other))).user).toMatchObject(other);
    for (const one of await told()) expect(one).toMatchObject(other);

    const reset_token = await resetOf(tenant, id);
    await done(rest(world, null, 'POST /password', { reset_token, password: PASSWORD }));
    const signedIn = await done(signIn(email));
    expect(signedIn.user).toMatchObject(other);
    const form = new URLSearchParams({ alarm_voice: '1', timezone_pref_id: '2' });
    const { token } = signedIn;
    expect((await done(rest(world, token, 'PATCH /user/me', form))).user).toMatchObject(wanted);
    expect((await done(rest(world, token, 'GET /user/me'))).user).toMatchObject(wanted);
    expect((await done(signIn(email))).user).toMatchObject(wanted);
  });

  it('need a phone number: refused without one, and it stays while they are on', async () => {
    const errors = { alarm_voice: expect.stringContaining('"phone"') };
    await expectNoChange(() => post(tenant, { alarm_voice: 1 }), { status: 422, errors });
    const staff = await newStaff(world, tenant, 4);
    const calls = [
      [head.token, `PATCH /user/${staff.id}`],
      [staff.token, 'PATCH /user/me'],
    ] as const;
    for (const [token, call] of calls) {
      await expectNoChange(() => rest(world, token, call, { alarm_voice: 1 }), {
        status: 422,
        errors,
      });
      await done(rest(world, token, call, { alarm_voice: 1, phone: NUMBER }));
      await expectNoChange(() => rest(world, token, call, { phone: null }), {
        status: 422,
        errors,
      });
      await done(rest(world, token, call, { alarm_voice: 0, phone: null }));
    }
  });

  it('lead to a call, for members and end users, and to nothing else', async () => {
    const project = await newProject(world, head.token);
    const { id: station } = await newStation(world, head.token, project.id);
    const called = await add(tenant, { phone: NUMBER, alarm_voice: 1, station_ids: [station] });
    await add(tenant, { phone: NUMBER, station_ids: [station] });
    const user = await newUser(world, tenant);
    const body = { phone: NUMBER, alarm_voice: 1, station_ids: [station] };
    await done(patch(Number(user.id), body));
    const { alarm_recipients } = await done(
      rest(world, head.token, `GET /station/${station}/alarm-recipients`),
    );
    const nowhereElse = { email: null, sms: null, phone: NUMBER };
    expect(alarm_recipients).toEqual(
      [
        { user_id: called.id, name: 'UserName', ...nowhereElse },
        { user_id: Number(user.id), name: null, ...nowhereElse },
      ].sort((one, other) => one.user_id - other.user_id),
    );
  });
});

it('a station’s time zone is kept by its canonical name', async () => {
  const project = await newProject(world, head.token);
  const { id } = await newStation(world, head.token, project.id);
  const change = (timezone_name: string) =>
    rest(world, head.token, `PATCH /station/${id}`, { timezone_name });
  for (const [given, kept] of [
    ['europe/london', 'Europe/London'],
    ['ASIA/CALCUTTA', 'Asia/Kolkata'],
    ['utc', 'UTC'],
  ]) {
    expect((await done(change(given as string))).station.timezone_name).toBe(kept);
  }
  await expectNoChange(() => change('Factory'), {
    status: 422,
    errors: { timezone_name: expect.any(String) },
  });
});

describe('a list of members', () => {
  let of: Tenant;
  let seen: { id: number };
  const names = async (query: string, credential = of.key): Promise<string[]> => {
    const { users } = await done(rest(world, credential, `GET /user?${query}`));
    return users.map(({ name }: Json) => name);
  };

  beforeAll(async () => {
    of = await newTenant(world);
    const project = await newProject(world, of.key);
    seen = await newStation(world, of.key, project.id);
    await add(of, { name: 'Özil', member_level_id: 4, station_ids: [seen.id] });
    await add(of, { name: 'Ozzy', email: `zed@${fresh('shop')}.example` });
    await add(of, { name: 'Zora' });
  });

  it('is searched by how a name or an address begins, whatever accents and case', async () => {
    expect(await names('search=oz&sort=name')).toEqual(['Özil', 'Ozzy']);
    expect(await names('search=ZED@')).toEqual(['Ozzy']);
    expect(await names('search=zil')).toEqual([]);
    expect(await names('search=&sort=name')).toEqual(['Özil', 'Ozzy', 'Zora']);
  });

  it('has those who are assigned a station, and names it', async () => {
    expect(await names(`station_id=${seen.id}`)).toEqual(['Özil']);
    const { users } = await done(rest(world, of.key, `GET /user?station_id=${seen.id}`));
    const { station } = await done(rest(world, of.key, `GET /station/${seen.id}`));
    expect(users[0].user_stations).toMatchObject([{ station_name: station.name }]);
    expect(await names(`station_id=${seen.id}`, tenant.key)).toEqual([]);
  });

  it('has no other order than by id or by name', async () => {
    const { status, errors } = await rest(world, of.key, 'GET /user?sort=level');
    expect([status, errors]).toEqual([422, { sort: 'Must be one of id, name.' }]);
  });
});

describe('numbering plans and the list of common passwords', () => {
  it.each([
    ['cannot be reached', () => Promise.reject(new Error('Network connection lost'))],
    ['are not there', async () => new Response(null, { status: 404 })],
  ])('are missed by what needs them alone, while they %s', async (_, fail) => {
    let isAway = true;
    const cut = newWorld({
      ASSETS: assetsWith((path) => (isAway ? fail() : env.ASSETS.fetch(path))),
    });
    const email = `${fresh('cut')}@example.com`;
    const user = await signUp(tenant, email);
    const { token } = await done(signIn(email));
    const numbered = { phone: '+44 20 7946 0000', name: 'Numbered' };
    const setting = {
      reset_token: await resetOf(tenant, user.id),
      password: 'a boat on the sixth hill',
    };
    const needing: [string | null, string, object][] = [
      [tenant.key, 'POST /user', memberFields(tenant, numbered)],
      [head.token, `PATCH /user/${user.id}`, numbered],
      [token, 'PATCH /user/me', numbered],
      [token, 'PATCH /user/me', { password: setting.password, old_password: PASSWORD }],
      [null, 'POST /password', setting],
    ];
    for (const [credential, call, body] of needing) {
      await expectNoChange(() => rest(cut, credential, call, body), { status: 503 });
    }
    for (const [credential, call, body] of [
      [tenant.key, 'POST /user', memberFields(tenant, { name: 'Without', phone: null })],
      [head.token, `PATCH /user/${user.id}`, { name: 'Another name', sms: null }],
      [token, 'PATCH /user/me', { name: 'A third name' }],
    ] as [string, string, object][]) {
      await done(rest(cut, credential, call, body));
    }
    isAway = false;
    for (const [credential, call, body] of needing.slice(0, 4)) {
      await done(rest(cut, credential, call, body));
    }
    // They were read, and are not read again.
    isAway = true;
    await done(rest(cut, head.token, `PATCH /user/${user.id}`, { sms: '+49 30 901820' }));
    await expectNoChange(
      () => rest(cut, null, 'POST /password', { ...setting, password: 'password1234' }),
      { status: 422, errors: { password: expect.stringContaining('most common') } },
    );
  });
});
