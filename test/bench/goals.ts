/**
 * The goals that the project has set itself for a token check, and whether this run reached them.
 */
import { BY_RPC, COLD, INTROSPECT, SIGNED, WARM } from './contenders.ts';
import type { Result } from './results.ts';
import type { Startup } from './startup.ts';

/**
 * At most so many times what each is told by: a Worker that does no more than it must, or a
 * constant RPC method.
 */
const MOST = {
  [WARM]: 1.1,
  [COLD]: 1.25,
  [INTROSPECT]: 1.3,
  [BY_RPC]: 1.1,
} satisfies Record<string, number>;
/**
 * A goal is not missed by what equal contenders differ by in the same run, and never by more than
 * this.
 */
const MOST_NOISE = 0.05;
/**
 * A use for each check that is less than this is none: an API key is read again every half minute.
 */
const NONE = 0.001;
/** In milliseconds of processor time. */
const MOST_STARTUP = 50;

export interface Verdict {
  goal: string;
  reached: boolean;
  found: string;
}

const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

function nearLimit({ contender, limit }: Result, most: number, noise: number): Verdict {
  const ratio = limit?.ratio ?? Number.NaN;
  const over = limit?.between.toFixed(1);
  return {
    goal: `${contender.name}: own CPU at most ${times(most)} that of the ${contender.limit}`,
    reached: ratio <= most + Math.min(noise, MOST_NOISE),
    found:
      `${times(ratio)}, ${over} µs over ` +
      `it${ratio > most ? `, ${(ratio - most).toFixed(2)} past the goal` : ''}`,
  };
}

function ahead(goal: string, one: Result, others: Result[]): Verdict {
  const faster = others.filter(({ inMemory }) => inMemory.cpu <= one.inMemory.cpu);
  const told = (faster.length > 0 ? faster : others)
    .map(({ contender, ratio }) => `${contender.name} ${times(ratio)}`)
    .join(', ');
  return {
    goal: `less own CPU ${goal}`,
    reached: faster.length === 0,
    found: `${times(one.ratio)} against ${told}`,
  };
}

function uses(goal: string, { inMemory }: Result, kvReads: number): Verdict {
  const { counts } = inMemory;
  const is = (value: number, wanted: number) => Math.abs(value - wanted) < NONE;
  return {
    goal: `${goal}, ${kvReads} KV reads, no KV writes, no D1 queries`,
    reached: is(counts.kvReads, kvReads) && is(counts.kvWrites, 0) && is(counts.d1Queries, 0),
    found: [counts.kvReads, counts.kvWrites, counts.d1Queries].map((n) => n.toFixed(3)).join(', '),
  };
}

const starts = ({ active }: Startup): Verdict => ({
  goal: `start-up, at most ${MOST_STARTUP} ms of CPU`,
  reached: active <= MOST_STARTUP,
  found: `${active.toFixed(1)} ms`,
});

/** Only those whose contenders were measured. `noise`: how much two equal ones differ. */
export function judge(results: Result[], noise: number, startup: Startup | undefined): Verdict[] {
  const find = (wanted: string) => results.find(({ contender }) => contender.name === wanted);
  const [warm, cold, signed] = [find(WARM), find(COLD), find(SIGNED)];
  const revocable = results.filter(
    ({ contender }) => contender.kind === 'peer' && contender.revocable,
  );
  return [
    ...Object.entries(MOST).flatMap(([name, most]) => {
      const result = find(name);
      return result ? [nearLimit(result, most, noise)] : [];
    }),
    ...(warm ? [uses('warm', warm, 0)] : []),
    ...(cold ? [uses('cold', cold, 1)] : []),
    ...(warm && revocable.length > 0
      ? [ahead('warm, than every peer that can revoke', warm, revocable)]
      : []),
    ...(cold && revocable.length > 0
      ? [ahead('cold, than every peer that can revoke', cold, revocable)]
      : []),
    ...(warm && signed ? [ahead(`warm, than ${SIGNED}`, warm, [signed])] : []),
    ...(startup ? [starts(startup)] : []),
  ];
}
