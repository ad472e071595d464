/** `npm run restore`: restores a backup into an empty database, completely or not at all. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sorted, sortExport } from './backup/sort.ts';
import { readStatements } from './backup/statements.ts';
import { holdDataFolder } from './data-folder.ts';
import { quote, readOptions, stop, wrangler } from './local.ts';
import type { Database } from './local-database.ts';

const values = readOptions(
  'npm run restore -- latchkey.sql [--data .wrangler/state | --remote <name of an empty database>]',
  {
    /** The folder of local D1 and KV. */
    data: { type: 'string', default: '.wrangler/state' },
    /** The name of a database in the account. */
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

/**
 * Runs something in the account's database with Wrangler, and returns the output. Stops if that
 * fails.
 */
function execute(...what: string[]): string {
  const place = ['d1', 'execute', name, '--remote', '--yes'];
  const run = spawnSync(process.execPath, [wrangler, ...place, ...what, '--json'], {
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    encoding: 'utf8',
    // The output repeats every statement.
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  return run.status === 0 ? run.stdout : failed(`Wrangler says:\n${run.stderr}${run.stdout}`);
}

const TABLES =
  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name " +
  "NOT GLOB 'sqlite_*'";

const announce = ({ rows, tables }: Sorted): void =>
  console.log(`Restoring ${rows} rows in ${tables.size} tables into ${name} …`);

/** Loads a sorted export into a local database, in one transaction. Stops if it is not empty. */
async function loadHere(sorted: Sorted, database: Database): Promise<void> {
  if ((await database.prepare(TABLES).all()).results.length > 0) {
    stop(
      `${name} already has a database. A backup can only be restored into an empty folder. ` +
        `Name another: npm run restore -- ${quote(backup)} --data .wrangler/state-restored`,
    );
  }
  announce(sorted);
  const statements = [];
  for await (const one of readStatements(sorted.file)) statements.push(database.prepare(one));
  await database.batch(statements).catch((error: Error) => failed(error.message));
}

/** The same for a database in the account. */
function loadThere(sorted: Sorted): void {
  const [answer] = JSON.parse(execute('--command', TABLES)) as { results: { name: string }[] }[];
  if (answer?.results.length !== 0) {
    stop(
      `The database ${name} already has tables. A backup can only be restored into an empty ` +
        'database. Create one, and name it: npx wrangler d1 create latchkey-restored',
    );
  }
  announce(sorted);
  execute('--file', sorted.file);
}

/** Stops if this version cannot restore the export, with the reason. */
function checkFit({ tables, migrations }: Sorted): void {
  if (!tables.has('tenants') || migrations.length === 0) {
    stop(
      `${backup} is not a complete export of a Latchkey database. Make one with: npx ` +
        'wrangler d1 export latchkey --remote --output latchkey.sql (--local instead of ' +
        '--remote exports .wrangler/state)',
    );
  }
  const unknown = migrations.filter((migration) => !existsSync(join('migrations', migration)));
  if (unknown.length === 0) return;
  stop(
    `${backup} is from a later version of Latchkey, which has ${unknown.join(', ')}. Restore ` +
      'it with that version.',
  );
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-restore-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const sorted = await sortExport(backup, folder).catch((error: Error) =>
  stop(`${backup} cannot be restored: ${error.message}. Make the export again.`),
);
checkFit(sorted);
if (remote) loadThere(sorted);
else {
  // Loaded late, since it loads Wrangler, which is large.
  const { withLocalDatabase } = await import('./local-database.ts');
  await withLocalDatabase(data, (database) => loadHere(sorted, database));
}
console.log(
  remote
    ? `Done. Put the id of ${name} into wrangler.toml, then run: npm run deploy`
    : 'Done. It needs the TOKEN_SECRETS that it had. Start with: npm start -- --data ' +
        `${quote(name)}`,
);
