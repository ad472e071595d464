/**
 * A dry run of a deployment. Fails if the Worker cannot be bundled, and prints its size and that of
 * the console's first screen.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeConsole } from './console.ts';
import { wrangler } from './local.ts';

/** In bytes, gzipped. A larger Worker starts more slowly. */
const MOST = 240 * 1024;
/** In bytes, gzipped: what a telephone loads before it shows anything. */
const MOST_OF_CONSOLE = 60 * 1024;

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

const out = mkdtempSync(join(tmpdir(), 'latchkey-'));
try {
  const dryRun = spawnSync(
    process.execPath,
    [wrangler, 'deploy', '--env', '', '--dry-run', '--outdir', out],
    {
      encoding: 'utf8',
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    },
  );
  if (dryRun.status !== 0) throw new Error(`${dryRun.stdout}\n${dryRun.stderr}`);
  const code = readFileSync(join(out, 'index.js'));
  const gzipped = gzipSync(code).length;
  console.log(
    `Worker: ${kilobytes(code.length)} minified, ${kilobytes(gzipped)} gzipped (at most ` +
      `${kilobytes(MOST)})`,
  );
  if (gzipped > MOST) throw new Error('The Worker is too large.');
  const firstScreen = makeConsole();
  console.log(
    `Console: ${kilobytes(firstScreen)} gzipped for its first screen (at most ` +
      `${kilobytes(MOST_OF_CONSOLE)})`,
  );
  if (firstScreen > MOST_OF_CONSOLE) throw new Error('The first screen is too large.');
} finally {
  rmSync(out, { recursive: true });
}
