/** The folder with the files of local D1 and KV: one server at a time, since two lose each other's writes. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stop } from './local.ts';

interface Holder {
  pid: number;
  url: string;
}

/** Whether a process lives; one of another user lives too (EPERM). */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Who holds the folder; null for nobody, or for what a crash left half written. */
function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Holds the folder until this process ends. Stops with a sentence where another server holds it, or nobody may write. */
export function holdDataFolder(folder: string, url: string): void {
  const file = join(folder, 'server.json');
  const holder = readHolder(file);
  if (holder && holder.pid !== process.pid && isAlive(holder.pid)) {
    stop(
      `The server at ${holder.url} keeps its data in ${folder}, and two servers would lose each other's writes. Stop that one (process ${holder.pid}), or give this one a folder of its own: npm start -- --port 9000 --data .wrangler/state-9000`,
    );
  }
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify({ pid: process.pid, url } satisfies Holder));
  } catch (error) {
    stop(`${folder} cannot be written: ${(error as Error).message}. Name another with --data.`);
  }
  process.on('exit', () => {
    if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
  });
}
