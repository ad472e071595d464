/**
 * `npm run bench`: what a token check costs, beside other ways to make one, all in workerd on this
 * machine in one run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { contenders as all } from './contenders.ts';
import { judge } from './goals.ts';
import { Instance } from './instance.ts';
import { Load } from './load.ts';
import { measure } from './measure.ts';
import { noiseOf, type Readings, resultsOf } from './results.ts';
import { measureStartup } from './startup.ts';
import { ASSUMPTIONS, judged, measured, priced } from './table.ts';

/**
 * Tokens of each contender. Miniflare's storage takes long to fill, and what it costs does not
 * depend on how many.
 */
const TOKENS = { inMemory: 10_000, asItRuns: 500 };
/** Of the time that a contender is measured for from memory, it is measured as it runs. */
const AS_IT_RUNS = 0.25;
/**
 * In milliseconds. From memory: long beside what the processor's caches need to fill again, short
 * beside what else the machine may be doing, which then strikes all alike. As it runs, some answers
 * alone take longer than that.
 */
const BURST = { inMemory: 20, asItRuns: 125 };

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    /** For each contender and round. */
    seconds: { type: 'string', default: '1' },
    /** Names, or parts of names, separated by commas; constants and limits always take part. */
    only: { type: 'string' },
    /** A file for all that was found, round by round. */
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
if (!(rounds >= 1 && seconds > 0)) throw new Error('Give at least one round and some seconds.');

const wanted = values.only?.toLowerCase().split(',');
const contenders = all.filter(
  ({ kind, name }) =>
    !wanted ||
    kind === 'constant' ||
    kind === 'limit' ||
    wanted.some((part) => name.toLowerCase().includes(part)),
);

const load = new Load();
let instances: Instance[] = [];

async function dispose(): Promise<void> {
  const running = instances;
  instances = [];
  await Promise.all(running.map((instance) => instance.dispose()));
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    await dispose();
    process.exit(1);
  });
}

const say = (text: string) => process.stderr.write(`${text}\n`);

async function start(kind: keyof Readings): Promise<void> {
  for (const contender of contenders) {
    const instance = await Instance.start(contender, kind === 'inMemory', TOKENS[kind]);
    instances.push(instance);
    const { name, port, requests } = instance;
    await load.add({ name, port, requests, ...contender.good });
    say(`${name}: answers rightly${contender.revocable === false ? ', and cannot revoke' : ''}`);
  }
}

/** In another order at each round, so that none has always the same one before it. */
function shuffle<Value>(list: Value[]): Value[] {
  return list
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

const readings = new Map<string, Readings>(
  contenders.map(({ name }) => [name, { asItRuns: [], inMemory: [] }]),
);

/** All rounds of one kind; the one before the first makes everything warm, and is not kept. */
async function run(kind: keyof Readings, total: number): Promise<void> {
  await start(kind);
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    const order = shuffle(instances);
    const made = await measure(load, order, { total, burst: BURST[kind] });
    for (const [at, { contender }] of order.entries()) {
      const reading = made[at];
      if (reading && round > 0) readings.get(contender.name)?.[kind].push(reading);
    }
  }
  await dispose();
}

function versionOf(name: string): string {
  const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return JSON.parse(readFileSync(path, 'utf8')).version;
}

try {
  await run('inMemory', seconds * 1000);
  await run('asItRuns', seconds * 1000 * AS_IT_RUNS);

  const results = resultsOf(contenders, readings);
  const noise = noiseOf(readings);
  // A part of the contenders is no whole run.
  const startup = wanted ? undefined : measureStartup();
  const verdicts = judge(results, noise, startup);
  const [{ model } = { model: 'unknown' }] = cpus();
  const machine =
    `${model}, ${cpus().length} cores; node ${process.version}, workerd ` +
    `${versionOf('workerd')}, miniflare ${versionOf('miniflare')}`;
  const made =
    `${rounds} rounds of ${seconds} s each, medians; ${TOKENS.inMemory} tokens in turn (as it ` +
    `runs: ${TOKENS.asItRuns})`;
  console.log(
    [
      machine,
      made,
      '',
      measured(results),
      '',
      `two equal contenders differ by ${noise.toFixed(2)} × in this run`,
      '',
      judged(verdicts),
      '',
      priced(results),
      '',
      ASSUMPTIONS,
    ].join('\n'),
  );
  if (values.json) {
    const found = {
      machine,
      made,
      results,
      noise,
      startup,
      verdicts,
      readings: Object.fromEntries(readings),
    };
    writeFileSync(values.json, `${JSON.stringify(found, null, 2)}\n`);
  }
} finally {
  await dispose();
  await load.end();
}
