/**
 * Fuzzing through the front door: whatever is sent, the answer keeps to what every answer promises.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { waitForGlobalWaitUntil } from 'cloudflare:test-internal';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { hashPassword } from '../../src/base/passwords.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { forgetReads } from '../changes.ts';
import { unlimited } from '../doubles/limits.ts';
import { env, newTenant, newWorld, UNLIMITED } from '../world.ts';
import { byGuests, graphql, hostile, type Make, type Sender } from './hostile.ts';
import { Census, isWorthKeeping } from './kept.ts';
import { brokenBy, mayHaveWritten } from './promises.ts';
import { newSender } from './sender.ts';
import { requestOf, type Shot, saidBy } from './shot.ts';
import { shotsFor } from './shots.ts';
import { newStage, rowsOf, type Stage } from './stage.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * Of the long run; `npm test` has one round. `heap`: the URL that tells how large the isolate
     * is.
     */
    fuzz?: { rounds: number; seed?: number; heap: string };
  }
}

/** Requests. With each round the stage is set anew: what they have not left of it. */
const ROUND = 400;
/** In milliseconds. */
const PATIENCE = 1_000;
/**
 * In bytes: more than the one cache takes that outlives a round, of documents; half a kilobyte for
 * each request.
 */
const GROWTH = 10_000_000;

const long = inject('fuzz');
const first = long?.seed ?? Math.floor(Math.random() * 2 ** 31);
/** Rounds, until what is used most is compiled for speed. */
const WARM_UP = 10;
const rounds = Array.from({ length: long?.rounds ?? 1 }, (_, round) => first + round);
const warm = rounds.slice(0, WARM_UP).at(-1);

const bindings = {
  ...env,
  ...UNLIMITED,
  TRIES_BY_ADDRESS: unlimited,
  TRIES_BY_ACCOUNT: unlimited,
};
const app = createApp(newIsolate());
/** The real one: receivers of webhooks stand in for it later. */
const { fetch } = globalThis;

async function send(shot: Shot) {
  const context = createExecutionContext();
  const request = requestOf(shot);
  const start = performance.now();
  const { status, headers, body } = await app.fetch(request, bindings, context);
  const text = await new Response(body).text();
  const took = performance.now() - start;
  await waitOnExecutionContext(context);
  return { path: new URL(request.url).pathname, status, headers, text, took };
}

/**
 * Whether a request is slow again, and not because the machine is: that takes its time for a
 * password, too.
 */
async function isSlow(shot: Shot): Promise<boolean> {
  const { took } = await send(shot);
  const start = performance.now();
  await hashPassword('a yardstick');
  return took > Math.max(PATIENCE, 5 * (performance.now() - start));
}

/** How many answers there were of each status. */
const answered: Record<number, number> = {};

/**
 * Sends what `seed` comes to; a failure tells the request, shrunk, the promises that it broke, and
 * the answer.
 */
async function play(seed: number, stage: Stage, census: Census): Promise<void> {
  const logged = vi.spyOn(console, 'error').mockReturnValue();
  const theirs = new Set(stage.theirs);
  const property = fc.asyncProperty(shotsFor(stage), async (shot) => {
    logged.mockClear();
    const { path, took, ...answer } = await census.during(() => send(shot));
    const { status, text } = answer;
    const broken = brokenBy(shot, path, answer, stage, theirs);
    for (const [fault] of logged.mock.calls)
      broken.push(`It logs no fault: ${Object.values(fault)}`);
    if (took > PATIENCE && (await isSlow(shot))) broken.push('It takes no second.');
    if (broken.length > 0)
      throw new Error(`${broken.join('\n')}\n${status} ${text.slice(0, 2_000)}`);

    answered[status] = (answered[status] ?? 0) + 1;
    const said = mayHaveWritten(shot, answer) ? saidBy(shot) : '';
    for (const name of theirs) if (said.includes(name)) theirs.delete(name);
  });
  try {
    await fc.assert(property, { seed, numRuns: ROUND });
  } finally {
    logged.mockRestore();
  }
}

/** The ids of all credentials, companies and webhooks that there are or were. */
async function issuedIds({ credentials }: Stage): Promise<Set<string>> {
  const { results } = await env.DB.prepare(
    `SELECT id FROM sessions UNION SELECT id FROM api_keys UNION SELECT id FROM reset_tokens
      UNION SELECT CAST(id AS TEXT) FROM tenants
      UNION SELECT subject ->> 'webhookId' FROM audit_events WHERE action GLOB 'webhook.*'`,
  ).all<{ id: string }>();
  const sent = Object.values(credentials).flat();
  return new Set([...results.map(({ id }) => id), ...sent.map((token) => token.slice(7, 23))]);
}

/** How large the isolate is, without what the tests keep. */
async function sizeNow(): Promise<number> {
  if (!long) return 0;
  await Promise.allSettled([waitForGlobalWaitUntil()]);
  forgetReads();
  return Number(await (await fetch(long.heap)).text());
}

describe('whatever is sent', () => {
  let size = 0;

  beforeAll(() => {
    console.info(`${rounds.length * ROUND} requests; again: FUZZ_SEED=${first} npm run fuzz`);
  });
  afterAll(() => console.info('Answers by status:', JSON.stringify(answered)));

  it.each(rounds)(
    'is answered as promised, and leaves no trace with other tenants or in memory: seed %i',
    async (seed) => {
      const stage = await newStage(newWorld(bindings));
      const elsewhere = await rowsOf(stage);
      const census = new Census();
      await play(seed, stage, census).finally(() => census.end());

      expect(await rowsOf(stage)).toBe(elsewhere);
      const issued = await issuedIds(stage);
      expect(census.shared().filter((key) => !isWorthKeeping(key, issued))).toEqual([]);
      if (seed === warm) size = await sizeNow();
    },
    300_000,
  );

  it.runIf(long)(
    'makes the isolate no larger than its first few thousand requests did',
    async () => {
      expect((await sizeNow()) - size).toBeLessThan(GROWTH);
    },
  );
});

/** Of each kind. */
const REFUSED = 20;
/** In bytes. */
const LARGE = 700_000;

/** The `n`th large request of a kind. A document is short, so that it may be cached. */
function large(name: string, n: number, sender: Sender): Shot {
  const make = hostile[name] as Make;
  if (!byGuests.has(name)) return make(LARGE - 20 * n, sender);
  const { query } = JSON.parse(String(make(300, sender).body));
  return graphql(`${query} #${n}`, sender.key, { variables: { pad: 'x'.repeat(LARGE) } });
}

describe('whatever is refused', () => {
  it.runIf(long)(
    'leaves nothing of what it said in memory',
    async () => {
      const world = newWorld(bindings);
      const sender = await newSender(world, await newTenant(world));
      const refuse = async (from: number, to: number) => {
        for (const name of Object.keys(hostile)) {
          for (let n = from; n < to; n++) await send(large(name, n, sender));
        }
      };
      await refuse(0, 1);
      const before = await sizeNow();
      await refuse(1, REFUSED);
      expect((await sizeNow()) - before).toBeLessThan(GROWTH);
    },
    600_000,
  );
});
