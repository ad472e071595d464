/** Passkeys at the console's door: enrolled, used, and everything that somebody could try. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { parseAttestationObject } from '@oslojs/webauthn';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readNewCredential } from '../../src/base/webauthn.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { cookieOf, enter, fromPage, newConsoleMember, OURS, rowOf, sessionIn } from '../console.ts';
import {
  type Authenticator,
  cbor,
  type Encodable,
  newAuthenticator,
  type Quirks,
} from '../doubles/authenticator.ts';
import { watchD1 } from '../doubles/d1.ts';
import { limitOf } from '../doubles/limits.ts';
import { newOutbox, type SentMail, tokensIn } from '../doubles/mail.ts';
import { call } from '../factors.ts';
import { rest } from '../rest/company.ts';
import { PASSWORD } from '../secrets.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newKey,
  newTenant,
  newWorld,
  operator,
  randomSecret,
  type Tenant,
} from '../world.ts';

const ORIGIN = 'https://latchkey.test';
const world = newWorld({ PUBLIC_URL: ORIGIN });

let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

const post = (path: string, body?: object, cookie: string | null = null, from = world) =>
  call(from, cookie, `POST /console/${path}`, body);

const challenge = async (from = world): Promise<Json> =>
  (await post('session/challenge', undefined, null, from)).data;

const signIn = async (key: Authenticator, quirks?: Quirks, from = world) =>
  post('session', { passkey: await key.get(await challenge(from), quirks) }, null, from);

const askToEnrol = async (cookie: string, from = world): Promise<Json> =>
  (await post('factors/passkeys/challenge', {}, cookie, from)).data;

/** Adds the passkey of an authenticator by the cookie. */
const enrol = async (cookie: string, key: Authenticator, quirks?: Quirks) =>
  post(
    'factors/passkeys',
    { name: 'A key', credential: await key.create(await askToEnrol(cookie), quirks) },
    cookie,
  );

async function newHolder(options?: Parameters<typeof newAuthenticator>[1], of = tenant) {
  const member = await newConsoleMember(world, of, 2);
  const key = await newAuthenticator(ORIGIN, options);
  const { status, body } = await enrol(member.cookie, key);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return { member, key };
}

const factorsOf = async (cookie: string): Promise<Json> =>
  (await call(world, cookie, 'GET /console/factors')).data;

const changed = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run();

const passkeyOf = (key: Authenticator): Promise<Json> =>
  env.DB.prepare('SELECT * FROM passkeys WHERE id = ?').bind(key.id).first();

describe('signing in with a passkey', () => {
  it.each([
    [{ algorithm: -7 }],
    [{ algorithm: -257 }],
    [{ counts: false }],
    [{ idBytes: 1_023 }],
  ] as const)('opens a session without an address: %j', async (options) => {
    const { member, key } = await newHolder(options);
    for (let time = 0; time < 2; time++) {
      const answer = await signIn(key);
      expect(answer).toMatchObject({
        status: 200,
        data: { kind: 'member', user: { id: Number(member.id) } },
      });
      const { id } = sessionIn(cookieOf(answer));
      expect(await rowOf(id)).toMatchObject({ console: 1, opened_by: 'PASSKEY' });
      const { counter, last_used_at } = await passkeyOf(key);
      expect([counter, last_used_at > 1]).toEqual([key.counter, true]);
    }
  });

  it('asks for any passkey of this host, for five minutes, and looks nothing up', async () => {
    const d1 = watchD1();
    expect(await challenge(newWorld({ PUBLIC_URL: ORIGIN, DB: d1.DB }))).toEqual({
      challenge: expect.stringMatching(/^[\w-]{120,130}$/),
      rpId: 'latchkey.test',
      timeout: 300_000,
      userVerification: 'required',
    });
    expect(d1.trips).toBe(0);
  });

  it('needs no password: neither one that was set, nor one that need not be reset', async () => {
    const { member, key } = await newHolder();
    await changed('UPDATE passwords SET reset_required = 1 WHERE user_id = ?', Number(member.id));
    expect((await signIn(key)).data.user.require_password_reset).toBe(1);
    await changed('DELETE FROM passwords WHERE user_id = ?', Number(member.id));
    expect((await signIn(key)).status).toBe(200);
  });

  it('is refused alike, whatever is wrong', async () => {
    const { member, key } = await newHolder();
    const other = await newHolder();
    const stranger = await newAuthenticator(ORIGIN);
    const d1 = watchD1();
    const counted = newWorld({ PUBLIC_URL: ORIGIN, DB: d1.DB });
    const told: object[] = [];
    const refuse = async (who: Authenticator, quirks: Quirks = {}, trips = 2) => {
      const passkey = await who.get(await challenge(counted), quirks);
      d1.trips = 0;
      const answer = await post('session', { passkey }, null, counted);
      expect([quirks, d1.trips]).toEqual([quirks, trips]);
      expect(answer.headers.has('Set-Cookie')).toBe(false);
      told.push({ status: answer.status, body: answer.body });
    };
    await refuse(stranger);
    for (const quirks of [
      { rpId: 'evil.test' },
      { flags: 0x01 },
      { flags: 0x04 },
      { flags: 0 },
      { userHandle: Buffer.from(other.member.id).toString('base64url') },
      { id: other.key.id },
      { signature: () => new Uint8Array([0x30, 0]) },
      { signature: (right: Uint8Array<ArrayBuffer>) => right.with(20, (right[20] ?? 0) ^ 1) },
      { signature: (right: Uint8Array<ArrayBuffer>) => right.slice(0, -1) },
      { signature: () => new Uint8Array(300) },
    ] as Quirks[]) {
      await refuse(key, quirks);
    }
    const elsewhere = newWorld({ PUBLIC_URL: 'https://latchkey.example' });
    const signing = newWorld({ PUBLIC_URL: ORIGIN, SIGNING_SECRETS: randomSecret() });
    for (const quirks of [
      { origin: 'https://evil.test' },
      { origin: 'http://latchkey.test' },
      { origin: `${ORIGIN}:8443` },
      { origin: `${ORIGIN}/` },
      { crossOrigin: true },
      { type: 'webauthn.create' },
      { challenge: '' },
      { challenge: Buffer.from('garbage').toString('base64url') },
      { challenge: (await challenge(elsewhere)).challenge },
      { challenge: (await challenge(signing)).challenge },
    ] as Quirks[]) {
      await refuse(key, quirks, 1);
    }
    await changed('UPDATE users SET suspended_at = 1 WHERE id = ?', Number(member.id));
    await refuse(key);
    await world.send(`/user/${other.member.id}`, tenant.key, { method: 'DELETE' });
    await refuse(other.key);
    const gone = await newTenant(world);
    const left = await newHolder({}, gone);
    await changed('UPDATE tenants SET removed_at = 1 WHERE id = ?', Number(gone.id));
    await refuse(left.key);
    expect(told[0]).toMatchObject({ status: 400, body: { message: { errors: { passkey: /^/ } } } });
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  it('takes each challenge once, be it at the same moment, and for five minutes', async () => {
    const { key } = await newHolder();
    const [first, second] = [await challenge(), await challenge()];
    const passkey = await key.get(first);
    expect((await post('session', { passkey })).status).toBe(200);
    // With another count, so that nothing else is in the way.
    expect((await post('session', { passkey: await key.get(first) })).status).toBe(400);
    const many = await Promise.all(
      [1, 2, 3].map(async () => post('session', { passkey: await key.get(second) })),
    );
    expect(many.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const [third, fourth] = [await challenge(), await challenge()];
    vi.advanceTimersByTime(5 * 60_000 - 1);
    expect((await post('session', { passkey: await key.get(third) })).status).toBe(200);
    vi.advanceTimersByTime(1);
    expect((await post('session', { passkey: await key.get(fourth) })).status).toBe(400);
    vi.useRealTimers();
  });

  it('refuses a passkey whose count does not grow, and says that it may be copied', async () => {
    const { member, key } = await newHolder();
    await signIn(key);
    const counter = key.counter;
    for (const count of [counter, counter - 1, 0]) {
      const answer = await signIn(key, { counter: count });
      expect([answer.status, answer.errors?.passkey]).toEqual([
        400,
        expect.stringContaining('copied'),
      ]);
    }
    expect((await passkeyOf(key)).counter).toBe(counter);
    const events = `SELECT count(*) AS many FROM audit_events
      WHERE user_id = ? AND action = 'member.signInFailed'`;
    const told = await env.DB.prepare(events).bind(Number(member.id)).first<Json>();
    expect(told.many).toBe(1);
    // The member's own is ahead of the copy.
    expect((await signIn(key)).status).toBe(200);
  });

  it('never goes back to a lower count, though both are used at the same moment', async () => {
    const { key } = await newHolder();
    const asked = await Promise.all([challenge(), challenge(), challenge()]);
    const passkeys = await Promise.all(
      asked.map((one, at) => key.get(one, { counter: [9, 5, 7][at] ?? 0 })),
    );
    const answers = await Promise.all(passkeys.map((passkey) => post('session', { passkey })));
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect((await passkeyOf(key)).counter).toBe(9);
  });

  it('is limited as signing in is', async () => {
    const tries = limitOf(2);
    const limited = newWorld({ PUBLIC_URL: ORIGIN, TRIES_BY_ADDRESS: tries.binding });
    const headers = { ...OURS, 'CF-Connecting-IP': '192.0.2.7' };
    const call = (path: string, body?: object) =>
      fromPage(limited, null, `POST /console/${path}`, body, headers);
    const { key } = await newHolder();
    const passkey = await key.get((await call('session/challenge')).data);
    expect((await call('session', { passkey })).status).toBe(200);
    expect((await call('session', { passkey })).status).toBe(429);
    expect((await call('session/challenge')).status).toBe(429);
  });

  it.each([
    [{ passkey: 'x' }, ['passkey']],
    [{ passkey: null }, ['passkey']],
    [{ passkey: [] }, ['passkey']],
    [{ passkey: {} }, ['passkey']],
    [{ passkey: { id: 'x' }, email: 'ada@example.com' }, ['passkey']],
    [{ passkey: { id: 'é', response: {} } }, ['passkey']],
    [{ passkey: { id: 'x'.repeat(1_365), response: { signature: 7 } } }, ['passkey']],
  ])('refuses %j, and says which field is wrong', async (body, fields) => {
    const answer = await post('session', body);
    expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([422, fields]);
  });
});

describe('adding a passkey', () => {
  it('asks for a key that is found without an address, and has none yet', async () => {
    const { member, key } = await newHolder();
    const asked = await askToEnrol(member.cookie);
    expect(asked).toEqual({
      challenge: expect.stringMatching(/^[\w-]{120,130}$/),
      rp: { id: 'latchkey.test', name: 'Latchkey' },
      user: { id: expect.any(String), name: member.email, displayName: 'A Member' },
      pubKeyCredParams: [
        { type: 'public-key', alg: -7 },
        { type: 'public-key', alg: -257 },
      ],
      excludeCredentials: [{ type: 'public-key', id: key.id }],
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      attestation: 'none',
      timeout: 300_000,
    });
    expect(Buffer.from(asked.user.id, 'base64url').toString()).not.toContain('@');
  });

  it('gives recovery codes with the first factor alone, and lists all', async () => {
    const member = await newConsoleMember(world, tenant, 4);
    const [one, other] = [await newAuthenticator(ORIGIN), await newAuthenticator(ORIGIN)];
    const [first, second] = [await enrol(member.cookie, one), await enrol(member.cookie, other)];
    expect(first.data).toEqual({
      passkey: {
        id: one.id,
        name: 'A key',
        created_at: expect.stringMatching(/^20.{8} .{8}$/),
        last_used_at: null,
      },
      recovery_codes: Array(10).fill(expect.stringMatching(/^(\w{4}-){3}\w{4}$/)),
    });
    expect(second.data.recovery_codes).toBeNull();
    await signIn(other);
    expect(await factorsOf(member.cookie)).toMatchObject({
      totp: null,
      passkeys: [
        { id: one.id, last_used_at: null },
        { id: other.id, last_used_at: expect.any(String) },
      ],
      recovery_codes_left: 10,
      fits_passkeys: true,
    });
    const withPassword = await post('session', member.proof);
    expect([withPassword.status, Object.keys(withPassword.errors ?? {})]).toEqual([400, ['code']]);
    const code = first.data.recovery_codes[0];
    expect((await post('session', { ...member.proof, code })).status).toBe(200);
  });

  it('ignores what is attested, and what extensions say', async () => {
    const member = await newConsoleMember(world, tenant, 2);
    const key = await newAuthenticator(ORIGIN);
    const rest = cbor(new Map([['credProtect', 2]]));
    expect((await enrol(member.cookie, key, { format: 'packed', flags: 0xc5, rest })).status).toBe(
      200,
    );
    expect((await signIn(key)).status).toBe(200);
  });

  it.each([-7, -257] as const)('reads a key as another library does: %i', async (algorithm) => {
    const key = await newAuthenticator(ORIGIN, { algorithm });
    const made = (await key.create({ challenge: 'x', user: { id: 'x' } })) as Json;
    const { attestationObject } = made.response;
    const party = { id: 'latchkey.test', origin: ORIGIN };
    const { authenticatorData } = parseAttestationObject(
      Buffer.from(attestationObject, 'base64url'),
    );
    const { id, publicKey } = authenticatorData.credential ?? {};
    const read = await readNewCredential(party, attestationObject);
    expect(read).toMatchObject({ id: key.id, algorithm: publicKey?.algorithm(), counter: 1 });
    expect(Buffer.from(id ?? [])).toEqual(Buffer.from(key.id, 'base64url'));
    const stored = Buffer.from(read?.publicKey ?? '', 'base64url').toString('hex');
    const numbers = algorithm === -7 ? publicKey?.ec2() : publicKey?.rsa();
    const [first, second] =
      numbers && 'x' in numbers ? [numbers.x, numbers.y] : [numbers?.n, numbers?.e];
    expect(stored).toContain(first?.toString(16));
    expect(stored).toContain(second?.toString(16));
  });

  it('is refused alike, whatever is wrong, and changes nothing', async () => {
    const member = await newConsoleMember(world, tenant, 2);
    const other = await newConsoleMember(world, tenant, 2);
    const key = await newAuthenticator(ORIGIN);
    const point = (x: number, y: number, curve = 1, alg = -7) =>
      new Map<number, Encodable>([
        [1, 2],
        [3, alg],
        [-1, curve],
        [-2, new Uint8Array(32).fill(x)],
        [-3, new Uint8Array(32).fill(y)],
      ]);
    const rsa = (bytes: number, exponent: number[]) =>
      new Map<number, Encodable>([
        [1, 3],
        [3, -257],
        [-1, new Uint8Array(bytes).fill(255)],
        [-2, new Uint8Array(exponent)],
      ]);
    const signing = newWorld({ PUBLIC_URL: ORIGIN, SIGNING_SECRETS: randomSecret() });
    const told = new Set<string>();
    for (const quirks of [
      { origin: 'https://evil.test' },
      { crossOrigin: true },
      { type: 'webauthn.get' },
      { rpId: 'evil.test' },
      { flags: 0x41 },
      { flags: 0x44 },
      { flags: 0x05 },
      { id: 'another' },
      { challenge: (await challenge()).challenge },
      { challenge: (await askToEnrol(other.cookie)).challenge },
      { challenge: 'eA' },
      { cose: point(1, 1) },
      { cose: point(1, 1, 2) },
      { cose: point(1, 1, 1, -8) },
      { cose: rsa(128, [1, 0, 1]) },
      { cose: rsa(1_024, [1, 0, 1]) },
      { cose: rsa(256, [3]) },
      { cose: 'a text' },
      { rest: new Uint8Array([0xff]) },
      { rest: new Uint8Array([0x9b, 255, 255, 255, 255, 255, 255, 255, 255]) },
      { rest: new Uint8Array(64).fill(0x81) },
    ] as Quirks[]) {
      const credential = await key.create(await askToEnrol(member.cookie), quirks);
      await expectNoChange(
        async () => {
          const body = {
            name: 'A key',
            credential: { ...credential, ...(quirks.id && { id: quirks.id }) },
          };
          const answer = await post('factors/passkeys', body, member.cookie);
          told.add(JSON.stringify([answer.status, answer.body]));
          return { ...answer, quirks };
        },
        { status: 422, errors: { credential: expect.any(String) }, quirks },
      );
    }
    const elsewhere = await askToEnrol(member.cookie, signing);
    const credential = await key.create(elsewhere);
    const answer = await post('factors/passkeys', { name: 'A key', credential }, member.cookie);
    told.add(JSON.stringify([answer.status, answer.body]));
    expect(told.size).toBe(1);
  });

  it('takes a challenge once, and a credential once, without telling whose it is', async () => {
    const { member, key } = await newHolder();
    const other = await newConsoleMember(world, tenant, 2);
    for (const { cookie } of [member, other]) {
      const answer = await enrol(cookie, key);
      expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([409, ['credential']]);
    }
    const asked = await askToEnrol(other.cookie);
    const keys = await Promise.all([1, 2, 3].map(() => newAuthenticator(ORIGIN)));
    const answers = await Promise.all(
      keys.map(async (one) =>
        post('factors/passkeys', { name: 'x', credential: await one.create(asked) }, other.cookie),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
    expect((await factorsOf(other.cookie)).passkeys).toHaveLength(1);
  });

  it('is for at most 20 passkeys, though they come at the same moment', async () => {
    const member = await newConsoleMember(world, tenant, 2);
    await changed(
      `INSERT INTO passkeys
          (id, user_id, name, public_key, algorithm, counter, created_at, change_id)
        SELECT ? || j.value, ?, 'x', 'x', -7, 0, 1, '' FROM json_each(?) j`,
      fresh('many'),
      Number(member.id),
      JSON.stringify([...Array(19).keys()]),
    );
    const answers = await Promise.all(
      [1, 2, 3].map(async () => enrol(member.cookie, await newAuthenticator(ORIGIN))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it.each([
    ['', 422],
    [' ', 422],
    ['x'.repeat(101), 422],
    ['x'.repeat(100), 200],
    ['⁧key', 200],
    ['a\nb', 422],
    [7, 422],
  ])('takes names of 1 to 100 characters: %j', async (name, status) => {
    const { member, key } = await newHolder();
    const path = `PATCH /console/factors/passkeys/${key.id}`;
    const answer = await call(world, member.cookie, path, { name });
    expect([answer.status, Object.keys(answer.errors ?? {})]).toEqual([
      status,
      status === 200 ? [] : ['name'],
    ]);
    expect((await passkeyOf(key)).name).toBe(status === 200 ? name : 'A key');
  });

  it('opens a session for somebody who had to enrol, and gives the cookie of it', async () => {
    const strict = await newTenant(world);
    const member = await newConsoleMember(world, strict, 2);
    await changed('UPDATE tenants SET require_second_factor = 1 WHERE id = ?', Number(strict.id));
    const refused = await post('session', member.proof);
    expect([refused.status, refused.body.enrol]).toEqual([400, true]);
    const answer = await enrol(cookieOf(refused), await newAuthenticator(ORIGIN));
    expect(answer).toMatchObject({ status: 200, data: { recovery_codes: expect.any(Array) } });
    const { id } = sessionIn(cookieOf(answer));
    expect(await rowOf(id)).toMatchObject({ console: 1, opened_by: 'PASSKEY' });
    expect((await factorsOf(cookieOf(answer))).required).toBe(true);
    const again = await post('factors/passkeys/challenge', {}, cookieOf(refused));
    expect(again.status).toBe(401);
  });

  it('is for members and those who enrol alone', async () => {
    const { member, key } = await newHolder();
    const calls = [
      ['POST /console/factors/passkeys/challenge', {}],
      [
        'POST /console/factors/passkeys',
        { name: 'x', credential: await key.create({ challenge: 'x', user: { id: 'x' } }) },
      ],
      [`PATCH /console/factors/passkeys/${key.id}`, { name: 'x' }],
      [`DELETE /console/factors/passkeys/${key.id}`, {}],
    ] as const;
    const operators = await enter(world, { operatorKey: operator });
    for (const [name, body] of calls) {
      expect([name, (await call(world, operators, name, body)).status]).toEqual([name, 403]);
      expect([name, (await call(world, null, name, body)).status]).toEqual([name, 401]);
      const elsewhere = await fromPage(world, member.cookie, name, body, {
        'Sec-Fetch-Site': 'cross-site',
      });
      expect([name, elsewhere.status]).toEqual([name, 403]);
    }
  });
});

describe('removing a passkey', () => {
  const remove = (cookie: string, id: string) =>
    call(world, cookie, `DELETE /console/factors/passkeys/${id}`, {});

  it('ends it, and with the last factor the recovery codes', async () => {
    const { member, key } = await newHolder();
    const second = await newAuthenticator(ORIGIN);
    await enrol(member.cookie, second);
    expect((await remove(member.cookie, key.id)).status).toBe(200);
    expect((await signIn(key)).status).toBe(400);
    expect(await factorsOf(member.cookie)).toMatchObject({ recovery_codes_left: 10 });
    expect((await remove(member.cookie, second.id)).status).toBe(200);
    expect(await factorsOf(member.cookie)).toMatchObject({ passkeys: [], recovery_codes_left: 0 });
    expect((await remove(member.cookie, second.id)).status).toBe(404);
    expect((await post('session', member.proof)).status).toBe(200);
  });

  it('is not for the last factor that a company requires, though two go at once', async () => {
    const strict = await newTenant(world);
    const { member, key } = await newHolder({}, strict);
    const second = await newAuthenticator(ORIGIN);
    await enrol(member.cookie, second);
    await changed('UPDATE tenants SET require_second_factor = 1 WHERE id = ?', Number(strict.id));
    const cookie = cookieOf(await signIn(key));
    const answers = await Promise.all([key, second].map(({ id }) => remove(cookie, id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect((await factorsOf(cookie)).passkeys).toHaveLength(1);
  });

  it('and renaming it are for its member alone: it looks like one of nobody', async () => {
    const { key } = await newHolder();
    const { member: other } = await newHolder();
    const told = [];
    for (const id of [key.id, 'nobody', 'é', 'x'.repeat(5_000)]) {
      for (const [method, body] of [
        ['DELETE', {}],
        ['PATCH', { name: 'Mine' }],
      ] as const) {
        const path = `${method} /console/factors/passkeys/${encodeURIComponent(id)}`;
        const { status, body: answer } = await call(world, other.cookie, path, body);
        told.push(JSON.stringify([status, answer]));
      }
    }
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toContain('404');
    expect((await passkeyOf(key)).name).toBe('A key');
  });
});

describe('a passkey', () => {
  it('goes with the password of an address that an administrator changes', async () => {
    const { member, key } = await newHolder();
    const change = (body: object) => rest(world, tenant.key, `PATCH /user/${member.id}`, body);
    expect((await change({ name: 'Another' })).status).toBe(200);
    expect((await signIn(key)).status).toBe(200);
    expect((await change({ email: `${fresh('moved')}@example.com` })).status).toBe(200);
    expect((await signIn(key)).status).toBe(400);
    const left = await env.DB.prepare(
      'SELECT count(*) AS many FROM recovery_codes WHERE user_id = ?',
    )
      .bind(Number(member.id))
      .first<Json>();
    expect(left.many).toBe(0);
  });

  it('stays with a new password, unless the old one was within bounds', async () => {
    const { member, key } = await newHolder();
    const reset = async () => {
      const path = `POST /user/${member.id}/password-reset`;
      const { reset_token } = (await rest(world, tenant.key, path)).data;
      const address = { 'CF-Connecting-IP': fresh('address') };
      await rest(world, null, 'POST /password', { reset_token, password: PASSWORD }, address);
    };
    await reset();
    expect((await signIn(key)).status).toBe(200);
    await changed("UPDATE passwords SET cap = '[]' WHERE user_id = ?", Number(member.id));
    await reset();
    expect((await signIn(key)).status).toBe(400);
  });

  it('stays for whoever only reads the mails of its member, with the bounds', async () => {
    const outbox = newOutbox();
    const mailing = newWorld({ ...outbox.bindings, PUBLIC_URL: ORIGIN });
    const { member, key } = await newHolder();
    const capOf = async () =>
      (
        await env.DB.prepare('SELECT cap FROM passwords WHERE user_id = ?')
          .bind(Number(member.id))
          .first<Json>()
      ).cap;
    const ask = async () => {
      const headers = () => ({ 'CF-Connecting-IP': fresh('address') });
      outbox.takeFor(member.email);
      await rest(mailing, null, 'POST /password-reset', { email: member.email }, headers());
      const [reset_token] = tokensIn(outbox.takeFor(member.email)[0] as SentMail);
      const body = { reset_token, password: PASSWORD };
      expect((await rest(world, null, 'POST /password', body, headers())).status).toBe(200);
    };
    await changed("UPDATE passwords SET cap = '[]' WHERE user_id = ?", Number(member.id));
    await ask();
    expect(await capOf()).toBe('[]');
    expect(await post('session', member.proof)).toMatchObject({
      status: 400,
      errors: { code: expect.stringContaining('passkey') },
    });
    const cookie = cookieOf(await signIn(key));
    expect((await rowOf(sessionIn(cookie).id)).cap).toBe('[]');
    // Without a passkey, the bounds of the password go.
    await changed('DELETE FROM passkeys WHERE user_id = ?', Number(member.id));
    await ask();
    expect(await capOf()).toBeNull();
  });

  it('stays for a key within bounds, whose bounds stay too', async () => {
    const { member, key } = await newHolder();
    const members = ['users:read', 'users:write', 'stations:read', 'stations:write'];
    for (const [more, left] of [
      [['orders:read'], ['orders:read']],
      [['orders:read', 'audit:read'], ['orders:read']],
      [[], []],
    ]) {
      const { secret } = await newKey(world, tenant, [...members, ...(more ?? [])]);
      const { reset_token } = (await rest(world, secret, `POST /user/${member.id}/password-reset`))
        .data;
      const address = { 'CF-Connecting-IP': fresh('address') };
      await rest(world, null, 'POST /password', { reset_token, password: PASSWORD }, address);
      const cookie = cookieOf(await signIn(key));
      const { cap } = await rowOf(sessionIn(cookie).id);
      expect(JSON.parse(cap).sort()).toEqual([...members, ...(left ?? [])].sort());
    }
  });

  it('goes with a password that a leaked key has set', async () => {
    const { member, key } = await newHolder();
    const untouched = await newHolder();
    const leaked = await newKey(world, tenant, [
      'users:read',
      'users:write',
      'stations:read',
      'stations:write',
    ]);
    const path = `POST /user/${member.id}/password-reset`;
    const { reset_token } = (await rest(world, leaked.secret, path)).data;
    const address = { 'CF-Connecting-IP': fresh('address') };
    await rest(world, null, 'POST /password', { reset_token, password: PASSWORD }, address);
    expect((await signIn(key)).status).toBe(200);
    const input = { id: leaked.id, endMinted: true };
    expect((await world.call(tenant.key, 'removeApiKey', input)).success).toBe(true);
    expect((await signIn(key)).status).toBe(400);
    expect((await signIn(untouched.key)).status).toBe(200);
  });
});

describe('fresh proof by a passkey', () => {
  const ask = async (cookie: string): Promise<Json> =>
    (await post('session/proof/challenge', undefined, cookie)).data;
  const provedAt = async (cookie: string): Promise<number> =>
    (await rowOf(sessionIn(cookie).id)).proved_at;

  it('is asked of the member, who may have no password, and noted in the session', async () => {
    const { member, key } = await newHolder();
    await changed('DELETE FROM passwords WHERE user_id = ?', Number(member.id));
    const asked = await ask(member.cookie);
    expect(asked.allowCredentials).toEqual([{ type: 'public-key', id: key.id }]);
    await changed(
      'UPDATE sessions SET proved_at = 1, created_at = 1 WHERE user_id = ?',
      Number(member.id),
    );
    const remove = () =>
      call(world, member.cookie, `DELETE /console/factors/passkeys/${key.id}`, {});
    const stale = await remove();
    expect([stale.status, Object.keys(stale.errors ?? {})]).toEqual([403, ['proof']]);
    const adding = await post('factors/passkeys/challenge', {}, member.cookie);
    expect([adding.status, Object.keys(adding.errors ?? {})]).toEqual([403, ['proof']]);
    const passkey = await key.get(asked);
    expect((await post('session/proof', { passkey }, member.cookie)).status).toBe(200);
    expect(await provedAt(member.cookie)).toBeGreaterThan(1);
    expect((await remove()).status).toBe(200);
  });

  it('takes no passkey or challenge of anybody else, nor one for another aim', async () => {
    const { member, key } = await newHolder();
    const other = await newHolder();
    await changed('UPDATE sessions SET proved_at = 1 WHERE user_id = ?', Number(member.id));
    const own = await ask(member.cookie);
    const tries = [
      await other.key.get(own),
      await other.key.get(own, { userHandle: Buffer.from(member.id).toString('base64url') }),
      await key.get(await ask(other.member.cookie)),
      await key.get(await challenge()),
      await key.get(own, { flags: 0x01 }),
      await key.get(own, { counter: 1 }),
    ];
    const told = new Set<string>();
    for (const passkey of tries) {
      const answer = await post('session/proof', { passkey }, member.cookie);
      told.add(JSON.stringify([answer.status, answer.body]));
      expect(await provedAt(member.cookie)).toBe(1);
    }
    expect([...told]).toEqual([expect.stringContaining('passkey')]);
    expect((await post('session', { passkey: await key.get(own) })).status).toBe(400);
  });
});

it('the sweep forgets challenges that have ended, and no others', async () => {
  await changed('DELETE FROM spent_challenges');
  const { key } = await newHolder();
  await signIn(key);
  await changed(
    'UPDATE spent_challenges SET ends_at = 1 WHERE id = (SELECT min(id) FROM spent_challenges)',
  );
  const context = createExecutionContext();
  await createApp(newIsolate()).sweep(env, context);
  await waitOnExecutionContext(context);
  const left = await env.DB.prepare('SELECT count(*) AS many FROM spent_challenges').first<Json>();
  expect(left.many).toBe(1);
});

describe('where passkeys are', () => {
  it.each([
    ['http://latchkey.test', undefined, 403],
    ['http://127.0.0.1:8787', undefined, 403],
    ['https://192.0.2.1', undefined, 403],
    ['http://latchkey.test', 'http://127.0.0.1:8787', 403],
    ['http://latchkey.test', 'http://[::1]:8787', 403],
    ['http://localhost:8787', undefined, 200],
    ['http://latchkey.test', 'http://localhost:8787', 200],
    ['http://evil.test', ORIGIN, 200],
  ])('at %s, PUBLIC_URL being %s: %i', async (origin, publicUrl, status) => {
    const there = newWorld(publicUrl === undefined ? {} : { PUBLIC_URL: publicUrl });
    const request = new Request(`${origin}/console/session/challenge`, {
      method: 'POST',
      headers: OURS,
    });
    const answer = await there.fetch(request);
    const { data, message } = (await answer.json()) as Json;
    expect([answer.status, data?.rpId ?? Object.keys(message.errors)]).toEqual([
      status,
      status === 200 ? new URL(publicUrl ?? origin).hostname : ['passkey'],
    ]);
  });
});
