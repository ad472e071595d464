/**
 * What refusing costs: the processor time of the dearest refusal, over that of a request of its
 * size that is done.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { expect, inject, it } from 'vitest';
import { createApp, newIsolate } from '../../src/index.ts';
import { watchD1 } from '../doubles/d1.ts';
import { unlimited } from '../doubles/limits.ts';
import { env, newTenant, newWorld, UNLIMITED } from '../world.ts';
import { acceptedLike } from './accepted.ts';
import { hostile } from './hostile.ts';
import { newSender } from './sender.ts';
import { requestOf, type Shot } from './shot.ts';
import { isRefused } from './small.ts';

const SIZES = [300, 13_000, 700_000];
/** In milliseconds, of each of so many batches: the clock has whole ones. */
const BATCH = 20;
const BATCHES = 3;
/**
 * In milliseconds: whatever takes less is lost in what a request takes anyhow, and in the clock's
 * steps.
 */
const LEAST = 1;
const MOST = 3;
const AGAIN = 5;

/** In milliseconds: what the isolate waited for D1, be it for one answer or for many. */
let waited = 0;
let asked = 0;
let since = 0;

const { DB } = watchD1({
  before() {
    if (asked++ === 0) since = performance.now();
  },
  after() {
    if (--asked === 0) waited += performance.now() - since;
  },
});
const bindings = {
  ...{ ...env, ...UNLIMITED, DB },
  TRIES_BY_ADDRESS: unlimited,
  TRIES_BY_ACCOUNT: unlimited,
};
const app = createApp(newIsolate());

/** In milliseconds, without what was waited. */
async function costOf(shot: Shot): Promise<{ ms: number; refused: boolean }> {
  const context = createExecutionContext();
  const request = requestOf(shot);
  waited = 0;
  const start = performance.now();
  const { status, body } = await app.fetch(request, bindings, context);
  const text = await new Response(body).text();
  const ms = performance.now() - start - waited;
  await waitOnExecutionContext(context);
  return { ms, refused: isRefused(status, text) };
}

/** The least of some averages: what else the machine does only adds to them. */
async function leastOf(shot: Shot): Promise<number> {
  await costOf(shot);
  let least = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < BATCHES; batch++) {
    let [sum, times] = [0, 0];
    while (sum < BATCH && times < 20) {
      sum += (await costOf(shot)).ms;
      times++;
    }
    least = Math.min(least, sum / times);
  }
  return Math.max(LEAST, least);
}

/**
 * Measured again where it is too much, and not because the machine is busy: that only adds to it.
 */
async function compare(shot: Shot, accepted: Shot) {
  let [refused, done] = [await leastOf(shot), await leastOf(accepted)];
  for (let again = 0; again < AGAIN && refused > MOST * done; again++) {
    refused = Math.min(refused, await leastOf(shot));
    done = Math.min(done, await leastOf(accepted));
  }
  return { ratio: refused / done, refused, done };
}

it.runIf(inject('fuzz'))(
  `costs at most ${MOST} times what doing a request of the same size costs`,
  async () => {
    const world = newWorld(bindings);
    const sender = await newSender(world, await newTenant(world));
    const rows: { name: string; size: number; ratio: number; refused: number; done: number }[] = [];
    for (const [name, make] of Object.entries(hostile)) {
      for (const wanted of SIZES) {
        const shot = make(wanted, sender);
        const accepted = acceptedLike(shot, sender);
        expect((await costOf(accepted)).refused, `${name}, ${wanted}`).toBe(false);
        const size = shot.body?.length ?? shot.target.length;
        rows.push({ name, size, ...(await compare(shot, accepted)) });
      }
    }
    const dearest = rows.toSorted((a, b) => b.ratio - a.ratio);
    const line = ({ name, size, ratio, refused, done }: (typeof rows)[number]) =>
      `${ratio.toFixed(2)} × (${refused.toFixed(1)} ms over ${done.toFixed(1)} ms): ${name}, ` +
      `${size} bytes`;
    console.info(
      'The dearest refusals, over what a request of the same size costs that is ' +
        `done:\n${dearest.slice(0, 12).map(line).join('\n')}`,
    );
    expect(dearest[0]?.ratio).toBeLessThanOrEqual(MOST);
  },
  1_200_000,
);
