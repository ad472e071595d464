/** `npm run restore`: puts a backup into an empty database, whole or not at all. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sorted, sortExport } from './backup/sort.ts';
import { readStatements } from './backup/statements.ts';
import { holdDataFolder } from './data-folder.ts';
import { quote, readOptions, stop, wrangler } from './local.ts';
import { type Database, withLocalDatabase } from './local-database.ts';

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

const failed = (why: string): never => stop(`Nothing was restored. ${why}`);

/** Has Wrangler run what is given in the account's database, and gives what it says. Stops where that fails. */
function execute(...what: string[]): string {
  const place = ['d1', 'execute', name, '--remote', '--yes'];
  const run = spawnSync(process.execPath, [wrangler, ...place, ...what, '--json'], {
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    encoding: 'utf8',
    // It repeats every statement.
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  return run.status === 0 ? run.stdout : failed(`Wrangler says:\n${run.stderr}${run.stdout}`);
}

const TABLES =
  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'";

const announce = ({ rows, tables }: Sorted): void =>
  console.log(`Restoring ${rows} rows in ${tables.size} tables into ${name} …`);

/** Loads a sorted export into a database of this machine, in one transaction. Stops where it is not empty. */
async function loadHere(sorted: Sorted, database: Database): Promise<void> {
  if ((await database.prepare(TABLES).all()).results.length > 0) {
    stop(
      `${name} has a database already, and a backup goes into an empty folder only. Name another: npm run restore -- ${quote(backup)} --data .wrangler/state-restored`,
    );
  }
  announce(sorted);
  const statements = [];
  for await (const one of readStatements(sorted.file)) statements.push(database.prepare(one));
  await database.batch(statements).catch((error: Error) => failed(error.message));
}

/** The same into a database of the account. */
function loadThere(sorted: Sorted): void {
  const [answer] = JSON.parse(execute('--command', TABLES)) as { results: { name: string }[] }[];
  if (answer?.results.length !== 0) {
    stop(
      `The database ${name} has tables already, and a backup goes into an empty one only. Make one, and name it: npx wrangler d1 create latchkey-restored`,
    );
  }
  announce(sorted);
  execute('--file', sorted.file);
}

/** Stops with what keeps an export from being restored by this version. */
function checkFit({ tables, migrations }: Sorted): void {
  if (!tables.has('tenants') || migrations.length === 0) {
    stop(
      `${backup} is no whole export of a Latchkey database. Make one with: npx wrangler d1 export latchkey --remote --output latchkey.sql (--local in place of --remote exports what is in .wrangler/state, and nothing else)`,
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
if (remote) loadThere(sorted);
else await withLocalDatabase(data, (database) => loadHere(sorted, database));
console.log(
  remote
    ? `Done. Put the id of ${name} into wrangler.toml, then run: npm run deploy`
    : `Done. It needs the TOKEN_SECRETS that it had. Start with: npm start -- --data ${quote(name)}`,
);
