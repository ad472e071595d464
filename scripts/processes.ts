/** Processes of this machine. */
import { spawnSync } from 'node:child_process';

/** Whether a process lives; one of another user lives too (EPERM). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Who started a script whose parent this is. npm has a shell between itself and a script, which lives on when npm is
 * gone. Where nobody can tell, the parent.
 */
export function starterOf(parent: number): number {
  if (process.env.npm_lifecycle_event === undefined) return parent;
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(parent)], {
    encoding: 'utf8',
  });
  const [, above, program = ''] = /^\s*(\d+)\s+(.*\S)/.exec(stdout ?? '') ?? [];
  return above && /(^|[/-])[a-z]*sh$/.test(program) ? Number(above) : parent;
}
