/** Simultaneous changes of one session, and their results. */
import { sql } from 'drizzle-orm';
import { connect } from '../../../../src/db/connect.ts';
import {
  grantFor,
  type SessionRecord,
  selectRecords,
  toRecord,
} from '../../../../src/domain/entities/session.ts';
import { copyKey } from '../../../../src/domain/sessions/kv.ts';
import { env, type Tenant } from '../../../world.ts';
import { type Simulation, simulate } from './isolates.ts';
import { type Act, acts, newPeople, type Person, viewOf } from './people.ts';
import { watch, watched } from './watch.ts';

const HOUR = 3_600_000;

export const ordersOf = (all: Act[]): Act[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((first) =>
        ordersOf(all.filter((act) => act !== first)).map((rest) => [first, ...rest]),
      );

export interface Racer {
  person: Person;
  order: Act[];
}

/**
 * One session for each order; each is due for renewal, and asked about everywhere, when its race
 * starts.
 */
export async function race(
  seed: number,
  tenant: Tenant,
  orders: Act[][],
): Promise<{ simulation: Simulation; racers: Racer[] }> {
  const simulation = simulate(seed);
  const { clock, random, isolates, kv, quieten } = simulation;
  // So long that an older write overtakes a newer one.
  kv.writeMs = [5, 1_000];
  const people = await newPeople(simulation, tenant, orders.length, () => random.chance(0.5));
  await clock.run(22 * HOUR);
  watch(
    simulation,
    people.map((person, index) => watched(person, index % 2 ? viewOf(person) : undefined)),
    70,
  );
  people.forEach(async (person, index) => {
    const perform = (act: Act): void => {
      void random.pick(isolates).visit<unknown>((call) => acts[act](call, person));
    };
    const most = random.pick([0, 50, 400, 2_000]);
    await clock.wait(random.between(31_000, 36_000, 5));
    for (const act of orders[index] ?? []) {
      perform(act);
      await clock.wait(random.between(0, most, 5));
    }
    // Their apps go on, wherever a copy still lets them in.
    for (let turn = 0; turn < 3; turn++) {
      await clock.wait(random.between(0, 8_000, 5));
      perform('renewal');
    }
  });
  await clock.run(71_000);
  await quieten();
  return {
    simulation,
    racers: people.map((person, index) => ({ person, order: orders[index] ?? [] })),
  };
}

/** What D1 says, asked directly. */
export async function truthOf({ sessionId }: Person, now: number): Promise<SessionRecord | null> {
  const rows = await connect(env.DB).read(selectRecords(sql`s.id = ${sessionId}`, now));
  return toRecord(rows[0], now);
}

/** Where D1 is contradicted about a racer, a sentence each. */
export async function untruths(
  { clock, kv, isolates, newIsolates }: Simulation,
  { person, order }: Racer,
  activity = false,
): Promise<string[]> {
  const truth = await clock.track(truthOf(person, clock.now));
  const question = viewOf(person);
  const good = truth ? 'allowed' : 'unknown';
  const mayView = truth && (grantFor(truth, question, clock.now) ? 'allowed' : 'denied');
  const wrong: string[] = [];
  const expectSame = (what: string, said: unknown, wanted: unknown) => {
    if (JSON.stringify(said) !== JSON.stringify(wanted))
      wrong.push(`${order.join(', ')}: ${what} is ${JSON.stringify(said)}`);
  };
  expectSame('life in D1', truth !== null, !order.includes('revocation'));
  expectSame('the want of a renewal', truth?.renewedAt === person.openedAt, false);
  expectSame('the copy', kv.read(copyKey(person.sessionId)), truth);
  for (const [index, { check }] of [...newIsolates(), ...isolates].entries()) {
    const asked = { activity };
    const told = await clock.until(check(person.token, asked));
    expectSame(`the token in isolate ${index}`, told.kind, good);
    const seen = await clock.until(check(person.token, { ...asked, question }));
    expectSame(`the device in isolate ${index}`, seen.kind, mayView ?? good);
    const strict = await clock.until(check(person.token, { question, consistency: 'STRICT' }));
    expectSame(`the device in D1, from isolate ${index}`, strict.kind, mayView ?? good);
  }
  return wrong;
}
