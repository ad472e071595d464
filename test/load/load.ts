/**
 * `npm run load`: a mix like production's, ramped up to the highest rate that this machine holds,
 * then held; nothing may fail, get lost or grow. An error is any answer but the one that the ledger
 * expects, and any that is late: refusals for too many calls too, which the many keys keep away.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readOptions, stop } from '../../scripts/local.ts';
import { UNITS_PER_SECOND } from '../../src/front/settings.ts';
import { cpuOf } from '../bench/cpu.ts';
import { audit } from './audit.ts';
import { Client } from './client.ts';
import { Drive } from './drive.ts';
import { beHostile } from './hostile.ts';
import { type Memory, openMemory } from './memory.ts';
import { populate, WITH_WEBHOOKS } from './population.ts';
import { byOperation, HEAD, megabytes, moment } from './report.ts';
import { type Server, startServer } from './server.ts';
import { crowd } from './sign-ins.ts';
import { openHooks } from './webhooks.ts';

/** A step of the ramp, and a line of the hold, in milliseconds. */
const STEP_MS = 6_000;
const LINE_MS = 10_000;
/**
 * A ramp ends where twice the clients bring less than so much more, twice over, or where callers or
 * receivers of events would notice.
 */
const GAIN = 1.05;
const MOST_CLIENTS = 256;
const NOTICED_MS = 500;
/**
 * How much more memory the last quarter of the hold may need than the second: what is left to
 * chance, or is filled still.
 */
const GROWTH = 0.1;
const HEAP_GROWTH = 5 * 1024 * 1024;
/** For all that comes before and after the hold. */
const BESIDE_MS = 10 * 60_000;

const USAGE = `npm run load -- [--minutes 10] [--webhooks] [--url … --key lk_op_… [--pid …]]
npm run load -- --hostile [--seconds 10] [--attacker <part of a name>] [--scale 1]
    [--url … --key lk_op_…]`;

const values = readOptions(USAGE, {
  /**
   * Instead of all that: what a neighbour notices of a tenant that asks for too much, for so long
   * each time.
   */
  hostile: { type: 'boolean', default: false },
  seconds: { type: 'string', default: '10' },
  attacker: { type: 'string' },
  /** For a machine that is slow or busy: all rates, and a tenant's own, times this. */
  scale: { type: 'string', default: '1' },
  /** How long the highest rate is held. */
  minutes: { type: 'string', default: '10' },
  /** A hundred webhooks beside it, one of which is dead in the second half of the hold. */
  webhooks: { type: 'boolean', default: false },
  /**
   * A Worker that runs already, its operator key, and its workerd, if here: garbage counts as
   * memory then.
   */
  url: { type: 'string' },
  key: { type: 'string' },
  pid: { type: 'string' },
});
const scale = Number(values.scale);
if (!(scale > 0 && scale <= 1)) stop(`"${values.scale}" is no scale above 0 and up to 1.`);
const holdMs = Number(values.minutes) * 60_000;
if (!(holdMs > 0)) stop(`"${values.minutes}" is no number of minutes.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
if (!values.hostile)
  setTimeout(() => stop('It took too long, and was ended.'), holdMs + BESIDE_MS).unref();

async function target(): Promise<Server> {
  const { url, key, pid } = values;
  if (url === undefined) {
    return startServer(
      values.hostile
        ? { TENANT_UNITS_PER_SECOND: String(Math.round(UNITS_PER_SECOND * scale)) }
        : {},
    );
  }
  if (key === undefined || !URL.canParse(url)) return stop('Give a --url with its operator --key.');
  return {
    url: new URL(url),
    operatorKey: key,
    pid: pid === undefined ? undefined : Number(pid),
    stop: async () => {},
  };
}

const server = await target();
if (values.hostile) {
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) stop(`"${values.seconds}" is no number of seconds.`);
  const good = await beHostile(server, new Client(server.url), {
    ...{ seconds, scale },
    only: values.attacker,
  });
  await server.stop();
  process.exit(good ? 0 : 1);
}
const { pid } = server;
const readMemory = pid === undefined ? undefined : await openMemory(pid, server.inspector);
const stage = await populate(
  new Client(server.url),
  server.operatorKey,
  values.webhooks ? WITH_WEBHOOKS : undefined,
);
const { users, members } = stage;
const tenants = [...new Set(users.all.map(({ tenant }) => tenant))];
const hooks = values.webhooks ? await openHooks(stage.client, tenants) : undefined;
console.log(`${server.url.origin}: ${users.all.length} users, ${members.all.length} of staff`);
const drive = new Drive(stage);

/** Loads for a while, and prints how that went. */
async function line(name: string, clients: number, milliseconds: number) {
  const tally = drive.watch();
  const before = pid === undefined ? 0 : cpuOf(pid);
  const start = performance.now();
  await sleep(milliseconds);
  const cpu = pid && (cpuOf(pid) - before) / 1000 / (performance.now() - start);
  const memory = await readMemory?.();
  drive.unwatch(tally);
  console.log(moment({ name, clients, tally, cpu, memory }));
  return { perSecond: tally.perSecond, p99: tally.percentile(99), memory };
}

async function ramp(): Promise<number> {
  let best = { clients: 0, perSecond: 0 };
  let vain = 0;
  await drive.call(4);
  await line('warm-up', 4, STEP_MS);
  for (let clients = 4; clients <= MOST_CLIENTS && vain < 2; clients *= 2) {
    await drive.call(clients);
    hooks?.lateness();
    const { perSecond, p99 } = await line('ramp', clients, STEP_MS);
    const noticed = Math.max(p99, hooks?.lateness() ?? 0);
    if (best.clients > 0 && noticed > NOTICED_MS) break;
    vain = perSecond < best.perSecond * GAIN ? vain + 1 : 0;
    if (perSecond > best.perSecond) best = { clients, perSecond };
  }
  return best.clients;
}

/** Of each quarter of the hold. */
const quarters: Memory[][] = [[], [], [], []];

async function hold(clients: number): Promise<void> {
  const start = performance.now();
  for (let passed = 0; passed < holdMs - 1_000; passed = performance.now() - start) {
    if (passed >= holdMs / 2) hooks?.kill();
    const name = `hold ${Math.round(passed / 1000)} s`;
    const { memory } = await line(name, clients, Math.min(LINE_MS, holdMs - passed));
    if (memory) quarters[Math.floor((passed / holdMs) * 4)]?.push(memory);
  }
}

const { isGood, what: crowded } = await crowd(stage);
console.log(crowded);

console.log(HEAD);
const clients = await ramp();
await drive.call(clients);
const operations = drive.watchOperations();
const whole = drive.watch();
await hold(clients);
drive.unwatch(whole);
console.log(moment({ name: 'the hold', clients, tally: whole }));
await drive.call(0);
console.log(`\n${byOperation(operations)}\n`);

const { looked, lost } = await audit(stage);
console.log(
  `Looked for: ${Object.entries(looked)
    .map(([kind, many]) => `${many} ${kind}`)
    .join(', ')}.`,
);

/** The mean of what was read in a quarter. */
function mean(quarter: number, of: (memory: Memory) => number | undefined): number | undefined {
  const read = (quarters[quarter] ?? []).flatMap((memory) => of(memory) ?? []);
  return read.length === 0 ? undefined : read.reduce((sum, one) => sum + one, 0) / read.length;
}

/** Whether memory stayed as it was, `slack` bytes more or less. */
function flat(name: string, of: (memory: Memory) => number | undefined, slack: number) {
  const [second, last] = [mean(1, of), mean(3, of)];
  if (second === undefined || last === undefined) {
    return { good: undefined, what: name, found: [] };
  }
  const most = Math.max(second * (1 + GROWTH), second + slack);
  const what =
    `${name}: ${megabytes(second)} MB in the second quarter, ${megabytes(last)} MB in the last ` +
    `(at most ${megabytes(most)} MB)`;
  return { good: last <= most, what, found: [] };
}

const faults = [...drive.faults].map(([fault, many]) => `${many} × ${fault}`);
const verdicts = [
  ...((await hooks?.judge()) ?? []),
  { good: faults.length === 0, what: 'no error', found: faults },
  { good: lost.length === 0, what: 'nothing lost, nothing contradicted', found: lost },
  { good: isGood, what: crowded, found: [] },
  flat('resident memory of workerd', ({ resident }) => resident, 0),
  flat('heap of the Worker', ({ heap }) => heap, HEAP_GROWTH),
];
for (const { good, what, found } of verdicts) {
  console.log(`${good === undefined ? 'unseen ' : good ? 'reached' : 'MISSED '}  ${what}`);
  for (const sentence of found.slice(0, 20)) console.log(`           ${sentence.slice(0, 500)}`);
  if (found.length > 20) console.log(`           … and ${found.length - 20} more`);
}
await server.stop();
process.exit(verdicts.every(({ good }) => good !== false) ? 0 : 1);
