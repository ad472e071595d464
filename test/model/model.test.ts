/**
 * Random histories of all calls, by companies and their people, some of them at once: every store
 * and every answer agrees with the model.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writingCases } from '../operations/cases.ts';
import { newWorld } from '../world.ts';
import { tally } from './at-once.ts';
import { type Args, calls } from './calls.ts';
import { difference, facts } from './facts.ts';
import { begin, histories } from './histories.ts';
import type { Model } from './model.ts';
import {
  copies,
  keptCopies,
  questions,
  seenViews,
  storedEvents,
  storedFacts,
  tellable,
  toldEvents,
  toldFacts,
  views,
} from './observe.ts';
import { performed, type Real } from './real.ts';
import { verify } from './wire.ts';

/** For a longer run, raise this. */
const HISTORIES = 24;
const CALLS = 100;
/** To repeat a run, put its seed here. */
const SEED = Math.floor(Math.random() * 2 ** 31);
/** Where machines are slow, fewer histories have to do. */
const BUDGET_MS = HISTORIES * 1_900;
/** Shrinking a failing history takes many more; a build that is this late gives the best so far. */
const PATIENCE_MS = BUDGET_MS + 240_000;

function compare(where: string, found: string[], wanted: string[]): void {
  const lines = difference(found, wanted);
  if (lines) throw new Error(`${where} and the model disagree:\n${lines}`);
}

async function expectAgreement(m: Model, r: Real): Promise<void> {
  compare('the database', await storedFacts(r), facts(m));
  const [told, stored] = [await toldEvents(r), await storedEvents(r)];
  if (told.join() !== stored.join()) throw new Error(`The feed tells ${told}, not ${stored}.`);
  compare('the copies', await keptCopies(r, m), copies(m));
  compare('the API', await toldFacts(r, m), tellable(m));
  compare('the sessions', await seenViews(r, m), views(m));
  // An isolate that knows nothing answers from the copies.
  const elsewhere = newWorld();
  const wanted = (question: Args<'verify'>) =>
    JSON.stringify({ ...question, ...calls.verify(m, question) });
  const asked = questions(m);
  const answers: string[] = [];
  for (const question of asked) {
    answers.push(JSON.stringify({ ...question, ...(await verify(r, elsewhere, question)) }));
  }
  compare('/verify elsewhere', answers, asked.map(wanted));
}

let many = 0;

async function makeHistories(numRuns: number, seed: number): Promise<void> {
  const end = Date.now() + BUDGET_MS;
  let isAgreed = true;
  const agreement = fc.asyncProperty(fc.boolean(), histories(CALLS), async (isRaised, history) => {
    if (isAgreed && Date.now() > end) return;
    many += 1;
    const { model, real } = await begin(isRaised);
    try {
      await fc.asyncModelRun(() => ({ model, real }), history);
      await expectAgreement(model, real);
    } catch (error) {
      isAgreed = false;
      const trace = real.trace.map((line, n) => `${n + 1}. ${line}`);
      throw new Error(`${trace.join('\n')}\n${error}`);
    }
  });
  await fc.assert(agreement, {
    ...{ numRuns, seed, unbiased: true },
    ...{ interruptAfterTimeLimit: PATIENCE_MS, markInterruptAsFailure: true },
  });
}

/** A few at a time, until chance has made each call: so many times at most. */
const MORE = { histories: 4, times: 12 };

describe('after any history of calls', () => {
  it(
    'the database, the copies and the API agree with the model',
    async () => {
      try {
        await makeHistories(HISTORIES, SEED);
      } finally {
        console.info(`${many} histories of ${tally.calls} calls, from seed ${SEED}`);
      }
    },
    PATIENCE_MS + 60_000,
  );

  it(
    'every operation that changes something has done what it is for, but those ' +
      'that say why not',
    async (test) => {
      if (many !== HISTORIES) test.skip('not all histories were made, or one failed');
      const known = writingCases().filter(({ without }) => !without?.model);
      const operations = new Set(known.map(({ operation }) => operation).sort());
      for (let nth = 1; nth <= MORE.times && performed.size < operations.size; nth++) {
        await makeHistories(MORE.histories, SEED + nth);
      }
      expect([...performed].sort()).toEqual([...operations]);
    },
    PATIENCE_MS + 60_000,
  );
});
