/** Second factors: enrolled in the console, asked for where somebody signs in. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApp, newIsolate } from '../../src/index.ts';
import { cookieOf, fromPage, newConsoleMember, OURS, rowOf, sessionIn } from '../console.ts';
import { watchD1 } from '../doubles/d1.ts';
import { newOutbox } from '../doubles/mail.ts';
import { call, codeOf, enrol } from '../factors.ts';
import { rest } from '../rest/company.ts';
import { PASSWORD } from '../secrets.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newTenant,
  newWorld,
  randomSecret,
  refused,
  succeed,
  type Tenant,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;

/** Each at its own time, in the middle of a step: no test crosses into the next. */
let clock = Math.ceil(Date.now() / 30_000) * 30_000 + 10_000;
const pass = (ms: number) => {
  clock += ms;
  vi.setSystemTime(clock);
};

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: clock });
  tenant = await newTenant(world);
  return () => vi.useRealTimers();
});
afterEach(() => pass(30_000));

const newPerson = (level: 1 | 2 | 3 | 4 = 2, of = tenant, from = world) =>
  newConsoleMember(from, of, level);

/** Somebody with an app, ten recovery codes, and a session that was open before. */
async function newHolder(level: 1 | 2 | 3 | 4 = 2, of = tenant) {
  const person = await newPerson(level, of);
  return { ...person, ...(await enrol(world, person.cookie)) };
}

const authenticate = (proof: object, from = world) =>
  rest(from, null, 'POST /authenticate', proof, { 'CF-Connecting-IP': fresh('address') });
const enterConsole = (proof: object, from = world) =>
  call(from, null, 'POST /console/session', proof);
const factors = (cookie: string | null, from = world) => call(from, cookie, 'GET /console/factors');

const eventsOf = async (id: string): Promise<string[]> => {
  const { results } = await env.DB.prepare(
    'SELECT action FROM audit_events WHERE user_id = ? ORDER BY number',
  )
    .bind(Number(id))
    .all<{ action: string }>();
  return results.map(({ action }) => action);
};

const requireOf = (cookie: string, required = true): Promise<Json> =>
  call(world, cookie, 'POST /console/api/graphql', {
    query: `mutation { updateCompany(input: { requireSecondFactor: ${required} }) {
      success errors { code path } intermediary { requireSecondFactor supportPermissions } } }`,
  }).then(({ body }) => body.data?.updateCompany ?? body);

/** A company that requires factors, and its member of level 1, who has one. */
async function newStrict() {
  const strict = await newTenant(world);
  const officer = await newHolder(1, strict);
  await succeed(requireOf(officer.cookie));
  const { status, headers } = await enterConsole({ ...officer.proof, code: officer.codes[0] });
  expect(status).toBe(200);
  return { strict, officer: { ...officer, cookie: cookieOf({ headers }) } };
}

describe('an authenticator app', () => {
  it('is begun with a secret and confirmed with a code, which gives recovery codes', async () => {
    const { cookie, email, id } = await newPerson();
    expect((await factors(cookie)).data).toEqual({
      ...{ totp: null, passkeys: [], recovery_codes_left: 0 },
      ...{ required: false, fits_passkeys: false },
    });
    const { secret, uri, codes } = await enrol(world, cookie);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(uri).toBe(
      `otpauth://totp/Acme:${encodeURIComponent(email)}?secret=${secret}&issuer=Acme`,
    );
    expect(new Set(codes).size).toBe(10);
    for (const code of codes)
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect((await factors(cookie)).data).toMatchObject({
      totp: { created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) },
      recovery_codes_left: 10,
    });
    expect(await eventsOf(id)).toEqual(expect.arrayContaining(['member.addFactor']));
  });

  it('does not count before it is confirmed, and is begun again with another secret', async () => {
    const { cookie, proof } = await newPerson();
    const confirm = (code: string) =>
      call(world, cookie, 'POST /console/factors/totp/confirm', { code });
    expect(await confirm('123456')).toMatchObject({ status: 409, errors: { code: /begin/i } });
    const begin = async () =>
      (await call(world, cookie, 'POST /console/factors/totp', {})).data.secret;
    const [first, second] = [await begin(), await begin()];
    expect(first).not.toBe(second);
    expect((await authenticate(proof)).status).toBe(200);
    expect((await confirm(codeOf(first))).status).toBe(422);
    expect((await confirm(codeOf(second, 2))).status).toBe(422);
    const both = await Promise.all([confirm(codeOf(second)), confirm(codeOf(second))]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('waits an hour for its first code, then the sweep takes it away', async () => {
    const { cookie, id } = await newPerson();
    const { secret } = (await call(world, cookie, 'POST /console/factors/totp', {})).data;
    pass(3_600_000);
    await env.DB.prepare('UPDATE sessions SET proved_at = ? WHERE user_id = ?')
      .bind(Date.now(), Number(id))
      .run();
    const late = { code: codeOf(secret) };
    expect((await call(world, cookie, 'POST /console/factors/totp/confirm', late)).status).toBe(
      409,
    );
    const context = createExecutionContext();
    await createApp(newIsolate()).sweep(env, context);
    await waitOnExecutionContext(context);
    expect(await rowsOf(id)).toEqual({ totps: 0, recovery_codes: 0, wrong_codes: 0 });
  });

  it('is encrypted at rest, and bound to its user', async () => {
    const [one, other] = [await newHolder(), await newHolder()];
    const sealed = await env.DB.prepare('SELECT secret FROM totps WHERE user_id = ?')
      .bind(Number(one.id))
      .first<string>('secret');
    expect(sealed).not.toContain(one.secret);
    await env.DB.prepare('UPDATE totps SET secret = ? WHERE user_id = ?')
      .bind(sealed, Number(other.id))
      .run();
    const answer = await authenticate({ ...other.proof, code: codeOf(one.secret) });
    expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([400, ['code']]);
  });

  it('works while the secret that sealed it is kept; then a recovery code helps', async () => {
    const { proof, secret, codes } = await newHolder();
    const another = randomSecret();
    const kept = newWorld({ SIGNING_SECRETS: `${another},${env.SIGNING_SECRETS}` });
    expect((await authenticate({ ...proof, code: codeOf(secret) }, kept)).status).toBe(200);
    const dropped = newWorld({ SIGNING_SECRETS: another });
    const code = codeOf(secret, 1);
    expect((await authenticate({ ...proof, code }, dropped)).status).toBe(400);
    expect((await authenticate({ ...proof, code: codes[0] }, dropped)).status).toBe(200);
  });
});

const rowsOf = async (id: string) => {
  const tables = ['totps', 'recovery_codes', 'wrong_codes'];
  const counts = await env.DB.batch<{ n: number }>(
    tables.map((table) =>
      env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE user_id = ?`).bind(Number(id)),
    ),
  );
  return Object.fromEntries(tables.map((table, at) => [table, counts[at]?.results[0]?.n]));
};

describe('signing in with a factor', () => {
  it('takes a code besides the password, and says so after a right password only', async () => {
    const { proof, secret, id } = await newHolder();
    expect(await authenticate(proof)).toMatchObject({
      status: 400,
      errors: { code: /six digits/ },
    });
    expect((await enterConsole(proof)).body).toMatchObject({ app: true });
    const wrong = { ...proof, password: 'a door that nobody painted' };
    for (const tried of [wrong, { ...wrong, code: codeOf(secret) }]) {
      expect(Object.keys((await authenticate(tried)).errors ?? {})).toEqual(['email']);
    }
    const { data, status } = await authenticate({ ...proof, code: codeOf(secret) });
    expect([status, Object.keys(data)]).toEqual([200, ['token', 'user']]);
    expect(await rowOf(data.token.slice(7, 23))).toMatchObject({ opened_by: 'CODE' });
    const console = await enterConsole({ ...proof, code: codeOf(secret, 1) });
    expect(await rowOf(sessionIn(cookieOf(console)).id)).toMatchObject({ opened_by: 'CODE' });
    expect((await eventsOf(id)).at(-1)).toBe('session.add');
  });

  it('takes codes of the step before and after, none twice, none before one used', async () => {
    const { proof, secret } = await newHolder();
    const tried = async (steps: number) =>
      (await authenticate({ ...proof, code: codeOf(secret, steps) })).status;
    // Enrolling used the one before.
    expect(await tried(-1)).toBe(400);
    expect([await tried(0), await tried(0)]).toEqual([200, 400]);
    expect([await tried(2), await tried(1), await tried(0)]).toEqual([400, 200, 400]);
    // A clock that is five minutes off.
    expect([await tried(10), await tried(-10)]).toEqual([400, 400]);
    pass(90_000);
    expect(await tried(-1)).toBe(200);
  });

  it('lets exactly one in of many that use a code at once', async () => {
    const { proof, secret, codes } = await newHolder();
    for (const code of [codeOf(secret), codes[0]]) {
      const all = await Promise.all([1, 2, 3, 4].map(() => authenticate({ ...proof, code })));
      expect(all.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    }
  });

  it.each([
    ['spaces', (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)} `],
    ['wide digits', (code: string) => code.replace(/\d/g, (d) => String.fromCharCode(0xff10 + +d))],
  ])('forgives %s', async (_, typed) => {
    const { proof, secret } = await newHolder();
    expect((await authenticate({ ...proof, code: typed(codeOf(secret)) })).status).toBe(200);
  });

  it.each([['12345'], ['1234567'], ['abcdef'], ['٠١٢٣٤٥'], ['000000-000000']])(
    'refuses %j as a wrong code',
    async (code) => {
      const { proof } = await newHolder();
      const answer = await authenticate({ ...proof, code });
      expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([400, ['code']]);
    },
  );

  it('takes each recovery code once, however it is typed', async () => {
    const { proof, codes, id } = await newHolder();
    const [one = '', two = ''] = codes;
    expect(
      (await authenticate({ ...proof, code: one.replaceAll('-', '').toLowerCase() })).status,
    ).toBe(200);
    expect((await authenticate({ ...proof, code: one })).status).toBe(400);
    const misread = two.replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('-', ' ');
    expect((await authenticate({ ...proof, code: misread })).status).toBe(200);
    expect(await rowsOf(id)).toMatchObject({ recovery_codes: 8 });
  });

  it('asks which company first, then for the code', async () => {
    const other = await newTenant(world);
    const [here, there] = [await newHolder(), await newPerson(2, other)];
    await env.DB.batch([
      env.DB.prepare('UPDATE users SET email = ? WHERE id = ?').bind(here.email, there.id),
      env.DB.prepare(
        `UPDATE passwords SET hash = (SELECT hash FROM passwords WHERE user_id = ?)
          WHERE user_id = ?`,
      ).bind(here.id, there.id),
    ]);
    const { company_id, ...anywhere } = here.proof;
    const code = codeOf(here.secret);
    expect(Object.keys((await authenticate({ ...anywhere, code })).errors ?? {})).toEqual([
      'company_id',
    ]);
    expect(Object.keys((await authenticate({ ...anywhere, company_id })).errors ?? {})).toEqual([
      'code',
    ]);
    expect((await authenticate({ ...anywhere, company_id, code })).status).toBe(200);
  });

  it('asks D1 as often as without one', async () => {
    const [holder, other] = [await newHolder(), await newPerson()];
    const d1 = watchD1();
    const counted = newWorld({ DB: d1.DB });
    const trips: number[] = [];
    for (const proof of [{ ...holder.proof, code: codeOf(holder.secret) }, other.proof]) {
      d1.trips = 0;
      expect((await authenticate(proof, counted)).status).toBe(200);
      trips.push(d1.trips);
    }
    expect(trips[0]).toBe(trips[1]);
  });

  it('ignores a code of whoever has no factor', async () => {
    const { proof } = await newPerson();
    const { data } = await authenticate({ ...proof, code: '123456' });
    expect(await rowOf(data.token.slice(7, 23))).toMatchObject({ opened_by: 'PASSWORD' });
  });

  it('opens no session by a password alone if a factor is added at that moment', async () => {
    const person = await newPerson();
    const racing = newWorld({
      DB: watchD1({
        async before({ nth }) {
          if (nth === 2) await enrol(world, person.cookie);
        },
      }).DB,
    });
    expect((await authenticate(person.proof, racing)).status).toBe(400);
  });
});

describe('wrong codes', () => {
  const wrong = (proof: object) => authenticate({ ...proof, code: '000000' });

  it('close codes for 15 minutes after ten, for right ones as well', async () => {
    const { proof, secret, codes, id } = await newHolder();
    for (let n = 0; n < 10; n++) expect((await wrong(proof)).status).toBe(400);
    const closed = await wrong(proof);
    expect(closed).toMatchObject({ status: 429, errors: { limit: /15 minutes/ } });
    expect(closed.headers.get('Retry-After')).toBe('900');
    for (const code of [codeOf(secret), codes[0]]) {
      expect((await authenticate({ ...proof, code })).body).toEqual(closed.body);
    }
    expect(
      Object.keys(
        (await authenticate({ ...proof, password: 'a door that nobody painted', code: '1' }))
          .errors ?? {},
      ),
    ).toEqual(['email']);
    expect((await eventsOf(id)).filter((one) => one === 'member.signInFailed').length).toBe(1);
    pass(15 * 60_000);
    expect((await authenticate({ ...proof, code: codeOf(secret) })).status).toBe(200);
  });

  it('are counted at once, and forgotten with a right one', async () => {
    const { proof, secret, id } = await newHolder();
    for (let n = 0; n < 9; n++) await wrong(proof);
    expect((await authenticate({ ...proof, code: codeOf(secret) })).status).toBe(200);
    expect(await rowsOf(id)).toMatchObject({ wrong_codes: 0 });
    const tries = await Promise.all(Array.from({ length: 14 }, () => wrong(proof)));
    const told = Map.groupBy(tries, ({ status }) => status);
    expect([told.get(400)?.length, told.get(429)?.length]).toEqual([10, 4]);
    pass(15 * 60_000);
    // It begins anew.
    expect((await wrong(proof)).status).toBe(400);
  });

  it('cannot be tried in the console either', async () => {
    const { cookie, proof, secret } = await newHolder();
    for (let n = 0; n < 10; n++) {
      const answer = await call(world, cookie, 'DELETE /console/factors/totp', { code: '000000' });
      expect(answer).toMatchObject({ status: 422, errors: { code: expect.any(String) } });
    }
    const code = codeOf(secret);
    expect((await call(world, cookie, 'DELETE /console/factors/totp', { code })).status).toBe(429);
    expect((await authenticate({ ...proof, code })).status).toBe(429);
  });
});

describe('removing one’s factor', () => {
  it('takes a code, and the recovery codes go with the last one', async () => {
    const { cookie, proof, secret, codes, id } = await newHolder();
    const remove = (code?: string) =>
      call(world, cookie, 'DELETE /console/factors/totp', code === undefined ? {} : { code });
    expect(await remove()).toMatchObject({ status: 422, errors: { code: 'Is missing.' } });
    expect((await remove(codeOf(secret, -1))).status).toBe(422);
    const both = await Promise.all([remove(codeOf(secret)), remove(codes[0])]);
    expect(both.map(({ status }) => status).sort()).toEqual(expect.arrayContaining([200]));
    expect(await rowsOf(id)).toMatchObject({ totps: 0, recovery_codes: 0 });
    expect((await authenticate(proof)).status).toBe(200);
    expect((await eventsOf(id)).filter((one) => one === 'member.removeFactor')).toHaveLength(1);
  });

  it('by a recovery code uses it up, if a passkey stays', async () => {
    const { cookie, codes, id } = await newHolder();
    await addPasskey(id);
    const remove = (code = '') => call(world, cookie, 'DELETE /console/factors/totp', { code });
    expect((await remove(codes[0])).status).toBe(200);
    expect(await rowsOf(id)).toMatchObject({ totps: 0, recovery_codes: 9 });
    // There is none: nothing is used up.
    expect((await remove(codes[1])).status).toBe(404);
    expect(await rowsOf(id)).toMatchObject({ recovery_codes: 9 });
  });

  it('by another app takes a code of each, and no app of somebody else', async () => {
    const { officer } = await newStrict();
    const { cookie, secret, codes, proof, id } = officer;
    const begin = async (of = cookie) =>
      (await call(world, of, 'POST /console/factors/totp', {})).data;
    const replace = (body: object) => call(world, cookie, 'PUT /console/factors/totp', body);
    const { replacement, secret: next } = await begin();
    const others = await begin((await newHolder()).cookie);
    const right = { replacement, code: codes[1], new_code: codeOf(next) };
    const notMine = { ...right, replacement: others.replacement, new_code: codeOf(others.secret) };
    for (const wrong of [{ new_code: codeOf(secret) }, { replacement: 'x' }, notMine]) {
      await expectNoChange(() => replace({ ...right, ...wrong }), {
        ...{ status: 422, errors: { new_code: /wrong/ } },
      });
    }
    // The last one was used to sign in.
    for (const code of ['000000', codeOf(next), codes[0]]) {
      expect(await replace({ ...right, code })).toMatchObject({
        ...{ status: 422, errors: { code: /wrong/ } },
      });
    }
    expect((await eventsOf(id)).filter((one) => one === 'member.addFactor')).toHaveLength(1);
    expect((await replace(right)).status).toBe(200);
    expect(await rowsOf(id)).toMatchObject({ totps: 1, recovery_codes: 8 });
    expect((await authenticate({ ...proof, code: codeOf(secret) })).status).toBe(400);
    // Each code works once, also that which set the app up, and if the same is sent again.
    expect((await authenticate({ ...proof, code: codeOf(next) })).status).toBe(400);
    expect((await authenticate({ ...proof, code: codeOf(next, 1) })).status).toBe(200);
    expect((await replace({ ...right, code: codes[2] })).status).toBe(200);
    expect((await authenticate({ ...proof, code: codeOf(next, 1) })).status).toBe(400);
    pass(60_000);
    expect((await authenticate({ ...proof, code: codeOf(next) })).status).toBe(200);
    const told = (await eventsOf(id)).filter((one) => /Factor$/.test(one));
    expect(told.slice(0, 3)).toEqual([
      'member.addFactor',
      'member.addFactor',
      'member.removeFactor',
    ]);
  });

  it('gives new recovery codes for a code; the old ones are void', async () => {
    const { cookie, proof, secret, codes } = await newHolder();
    const renew = (code: string) =>
      call(world, cookie, 'POST /console/factors/recovery-codes', { code });
    expect((await renew('000000')).status).toBe(422);
    const { data } = await renew(codeOf(secret));
    expect(data.recovery_codes).toHaveLength(10);
    expect((await renew(codeOf(secret))).status).toBe(422);
    expect((await authenticate({ ...proof, code: codes[0] })).status).toBe(400);
    const code = data.recovery_codes[0];
    expect((await authenticate({ ...proof, code })).status).toBe(200);
    const again = await renew(data.recovery_codes[1]);
    expect((await factors(cookie)).data.recovery_codes_left).toBe(10);
    expect(again.status).toBe(200);
  });

  it('is told by mail, as is adding one', async () => {
    const outbox = newOutbox();
    const posting = newWorld(outbox.bindings);
    const person = await newPerson();
    const { secret } = await enrol(posting, person.cookie);
    const renewed = await call(posting, person.cookie, 'POST /console/factors/recovery-codes', {
      code: codeOf(secret),
    });
    const begun = (await call(posting, person.cookie, 'POST /console/factors/totp', {})).data;
    await call(posting, person.cookie, 'PUT /console/factors/totp', {
      replacement: begun.replacement,
      code: renewed.data.recovery_codes[0],
      new_code: codeOf(begun.secret),
    });
    await call(posting, person.cookie, 'DELETE /console/factors/totp', {
      code: codeOf(begun.secret, 1),
    });
    const mails = outbox.takeFor(person.email);
    const said = mails.map(({ subject, text }) => `${subject}: ${text.split('\n')[2]}`);
    const told = (what: string) =>
      `Your second factors have changed: ${what} your account at Acme just now.`;
    expect(said.sort()).toEqual([
      told('An authenticator app was added to'),
      told('An authenticator app was removed from'),
      told('Another authenticator app replaced the one of'),
      told('New recovery codes, in place of the old, were made for'),
    ]);
    for (const { text } of mails) expect(text).not.toContain(secret);
  });
});

const addPasskey = (userId: string) =>
  env.DB.prepare(
    `INSERT INTO passkeys (id, user_id, name, public_key, algorithm, counter, created_at, change_id)
      VALUES (?, ?, 'A key', 'AAAA', -7, 0, 0, 'x')`,
  )
    .bind(fresh('passkey'), Number(userId))
    .run();

describe('a passkey', () => {
  it('counts as a factor: the password alone does not let in, a recovery code does', async () => {
    const { id, cookie, proof } = await newPerson();
    await addPasskey(id);
    const due = await authenticate(proof);
    expect(due).toMatchObject({ status: 400, errors: { code: /passkey/ } });
    expect((await enterConsole(proof)).body).toMatchObject({ app: false });
    expect((await enrol(world, cookie)).codes).toBeNull();
    expect((await factors(cookie)).data.passkeys).toEqual([
      {
        ...{ id: expect.any(String), name: 'A key' },
        ...{ created_at: '1970-01-01 00:00:00', last_used_at: null },
      },
    ]);
  });
});

describe('a company that requires factors', () => {
  it('needs a member of level 1 who has one', async () => {
    const [officer, other] = [await newPerson(1, await newTenant(world)), await newHolder(2)];
    expect(other.codes).toHaveLength(10);
    const before = await requireOf(officer.cookie);
    expect(before).toMatchObject(refused('FORBIDDEN requireSecondFactor'));
    await enrol(world, officer.cookie);
    expect(await requireOf(officer.cookie)).toMatchObject({
      success: true,
      intermediary: { requireSecondFactor: true, supportPermissions: ['VIEW'] },
    });
  });

  it('ends sessions that were opened without one, and lets nobody in without', async () => {
    const strict = await newTenant(world);
    const officer = await newHolder(1, strict);
    const [bob, cyd] = [await newPerson(2, strict), await newHolder(2, strict)];
    const byKey = await call(world, null, 'GET /session').then(async () =>
      succeed(
        world.call(
          strict.key,
          'addUserSession',
          { userIdentifier: bob.identifier },
          'session { accessToken }',
        ),
      ),
    );
    const withCode = cookieOf(await enterConsole({ ...cyd.proof, code: codeOf(cyd.secret) }));
    await succeed(requireOf(officer.cookie));
    const me = (cookie: string) => call(world, cookie, 'GET /console/api/user/me');
    for (const cookie of [officer.cookie, bob.cookie, cyd.cookie]) {
      expect((await me(cookie)).status).toBe(401);
    }
    expect((await me(withCode)).status).toBe(200);
    const { accessToken } = byKey.session;
    expect((await rest(world, accessToken, 'GET /user/me')).status).toBe(401);
    expect(await env.SESSIONS.get(`ses:${accessToken.slice(7, 23)}`)).toBeNull();

    const answer = await authenticate(bob.proof);
    expect(answer).toMatchObject({
      status: 400,
      errors: { code: /second factor.*http:\/\/latchkey\.test\/console\./ },
    });
    // Nor does any key.
    const opened = await world.call(strict.key, 'addUserSession', {
      userIdentifier: bob.identifier,
    });
    expect(opened).toMatchObject(refused('FORBIDDEN userIdentifier'));
    await expectNoChange(
      () => world.call(strict.key, 'ensureUserAccess', { userIdentifier: bob.identifier }),
      refused('FORBIDDEN userIdentifier'),
    );
    // End users are no members.
    const user = { externalUser: { externalId: fresh('user') } };
    await succeed(world.call(strict.key, 'ensureUserAccess', { userIdentifier: user }));
    // Switched off, all is as before.
    const back = cookieOf(await enterConsole({ ...officer.proof, code: codeOf(officer.secret) }));
    await succeed(requireOf(back, false));
    expect((await authenticate(bob.proof)).status).toBe(200);
  });

  it('leaves no session without one, whoever signs in at that moment', async () => {
    const strict = await newTenant(world);
    const [officer, bob] = [await newHolder(1, strict), await newPerson(2, strict)];
    const racing = newWorld({
      DB: watchD1({
        async before({ nth }) {
          if (nth === 2) await succeed(requireOf(officer.cookie));
        },
      }).DB,
    });
    expect((await authenticate(bob.proof, racing)).status).toBe(400);
  });

  it('keeps the last factor of a member', async () => {
    const { officer } = await newStrict();
    const code = codeOf(officer.secret);
    const remove = () => call(world, officer.cookie, 'DELETE /console/factors/totp', { code });
    await expectNoChange(remove, { status: 403, errors: { factor: /requires/ } });
    await addPasskey(officer.id);
    expect((await remove()).status).toBe(200);
  });
});

describe('enrolling', () => {
  /** Somebody who must enrol, and the cookie for it. */
  async function newcomer() {
    const { strict, officer } = await newStrict();
    const { id, email } = await newPersonOf(strict, officer.cookie);
    const proof = { email, password: PASSWORD, company_id: Number(strict.id) };
    const refusal = await enterConsole(proof);
    return { strict, officer, id, email, proof, refusal, cookie: cookieOf(refusal) };
  }
  async function newPersonOf(of: Tenant, officerCookie: string) {
    // Switched off for a moment, so that the helper can sign in.
    await succeed(requireOf(officerCookie, false));
    const person = await newPerson(2, of);
    await succeed(requireOf(officerCookie));
    return person;
  }

  it('is offered by the console after a right password, and ends in a session', async () => {
    const { refusal, cookie, proof, id } = await newcomer();
    expect(refusal).toMatchObject({
      status: 400,
      body: { enrol: true, errors: true, message: { errors: { code: expect.any(String) } } },
    });
    expect(refusal.headers.get('Set-Cookie')).toMatch(
      /=lk_enr_\w+; Max-Age=600; Path=\/; HttpOnly/,
    );
    expect((await factors(cookie)).data).toMatchObject({ totp: null, required: true });
    const { codes, confirmed, secret } = await enrol(world, cookie);
    expect(codes).toHaveLength(10);
    const session = cookieOf(confirmed);
    expect(session).toMatch(/=lk_con_/);
    expect((await call(world, session, 'GET /console/api/user/me')).data.user.id).toBe(Number(id));
    expect(await rowOf(sessionIn(session).id)).toMatchObject({ opened_by: 'CODE', console: 1 });
    // The cookie of the enrolment has done what it was for.
    expect((await factors(cookie)).status).toBe(401);
    expect((await enterConsole({ ...proof, code: codeOf(secret) })).status).toBe(200);
    expect(await eventsOf(id)).toEqual(expect.arrayContaining(['member.addFactor', 'session.add']));
  });

  it('opens nothing else, and in no other place', async () => {
    const { cookie } = await newcomer();
    const token = cookie.slice(cookie.indexOf('=') + 1);
    for (const path of ['/console/api/user/me', '/console/api/events', '/console/api/project']) {
      expect((await call(world, cookie, `GET ${path}`)).status).toBe(401);
    }
    const query = { query: '{ caller { kind } }' };
    expect((await call(world, cookie, 'POST /console/api/graphql', query)).status).toBe(401);
    for (const path of ['DELETE /console/factors/totp', 'POST /console/factors/recovery-codes']) {
      expect((await call(world, cookie, path, { code: '123456' })).status).toBe(401);
    }
    expect((await rest(world, token, 'GET /user/me')).status).toBe(401);
    expect((await world.send('/verify', token)).status).toBe(401);
    expect((await call(world, cookie, 'DELETE /console/session')).status).toBe(204);
  });

  it('is for pages of the console, as all below it', async () => {
    const { cookie } = await newcomer();
    const refused = await fromPage(world, cookie, 'GET /console/factors', undefined, {});
    expect(refused).toMatchObject({ status: 403, errors: { permission: /pages of the console/ } });
    expect((await factors(null)).status).toBe(401);
    const form = { ...OURS, 'Content-Type': 'application/x-www-form-urlencoded' };
    const sent = await fromPage(world, cookie, 'POST /console/factors/totp', '', form);
    expect(sent.status).toBe(415);
  });

  it('is void once it is old or forged, or password, level or member have changed', async () => {
    const { cookie, officer, id, proof } = await newcomer();
    const forged = cookie.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const away = newWorld({ DB: watchD1({ before: () => Promise.reject(new Error('D1')) }).DB });
    expect((await factors(forged, away)).status).toBe(401);
    expect((await factors(cookie)).status).toBe(200);
    const patch = (body: object) =>
      call(world, officer.cookie, `PATCH /console/api/user/${id}`, body);
    expect((await patch({ member_level_id: 3 })).status).toBe(200);
    expect((await factors(cookie)).status).toBe(401);
    const again = cookieOf(await enterConsole(proof));
    expect((await factors(again)).status).toBe(200);
    await patch({ status: 0 });
    expect((await factors(again)).status).toBe(401);
    await patch({ status: 1 });
    expect((await factors(again)).status).toBe(200);
    await env.DB.prepare('UPDATE passwords SET hash = hash || 1 WHERE user_id = ?').bind(id).run();
    expect((await factors(again)).status).toBe(401);
    await env.DB.prepare(
      'UPDATE passwords SET hash = substr(hash, 1, length(hash) - 1) WHERE user_id = ?',
    )
      .bind(id)
      .run();
    expect((await factors(again)).status).toBe(200);
    pass(10 * 60_000);
    expect((await factors(again)).status).toBe(401);
  });

  it.each([
    ['removed', 'DELETE', undefined],
    ['disabled', 'PATCH', { status: 0 }],
    ['demoted', 'PATCH', { member_level_id: 4 }],
  ])('is not finished by whoever was %s meanwhile', async (_, method, body) => {
    const { cookie, officer, id } = await newcomer();
    const { secret } = (await call(world, cookie, 'POST /console/factors/totp', {})).data;
    let isDone = false;
    const racing = newWorld({
      DB: watchD1({
        async before({ texts }) {
          if (isDone || !texts.some((text) => /UPDATE "totps"/.test(text))) return;
          isDone = true;
          await call(world, officer.cookie, `${method} /console/api/user/${id}`, body);
        },
      }).DB,
    });
    const code = codeOf(secret);
    const answer = await call(racing, cookie, 'POST /console/factors/totp/confirm', { code });
    expect([isDone, answer.status, answer.headers.has('Set-Cookie')]).toEqual([true, 401, false]);
    const confirmed = await env.DB.prepare(
      'SELECT count(*) AS n FROM totps WHERE user_id = ? AND confirmed_at IS NOT NULL',
    )
      .bind(Number(id))
      .first('n');
    expect(confirmed).toBe(0);
  });
});

describe('the factors of others', () => {
  it('are counted, and removed by those who may reset their password', async () => {
    const holder = await newHolder(2);
    const path = `/user/${holder.id}/second-factor`;
    const counts = { totp: true, passkeys: 0, recovery_codes_left: 10 };
    expect((await rest(world, tenant.key, `GET ${path}`)).data).toEqual(counts);
    const outbox = newOutbox();
    const posting = newWorld(outbox.bindings);
    const below = await newPerson(3);
    expect((await call(world, below.cookie, `DELETE /console/api${path}`)).status).toBe(403);
    const self = await call(world, holder.cookie, `DELETE /console/api${path}`);
    expect(self).toMatchObject({ status: 403, errors: { id: /This is you/ } });
    expect((await rest(posting, tenant.key, `DELETE ${path}`)).status).toBe(200);
    const [mail, ...others] = outbox.takeFor(holder.email);
    expect([mail?.text, others]).toEqual([expect.stringContaining('An administrator'), []]);
    expect((await authenticate(holder.proof)).status).toBe(200);
    expect(await rowsOf(holder.id)).toEqual({ totps: 0, recovery_codes: 0, wrong_codes: 0 });
  });

  it('are erased with their user', async () => {
    const holder = await newHolder(2);
    await authenticate({ ...holder.proof, code: '000000' });
    await rest(world, tenant.key, `DELETE /user/${holder.id}`);
    expect(await rowsOf(holder.id)).toEqual({ totps: 0, recovery_codes: 0, wrong_codes: 0 });
  });
});
