/** Many sign-ins at once: one hash at a time, short queues, and other calls are not delayed. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashPassword } from '../../src/base/passwords.ts';
import { WaitQueue } from '../../src/base/wait-queue.ts';
import { never } from '../doubles/d1.ts';
import { limitOf, unlimited } from '../doubles/limits.ts';
import { work } from '../quick-scrypt.ts';
import { PASSWORD } from '../secrets.ts';
import { passPauses } from '../time.ts';
import {
  fresh,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
  type World,
} from '../world.ts';
import { done, newStaff, rest } from './company.ts';

work.isTrue = true;

const bindings = { TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited };
const WRONG = 'a door that nobody painted';

let tenant: Tenant;
/** An isolate of its own. */
let world: World;

beforeAll(async () => {
  tenant = await newTenant(newWorld());
});
beforeEach(() => {
  world = newWorld(bindings);
});

const from = (address: string) => ({ 'CF-Connecting-IP': address });
const signIn = (address = fresh('address'), email = 'nobody@example.com') =>
  rest(world, null, 'POST /authenticate', { email, password: WRONG }, from(address));
const many = <Item>(count: number, make: (n: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => make(n));

describe('signing in', () => {
  it('lets eight wait; the rest is told to come again in seconds', async () => {
    const answers = await Promise.all(many(14, () => signIn()));
    const refused = answers.filter(({ status }) => status === 429);
    // Where a hash takes long, some of the eight wait for more than two seconds.
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(answers.filter(({ status }) => status === 400).length).toBeGreaterThanOrEqual(2);
    for (const { headers, errors } of refused) {
      expect(headers.get('Retry-After')).toBe('2');
      expect(errors).toEqual({ limit: expect.stringContaining('Try again') });
    }
    expect((await signIn()).status).toBe(400);
  });

  it.each([
    ['an address', () => '203.0.113.4'],
    ['a /64', (n: number) => `2001:db8:9:1::${n + 1}`],
    ['a /48', (n: number) => `2001:db8:9:${n + 1}::1`],
  ])('lets two wait of one network, %s, and nobody else is in their way', async (_, address) => {
    const start = performance.now();
    const crowd = many(6, (n) => signIn(address(n)));
    const other = signIn().then(({ status }) => ({ status, after: performance.now() - start }));
    const statuses = (await Promise.all(crowd)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(3);
    const { status, after } = await other;
    // Three hashes may take more than the two seconds that anybody waits.
    if (status !== 400) expect([status, after > 1_900]).toEqual([429, true]);
  });

  it('waits its turn by every door that hashes, and is refused alike for everybody', async () => {
    const staff = await newStaff(world, tenant, 3);
    const path = `POST /user/${staff.id}/password-reset`;
    const { reset_token } = await done(rest(world, tenant.key, path));
    const passwords = { password: PASSWORD, old_password: WRONG };
    const doors = (email: string) => [
      signIn('203.0.113.5', email),
      rest(world, null, 'POST /password', { reset_token, password: PASSWORD }, from('203.0.113.5')),
      rest(world, staff.token, 'PATCH /user/me', passwords, from('203.0.113.5')),
    ];
    const crowd = many(3, () => signIn('203.0.113.5'));
    await scheduler.wait(30);
    const refused = await Promise.all([...doors(staff.email), ...doors('nobody@example.com')]);
    const told = refused.map(({ status, body }) => JSON.stringify({ status, body }));
    expect(refused[0]?.status).toBe(429);
    expect(new Set(told).size).toBe(1);
    await Promise.all(crowd);
  });

  it('is counted by its limits before it waits', async () => {
    const { keys, binding } = limitOf(100);
    world = newWorld({ TRIES_BY_ADDRESS: binding, TRIES_BY_ACCOUNT: binding });
    await Promise.all(many(5, (n) => signIn(`2001:db8:a:${n + 1}::1`)));
    expect(keys.get('2001:db8:a')).toBe(5);
    expect(keys.get('2001:db8:a nobody@example.com')).toBe(5);
  });

  it('holds up no check of a token: it passes while a hash is made', async () => {
    const user = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const verify = async () => (await world.send(`/verify/${tenant.id}`, accessToken)).status;
    expect(await verify()).toBe(204);
    const order: string[] = [];
    const signedIn = signIn().then(() => order.push('signed in'));
    await scheduler.wait(20);
    for (let n = 0; n < 3; n++) order.push(String(await verify()));
    await signedIn;
    expect(order).toEqual(['204', '204', '204', 'signed in']);
  });
});

describe('refused credentials', () => {
  it('count by /48, so that nobody has 65,536 networks to guess from', async () => {
    const { binding } = limitOf(2);
    const limited = newWorld({ ...bindings, REFUSALS: binding });
    const statuses = [];
    for (let n = 1; n <= 3; n++) {
      const headers = from(`2001:db8:b:${n}::1`);
      statuses.push((await limited.send('/user', 'lk_key_forged', { headers })).status);
    }
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe('a turn', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is one at a time, in the order of coming', async () => {
    const turns = new WaitQueue();
    const seen: string[] = [];
    await Promise.all(
      many(4, (n) =>
        turns.take('', async (pause) => {
          seen.push(`${n} begins`);
          for (let step = 0; step < 3; step++) await pause();
          seen.push(`${n} ends`);
        }),
      ),
    );
    expect(seen).toEqual(many(4, (n) => [`${n} begins`, `${n} ends`]).flat());
  });

  it('has a line of eight, two of them of one network; the next is refused at once', async () => {
    const turns = new WaitQueue();
    let isOver = false;
    const held = turns.take('a', async (pause) => {
      while (!isOver) await pause();
    });
    const join = (network: string) => turns.take(network, async () => 'had it');
    const line = many(8, (n) => join(n < 3 ? 'a' : n < 5 ? '' : `b${n}`));
    await expect(line[2]).rejects.toMatchObject({ code: 'LIMITED', retryAfter: 2 });
    const last = join('c');
    await expect(join('d')).rejects.toMatchObject({ code: 'LIMITED' });
    isOver = true;
    await held;
    expect(await Promise.all([...line.toSpliced(2, 1), last])).toEqual(many(8, () => 'had it'));
  });

  it('is given up by whoever fails', async () => {
    const turns = new WaitQueue();
    await expect(turns.take('', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turns.take('', async () => 'mine')).toBe('mine');
  });

  it('of a request that was cancelled is over within a second or two', async () => {
    passPauses();
    const turns = new WaitQueue();
    void turns.take('a network', never);
    expect(await turns.take('a network', async () => 'mine')).toBe('mine');
    // A hash that is still running shows it, and keeps its turn.
    const long = turns.take('', async (pause) => {
      const start = Date.now();
      while (Date.now() - start < 1_500) await pause();
      return Date.now();
    });
    const next = turns.take('', async () => Date.now());
    expect(await next).toBeGreaterThanOrEqual(await long);
  });

  it('is waited for two seconds at most', async () => {
    passPauses();
    const turns = new WaitQueue();
    let isOver = false;
    const long = turns.take('', async (pause) => {
      while (!isOver) await pause();
    });
    const start = Date.now();
    await expect(turns.take('', never)).rejects.toMatchObject({ code: 'LIMITED', retryAfter: 2 });
    expect(Date.now() - start).toBeGreaterThanOrEqual(1_900);
    isOver = true;
    await long;
  });
});

it('a hash lets go of the isolate, some twenty times', async () => {
  const pause = vi.fn(async () => {});
  await hashPassword(PASSWORD, null, pause);
  expect(pause.mock.calls.length).toBeGreaterThanOrEqual(15);
});
