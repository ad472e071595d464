/** The processor time that a process has used, and which processes this one has started. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const isLinux = process.platform === 'linux';

/** The processes that this one has started and that still run. */
export function children(): Set<number> {
  const pairs = isLinux
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => [Number(pid), parentOf(pid)])
    : execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number));
  return new Set(
    pairs.flatMap(([pid, parent]) => (pid !== undefined && parent === process.pid ? [pid] : [])),
  );
}

/** What follows the name of the program, which stands in brackets and may hold anything. */
function statOf(pid: number | string): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    // It has ended since it was listed.
    return undefined;
  }
}

/** A kernel's clock tick, in microseconds: 100 to the second wherever Node runs. */
const TICK = 10_000;

const hasSchedstat = existsSync('/proc/self/schedstat');

/** Microseconds of processor time, user's and system's, over all threads. */
export function cpuOf(pid: number): number {
  if (hasSchedstat) return exactly(pid);
  if (isLinux) {
    const [user, system] = statOf(pid).slice(11, 13);
    return (Number(user) + Number(system)) * TICK;
  }
  const time = execFileSync('ps', ['-o', 'cputime=', '-p', String(pid)], { encoding: 'utf8' });
  const parts = time.trim().split(/[:-]/).map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0) * 1e6;
}

/** workerd's threads last as long as it does, so that none takes its time with it. */
function exactly(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [onProcessor] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    nanoseconds += Number(onProcessor);
  }
  return nanoseconds / 1000;
}
