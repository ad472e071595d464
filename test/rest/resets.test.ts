/** A reset token works only while its maker could still make it, for the same address. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PASSWORD } from '../secrets.ts';
import {
  env,
  fresh,
  type Json,
  newKey,
  newSession,
  newTenant,
  newWorld,
  succeed,
  type Tenant,
  twinOf,
} from '../world.ts';
import { done, memberFields, newProject, newStaff, newStation, rest } from './company.ts';

const world = newWorld();
const CHOSEN = 'mallory chose this one';
const MEMBER = ['users:read', 'users:write', 'stations:read', 'stations:write'];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});
afterEach(() => {
  vi.useRealTimers();
});

/** Puts the clock forward. */
const pass = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
const inTime = (ms: number) => new Date(Date.now() + ms).toISOString();

const elsewhere = () => ({ 'CF-Connecting-IP': fresh('address') });
const signIn = (email: string, password = PASSWORD) =>
  rest(world, null, 'POST /authenticate', { email, password }, elsewhere());
const setPassword = async (reset_token: string, password = CHOSEN): Promise<number> =>
  (await rest(world, null, 'POST /password', { reset_token, password }, elsewhere())).status;
const resetToken = async (credential: string, id: number): Promise<string> =>
  (await done(rest(world, credential, `POST /user/${id}/password-reset`))).reset_token;
const change = (id: number, fields: object) =>
  done(rest(world, tenant.key, `PATCH /user/${id}`, fields));
const identifierOf = ({ id }: { id: number }) => ({ companyUser: { id: String(id) } });
const sessionIdOf = (token: string): string => token.slice(7, 23);

const addMember = async (more: object = {}): Promise<Json> =>
  (await done(rest(world, tenant.key, 'POST /user', memberFields(tenant, more)))).user;

/** A head of the company, with a password of their own. */
async function newHead(): Promise<Json> {
  const head = await addMember({ member_level_id: 1 });
  expect(await setPassword(await resetToken(tenant.key, head.id), PASSWORD)).toBe(200);
  return head;
}

const rotate = (id: string, graceSeconds: number) =>
  succeed(world.call(tenant.key, 'rotateApiKey', { id, graceSeconds }));

it('is told what it looks like where it is none, and may have "Bearer" before it', async () => {
  const head = await newHead();
  const token = await resetToken(tenant.key, head.id);
  const said = async (reset_token: string) => {
    const body = { reset_token, password: CHOSEN };
    const { status, errors } = await rest(world, null, 'POST /password', body, elsewhere());
    expect(status).toBe(422);
    return errors?.reset_token;
  };
  const belongs = 'A reset token, "lk_rst_…", belongs here.';
  expect(await said(tenant.key)).toBe(`This looks like an API key. ${belongs}`);
  expect(await said(`"${token}"`)).toBe(`It contains quotes. Leave them out. ${belongs}`);
  expect(await said(token.slice(0, -1))).toContain('It is not as we issued it');
  expect(await said(twinOf(token))).toMatch(/^This reset token does not work/);
  expect(await setPassword(` Bearer ${token}`)).toBe(200);
});

describe('made by a key', () => {
  type Key = { id: string; secret: string };
  it.each<[works: boolean, when: string, (key: Key) => unknown, expiresIn?: number]>([
    [false, 'is removed', ({ id }) => world.call(tenant.key, 'removeApiKey', { id })],
    [false, 'has expired', () => pass(HOUR), HOUR],
    [true, 'has an hour yet', () => {}, HOUR],
    [false, 'is rotated without grace', ({ id }) => rotate(id, 0)],
    [true, 'is in its grace', ({ id }) => rotate(id, 60)],
    [
      false,
      'is past its grace',
      async ({ id }) => {
        await rotate(id, 60);
        pass(60_000);
      },
    ],
    [true, 'works', () => {}],
  ])('it works: %s, once the key %s', async (works, _, act, expiresIn) => {
    const head = await newHead();
    const expiresAt = expiresIn === undefined ? undefined : inTime(expiresIn);
    const key = await newKey(world, tenant, MEMBER, expiresAt);
    const token = await resetToken(key.secret, head.id);
    await act(key);
    expect(await setPassword(token)).toBe(works ? 200 : 422);
    expect((await signIn(head.email)).status).toBe(works ? 400 : 200);
  });
});

describe('made by a member', () => {
  type Maker = Awaited<ReturnType<typeof newStaff>>;
  const remove = (input: object) => world.call(tenant.key, 'removeUserSession', input);
  it.each<[works: boolean, what: string, (maker: Maker) => unknown]>([
    [false, 'is disabled', ({ id }) => change(id, { status: 0 })],
    [false, 'is demoted', ({ id }) => change(id, { member_level_id: 2 })],
    [false, 'is removed', ({ id }) => done(rest(world, tenant.key, `DELETE /user/${id}`))],
    [
      false,
      'has their session ended by its id',
      ({ token }) => remove({ sessionId: sessionIdOf(token) }),
    ],
    [false, 'has their session ended by its token', ({ token }) => remove({ accessToken: token })],
    [
      false,
      'has their token revoked by a service',
      ({ token }) =>
        world.send('/revoke', tenant.key, {
          method: 'POST',
          body: new URLSearchParams({ token }),
        }),
    ],
    [
      false,
      'has all their sessions ended',
      (maker) =>
        world.call(tenant.key, 'removeUserSessions', { userIdentifier: identifierOf(maker) }),
    ],
    [
      false,
      'has all their sessions ended, having signed out before',
      async (maker) => {
        await world.send('/session', maker.token, { method: 'DELETE' });
        await world.call(tenant.key, 'removeUserSessions', { userIdentifier: identifierOf(maker) });
      },
    ],
    [
      false,
      'has their session ended, having signed out before',
      async ({ token }) => {
        await world.send('/session', token, { method: 'DELETE' });
        await remove({ sessionId: sessionIdOf(token) });
      },
    ],
    [
      false,
      'has their own password reset',
      async ({ id }) => setPassword(await resetToken(tenant.key, id), PASSWORD),
    ],
    [
      false,
      'changes their password in another session',
      async ({ id, email }) => {
        // As a member does who finds a stranger in one of its sessions.
        await setPassword(await resetToken(tenant.key, id), PASSWORD);
        const { token } = await done(signIn(email));
        const fields = { password: CHOSEN, old_password: PASSWORD };
        await done(rest(world, token, 'PATCH /user/me', fields));
      },
    ],
    [
      false,
      'changes their password in another session, having signed out of this one',
      async ({ id, email, token }) => {
        await setPassword(await resetToken(tenant.key, id), PASSWORD);
        const one = await done(signIn(email));
        await rest(world, token, 'DELETE /session');
        const fields = { password: CHOSEN, old_password: PASSWORD };
        await done(rest(world, one.token, 'PATCH /user/me', fields));
      },
    ],
    [
      false,
      'is disabled for a while, having signed out before',
      async ({ id, token }) => {
        await world.send('/session', token, { method: 'DELETE' });
        await change(id, { status: 0 });
        await change(id, { status: 1 });
      },
    ],
    [
      false,
      'is suspended for a while, having signed out before',
      async (maker) => {
        await world.send('/session', maker.token, { method: 'DELETE' });
        for (const suspended of [true, false]) {
          const input = { userIdentifier: identifierOf(maker), suspended };
          await succeed(world.call(tenant.key, 'updateUser', input));
        }
      },
    ],
    [
      false,
      'gets another address, having signed out before',
      async ({ id, token }) => {
        await world.send('/session', token, { method: 'DELETE' });
        await change(id, { email: `${fresh('moved')}@example.com` });
      },
    ],
    [true, 'signs out', ({ token }) => world.send('/session', token, { method: 'DELETE' })],
    [
      true,
      'signs out by revoking their own token',
      ({ token }) =>
        world.send('/revoke', token, { method: 'POST', body: new URLSearchParams({ token }) }),
    ],
    [
      true,
      'has 50 newer sessions',
      async (maker) => {
        for (let n = 0; n < 50; n++) await newSession(world, tenant, identifierOf(maker));
        expect((await rest(world, maker.token, 'GET /user/me')).status).toBe(401);
      },
    ],
    [
      true,
      'has a session that ran out',
      ({ token }) =>
        env.DB.prepare('UPDATE sessions SET expires_at = ? WHERE id = ?')
          .bind(Date.now() - 1, sessionIdOf(token))
          .run(),
    ],
    [true, 'does nothing more', () => {}],
  ])('it works: %s, once the member %s', async (works, _, act) => {
    const head = await newHead();
    const maker = await newStaff(world, tenant, 1);
    const token = await resetToken(maker.token, head.id);
    await act(maker);
    expect(await setPassword(token)).toBe(works ? 200 : 422);
  });

  it('does not work once the member sees less', async () => {
    const station = await newStation(world, tenant.key, (await newProject(world, tenant.key)).id);
    const maker = await newStaff(world, tenant, 2, [station.id]);
    const seeing = await addMember({ member_level_id: 3, station_ids: [station.id] });
    const [lost, kept] = [await resetToken(maker.token, seeing.id), await addMember()];
    const token = await resetToken(maker.token, kept.id);
    await change(maker.id, { station_ids: [] });
    expect(await setPassword(lost)).toBe(422);
    expect(await setPassword(token)).toBe(200);
  });
});

describe('its address', () => {
  it('is the one that it was made for: corrected, it works no more', async () => {
    const wrong = await addMember();
    const token = await resetToken(tenant.key, wrong.id);
    await change(wrong.id, { email: `${fresh('corrected')}@example.com` });
    expect(await setPassword(token)).toBe(422);
    const again = await resetToken(tenant.key, wrong.id);
    expect(await setPassword(again)).toBe(200);
  });

  it('is another in other letters only, and it works on', async () => {
    const user = await addMember();
    const token = await resetToken(tenant.key, user.id);
    await change(user.id, { email: user.email.toUpperCase() });
    expect(await setPassword(token)).toBe(200);
  });
});

describe('its time', () => {
  it('is 7 days for who has no password yet', async () => {
    const [late, timely] = [await addMember(), await addMember()];
    const tokens = [await resetToken(tenant.key, late.id), await resetToken(tenant.key, timely.id)];
    pass(7 * DAY - 60_000);
    expect(await setPassword(tokens[1] ?? '')).toBe(200);
    pass(60_000);
    expect(await setPassword(tokens[0] ?? '')).toBe(422);
  });

  it('is a day for who has one', async () => {
    const [late, timely] = [await newHead(), await newHead()];
    const tokens = [await resetToken(tenant.key, late.id), await resetToken(tenant.key, timely.id)];
    pass(DAY - 60_000);
    expect(await setPassword(tokens[1] ?? '')).toBe(200);
    pass(60_000);
    expect(await setPassword(tokens[0] ?? '')).toBe(422);
  });
});
