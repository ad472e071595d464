/**
 * `npm run check`: style, types, the lock file and sizes, at the same time. What one says is
 * printed when it ends.
 */
import { spawn } from 'node:child_process';

const TSC = 'node_modules/typescript/bin/tsc';

const CHECKS = [
  ['node_modules/@biomejs/biome/bin/biome', 'check', '--config-path=scripts/lint.json'],
  [TSC],
  [TSC, '-p', 'test'],
  [TSC, '-p', 'console'],
  ['scripts/locks.ts'],
  ['scripts/size.ts'],
];

/** The exit code of a check. */
const run = (check: string[]) =>
  new Promise<number>((ended) => {
    const program = spawn(process.execPath, check, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [program.stdout, program.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    }
    program.on('close', (code) => {
      process.stdout.write(said);
      if (code !== 0) console.error(`Failed: node ${check.join(' ')}`);
      ended(code ?? 1);
    });
  });

const codes = await Promise.all(CHECKS.map(run));
process.exitCode = Math.max(...codes);
