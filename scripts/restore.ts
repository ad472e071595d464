/** `npm run restore`: puts a backup into an empty database, whole or not at all. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sorted, sortExport } from './backup/sort.ts';
import { HOLDER, holdDataFolder } from './data-folder.ts';
import { quote, readOptions, stop, wrangler } from './local.ts';
import { localEnv } from './tools.ts';

const values = readOptions(
  'npm run restore -- latchkey.sql [--data .wrangler/state | --remote <name of an empty database>]',
  {
    /** Where local D1 and KV keep their files. */
    data: { type: 'string', default: '.wrangler/state' },
    /** A database of the account. */
    remote: { type: 'string' },
  },
  1,
);
const [backup = ''] = values.files;
const { data, remote } = values;
if (!existsSync(backup)) stop(`There is no file ${backup}.`);
if (!remote) await holdDataFolder(data, 'A restore');
const name = remote ?? data;

/** Has wrangler run what is given in the database, and gives what it says. Stops where that fails. */
function execute(...what: string[]): string {
  const place = remote
    ? ['d1', 'execute', remote, '--remote', '--yes']
    : ['d1', 'execute', 'DB', '--local', '--persist-to', data];
  const run = spawnSync(process.execPath, [wrangler, ...place, ...what, '--json'], {
    env: remote ? { ...process.env, WRANGLER_SEND_METRICS: 'false' } : localEnv(),
    encoding: 'utf8',
    // It repeats every statement.
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  if (run.status === 0) return run.stdout;
  return stop(`Nothing was restored. Wrangler says:\n${run.stderr}${run.stdout}`);
}

/** Whether a folder has nothing but who holds it: then nobody need be asked what its database has. */
const isBare = (folder: string): boolean => readdirSync(folder).join() === HOLDER;

/** Stops unless the database has no table. */
function checkEmpty(): void {
  if (!remote && isBare(data)) return;
  const tables =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'";
  const [answer] = JSON.parse(execute('--command', tables)) as { results: { name: string }[] }[];
  if (answer?.results.length === 0) return;
  stop(
    remote
      ? `The database ${name} has tables already, and a backup goes into an empty one only. Make one, and name it: npx wrangler d1 create latchkey-restored`
      : `${name} has a database already, and a backup goes into an empty folder only. Name another: npm run restore -- ${quote(backup)} --data .wrangler/state-restored`,
  );
}

/** Stops with what keeps an export from being restored by this version. */
function checkFit({ tables, migrations }: Sorted): void {
  if (!tables.has('tenants') || migrations.length === 0) {
    stop(
      `${backup} is no whole export of a Latchkey database. Make one with: npx wrangler d1 export latchkey --remote --output latchkey.sql`,
    );
  }
  const unknown = migrations.filter((migration) => !existsSync(join('migrations', migration)));
  if (unknown.length === 0) return;
  stop(
    `${backup} is of a later version of Latchkey, which has ${unknown.join(', ')}. Restore it with that version.`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-restore-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const sorted = await sortExport(backup, folder).catch((error: Error) =>
  stop(`${backup} cannot be restored: ${error.message}. Make the export again.`),
);
checkFit(sorted);
checkEmpty();
console.log(`Restoring ${sorted.rows} rows in ${sorted.tables.size} tables into ${name} …`);
execute('--file', sorted.file);
console.log(
  remote
    ? `Done. Put the id of ${name} into wrangler.toml, then run: npm run deploy`
    : `Done. It needs the TOKEN_SECRETS that it had. Start with: npm start -- --data ${quote(name)}`,
);
