/** Processes on this machine. */
import { spawnSync } from 'node:child_process';

/** Whether a process is running, also one of another user (EPERM). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * The process that started a script, given the script's parent. npm puts a shell in between, which
 * keeps running when npm is gone. Falls back to the parent.
 */
export function starterOf(parent: number): number {
  if (process.env.npm_lifecycle_event === undefined) return parent;
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(parent)], {
    encoding: 'utf8',
  });
  const [, above, program = ''] = /^\s*(\d+)\s+(.*\S)/.exec(stdout ?? '') ?? [];
  return above && /(^|[/-])[a-z]*sh$/.test(program) ? Number(above) : parent;
}
