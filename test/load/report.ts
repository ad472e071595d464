/** The results as text. */
import type { Tally } from './drive.ts';
import type { Memory } from './memory.ts';
import { MIX, type Operation } from './mix.ts';

const MEGABYTE = 1024 * 1024;

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const tenth = (value: number): string => value.toFixed(1);
export const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? '-' : tenth(bytes / MEGABYTE);

/** The first to the left, the rest to the right. */
const cells = (name: string, values: string[]): string =>
  name.padEnd(18) + values.map((value) => value.padStart(10)).join('');

const latencies = (tally: Tally): string[] =>
  [50, 95, 99].map((share) => tenth(tally.percentile(share)));

export const HEAD = cells('', [
  ...['clients', 'calls/s', 'p50 ms', 'p95 ms', 'p99 ms', 'errors', 'CPU %', 'MB', 'heap MB'],
]);

export interface Moment {
  name: string;
  clients: number;
  tally: Tally;
  /** Of workerd, as a share of one processor. */
  cpu?: number | undefined;
  memory?: Memory | undefined;
}

export const moment = ({ name, clients, tally, memory, cpu }: Moment): string =>
  cells(name, [
    String(clients),
    whole(tally.perSecond),
    ...latencies(tally),
    String(tally.errors),
    cpu === undefined ? '-' : whole(cpu * 100),
    megabytes(memory?.resident),
    megabytes(memory?.heap),
  ]);

export const byOperation = (tallies: Map<Operation, Tally>): string =>
  [
    cells('', ['% of calls', 'calls', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'errors']),
    ...MIX.map((operation) => {
      const tally = tallies.get(operation);
      if (!tally) return operation.name;
      return cells(operation.name, [
        String(operation.weight),
        whole(tally.latencies.count),
        ...latencies(tally),
        tenth(tally.percentile(100)),
        String(tally.errors),
      ]);
    }),
  ].join('\n');
