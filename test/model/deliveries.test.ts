/**
 * Deliveries: whatever happens to Workers, nudges and receivers, each receiver ends with each event
 * of its types, in the order of the feed.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Nudge } from '../../src/domain/permit.ts';
import { newRandom, type Random } from '../domain/sessions/simulation/random.ts';
import { newReceivers, type Received, verify } from '../receiver.ts';
import { fresh, type Json, newTenant, newWorld, type Tenant } from '../world.ts';
import { callOut, consume, type Death, fetch, newMortal, sweep } from './mortals.ts';

const MINUTE = 60_000;
const KINDS = [[], ['user.*'], ['order.add', 'user.remove'], ['order.*', 'webhook.*']];

interface Hook {
  id: string;
  url: string;
  secret: string;
  types: string[];
  tenant: Tenant;
  /** Where the feed was when it was added. */
  after: string;
  /** What it has taken, and all that was sent to it before and after. */
  taken: string[];
  sent: string[];
}

const NO_PATIENCE = 1_000;
const world = newWorld();
let nudges: Nudge[];

beforeEach(() => {
  nudges = [];
  const start = setTimeout;
  vi.stubGlobal('setTimeout', (fire: () => void, ms = 0) => start(fire, ms < NO_PATIENCE ? ms : 2));
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

async function ask(tenant: Tenant, document: string, variables: object, death?: Death) {
  const request = new Request('http://latchkey.test/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${tenant.key}` },
    body: JSON.stringify({ query: document, variables }),
  });
  return (await fetch(newMortal(nudges, death), request)).json<Json>();
}

const call = async (tenant: Tenant, name: string, input: object, fields = '', death?: Death) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`;
  const document = `mutation ($input: ${type}) { ${name}(input: $input) { success ${fields} } }`;
  const { data } = await ask(tenant, document, { input }, death);
  return data?.[name];
};

/** The feed behind a cursor: the ids of events of these types, and where it ends. */
async function feedOf({ key }: Tenant, types: string[], after: string) {
  const query = new URLSearchParams({ limit: '1000', after });
  if (types.length > 0) query.set('actions', types.join(','));
  const { events, next } = await (await world.send(`/events?${query}`, key)).json<Json>();
  return { ids: events.map(({ id }: Json) => id) as string[], next: next as string };
}

async function addHook(tenant: Tenant, types: string[]): Promise<Hook> {
  const url = `https://hooks.example.com/${fresh('receiver')}`;
  const made = await call(tenant, 'addWebhook', { url, types }, 'webhook { id } secret');
  const { next } = await feedOf(tenant, [], 'latest');
  const { secret, webhook } = made;
  return { id: webhook.id, url, secret, types, tenant, after: next, taken: [], sent: [] };
}

/** Takes an event, which must come behind all that came before it in the feed. */
function take(hook: Hook, one: Received): void {
  const { id } = verify(hook.secret, one);
  expect(id).toBe(one.headers.get('webhook-id'));
  hook.sent.push(id);
}

function serve(hooks: Hook[], moods: Map<string, string>): void {
  const receivers = newReceivers();
  for (const hook of hooks) {
    receivers.answer(hook.url, (one) =>
      callOut(async () => {
        take(hook, one);
        const mood = moods.get(hook.url) ?? 'well';
        if (mood === 'well' && !hook.taken.includes(one.event.id)) hook.taken.push(one.event.id);
        if (mood === 'hanging') return new Promise<Response>(() => {});
        if (mood === 'away') throw new Error('Network connection lost.');
        // It has taken the event, and we never learn of it.
        if (mood === 'late') {
          if (!hook.taken.includes(one.event.id)) hook.taken.push(one.event.id);
          return new Promise<Response>(() => {});
        }
        return new Response(null, { status: mood === 'well' ? 204 : 503 });
      }),
    );
  }
}

const MOODS = ['well', 'well', 'well', 'failing', 'away', 'hanging', 'late'];

/** Whatever is in the queue is delivered, at once where nobody dies. */
async function drain(): Promise<void> {
  for (let next = nudges.shift(); next; next = nudges.shift())
    await consume(newMortal(nudges), next);
}

async function change(random: Random, tenant: Tenant, death?: Death): Promise<void> {
  const externalId = `u${random.between(1, 3)}`;
  const userIdentifier = { externalUser: { externalId } };
  const [name, input] = random.pick<[string, object]>([
    ['addUser', { userIdentifier }],
    ['addUser', { userIdentifier: { externalUser: { externalId: fresh('u') } } }],
    ['removeUser', { userIdentifier }],
    ['addOrder', { userIdentifier, orderId: fresh('o') }],
  ]);
  await call(tenant, name, input, '', death);
}

async function step(random: Random, hooks: Hook[], moods: Map<string, string>): Promise<void> {
  const hook = random.pick(hooks);
  const death: Death | undefined = random.chance(0.3)
    ? {
        at: random.between(1, 6),
        way: random.pick(['before', 'after']),
        isFault: random.chance(0.5),
      }
    : undefined;
  const at = random.between(0, Math.max(0, nudges.length - 1));
  switch (
    random.pick([
      'change',
      'change',
      'nudge',
      'nudge',
      'both',
      'lose',
      'mood',
      'time',
      'replay',
      'rotate',
    ])
  ) {
    case 'change':
      return change(random, hook.tenant, random.chance(0.1) ? { at: 2, way: 'after' } : undefined);
    case 'nudge': {
      const [nudge] = nudges.splice(at, 1);
      if (nudge && (await consume(newMortal(nudges, death), nudge))) nudges.push(nudge);
      return;
    }
    case 'both': {
      // Doubled, and delivered at the same time.
      const [nudge] = nudges.slice(at, at + 1);
      if (nudge) await Promise.all([0, 1].map(() => consume(newMortal(nudges), nudge)));
      return;
    }
    case 'lose':
      nudges.splice(at, 1);
      return;
    case 'mood':
      moods.set(hook.url, random.pick(MOODS));
      return;
    case 'time':
      pass(random.pick([1, 10, 60, 600]) * 1_000);
      return sweep(newMortal(nudges, death));
    case 'replay':
      await call(hook.tenant, 'updateWebhook', { id: hook.id, enabled: random.chance(0.5) });
      await call(hook.tenant, 'replayWebhook', {
        id: hook.id,
        ...(random.chance(0.3) ? { after: hook.after } : {}),
      });
      return;
    case 'rotate': {
      const input = { id: hook.id, graceSeconds: 604_800 };
      const made = await call(hook.tenant, 'rotateWebhookSecret', input, 'secret');
      if (random.chance(0.5)) hook.secret = made.secret;
      return;
    }
  }
}

describe('random histories', () => {
  it.each([1, 2, 3, 4])('end with all events, in order: %i', { timeout: 60_000 }, async (seed) => {
    const random = newRandom(seed);
    const tenants = [await newTenant(world), await newTenant(world)];
    const hooks: Hook[] = [];
    for (const [nth, types] of KINDS.entries()) {
      hooks.push(await addHook(tenants[nth % 2] as Tenant, types));
    }
    const moods = new Map<string, string>();
    serve(hooks, moods);
    for (let n = 0; n < 60; n++) await step(random, hooks, moods);

    moods.clear();
    for (const hook of hooks) await call(hook.tenant, 'replayWebhook', { id: hook.id });
    for (let n = 0; n < 3; n++) {
      pass(30 * MINUTE);
      await sweep(newMortal(nudges));
      await drain();
    }
    let count = 0;
    for (const hook of hooks) {
      const { ids } = await feedOf(hook.tenant, hook.types, hook.after);
      count += ids.length;
      expect(hook.taken, `${hook.types}`).toEqual(ids);
      // None was sent before those ahead of it were taken.
      const firsts = hook.sent.filter((id, nth) => hook.sent.indexOf(id) === nth);
      expect(firsts).toEqual(ids);
    }
    expect(count).toBeGreaterThan(10);
  });
});

describe('who sends to a webhook', () => {
  const addUsers = async (tenant: Tenant) => {
    for (const externalId of [fresh('u'), fresh('u'), fresh('u')]) {
      await call(tenant, 'addUser', { userIdentifier: { externalUser: { externalId } } });
    }
    const [nudge] = nudges.splice(0);
    if (!nudge) throw new Error('nobody was nudged');
    return nudge;
  };

  it('does so alone: a nudge that is doubled sends nothing twice', async () => {
    const tenant = await newTenant(world);
    const hook = await addHook(tenant, ['user.add']);
    serve([hook], new Map());
    const nudge = await addUsers(tenant);
    await Promise.all([0, 1, 2].map(() => consume(newMortal(nudges), nudge)));
    await consume(newMortal(nudges), nudge);
    expect(hook.sent).toEqual((await feedOf(tenant, hook.types, hook.after)).ids);
  });

  it('stops where it is told to begin again, and undoes nothing of that', async () => {
    const tenant = await newTenant(world);
    const hook = await addHook(tenant, ['user.add']);
    const nudge = await addUsers(tenant);
    // It takes its time to answer.
    vi.unstubAllGlobals();
    newReceivers().answer(hook.url, async (one) => {
      take(hook, one);
      if (hook.sent.length === 2) {
        await world.call(tenant.key, 'replayWebhook', { id: hook.id, after: hook.after });
      }
      return new Response(null, { status: 200 });
    });
    await consume(newMortal(nudges), nudge);
    await drain();
    const { ids } = await feedOf(tenant, hook.types, hook.after);
    expect(hook.sent).toEqual([...ids.slice(0, 2), ...ids]);
  });
});

describe('a delivery that dies, or fails, at any of its calls', () => {
  it('is made up for: each event is taken, in order, and sent twice at most', {
    timeout: 60_000,
  }, async () => {
    const tenant = await newTenant(world);
    const count = { calls: 0 };
    const deliverOnce = async (death?: Death) => {
      const hook = await addHook(tenant, ['user.add']);
      serve([hook], new Map());
      for (const _ of [0, 1]) {
        await call(tenant, 'addUser', {
          userIdentifier: { externalUser: { externalId: fresh('u') } },
        });
      }
      const [nudge] = nudges.splice(0);
      expect(nudge).toMatchObject({ kind: 'delivery', id: hook.id });
      const mortal = newMortal(nudges, death);
      if (nudge) await consume(mortal, nudge);
      return { hook, calls: mortal.calls };
    };
    const clean = await deliverOnce();
    expect(clean.calls).toEqual(['D1', 'D1', 'fetch', 'D1', 'fetch', 'D1']);
    expect(clean.hook.sent).toHaveLength(2);
    await call(tenant, 'removeWebhook', { id: clean.hook.id });
    for (const at of clean.calls.keys()) {
      for (const way of ['before', 'after'] as const) {
        for (const isFault of [true, false]) {
          const why = `call ${at + 1}, ${clean.calls[at]}, ${way}, ${isFault}`;
          const { hook } = await deliverOnce({ at: at + 1, way, isFault });
          pass(MINUTE);
          await sweep(newMortal(nudges));
          await drain();
          const { ids } = await feedOf(tenant, hook.types, hook.after);
          expect(hook.taken, why).toEqual(ids);
          expect(hook.sent.length, why).toBeLessThanOrEqual(3);
          await call(tenant, 'removeWebhook', { id: hook.id });
          count.calls++;
        }
      }
    }
    expect(count.calls).toBe(24);
  });
});
