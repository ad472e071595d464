/** Passkeys at the console's door: enrolled, used, and everything that somebody could try. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readNewCredential } from '../../src/base/webauthn.ts';
import { cookieOf, fromPage, newConsoleMember, OURS, rowOf, sessionIn } from '../console.ts';
import { type Authenticator, newAuthenticator, type Quirks } from '../doubles/authenticator.ts';
import { watchD1 } from '../doubles/d1.ts';
import { limitOf } from '../doubles/limits.ts';
import { env, fresh, type Json, newTenant, newWorld, randomSecret, type Tenant } from '../world.ts';

const ORIGIN = 'https://latchkey.test';
const world = newWorld({ PUBLIC_URL: ORIGIN });

let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

/** Each from its own address, or a limit would be in the way. */
const post = (path: string, body?: object, cookie: string | null = null, from = world) =>
  fromPage(from, cookie, `POST /console/${path}`, body, {
    ...OURS,
    'CF-Connecting-IP': fresh('address'),
  });

const challenge = async (from = world): Promise<Json> =>
  (await post('session/challenge', undefined, null, from)).data;

const signIn = async (key: Authenticator, quirks?: Quirks, from = world) =>
  post('session', { passkey: await key.get(await challenge(from), quirks) }, null, from);

async function enrolled(member: { id: string }, key: Authenticator): Promise<void> {
  const made = (await key.create({
    challenge: 'x',
    user: { id: Buffer.from(member.id).toString('base64url') },
  })) as Json;
  const party = { id: 'latchkey.test', origin: ORIGIN };
  const found = await readNewCredential(party, made.response.attestationObject);
  await env.DB.prepare(
    `INSERT INTO passkeys (id, user_id, name, public_key, algorithm, counter, created_at, change_id)
      VALUES (?, ?, 'key', ?, ?, ?, 1, '')`,
  )
    .bind(found?.id, Number(member.id), found?.publicKey, found?.algorithm, found?.counter)
    .run();
}

async function newHolder(options?: Parameters<typeof newAuthenticator>[1], of = tenant) {
  const member = await newConsoleMember(world, of, 2);
  const key = await newAuthenticator(ORIGIN, options);
  await enrolled(member, key);
  return { member, key };
}

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
