/** The folder with the files of local D1 and KV: one program at a time, since two lose each other's writes. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stop } from './local.ts';
import { isTaken } from './port.ts';
import { isAlive } from './processes.ts';

interface Holder {
  what: string;
  /** The program's, and of what it started: that may outlive it. */
  pids: number[];
  /** Where it listens, once it has started. */
  port?: number | undefined;
  /** In epoch milliseconds. */
  since: number;
}

/** In milliseconds. A server that is older listens. */
const START_MS = 120_000;

/** Who holds the folder; null for what a crash left half written, undefined for nobody. */
function readHolder(file: string): Holder | null | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Whether it still works. After a crash its number may be another process's, which does not listen there. */
async function works({ pids, port, since }: Holder): Promise<boolean> {
  if (!pids?.some((pid) => pid !== process.pid && isAlive(pid))) return false;
  return port === undefined || Date.now() - since < START_MS || (await isTaken(port));
}

export interface DataFolder {
  /** Holds it for a process that was started too, for as long as that lives. */
  share(pid: number | undefined): void;
}

/** Holds the folder until this process ends. Stops with a sentence where another one holds it, or nobody may write. */
export async function holdDataFolder(
  folder: string,
  what: string,
  port?: number,
): Promise<DataFolder> {
  const file = join(folder, 'server.json');
  const holder = readHolder(file);
  if (holder && (await works(holder))) {
    stop(
      `${holder.what} works in ${folder}, and two programs there would lose each other's writes. Stop it first (process ${holder.pids[0]}), or give this one a folder of its own, such as --data .wrangler/state-9000`,
    );
  }
  const mine: Holder = { what, pids: [process.pid], port, since: Date.now() };
  try {
    mkdirSync(folder, { recursive: true });
    if (holder !== undefined) rmSync(file, { force: true });
    // Of two that start at the same moment, one makes the file.
    writeFileSync(file, JSON.stringify(mine), { flag: 'wx' });
  } catch (error) {
    stop(`${folder} cannot be written: ${(error as Error).message}. Name another with --data.`);
  }
  process.on('exit', () => {
    if (readHolder(file)?.pids[0] === process.pid) rmSync(file, { force: true });
  });
  return {
    share(pid) {
      if (pid === undefined) return;
      mine.pids.push(pid);
      writeFileSync(file, JSON.stringify(mine));
    },
  };
}
