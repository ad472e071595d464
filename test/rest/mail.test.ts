/** Mail: invitations, resets, what somebody asks for who forgot the password, and notices. */
import { createExecutionContext } from 'cloudflare:test';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp, newIsolate } from '../../src/index.ts';
import { D1_AWAY, d1Failing, watchD1 } from '../doubles/d1.ts';
import { limitOf, unlimited } from '../doubles/limits.ts';
import { FROM, mailBy, newOutbox, ORIGIN, type SentMail, tokensIn } from '../doubles/mail.ts';
import { hush, PASSWORD } from '../secrets.ts';
import { skipPauses } from '../time.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newKey,
  newTenant,
  newWorld,
  succeed,
  type Tenant,
  type World,
} from '../world.ts';
import { done, memberFields, newStaff, rest } from './company.ts';

const limits = { TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited };
const outbox = newOutbox();
const world = newWorld({ ...limits, ...outbox.bindings });
/** The same deployment, as if it sent no mail: it shows tokens. */
const plain = newWorld(limits);
const HOUR = 3_600_000;
const OTHER = 'a door that nobody painted';
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world, 'Acme');
});
beforeEach(() => {
  outbox.mails.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Puts the clock forward. */
const pass = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });

const add = (more: object = {}, of = tenant, from = world): Promise<Json> =>
  done(rest(from, of.key, 'POST /user', memberFields(of, more)));
const reset = (id: number, credential = tenant.key, from = world): Promise<Json> =>
  done(rest(from, credential, `POST /user/${id}/password-reset`));
const setPassword = async (reset_token: string, password = PASSWORD): Promise<number> =>
  (await rest(world, null, 'POST /password', { reset_token, password })).status;
const signIn = async (email: string, password = PASSWORD): Promise<number> =>
  (await rest(world, null, 'POST /authenticate', { email, password })).status;
const ask = (email: unknown, address = fresh('network'), from: World = world) =>
  rest(from, null, 'POST /password-reset', { email }, { 'CF-Connecting-IP': address });

/** A member with a password, whose mails so far are forgotten. */
async function newSignedUp(more: object = {}, of = tenant): Promise<Json> {
  const { user } = await add(more, of);
  const [mail] = outbox.takeFor(user.email);
  expect(await setPassword(tokensIn(mail as SentMail)[0] ?? '')).toBe(200);
  outbox.takeFor(user.email);
  return user;
}

const only = (address: string): SentMail => {
  const mails = outbox.takeFor(address);
  expect(mails).toHaveLength(1);
  return mails[0] as SentMail;
};

describe('an invitation', () => {
  it('goes to who is added, in text and HTML, and its link sets a password', async () => {
    const { user, ...more } = await add({ name: 'Ada Lovelace' });
    expect(more).toEqual({ mailed: true });
    const mail = only(user.email);
    const [token = ''] = tokensIn(mail);
    expect(mail).toMatchObject({ from: FROM, to: user.email, subject: 'Your invitation' });
    const link = `${ORIGIN}/console/password#${token}`;
    expect(mail.text).toContain(`Hello Ada Lovelace,\n\nYou have an account at Acme.`);
    expect(mail.text).toContain(`\n\n${link}\n\n`);
    expect(mail.html).toContain(`<a href="${link}">${link}</a>`);
    pass(7 * 24 * HOUR - 60_000);
    expect(await setPassword(token)).toBe(200);
    expect(await signIn(user.email)).toBe(200);
  });

  it('ends after 7 days, and once who made it could make it no more', async () => {
    const { user } = await add();
    const [token = ''] = tokensIn(only(user.email));
    pass(7 * 24 * HOUR);
    expect(await setPassword(token)).toBe(422);
    vi.useRealTimers();
    const maker = await newStaff(world, tenant, 1);
    const invited = (
      await done(rest(world, maker.token, 'POST /user', memberFields(tenant, { name: 'Bo' })))
    ).user;
    await done(rest(world, tenant.key, `PATCH /user/${maker.id}`, { status: 0 }));
    expect(await setPassword(tokensIn(only(invited.email))[0] ?? '')).toBe(422);
  });

  it('goes to nobody who is added as disabled', async () => {
    const { user, ...more } = await add({ status: 0 });
    expect(more).toEqual({ mailed: false });
    expect(outbox.mails).toEqual([]);
    expect(user.status).toBe(0);
  });

  it('is made for nobody who is not added', async () => {
    const { user } = await add();
    outbox.takeFor(user.email);
    const again = () =>
      rest(world, tenant.key, 'POST /user', memberFields(tenant, { email: user.email }));
    await expectNoChange(again, { status: 409 });
    expect(outbox.mails).toEqual([]);
  });
});

describe('a reset by an administrator', () => {
  it('goes to the member and is shown to nobody', async () => {
    const user = await newSignedUp();
    expect(await reset(user.id)).toEqual({ mailed: true });
    const mail = only(user.email);
    expect(mail.subject).toBe('Set a new password');
    expect(mail.text).toContain('An administrator of Acme asks you to set a new password:');
    expect(await setPassword(tokensIn(mail)[0] ?? '', OTHER)).toBe(200);
    expect(await signIn(user.email, OTHER)).toBe(200);
  });

  it('is an invitation for who has no password yet', async () => {
    const { user } = await add();
    outbox.takeFor(user.email);
    expect(await reset(user.id)).toEqual({ mailed: true });
    expect(only(user.email).subject).toBe('Your invitation');
  });
});

describe('without mail', () => {
  it('tokens are shown to who makes them, and adding somebody makes none', async () => {
    const { user, ...more } = await add({}, tenant, plain);
    expect(more).toEqual({ mailed: false });
    const { reset_token: token, ...rest } = await reset(user.id, tenant.key, plain);
    expect(rest).toEqual({ mailed: false });
    expect(await setPassword(token)).toBe(200);
  });

  it('nobody can ask for one', async () => {
    const { status, errors } = await ask('ada@example.com', '192.0.2.1', plain);
    expect(status).toBe(403);
    expect(errors?.email).toMatch(/^This service sends no mail\. Ask an administrator/);
  });
});

describe('a mail service that fails', () => {
  const REASON = 'E_DELIVERY_FAILED';
  const failing = mailBy(async ({ to }) => {
    throw Object.assign(new Error(`${to} is away`), { code: REASON });
  });
  const broken = newWorld({ ...limits, ...failing });

  it('fails no change: the token is shown, and the log says why, without the address', async () => {
    const warned = hush('warn');
    const { user, mailed, reset_token: first } = await add({}, tenant, broken);
    expect(mailed).toBe(false);
    expect(await setPassword(first)).toBe(200);
    const { mailed: again, reset_token: second } = await reset(user.id, tenant.key, broken);
    expect(again).toBe(false);
    expect(await setPassword(second, OTHER)).toBe(200);
    const [logged] = warned.mock.calls[0] ?? [];
    expect(logged).toMatchObject({ mail: 'Your invitation', reason: `${REASON}: … is away` });
  });

  it('is waited for 5 seconds', async () => {
    hush('warn');
    const hanging = mailBy(() => {
      // When what waits has begun.
      queueMicrotask(() => vi.advanceTimersByTime(5_000));
      return new Promise(() => {});
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { mailed, reset_token } = await add({}, tenant, newWorld({ ...limits, ...hanging }));
    expect([mailed, reset_token]).toEqual([false, expect.stringMatching(/^lk_rst_/)]);
  });

  it('is tried again behind the answer', async () => {
    skipPauses();
    hush('warn');
    const user = await newSignedUp();
    let tries = 0;
    const kept = newOutbox();
    const lame = mailBy(async (mail) => {
      tries++;
      if (tries < 3) throw new Error('busy');
      return kept.bindings.MAIL.send(mail);
    });
    expect((await ask(user.email, '192.0.2.2', newWorld({ ...limits, ...lame }))).status).toBe(202);
    expect(tries).toBe(3);
    expect(await setPassword(tokensIn(kept.mails[0] as SentMail)[0] ?? '', OTHER)).toBe(200);
  });

  it('may be a database that cannot count: the change stands, and the token is shown', async () => {
    hush('error');
    const DB = d1Failing(({ texts }) => texts.some((text) => text.includes('INTO "mailings"')));
    const { user, mailed, reset_token } = await add(
      {},
      tenant,
      newWorld({ ...limits, ...outbox.bindings, DB }),
    );
    expect(mailed).toBe(false);
    expect(outbox.mails).toEqual([]);
    expect(await setPassword(reset_token)).toBe(200);
    expect(await signIn(user.email)).toBe(200);
  });
});

describe('who forgot the password', () => {
  it('gets one mail that names all companies of the address, a token for each', async () => {
    const [one, other] = [await newTenant(world, 'One'), await newTenant(world, 'Other')];
    const email = `${fresh('both')}@example.com`;
    await newSignedUp({ email }, one);
    await add({ email }, other);
    await add({ email, status: 0 }, tenant);
    outbox.takeFor(email);
    expect(await ask(email.toUpperCase())).toMatchObject({
      status: 202,
      body: { errors: false, data: {} },
    });
    const mail = only(email);
    expect(mail.subject).toBe('Set a new password');
    expect(mail.text).toMatch(/Your account at One:.*Your account at Other:/s);
    expect(mail.text).not.toContain('Acme');
    const [first = '', second = '', ...more] = tokensIn(mail);
    expect(more).toEqual([]);
    expect(await setPassword(first, OTHER)).toBe(200);
    expect(await setPassword(first, OTHER)).toBe(422);
    expect(await setPassword(second, OTHER)).toBe(200);
  });

  it('keeps the password and the sessions, and what an administrator has made', async () => {
    const user = await newSignedUp();
    const { reset_token: made } = await reset(user.id, tenant.key, plain);
    const before = await done(rest(world, tenant.key, `GET /user/${user.id}`));
    await ask(user.email);
    expect(await done(rest(world, tenant.key, `GET /user/${user.id}`))).toEqual(before);
    expect(await signIn(user.email)).toBe(200);
    const [asked = ''] = tokensIn(only(user.email));
    // One made later leaves it as well.
    const { reset_token: later } = await reset(user.id, tenant.key, plain);
    expect(await setPassword(made, OTHER)).toBe(422);
    expect(await setPassword(asked, OTHER)).toBe(200);
    // All others end with the first that is used.
    expect(await setPassword(later, OTHER)).toBe(422);
  });

  it('sets no flag', async () => {
    const user = await newSignedUp();
    await ask(user.email);
    const { user: now } = await done(rest(world, tenant.key, `GET /user/${user.id}`));
    expect(now.require_password_reset).toBe(0);
  });

  it('has an event of it, of nobody', async () => {
    const user = await newSignedUp();
    await ask(user.email);
    const { nodes } = await world.ask(
      tenant.key,
      `{ auditEvents(first: 1, actions: ["member.askReset"]) {
        nodes { userId actor { kind credentialId user { id } } } } }`,
    );
    const actor = { kind: 'MEMBER', credentialId: null, user: null };
    expect(nodes).toEqual([{ userId: String(user.id), actor }]);
  });

  type Change = (user: Json) => unknown;
  const change = (user: Json, fields: object) =>
    done(rest(world, tenant.key, `PATCH /user/${user.id}`, fields));
  it.each<[works: boolean, when: string, Change]>([
    [true, 'nothing has changed for a day', () => pass(24 * HOUR - 60_000)],
    [false, 'a day has gone', () => pass(24 * HOUR)],
    [false, 'the address changes', (user) => change(user, { email: `${fresh('x')}@example.com` })],
    [true, 'its letters change', (user) => change(user, { email: user.email.toUpperCase() })],
    [false, 'the member is disabled', (user) => change(user, { status: 0 })],
    [
      false,
      'the member is disabled, and let in again',
      async (user) => {
        await change(user, { status: 0 });
        await change(user, { status: 1 });
      },
    ],
    [
      false,
      'the member is disabled over GraphQL, and let in again',
      async (user) => {
        const userIdentifier = { companyUser: { id: String(user.id) } };
        for (const suspended of [true, false]) {
          await succeed(world.call(tenant.key, 'updateUser', { userIdentifier, suspended }));
        }
      },
    ],
    [
      false,
      'the member is removed',
      (user) => done(rest(world, tenant.key, `DELETE /user/${user.id}`)),
    ],
    [true, 'the level changes', (user) => change(user, { member_level_id: 4 })],
  ])('its token works: %s, once %s', async (works, _, act) => {
    const user = await newSignedUp();
    await ask(user.email);
    const [token = ''] = tokensIn(only(user.email));
    await act(user);
    expect(await setPassword(token, OTHER)).toBe(works ? 200 : 422);
  });

  it('gets it at the address of the account, not at the one that is typed', async () => {
    const local = fresh('νίκος');
    const { user } = await add({ email: `${local}@bücher.example` });
    outbox.mails.length = 0;
    await ask(user.email.replace('ς', 'σ'));
    expect(outbox.mails.map(({ to }) => to)).toEqual([`${local}@xn--bcher-kva.example`]);
  });

  it.each(['"a b"@example.com', 'a@[192.0.2.1]'])('gets no mail at %s', async (email) => {
    const { mailed, reset_token } = await add({ email });
    expect([mailed, reset_token]).toEqual([false, expect.stringMatching(/^lk_rst_/)]);
    expect((await ask(email)).status).toBe(202);
    expect(outbox.mails).toEqual([]);
  });

  it('is nobody else: a key that may reset no password moves no member’s address', async () => {
    const user = await newSignedUp({ member_level_id: 1 });
    const { secret } = await newKey(world, tenant, ['users:read', 'users:write']);
    const email = `${fresh('mallory')}@example.com`;
    const move = (key: string) => rest(world, key, `PATCH /user/${user.id}`, { email });
    await expectNoChange(() => move(secret), {
      status: 403,
      errors: { email: expect.stringMatching(/needs a key with users:\* and stations:\*/) },
    });
    const letters = { email: user.email.toUpperCase(), name: 'Another name' };
    expect((await rest(world, secret, `PATCH /user/${user.id}`, letters)).status).toBe(200);
    expect(outbox.mails).toEqual([]);
    expect((await move(tenant.key)).status).toBe(200);
  });

  it('is told what is no address, and nothing else', async () => {
    for (const email of ['ada', '', null, 7, 'a@b', ' ada@example.com\r\nBcc: x@example.com']) {
      const { status, errors } = await ask(email);
      expect([email, status, Object.keys(errors ?? {})]).toEqual([email, 422, ['email']]);
    }
  });
});

describe('nobody learns who is known', () => {
  it('by the answer, what is asked of the stores, or in which order', async () => {
    const user = await newSignedUp();
    const disabled = await newSignedUp();
    await done(rest(world, tenant.key, `PATCH /user/${disabled.id}`, { status: 0 }));
    outbox.takeFor(disabled.email);
    const d1 = watchD1();
    const tries = limitOf(100);
    const counted = newWorld({
      ...outbox.bindings,
      DB: d1.DB,
      TRIES_BY_ADDRESS: tries.binding,
      TRIES_BY_ACCOUNT: tries.binding,
    });
    const answers = new Set<string>();
    for (const email of [user.email, disabled.email, `${fresh('nobody')}@example.com`]) {
      d1.trips = 0;
      tries.keys.clear();
      const { status, body, headers } = await ask(email, '192.0.2.3', counted);
      const told = [...headers].filter(([name]) => name !== 'x-request-id');
      const limited = [...tries.keys.values()];
      answers.add(JSON.stringify({ status, body, told, trips: d1.trips, limited }));
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain('"trips":2');
    expect(outbox.mails).toHaveLength(1);
  });

  it('by what is left of a limit: for nobody it counts as for somebody', async () => {
    const owned = await Promise.all(Array.from({ length: 4 }, () => add()));
    const somebody = await newSignedUp();
    const left = async (target: string): Promise<number> => {
      await env.DB.prepare('DELETE FROM mailings').run();
      const network = fresh('network');
      const [last, ...others] = owned.map(({ user }) => user.email);
      for (const email of [...others, ...others, ...others]) await ask(email, network);
      await ask(target, network);
      outbox.mails.length = 0;
      await ask(last, network);
      return outbox.takeFor(last).length;
    };
    expect([await left(somebody.email), await left(`${fresh('nobody')}@example.com`)]).toEqual([
      0, 0,
    ]);
  });

  it('by what a limit leaves to a company: others count for little', async () => {
    const other = await newTenant(world, 'Other');
    const mailed = async (email: string): Promise<boolean[]> => {
      const { user, mailed } = await add({ email }, other);
      const answers = [mailed];
      for (let n = 0; n < 6; n++) answers.push((await reset(user.id, other.key)).mailed);
      return answers;
    };
    const [alone, shared] = [`${fresh('one')}@example.com`, `${fresh('two')}@example.com`];
    const { user } = await add({ email: shared });
    for (let n = 0; n < 4; n++) await reset(user.id);
    const wanted = [true, true, true, true, true, false, false];
    expect([await mailed(alone), await mailed(shared)]).toEqual([wanted, wanted]);
  });

  it('since nothing is asked before the answer', async () => {
    const d1 = watchD1();
    const app = createApp(newIsolate());
    const { email } = await newSignedUp();
    const request = new Request('http://latchkey.test/password-reset', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email }),
    });
    const bindings = { ...env, ...limits, ...outbox.bindings, DB: d1.DB };
    const context = createExecutionContext();
    const waited: Promise<unknown>[] = [];
    context.waitUntil = (work) => void waited.push(work);
    const response = await app.fetch(request, bindings, context);
    expect([response.status, d1.trips, outbox.mails.length]).toEqual([202, 0, 0]);
    await Promise.all(waited);
    expect([d1.trips, outbox.mails.length]).toEqual([2, 1]);
  });

  it('while D1 is away', async () => {
    hush('error');
    const away = newWorld({ ...limits, ...outbox.bindings, DB: D1_AWAY });
    expect((await ask('ada@example.com', '192.0.2.4', away)).status).toBe(202);
  });
});

describe('nobody’s inbox is flooded', () => {
  it('by asking: 3 mails for an address in any hour, wherever one asks from', async () => {
    const user = await newSignedUp();
    const asked = async (): Promise<number> => {
      await ask(user.email);
      return outbox.takeFor(user.email).length;
    };
    const sent = [await asked()];
    pass(HOUR - 60_000);
    sent.push(await asked(), await asked(), await asked());
    pass(60_000);
    sent.push(await asked(), await asked());
    expect(sent).toEqual([1, 1, 1, 0, 1, 0]);
  });

  it('by asking at once', async () => {
    const user = await newSignedUp();
    await Promise.all(Array.from({ length: 6 }, () => ask(user.email)));
    expect(outbox.takeFor(user.email)).toHaveLength(3);
  });

  it('by asking for many: 10 addresses of a network in any hour, of IPv6 a /48', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, () => add()));
    outbox.mails.length = 0;
    for (const [at, { user }] of users.entries()) await ask(user.email, `2001:db8:7:${at}::1`);
    expect(outbox.mails).toHaveLength(10);
    await ask(users[11].user.email, '2001:db8:8::1');
    expect(outbox.mails).toHaveLength(11);
  });

  it('by administrators: 10 mails for an address. Then the token is shown', async () => {
    const email = `${fresh('victim')}@example.com`;
    const { user } = await add({ email });
    const other = await newTenant(world, 'Other');
    const { user: elsewhere } = await add({ email }, other);
    const answers: boolean[] = [];
    for (let n = 0; n < 5; n++) {
      answers.push((await reset(user.id)).mailed, (await reset(elsewhere.id, other.key)).mailed);
    }
    expect(answers).toEqual([...Array(8).fill(true), false, false]);
    expect(outbox.takeFor(email)).toHaveLength(10);
    const { mailed, reset_token } = await reset(user.id);
    expect([mailed, await setPassword(reset_token)]).toEqual([false, 200]);
    // What somebody asks for does not count for it.
    outbox.takeFor(email);
    await ask(email);
    expect(outbox.takeFor(email)).toHaveLength(1);
  });

  it('by other ways to write its address', async () => {
    const local = fresh('jane').replace('-', '');
    const ways = [local, `${local}+1`, `${local}+a.b`, `j.a.${local.slice(2)}`, `"${local}+"`];
    const users: Json[] = [];
    for (const way of ways) users.push((await add({ email: `${way}@example.com` })).user);
    expect(outbox.mails).toHaveLength(5);
    const other = await newTenant(world, 'Other');
    for (const way of [...ways, `${local}+2`, `${local}+3`]) {
      await add({ email: `${way}@example.com` }, other);
    }
    expect(outbox.mails).toHaveLength(10);
    outbox.mails.length = 0;
    for (const { email } of users) await ask(email);
    expect(outbox.mails).toHaveLength(3);
    // A tag alone is no name.
    for (let n = 0; n < 3; n++) await add({ email: `+${n}@example.com` });
    expect(outbox.mails).toHaveLength(6);
  });

  it('and an hour later nothing is left of the count', async () => {
    await env.DB.prepare('DELETE FROM mailings').run();
    const { user } = await add();
    await ask(user.email);
    const stored = async () => (await env.DB.prepare('SELECT * FROM mailings').all<Json>()).results;
    const rows = await stored();
    expect(rows.length).toBeGreaterThan(3);
    expect(JSON.stringify(rows)).not.toContain(user.email);
    const sweep = () => createApp(newIsolate()).sweep(env, createExecutionContext());
    await sweep();
    expect((await stored()).length).toBe(rows.length);
    pass(HOUR);
    await sweep();
    expect(await stored()).toEqual([]);
  });
});

describe('names in a mail', () => {
  const HOSTILE = {
    markup: '<script>alert(1)</script>"onerror=\'&',
    link: 'https://evil.example/login www.evil.example',
    stops: 'www。evil。example evil．example evil｡example',
    address: 'x@evil.example',
    reversed: 'Ada \u202egnp.exe\u2066 \u200f\u2028Bcc: x',
    emoji: '👩‍🚀'.repeat(33),
  };

  it.each(Object.entries(HOSTILE))('are names, and nothing else: %s', async (_, name) => {
    const company = await newTenant(world, name);
    const { user } = await add({ name }, company);
    const { from, to, subject, text, html } = only(user.email);
    expect({ from, to, subject }).toEqual({
      from: FROM,
      to: user.email,
      subject: 'Your invitation',
    });
    const links = [...text.matchAll(/https?:\/\S+|\w[.@。．｡]\w\S*/g)].map(([one]) => one);
    expect(links).toEqual([expect.stringContaining(`${ORIGIN}/console/password#`)]);
    expect(text).not.toMatch(/[\u2028\u200f\u202a-\u202e\u2066-\u2069\r]/);
    expect(html.match(/<\/?[a-z]+/g)?.filter((tag) => /script|img/.test(tag))).toEqual([]);
    expect(html.match(/<a /g)).toHaveLength(1);
    expect(html).not.toMatch(/<bdi>[^<]*["'<>][^<]*<\/bdi>/);
  });

  it('with line ends, which no name has but in the database, add no line', async () => {
    const { user } = await add();
    outbox.takeFor(user.email);
    await env.DB.prepare('UPDATE users SET name = ? WHERE id = ?')
      .bind('Ada\r\nBcc: all@example.com\r\n\r\nPay here', user.id)
      .run();
    await reset(user.id);
    expect(only(user.email).text).toMatch(
      /^Hello Ada Bcc: all@\u200bexample\.\u200bcom Pay here,\n/,
    );
  });
});

describe('a notice', () => {
  it('tells of a new password, whoever set it', async () => {
    const user = await newSignedUp();
    await ask(user.email);
    await setPassword(tokensIn(only(user.email))[0] ?? '', OTHER);
    const notice = only(user.email);
    expect(notice.subject).toBe('Your password was set');
    expect(notice.text).toContain(`${ORIGIN}/console/forgot`);
    expect(tokensIn(notice)).toEqual([]);

    const { token } = await done(
      rest(world, null, 'POST /authenticate', { email: user.email, password: OTHER }),
    );
    const own = (fields: object) => rest(world, token, 'PATCH /user/me', fields);
    await done(own({ password: PASSWORD, old_password: OTHER }));
    expect(only(user.email).subject).toBe('Your password was set');
    await done(own({ name: 'Another name' }));
    expect((await own({ password: OTHER, old_password: 'wrong' })).status).toBe(422);
    expect(outbox.mails).toEqual([]);
  });

  it('tells the old address of a new one, and not what it is', async () => {
    const user = await newSignedUp();
    const email = `${fresh('moved')}@example.com`;
    const change = (fields: object) =>
      done(rest(world, tenant.key, `PATCH /user/${user.id}`, fields));
    await change({ email: user.email.toUpperCase(), name: 'Another name' });
    expect(outbox.mails).toEqual([]);
    await change({ email });
    const notice = only(user.email);
    expect(notice.subject).toBe('Your e-mail address was changed');
    expect(notice.text + notice.html).not.toContain(email);
    expect(outbox.mails).toEqual([]);
  });

  it('is sent 10 times an hour for an account', async () => {
    const user = await newSignedUp();
    const email = `${fresh('moved')}@example.com`;
    for (let n = 0; n < 24; n++) {
      const to = n % 2 === 0 ? email : user.email;
      await done(rest(world, tenant.key, `PATCH /user/${user.id}`, { email: to }));
    }
    // The first was about the password.
    expect(outbox.takeFor(user.email)).toHaveLength(9);
  });

  it('is sent 10 times an hour to an inbox, however many accounts a company moves', async () => {
    const local = fresh('moving').replace('-', '');
    for (let n = 0; n < 12; n++) {
      const { user } = await add({ email: `${local}+${n}@example.com` });
      outbox.mails.length = 0;
      const email = `${fresh('moved')}@example.com`;
      await done(rest(world, tenant.key, `PATCH /user/${user.id}`, { email }));
      expect(outbox.mails).toHaveLength(n < 10 ? 1 : 0);
    }
    // What another company does to its account there is told.
    const other = await newTenant(world, 'Other');
    const { user } = await add({ email: `${local}@example.com` }, other);
    outbox.mails.length = 0;
    const email = `${fresh('moved')}@example.com`;
    await done(rest(world, other.key, `PATCH /user/${user.id}`, { email }));
    expect(outbox.mails).toHaveLength(1);
  });
});

describe('the mails of a company', () => {
  /** Counts each mail of the last hour so many times. */
  const count = (times: number) =>
    env.DB.prepare(
      `INSERT INTO mailings (name, at, id) SELECT m.name, m.at, m.id || j.value
        FROM mailings m, json_each(?) j`,
    )
      .bind(JSON.stringify(Array.from({ length: times - 1 }, (_, n) => n)))
      .run();
  const move = async (of: Tenant): Promise<number> => {
    const { user } = await add({}, of);
    outbox.mails.length = 0;
    const email = `${fresh('moved')}@example.com`;
    await done(rest(world, of.key, `PATCH /user/${user.id}`, { email }));
    return outbox.mails.length;
  };

  it('are 500 an hour, and its notices 500 more', async () => {
    await env.DB.prepare('DELETE FROM mailings').run();
    const company = await newTenant(world, 'Sender');
    expect([(await add({}, company)).mailed, await move(company)]).toEqual([true, 1]);
    await count(499);
    expect([(await add({}, company)).mailed, await move(company)]).toEqual([false, 1]);
    expect(await move(company)).toBe(0);
    expect([(await add({}, tenant)).mailed, await move(tenant)]).toEqual([true, 1]);
  });
});

describe('the last administrator', () => {
  const move = async (from: World, email: string): Promise<number> => {
    const own = await newTenant(from);
    const head = await newStaff(from, own, 1);
    return (await rest(from, head.token, `PATCH /user/${head.id}`, { email })).status;
  };

  it('may change the own address where mail can be sent to the new one', async () => {
    expect(await move(world, `${fresh('head')}@example.com`)).toBe(200);
    expect(await move(world, `"${fresh('the head')}"@example.com`)).toBe(403);
    expect(await move(plain, `${fresh('head')}@example.com`)).toBe(403);
  });
});
