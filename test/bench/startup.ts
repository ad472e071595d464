/** How long the Worker takes to start, by wrangler's own profile of it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');

/**
 * The profile tells time on the clock, which others on the machine lengthen: the least of so many
 * is told.
 */
const RUNS = 5;

export interface Startup {
  /** Milliseconds in which something ran: all but what the profile calls idle. */
  active: number;
  runs: number;
}

interface Profile {
  nodes: { id: number; callFrame: { functionName: string } }[];
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}

function activeIn({ nodes, samples, timeDeltas }: Profile): number {
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  const active = timeDeltas.filter((_, at) => !idle.has(samples[at] ?? 0));
  return active.reduce((sum, delta) => sum + delta, 0) / 1000;
}

function profile(folder: string): Profile {
  const file = join(folder, 'startup.cpuprofile');
  const args = [WRANGLER, 'check', 'startup', '--outfile', file, '--args=--env='];
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' };
  execFileSync(process.execPath, args, { cwd: ROOT, env, stdio: 'pipe' });
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function measureStartup(): Startup {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-startup-'));
  try {
    const found = Array.from({ length: RUNS }, () => activeIn(profile(folder)));
    return { active: Math.min(...found), runs: RUNS };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
