/** Signing in, and how a member gets a password. */
import { beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/base/passwords.ts';
import { isCommon, newCommonPasswords } from '../../src/domain/passwords/password.ts';
import { watchD1 } from '../doubles/d1.ts';
import { limitAway, limitOf } from '../doubles/limits.ts';
import { PASSWORD } from '../secrets.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newTenant,
  newWorld,
  type Tenant,
} from '../world.ts';
import { done, memberFields, newStaff, rest } from './company.ts';

const world = newWorld();
let tenant: Tenant;

const OTHER = 'a door that nobody painted';

/** Each try comes from its own address, or a limit would be in the way. */
const signIn = (fields: object, from = world, address = fresh('address')) =>
  rest(from, null, 'POST /authenticate', fields, { 'CF-Connecting-IP': address });

const setPassword = (reset_token: string, password = PASSWORD) =>
  rest(
    world,
    null,
    'POST /password',
    { reset_token, password },
    { 'CF-Connecting-IP': fresh('address') },
  );

/** An isolate whose limits are exact. */
const limitedWorld = () =>
  newWorld({ TRIES_BY_ADDRESS: limitOf(60).binding, TRIES_BY_ACCOUNT: limitOf(10).binding });

async function resetToken(of: Tenant, id: number): Promise<string> {
  return (await done(rest(world, of.key, `POST /user/${id}/password-reset`))).reset_token;
}

async function newSignedUp(of: Tenant, more: object = {}): Promise<Json> {
  const { user } = await done(rest(world, of.key, 'POST /user', memberFields(of, more)));
  await done(setPassword(await resetToken(of, user.id)));
  return user;
}

beforeAll(async () => {
  tenant = await newTenant(world);
});

describe('signing in', () => {
  it(
    'gives a token and the user, by a form, by multipart and by JSON, whatever the ' +
      'letter case',
    async () => {
      const user = await newSignedUp(tenant);
      const fields = { email: user.email.toUpperCase(), password: PASSWORD };
      const multipart = new FormData();
      for (const [name, value] of Object.entries(fields)) multipart.set(name, value);
      for (const body of [fields, new URLSearchParams(fields), multipart]) {
        const { data, headers } = await signIn(body);
        expect(data.user).toEqual({
          ...user,
          require_password_reset: 0,
          alarm_voice: 0,
          timezone_pref_id: 3,
        });
        expect(headers.get('X-Token')).toBe(data.token);
        expect(data.token).toMatch(/^lk_ses_/);
        await done(rest(world, data.token, `GET /user/${user.id}`));
      }
    },
  );

  it(
    'answers an unknown address, a wrong password and a disabled user alike, after ' +
      'the same work',
    async () => {
      const user = await newSignedUp(tenant);
      const disabled = await newSignedUp(tenant);
      await done(rest(world, tenant.key, `PATCH /user/${disabled.id}`, { status: 0 }));
      const { user: without } = await done(
        rest(world, tenant.key, 'POST /user', memberFields(tenant)),
      );
      // What they have besides, and what their company requires, is told to nobody else.
      const strict = await newTenant(world);
      const [holder, required] = [await newSignedUp(tenant), await newSignedUp(strict)];
      await env.DB.batch([
        env.DB.prepare(
          `INSERT INTO totps (user_id, secret, created_at, confirmed_at, change_id)
            VALUES (?, '', 1, 1, '')`,
        ).bind(holder.id),
        env.DB.prepare('UPDATE tenants SET require_second_factor = 1 WHERE id = ?').bind(
          Number(strict.id),
        ),
      ]);

      // One before the answer, and one behind it: what failed is noted, be it of nobody.
      const d1 = watchD1();
      const counted = newWorld({ DB: d1.DB });
      const tries = [
        { email: `${fresh('nobody')}@example.com`, password: PASSWORD },
        { email: user.email, password: OTHER },
        { email: disabled.email, password: PASSWORD },
        { email: without.email, password: PASSWORD },
        { email: user.email, password: PASSWORD, company_id: 12 },
        { email: 'no address', password: PASSWORD },
        { email: holder.email, password: OTHER },
        { email: holder.email, password: OTHER, code: '123456' },
        { email: required.email, password: OTHER, code: '123456' },
        { email: user.email, password: OTHER, code: '123456' },
        { email: `${fresh('nobody')}@example.com`, password: PASSWORD, code: '123456' },
      ];
      const answers = new Set<string>();
      for (const fields of tries) {
        d1.trips = 0;
        const { status, body, headers } = await signIn(fields, counted);
        expect(headers.get('X-Token')).toBe(null);
        answers.add(JSON.stringify({ status, body, questions: d1.trips }));
      }
      expect([...answers]).toEqual([
        JSON.stringify({
          status: 400,
          body: {
            errors: true,
            message: {
              errors: { email: 'There is no active user with this e-mail address and password.' },
            },
          },
          questions: 2,
        }),
      ]);
    },
  );

  it('computes one hash, whoever asks', async () => {
    const user = await newSignedUp(tenant);
    const quickest = async (email: () => string) => {
      const times: number[] = [];
      for (let n = 0; n < 3; n++) {
        const start = performance.now();
        await signIn({ email: email(), password: OTHER });
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    // A hash takes some fifty times what all else does: without one, an answer would be there at
    // once.
    const known = await quickest(() => user.email);
    const unknown = await quickest(() => `${fresh('nobody')}@example.com`);
    expect(unknown).toBeGreaterThan(known / 8);
    expect(known).toBeGreaterThan(unknown / 8);
  });

  it('stores scrypt with its parameters, and makes a hash of other parameters anew', async () => {
    const user = await newSignedUp(tenant);
    const hashOf = () =>
      env.DB.prepare('SELECT hash FROM passwords WHERE user_id = ?')
        .bind(user.id)
        .first<string>('hash');
    expect(await hashOf()).toMatch(
      /^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
    // The same password, with the cost of another year.
    const { scryptSync } = await import('node:crypto');
    const salt = Buffer.from('0123456789abcdef');
    const key = scryptSync(PASSWORD, salt, 32, { N: 2 ** 12, r: 8, p: 1 });
    const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
    await env.DB.prepare('UPDATE passwords SET hash = ? WHERE user_id = ?')
      .bind(`$scrypt$ln=12,r=8,p=1$${bare(salt)}$${bare(key)}`, user.id)
      .run();
    expect((await signIn({ email: user.email, password: OTHER })).status).toBe(400);
    expect(await hashOf()).toMatch(/ln=12/);
    await done(signIn({ email: user.email, password: PASSWORD }));
    expect(await hashOf()).toMatch(/ln=14,r=8,p=5/);
    await done(signIn({ email: user.email, password: PASSWORD }));
  });

  it('takes the same characters for the same password, however they are typed', async () => {
    const { user } = await done(rest(world, tenant.key, 'POST /user', memberFields(tenant)));
    await done(setPassword(await resetToken(tenant, user.id), 'caf\u00e9 on the corner'));
    await done(signIn({ email: user.email, password: 'cafe\u0301 on the corner' }));
  });

  it('is limited by address and account, so that nobody is locked out by a stranger', async () => {
    const user = await newSignedUp(tenant);
    const limited = limitedWorld();
    const right = { email: user.email, password: PASSWORD };
    const wrong = { email: user.email, password: OTHER };
    for (let n = 0; n < 10; n++) {
      expect((await signIn(wrong, limited, '203.0.113.9')).status).toBe(400);
    }
    const refused = await signIn(right, limited, '203.0.113.9');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Retry-After')).toBe('60');
    expect(refused.errors).toEqual({ limit: expect.any(String) });
    // Neither the same account from elsewhere nor another account from there is in the way.
    await done(signIn(right, limited, '203.0.113.10'));
    const other = await newSignedUp(tenant);
    await done(signIn({ email: other.email, password: PASSWORD }, limited, '203.0.113.9'));
  });

  it(
    'counts an e-mail address once, however it is written, and the addresses of ' +
      'one IPv6 network as one',
    async () => {
      const limited = limitedWorld();
      const email = `${fresh('nobody')}@example.com`;
      const addresses = ['2001:db8:7::1', '2001:0db8:0007:0000:8::2', '2001:DB8:7:0:ffff::'];
      for (let n = 0; n < 10; n++) {
        const written = n % 2 ? email : email.toUpperCase();
        const { status } = await signIn(
          { email: written, password: OTHER },
          limited,
          addresses[n % 3],
        );
        expect(status).toBe(400);
      }
      const fields = { email, password: OTHER };
      expect((await signIn(fields, limited, '2001:db8:7:0:1:2:3:4')).status).toBe(429);
      expect((await signIn(fields, limited, '2001:db8:8::1')).status).toBe(400);
    },
  );

  it('is limited by what the Worker is deployed with', async () => {
    const fields = { email: `${fresh('nobody')}@example.com`, password: OTHER };
    // More than two minutes allow, wherever the one ends and the next begins.
    const tries = await Promise.all(
      Array.from({ length: 21 }, () => signIn(fields, world, '203.0.113.77')),
    );
    // A turn that is not to be had is one to try for sooner.
    expect(tries.map(({ headers }) => headers.get('Retry-After'))).toContain('60');
  });

  it('goes on where the limits cannot be asked', async () => {
    const user = await newSignedUp(tenant);
    const lame = newWorld({ TRIES_BY_ADDRESS: limitAway, TRIES_BY_ACCOUNT: limitAway });
    await done(signIn({ email: user.email, password: PASSWORD }, lame));
  });
});

describe('a reset token', () => {
  it('works once, and ends all sessions', async () => {
    const user = await newSignedUp(tenant);
    const { token } = await done(signIn({ email: user.email, password: PASSWORD }));
    const reset = await resetToken(tenant, user.id);
    // Until it is used, all is as before, but for the user being told.
    const { user: told } = await done(rest(world, token, 'GET /user/me'));
    expect(told.require_password_reset).toBe(1);
    await done(setPassword(reset, OTHER));
    expect((await rest(world, token, 'GET /user/me')).status).toBe(401);
    expect((await signIn({ email: user.email, password: PASSWORD })).status).toBe(400);
    await expectNoChange(() => setPassword(reset), { status: 422 });
    await done(signIn({ email: user.email, password: OTHER }));
  });

  it(
    'is replaced by the next, ends after a day, and is void for a disabled or ' + 'removed user',
    async () => {
      const gone: string[] = [];
      const user = await newSignedUp(tenant);
      gone.push(await resetToken(tenant, user.id));
      const last = await resetToken(tenant, user.id);
      await env.DB.prepare(
        'UPDATE reset_tokens SET ends_at = ? WHERE user_id = ? AND used_at IS NULL',
      )
        .bind(Date.now() - 1, user.id)
        .run();
      gone.push(last);
      const disabled = await newSignedUp(tenant);
      gone.push(await resetToken(tenant, disabled.id));
      await done(rest(world, tenant.key, `PATCH /user/${disabled.id}`, { status: 0 }));
      await done(rest(world, tenant.key, `PATCH /user/${disabled.id}`, { status: 1 }));
      const suspended = await newSignedUp(tenant);
      gone.push(await resetToken(tenant, suspended.id));
      for (const state of [true, false]) {
        await world.call(tenant.key, 'updateUser', {
          userIdentifier: { companyUser: { id: String(suspended.id) } },
          suspended: state,
        });
      }
      const removed = await newSignedUp(tenant);
      gone.push(await resetToken(tenant, removed.id));
      await done(rest(world, tenant.key, `DELETE /user/${removed.id}`));
      gone.push(`lk_rst_${'A'.repeat(40)}${'0'.repeat(20)}`);
      const answers = new Set<string>();
      for (const token of gone) {
        const { status, body } = await setPassword(token);
        answers.add(JSON.stringify({ status, body }));
      }
      expect([...answers]).toHaveLength(1);
      expect([...answers][0]).toContain(
        '"status":422,"body":{"errors":true,"message":{"errors":{"reset_token"',
      );
    },
  );

  it('sets one password, though it is used twice at once', async () => {
    const user = await newSignedUp(tenant);
    const reset = await resetToken(tenant, user.id);
    const both = await Promise.all([setPassword(reset, OTHER), setPassword(reset, PASSWORD)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('is stored as a hash only', async () => {
    const user = await newSignedUp(tenant);
    const reset = await resetToken(tenant, user.id);
    const { results } = await env.DB.prepare('SELECT * FROM reset_tokens WHERE user_id = ?')
      .bind(user.id)
      .all();
    expect(JSON.stringify(results)).toContain(reset.slice(7, 23));
    expect(JSON.stringify(results)).not.toContain(reset.slice(30));
  });
});

describe('a password', () => {
  it('is 12 to 128 characters long and none of the commonest', async () => {
    const user = await newSignedUp(tenant);
    const reset = await resetToken(tenant, user.id);
    for (const password of [
      'elevenchars',
      'x'.repeat(129),
      'password1234',
      'PasswordPassword',
      '123456789012',
      'aaaaaaaaaaaaa',
      'qwertyuiop123',
      'unbelievable',
      '193570356033',
      '!!!dragon!!!!!',
    ]) {
      await expectNoChange(() => setPassword(reset, password), {
        status: 422,
        errors: { password: expect.any(String) },
      });
    }
    // Characters are counted, not bytes: twelve of four bytes each, and 128 of them.
    const long = Array.from({ length: 128 }, (_, n) =>
      String.fromCodePoint(0x1f600 + (n % 60)),
    ).join('');
    await done(setPassword(reset, long));
    await done(signIn({ email: user.email, password: long }));
  });

  it.each(['a lamp in the fourth window', 'correct horse battery', 'xk29 vmq4 tt01'])(
    '"%s" is none of the commonest',
    async (password) => {
      const listed = await newCommonPasswords().from(env.ASSETS);
      expect(isCommon(password, listed)).toBe(false);
    },
  );

  it(
    'is changed by its member with the old one, which ends the other sessions and ' +
      'not this one',
    async () => {
      const user = await newSignedUp(tenant);
      const fields = { email: user.email, password: PASSWORD };
      const [{ token }, { token: elsewhere }] = [
        await done(signIn(fields)),
        await done(signIn(fields)),
      ];
      const change = (body: object) => rest(world, token, 'PATCH /user/me', body);
      expect((await change({ password: OTHER })).errors).toEqual({
        old_password: expect.any(String),
      });
      await expectNoChange(() => change({ password: OTHER, old_password: OTHER }), { status: 422 });
      await expectNoChange(() => change({ password: 'short', old_password: PASSWORD }), {
        status: 422,
      });
      await done(change({ password: OTHER, old_password: PASSWORD }));
      await done(rest(world, token, 'GET /user/me'));
      expect((await rest(world, elsewhere, 'GET /user/me')).status).toBe(401);
      expect((await signIn(fields)).status).toBe(400);
      await done(signIn({ ...fields, password: OTHER }));
    },
  );

  it('cannot be guessed by whoever stole a session', async () => {
    const user = await newSignedUp(tenant);
    const limited = limitedWorld();
    const { token } = await done(signIn({ email: user.email, password: PASSWORD }));
    const guess = (old_password: string) =>
      rest(limited, token, 'PATCH /user/me', { password: OTHER, old_password });
    for (let n = 0; n < 10; n++) expect((await guess(OTHER)).status).toBe(422);
    expect((await guess(PASSWORD)).status).toBe(429);
  });
});

describe('X-Token', () => {
  it('serves clients that never read it, and clients that always take the newest', async () => {
    const user = await newSignedUp(tenant);
    const { token } = await done(signIn({ email: user.email, password: PASSWORD }));
    let newest = token;
    for (let n = 0; n < 40; n++) {
      await done(rest(world, token, n % 2 ? 'GET /user/me' : 'GET /project'));
      // Refused or not, the answer has it.
      const answer = await rest(world, newest, n % 3 ? 'GET /config-packet' : 'GET /station/12');
      newest = answer.headers.get('X-Token') ?? '';
    }
    expect(newest).toBe(token);
  });

  it('is no part of an answer to a key, or to nobody', async () => {
    expect((await rest(world, tenant.key, 'GET /user')).headers.get('X-Token')).toBe(null);
    expect((await rest(world, null, 'GET /user')).headers.get('X-Token')).toBe(null);
  });
});

describe('a member’s session', () => {
  it('slides with each call over REST, refused ones too', async () => {
    const staff = await newStaff(world, tenant, 4);
    const id = staff.token.slice(7, 23);
    const overdue = Date.now() - 25 * 3_600_000;
    await env.DB.prepare('UPDATE sessions SET renewed_at = ?, renew_after = ? WHERE id = ?')
      .bind(overdue, overdue + 1, id)
      .run();
    expect((await rest(world, staff.token, 'POST /project', { name: 'x' })).status).toBe(403);
    const renewed = await env.DB.prepare('SELECT renewed_at FROM sessions WHERE id = ?')
      .bind(id)
      .first<number>('renewed_at');
    expect(renewed).toBeGreaterThan(Date.now() - 60_000);
  });

  it(
    'is over on the very next call once its member is disabled or removed, and has ' +
      'fewer rights once demoted',
    async () => {
      const [disabled, removed, demoted] = [
        await newStaff(world, tenant, 2),
        await newStaff(world, tenant, 2),
        await newStaff(world, tenant, 2),
      ];
      await done(rest(world, disabled.token, 'GET /user/me'));
      await done(rest(world, tenant.key, `PATCH /user/${disabled.id}`, { status: 0 }));
      expect((await rest(world, disabled.token, 'GET /user/me')).status).toBe(401);
      await done(rest(world, tenant.key, `DELETE /user/${removed.id}`));
      expect((await rest(world, removed.token, 'GET /user/me')).status).toBe(401);
      await done(rest(world, demoted.token, 'POST /project', { name: 'x' }));
      await done(rest(world, tenant.key, `PATCH /user/${demoted.id}`, { member_level_id: 4 }));
      expect((await rest(world, demoted.token, 'POST /project', { name: 'x' })).status).toBe(403);
    },
  );
});

it('hashes with a salt of its own', async () => {
  expect(await hashPassword(PASSWORD)).not.toBe(await hashPassword(PASSWORD));
});
