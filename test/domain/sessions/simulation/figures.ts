/**
 * Measures how soon a change takes effect: for each trial, the seconds from D1 to the last answer
 * without it.
 */
import { DAY } from '../../../../src/base/time.ts';
import type { Tenant } from '../../../world.ts';
import { newCrowd } from './crowd.ts';
import { type Simulation, simulate } from './isolates.ts';
import { type Act, acts, newPeople, type Person, viewOf } from './people.ts';
import { watch, watched } from './watch.ts';

/** From `effectAt` to the last question, in seconds; 0 where none was put afterwards. */
const lag = (effectAt: number, last: number): number => Math.max(0, last - effectAt) / 1_000;

/** So long a crowd is watched: longer where it waits for a sweep. */
const CROWD_SECONDS = 170;
const SWEPT_SECONDS = 230;

export const median = (values: number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

const perform = async ({ random, isolates }: Simulation, act: Act, person: Person) => {
  const isolate = random.pick(isolates);
  return (await isolate.visit<unknown>((call) => acts[act](call, person))).effectAt;
};

async function newTrials(
  seed: number,
  tenant: Tenant,
  many: number,
  holds: boolean,
): Promise<{ simulation: Simulation; people: Person[] }> {
  const simulation = simulate(seed);
  const people = await newPeople(simulation, tenant, many, () => holds);
  await simulation.clock.run(61_000);
  return { simulation, people };
}

export type Loss = Extract<Act, 'revocation' | 'withdrawal' | 'unassignment'>;

/** People are asked about everywhere every other second while they lose what they had. */
export async function measureRefusal(
  seed: number,
  tenant: Tenant,
  losses: Record<Loss, number>,
  tardy: boolean,
): Promise<{ loss: Loss; tardy: boolean; seconds: number }[]> {
  const kinds = Object.entries(losses).flatMap(([loss, many]) =>
    Array.from({ length: many }, () => loss as Loss),
  );
  const { simulation, people } = await newTrials(seed, tenant, kinds.length, true);
  const { clock, random, quieten } = simulation;
  simulation.kv.tardy = tardy;
  const trials = people.map((person, index) => {
    const loss = kinds[index] ?? 'revocation';
    const one = watched(person, loss === 'revocation' ? undefined : viewOf(person));
    return { one, loss, effectAt: Number.NaN };
  });
  watch(
    simulation,
    trials.map(({ one }) => one),
    133,
    2,
  );
  for (const trial of trials) {
    void clock.wait(random.between(31_000, 41_000)).then(async () => {
      trial.effectAt = await perform(simulation, trial.loss, trial.one.person);
    });
  }
  await clock.run(134_000);
  await quieten();
  return trials.map(({ one, loss, effectAt }) => ({
    loss,
    tardy,
    seconds: lag(effectAt, one.seen.allowed),
  }));
}

export interface Crowd {
  people: number;
  sessionsEach: number;
  asked: number;
  loss: 'moving' | 'removal';
  /** Every location learns of copies as late as may be. */
  tardy?: boolean;
  /** What becomes of the Worker that made the change, or of the nudges that it sends. */
  mishap?: 'death' | 'lost nudges';
  /** When the first sweep begins, in milliseconds; the change comes after 31 to 41 seconds. */
  sweptAt?: number;
}

/**
 * One change takes something from everybody at once. Sweeps come each minute, questions every other
 * second.
 */
export async function measureCrowd(
  seed: number,
  tenant: Tenant,
  crowd: Crowd,
): Promise<{ seconds: number[]; simulation: Simulation }> {
  const simulation = simulate(seed);
  const { clock, random, kv, queue, isolates, quieten } = simulation;
  kv.writeMs = [25, 75];
  kv.tardy = crowd.tardy ?? false;
  queue.lost = crowd.mishap === 'lost nudges';
  const people = await newCrowd(simulation, tenant, crowd);
  const all = people.map((person) =>
    watched(person, crowd.loss === 'moving' ? viewOf(person) : undefined),
  );
  const seconds = crowd.mishap ? SWEPT_SECONDS : CROWD_SECONDS;
  watch(simulation, all, seconds, 2);
  const sweeping = async () => {
    await clock.wait(crowd.sweptAt ?? random.between(0, 60_000));
    for (let minute = 0; minute < seconds / 60; minute++) {
      void simulation.sweep();
      await clock.wait(60_000);
    }
  };
  void sweeping();
  const change = async () => {
    await clock.wait(random.between(31_000, 41_000));
    const [person] = people;
    if (!person) throw new Error('a crowd of nobody');
    const { effectAt, whole } = await random
      .pick(isolates)
      .visit<unknown>((call) => acts[crowd.loss](call, person), crowd.mishap === 'death');
    await whole;
    queue.lost = false;
    return effectAt;
  };
  const changed = change();
  await clock.run((seconds + 1) * 1_000);
  await quieten();
  const effectAt = await changed;
  return { seconds: all.map(({ seen }) => lag(effectAt, seen.allowed)), simulation };
}

/** D1 itself is asked in everyone's neighbourhood, before and after their sessions are revoked. */
export async function measureStrict(
  seed: number,
  tenant: Tenant,
  lost: boolean,
): Promise<number[]> {
  const { simulation, people } = await newTrials(seed, tenant, 20, true);
  const { clock, random, kv, isolates, quieten } = simulation;
  kv.lost = lost;
  const trials = people.map(async (person) => {
    const { token } = person;
    let allowed = Number.NaN;
    for (const isolate of isolates) {
      for (let time = random.between(0, 100); time < 2_000; time += 100) {
        void clock.wait(time).then(async () => {
          const { kind, askedAt } = await isolate.check(token, { consistency: 'STRICT' });
          if (kind === 'allowed') allowed = Math.max(askedAt, allowed || 0);
        });
      }
    }
    await clock.wait(random.between(500, 1_000));
    const effectAt = await perform(simulation, 'revocation', person);
    return () => lag(effectAt, allowed);
  });
  await clock.run(3_000);
  await quieten();
  return (await Promise.all(trials)).map((measured) => measured());
}

/**
 * What a new permission takes to count everywhere. `insisting`: for those who are asked about it
 * every second already;
 * the others are asked about it for the first time once it is there.
 */
export async function measureGrant(
  seed: number,
  tenant: Tenant,
  insisting: boolean,
  lost: boolean,
): Promise<number[]> {
  const { simulation, people } = await newTrials(seed, tenant, 20, false);
  const { clock, random, kv, quieten } = simulation;
  kv.lost = lost;
  const trials = people.map((person) => ({
    one: watched(person, insisting ? viewOf(person) : undefined),
    effectAt: Number.NaN,
  }));
  watch(
    simulation,
    trials.map(({ one }) => one),
    75,
  );
  for (const trial of trials) {
    void clock.wait(random.between(31_000, 36_000)).then(async () => {
      trial.effectAt = await perform(simulation, 'grant', trial.one.person);
      trial.one.question = viewOf(trial.one.person);
    });
  }
  await clock.run(76_000);
  await quieten();
  for (const { one, effectAt } of trials) {
    if (!(one.seen.allowed > effectAt)) throw new Error('a permission that never counted');
  }
  return trials.map(({ one, effectAt }) => lag(effectAt, one.seen.refused));
}

/**
 * A KV that loses every write from a renewal on: seconds from the renewal to the last answer that a
 * copy gave.
 */
export async function measureDeadKv(
  seed: number,
  tenant: Tenant,
  activity: boolean,
): Promise<number[]> {
  const { simulation, people } = await newTrials(seed, tenant, 6, true);
  const { clock, isolates, kv, quieten } = simulation;
  await clock.run(DAY - 3_600_000);
  const renewedAt = clock.now;
  for (const person of people) void perform(simulation, 'renewal', person);
  await quieten();
  kv.lost = true;
  for (const person of people) void perform(simulation, 'revocation', person);
  await quieten();
  const last = people.map(() => Number.NaN);
  while (clock.now < renewedAt + DAY + 120_000) {
    people.forEach((person, index) => {
      for (const isolate of isolates) {
        void isolate.check(person.token, { activity }).then(({ kind, askedAt }) => {
          if (kind === 'allowed') last[index] = askedAt;
        });
      }
    });
    const left = renewedAt + DAY - clock.now;
    await clock.run(left > 120_000 ? Math.min(left - 60_000, 600_000) : 1_000);
  }
  await quieten();
  return last.map((allowed) => lag(renewedAt, allowed));
}
