/**
 * What a run has found: medians over its rounds, a price for each contender, and how far each goal
 * is reached.
 */
import type { Contender } from './contender.ts';
import { AGAIN, COLD, LIMIT, WARM } from './contenders.ts';
import { median, type Reading } from './measure.ts';
import { type Bill, bill, COLD_SHARES, partlyCold, total, type Usage } from './money.ts';

/** The readings of one contender, round by round. */
export interface Readings {
  /** Storage answered by Miniflare's simulators. */
  asItRuns: Reading[];
  /** Storage answered from memory inside the Worker. */
  inMemory: Reading[];
}

export interface Result {
  contender: Contender;
  asItRuns: Reading;
  inMemory: Reading;
  /** Own processor time over that of its constant: the median of the rounds' ratios. */
  ratio: number;
  /** The same over that of its limit, and how many microseconds lie between the two. */
  limit: { ratio: number; between: number } | undefined;
  /** One for each share of checks that may be cold; a single one where none or all are. */
  bills: { coldShare: number | undefined; bill: Bill; total: number }[];
}

function medians(readings: Reading[]): Reading {
  const of = (value: (reading: Reading) => number) => median(readings.map(value));
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    cpu: of(({ cpu }) => cpu),
    counts: {
      kvReads: of(({ counts }) => counts.kvReads),
      kvWrites: of(({ counts }) => counts.kvWrites),
      d1Queries: of(({ counts }) => counts.d1Queries),
    },
  };
}

const usageOf = ({ rpc, rowsPerQuery = 1 }: Contender, { cpu, counts }: Reading): Usage => ({
  // Cloudflare bills requests from outside, not what one Worker asks of another.
  requests: rpc ? 0 : 1,
  cpuMilliseconds: cpu / 1000,
  kvReads: counts.kvReads,
  kvWrites: counts.kvWrites,
  rowsRead: counts.d1Queries * rowsPerQuery,
});

/** Own processor time of one over that of another, round by round. */
export const ratiosOf = (one: Reading[], other: Reading[]): number[] =>
  one.map(({ cpu }, round) => cpu / (other[round]?.cpu ?? Number.NaN));

/** How much two equal contenders differ: what a run cannot tell apart. */
export const noiseOf = (readings: Map<string, Readings>): number => {
  const [one, other] = [LIMIT, AGAIN].map((name) => readings.get(name)?.inMemory ?? []);
  return Math.abs(1 - median(ratiosOf(other ?? [], one ?? [])));
};

export function resultsOf(contenders: Contender[], all: Map<string, Readings>): Result[] {
  const own = (name: string) => all.get(name)?.inMemory ?? [];
  const usage = (contender: Contender) => usageOf(contender, medians(own(contender.name)));
  const warm = contenders.find(({ name }) => name === WARM);
  const cold = contenders.find(({ name }) => name === COLD);

  return contenders.map((contender) => {
    const { name, measure, upkeep } = contender;
    const readings = own(name);
    const over = (other: string) => median(ratiosOf(readings, own(other)));
    const priced = (coldShare: number | undefined, check: Usage) => {
      const itemised = bill(check, upkeep);
      return { coldShare, bill: itemised, total: total(itemised) };
    };
    return {
      contender,
      asItRuns: medians(all.get(name)?.asItRuns ?? []),
      inMemory: medians(readings),
      ratio: over(measure),
      limit: contender.limit
        ? {
            ratio: over(contender.limit),
            between: medians(readings).cpu - medians(own(contender.limit)).cpu,
          }
        : undefined,
      bills:
        contender.warm && warm && cold
          ? COLD_SHARES.map((share) =>
              priced(share, partlyCold(share, usage(contender), usage(warm), usage(cold))),
            )
          : [priced(undefined, usage(contender))],
    };
  });
}
