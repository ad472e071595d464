/**
 * One e-mail address in several companies: no company affects how its owner signs in to another.
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/base/passwords.ts';
import { PASSWORD } from '../secrets.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newTenant,
  newWorld,
  operator,
  type Tenant,
} from '../world.ts';
import { done, memberFields, newStaff, rest } from './company.ts';

const world = newWorld();
const CHOSEN = 'mallory chose this one';

/** Whose member it truly is, and who has added the address as well. */
let good: Tenant;
let bad: Tenant;
let email: string;

beforeAll(async () => {
  good = await newTenant(world);
  bad = await newTenant(world);
});
beforeEach(() => {
  email = `${fresh('owner')}@example.com`;
});

const elsewhere = () => ({ 'CF-Connecting-IP': fresh('address') });
const signIn = (password: string, more: object = {}) =>
  rest(world, null, 'POST /authenticate', { email, password, ...more }, elsewhere());
const signedInTo = async (password: string, more?: object) =>
  (await done(signIn(password, more))).user.company_id;
const named = (of: Tenant) => ({ company_id: Number(of.id) });

const resetToken = async (of: Tenant, id: number): Promise<string> =>
  (await done(rest(world, of.key, `POST /user/${id}/password-reset`))).reset_token;
const setPassword = (reset_token: string, password: string) =>
  rest(world, null, 'POST /password', { reset_token, password }, elsewhere());

const add = async (of: Tenant, more: object = {}): Promise<Json> =>
  (await done(rest(world, of.key, 'POST /user', memberFields(of, { email, ...more })))).user;
async function signUp(of: Tenant, password: string, more?: object): Promise<Json> {
  const user = await add(of, more);
  await done(setPassword(await resetToken(of, user.id), password));
  return user;
}
const change = (of: Tenant, id: number, fields: object) =>
  done(rest(world, of.key, `PATCH /user/${id}`, fields));

const hashOf = (id: number) =>
  env.DB.prepare('SELECT hash FROM passwords WHERE user_id = ?').bind(id).first<string>('hash');
const recipeOf = async (id: number) => (await hashOf(id))?.split('$').slice(0, 4).join('$');

const REFUSED = { email: 'There is no active user with this e-mail address and password.' };

describe('a company that adds somebody’s address with a password of its choice', () => {
  it.each([
    ['before', ['bad', 'good']],
    ['after', ['good', 'bad']],
  ])('is signed in to by it, whoever else knows the address: %s', async (_, order) => {
    for (const who of order) {
      await (who === 'bad' ? signUp(bad, CHOSEN) : signUp(good, PASSWORD));
    }
    expect(await signedInTo(CHOSEN)).toBe(Number(bad.id));
    expect(await signedInTo(PASSWORD)).toBe(Number(good.id));
  });

  it('is answered alike, be the address known elsewhere or not', async () => {
    const answers = new Set<string>();
    for (const isKnown of [true, false]) {
      email = `${fresh('owner')}@example.com`;
      if (isKnown) await signUp(good, PASSWORD);
      const { id } = await signUp(bad, CHOSEN);
      const wrong = await signIn('neither of the two passwords');
      await change(bad, id, { status: 0 });
      const disabled = await signIn(CHOSEN);
      answers.add(JSON.stringify([wrong.body, wrong.status, disabled.body, disabled.status]));
    }
    expect(answers.size).toBe(1);
  });

  it('does not stand in the way by one that is disabled, or by being removed', async () => {
    const closed = await newTenant(world);
    const user = await signUp(bad, PASSWORD);
    await signUp(closed, PASSWORD);
    await signUp(good, PASSWORD);
    await change(bad, user.id, { status: 0 });
    await world.call(operator, 'removeIntermediary', { id: closed.id });
    expect(await signedInTo(PASSWORD)).toBe(Number(good.id));
    expect((await signIn(PASSWORD, named(bad))).errors).toEqual(REFUSED);
  });

  it('cannot bring a password along from another address', async () => {
    const user = await signUp(bad, CHOSEN, { email: `${fresh('sleeper')}@example.com` });
    await signUp(good, PASSWORD);
    await change(bad, user.id, { email });
    expect(await signedInTo(PASSWORD)).toBe(Number(good.id));
    expect((await signIn(CHOSEN)).errors).toEqual(REFUSED);
    await done(setPassword(await resetToken(bad, user.id), CHOSEN));
    expect(await signedInTo(CHOSEN)).toBe(Number(bad.id));
  });
});

describe('a password that fits in several companies', () => {
  it('is asked for the company, and told those that it fits in, and no other', async () => {
    const other = await newTenant(world);
    await signUp(good, PASSWORD);
    await signUp(bad, PASSWORD);
    await signUp(other, CHOSEN);
    const { status, errors = {}, headers } = await signIn(PASSWORD);
    expect([status, Object.keys(errors)]).toEqual([400, ['company_id']]);
    expect(headers.get('X-Token')).toBe(null);
    expect(errors.company_id).toContain(good.id);
    expect(errors.company_id).toContain(bad.id);
    expect(errors.company_id).not.toContain(other.id);
    expect(await signedInTo(PASSWORD, named(bad))).toBe(Number(bad.id));
    expect(await signedInTo(PASSWORD, named(good))).toBe(Number(good.id));
    expect(await signedInTo(CHOSEN)).toBe(Number(other.id));
    expect((await signIn(PASSWORD, named(other))).errors).toEqual(REFUSED);
  });
});

describe('salt and parameters', () => {
  it('belong to the address: one count for all companies, another for each address', async () => {
    const one = await signUp(good, PASSWORD);
    const two = await signUp(bad, CHOSEN);
    expect(await recipeOf(two.id)).toBe(await recipeOf(one.id));
    const { token } = await done(signIn(CHOSEN));
    const passwords = { password: 'a door that nobody painted', old_password: CHOSEN };
    await done(rest(world, token, 'PATCH /user/me', passwords));
    expect(await recipeOf(two.id)).toBe(await recipeOf(one.id));
    expect(await hashOf(two.id)).not.toBe(await hashOf(one.id));
    email = `${fresh('owner')}@example.com`;
    expect(await recipeOf((await signUp(bad, PASSWORD)).id)).not.toBe(await recipeOf(one.id));
  });

  it('are one though the first passwords of two companies are set at once', async () => {
    const users = [await add(good), await add(bad)];
    const tokens = [await resetToken(good, users[0].id), await resetToken(bad, users[1].id)];
    // Two isolates: in one, they would wait for each other.
    await Promise.all(
      tokens.map((reset_token) =>
        done(rest(newWorld(), null, 'POST /password', { reset_token, password: PASSWORD })),
      ),
    );
    expect(await recipeOf(users[0].id)).toBe(await recipeOf(users[1].id));
    expect(await signedInTo(PASSWORD, named(good))).toBe(Number(good.id));
    expect(await signedInTo(PASSWORD, named(bad))).toBe(Number(bad.id));
  });

  it('that two companies had before are two: the newer password is to be set anew', async () => {
    const [one, two] = [await signUp(good, PASSWORD), await signUp(bad, CHOSEN)];
    const apart = await hashPassword(CHOSEN);
    await env.DB.prepare(
      'UPDATE passwords SET hash = ?, first_set_at = first_set_at + 1 WHERE user_id = ?',
    )
      .bind(apart, two.id)
      .run();
    const resetDue = async (of: Tenant, { id }: { id: number }) =>
      (await done(rest(world, of.key, `GET /user/${id}`))).user.require_password_reset;
    const due = async () => [await resetDue(good, one), await resetDue(bad, two)];
    expect(await due()).toEqual([0, 1]);
    const { users } = await done(rest(world, bad.key, 'GET /user?per_page=100'));
    expect(users.find(({ id }: Json) => id === two.id).require_password_reset).toBe(1);
    expect(await signedInTo(PASSWORD)).toBe(Number(good.id));
    expect((await signIn(CHOSEN)).errors).toEqual(REFUSED);
    // A sign-in that names the company still works, and the member corrects the password.
    const { token, user } = await done(signIn(CHOSEN, named(bad)));
    expect(user.require_password_reset).toBe(1);
    const passwords = { password: 'a door that nobody painted', old_password: CHOSEN };
    await done(rest(world, token, 'PATCH /user/me', passwords));
    expect(await recipeOf(two.id)).toBe(await recipeOf(one.id));
    expect(await due()).toEqual([0, 0]);
    expect(await signedInTo(passwords.password)).toBe(Number(bad.id));
  });

  it('of another year are kept while another company has a password under them', async () => {
    const { scryptSync } = await import('node:crypto');
    const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
    const oldHash = (password: string) => {
      const salt = Buffer.from('0123456789abcdef');
      const key = scryptSync(password, salt, 32, { N: 2 ** 12, r: 8, p: 1 });
      return `$scrypt$ln=12,r=8,p=1$${bare(salt)}$${bare(key)}`;
    };
    const [one, two] = [await signUp(good, PASSWORD), await signUp(bad, CHOSEN)];
    const age = (id: number, password: string) =>
      env.DB.prepare('UPDATE passwords SET hash = ? WHERE user_id = ?')
        .bind(oldHash(password), id)
        .run();
    await age(one.id, PASSWORD);
    await age(two.id, CHOSEN);
    expect(await signedInTo(PASSWORD)).toBe(Number(good.id));
    expect(await signedInTo(CHOSEN, named(bad))).toBe(Number(bad.id));
    await done(setPassword(await resetToken(bad, two.id), CHOSEN));
    expect(await hashOf(one.id)).toBe(oldHash(PASSWORD));
    expect(await hashOf(two.id)).toBe(oldHash(CHOSEN));
    await done(rest(world, bad.key, `DELETE /user/${two.id}`));
    expect(await signedInTo(PASSWORD)).toBe(Number(good.id));
    expect(await hashOf(one.id)).toMatch(/ln=14,r=8,p=5/);
    expect(await signedInTo(PASSWORD)).toBe(Number(good.id));
  });
});

describe('an address that changes', () => {
  const moved = () => ({ email: `${fresh('moved')}@example.com` });

  it('ends sessions, reset tokens and the password; another letter case does not', async () => {
    const user = await signUp(good, PASSWORD);
    const { token } = await done(signIn(PASSWORD));
    const reset = await resetToken(good, user.id);
    const { user: same } = await change(good, user.id, { email: email.toUpperCase() });
    expect(same.email).toBe(email);
    await done(rest(world, token, 'GET /user/me'));
    await done(signIn(PASSWORD));

    const to = moved();
    const { user: after } = await change(good, user.id, to);
    expect(after).toMatchObject({ ...to, require_password_reset: 1 });
    expect((await rest(world, token, 'GET /user/me')).status).toBe(401);
    expect((await world.send(`/verify/${good.id}?consistency=strict`, token)).status).toBe(401);
    expect((await setPassword(reset, CHOSEN)).status).toBe(422);
    for (const address of [email, to.email]) {
      email = address;
      expect((await signIn(PASSWORD)).errors).toEqual(REFUSED);
    }
    await done(setPassword(await resetToken(good, user.id), CHOSEN));
    expect(await signedInTo(CHOSEN)).toBe(Number(good.id));
  });

  it('ends them too where the member had no password, or sends other fields besides', async () => {
    const staff = await newStaff(world, good, 3);
    const reset = await resetToken(good, staff.id);
    await change(good, staff.id, { ...moved(), name: 'Corrected', member_level_id: 2 });
    expect((await rest(world, staff.token, 'GET /user/me')).status).toBe(401);
    expect((await setPassword(reset, CHOSEN)).status).toBe(422);
  });

  it('changes nothing where the change is refused', async () => {
    const [user, other] = [await newStaff(world, good, 2), await newStaff(world, good, 2)];
    const taken = { email: other.email };
    await expectNoChange(() => rest(world, good.key, `PATCH /user/${user.id}`, taken), {
      status: 409,
    });
    const unseen = { ...moved(), station_ids: [4] };
    await expectNoChange(() => rest(world, good.key, `PATCH /user/${user.id}`, unseen), {
      status: 422,
    });
    await done(rest(world, user.token, 'GET /user/me'));
  });

  it('is not that of the last active member of level 1, who would be locked out', async () => {
    const tenant = await newTenant(world);
    const head = await newStaff(world, tenant, 1);
    const own = `PATCH /user/${head.id}`;
    await expectNoChange(() => rest(world, head.token, own, moved()), {
      status: 403,
      errors: { email: expect.any(String) },
    });
    await done(rest(world, head.token, own, { email: head.email.toUpperCase(), name: 'Ada' }));
    const second = await newStaff(world, tenant, 1);
    await done(rest(world, head.token, own, moved()));
    expect((await rest(world, head.token, 'GET /user/me')).status).toBe(401);
    await done(rest(world, second.token, `DELETE /user/${head.id}`));
    await expectNoChange(() => rest(world, second.token, `PATCH /user/${second.id}`, moved()), {
      status: 403,
    });
    await done(rest(world, tenant.key, `PATCH /user/${second.id}`, moved()));
  });
});
