/**
 * The folder with local D1 and KV. Only one program may use it at a time, since two would lose each
 * other's writes.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stop } from './local.ts';
import { isTaken } from './port.ts';
import { isAlive } from './processes.ts';

interface Holder {
  what: string;
  /** The ids of the program and of the processes that it started, which may outlive it. */
  pids: number[];
  /** The port on which it listens once it has started. */
  port?: number | undefined;
  /** In epoch milliseconds. */
  since: number;
}

/** In milliseconds. An older server is listening. */
const START_MS = 120_000;

/** Who holds the folder. Null if a crash left the file incomplete, undefined if nobody does. */
function readHolder(file: string): Holder | null | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/**
 * Whether the holder is still running. After a crash, its process id may belong to another process,
 * which does not listen on that port.
 */
async function works({ pids, port, since }: Holder): Promise<boolean> {
  if (!pids?.some((pid) => pid !== process.pid && isAlive(pid))) return false;
  return port === undefined || Date.now() - since < START_MS || (await isTaken(port));
}

export interface DataFolder {
  /** Also holds the folder for a process that this one started, as long as that runs. */
  share(pid: number | undefined): void;
}

/**
 * Holds the folder until this process ends. Stops with a message if another program holds it, or it
 * cannot be written.
 */
export async function holdDataFolder(
  folder: string,
  what: string,
  port?: number,
): Promise<DataFolder> {
  const file = join(folder, 'server.json');
  const holder = readHolder(file);
  if (holder && (await works(holder))) {
    stop(
      `${holder.what} uses ${folder}. Two programs there would lose each other's writes. ` +
        `Stop it first (process ${holder.pids[0]}), or use another folder, such as --data ` +
        '.wrangler/state-9000',
    );
  }
  const mine: Holder = { what, pids: [process.pid], port, since: Date.now() };
  try {
    mkdirSync(folder, { recursive: true });
    if (holder !== undefined) rmSync(file, { force: true });
    // If two start at the same moment, only one can create the file.
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
