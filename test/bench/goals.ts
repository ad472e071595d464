/** The goals that the project has set itself for a token check, and whether this run reached them. */
import { COLD, SIGNED, WARM } from './contenders.ts';
import type { Result } from './results.ts';

/** Over the constant route. */
const MOST_WARM = 1.15;
const MOST_COLD = 1.6;
/** A use for each check that is less than this is none: an API key is read again every half minute. */
const NONE = 0.001;

export interface Verdict {
  goal: string;
  reached: boolean;
  found: string;
}

const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

const atMost = (goal: string, { ratio }: Result, most: number): Verdict => ({
  goal: `${goal}, at most ${times(most)}`,
  reached: ratio <= most,
  found: ratio <= most ? times(ratio) : `${times(ratio)}, missed by ${(ratio - most).toFixed(2)}`,
});

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

/** Only those whose contenders were measured. */
export function judge(results: Result[]): Verdict[] {
  const find = (wanted: string) => results.find(({ contender }) => contender.name === wanted);
  const [warm, cold, signed] = [find(WARM), find(COLD), find(SIGNED)];
  const revocable = results.filter(
    ({ contender }) => contender.kind === 'peer' && contender.revocable,
  );
  return [
    ...(warm ? [atMost('own CPU warm', warm, MOST_WARM), uses('warm', warm, 0)] : []),
    ...(cold ? [atMost('own CPU cold', cold, MOST_COLD), uses('cold', cold, 1)] : []),
    ...(warm && revocable.length > 0
      ? [ahead('warm, than every peer that can revoke', warm, revocable)]
      : []),
    ...(cold && revocable.length > 0
      ? [ahead('cold, than every peer that can revoke', cold, revocable)]
      : []),
    ...(warm && signed ? [ahead(`warm, than ${SIGNED}`, warm, [signed])] : []),
  ];
}
