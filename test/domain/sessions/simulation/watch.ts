/** Checks in every isolate all the time, and records who was allowed when. */
import type { Question } from '../../../../src/domain/entities/session.ts';
import type { SimulatedIsolate, Simulation } from './isolates.ts';
import type { Person } from './people.ts';

/** When the last question was put that was so answered, anywhere; minus infinity: none. */
export interface Sightings {
  allowed: number;
  refused: number;
}

export interface Watched {
  person: Person;
  /** What is asked from now on; undefined: only whether the token is good. */
  question?: Question | undefined;
  seen: Sightings;
}

export const watched = (person: Person, question?: Question): Watched => ({
  person,
  question,
  seen: { allowed: Number.NEGATIVE_INFINITY, refused: Number.NEGATIVE_INFINITY },
});

/**
 * People turn up in an isolate one by one, so that what it and its location remember of them is of
 * any age.
 */
export const TURNING_UP_SECONDS = 30;

/** Asks about everyone in every isolate every so many seconds, for so many seconds. */
export function watch(
  { clock, random, isolates }: Simulation,
  all: Watched[],
  seconds: number,
  every = 1,
): void {
  async function askAbout(isolate: SimulatedIsolate): Promise<void> {
    const since = all.map(() => random.between(0, TURNING_UP_SECONDS - 1));
    await clock.wait(random.between(0, every * 1_000 - 50, 50));
    for (let second = 0; second < seconds; second += every) {
      all.forEach((one, index) => {
        if (second >= (since[index] ?? 0)) void look(isolate, one);
      });
      await clock.wait(every * 1_000);
    }
  }
  for (const isolate of isolates) void askAbout(isolate);
}

async function look(isolate: SimulatedIsolate, { person, question, seen }: Watched): Promise<void> {
  const { kind, askedAt } = await isolate.check(person.token, { question });
  const outcome = kind === 'allowed' ? 'allowed' : 'refused';
  seen[outcome] = Math.max(seen[outcome], askedAt);
}
