/**
 * What every operation costs in D1 with 1,000, 100,000 and 1,000,000 users in one tenant (or with
 * as many as are named, in whole thousands), and what the users take there. Exits with 1 when an
 * operation reads a whole table, or grows.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { convertV4MiniflareOptions, Miniflare, Response } from 'miniflare';
import { unstable_readConfig } from 'wrangler';
import { wrangler } from '../../scripts/local.ts';
import { freshSecrets } from '../../scripts/secrets.ts';
import { table } from '../table.ts';
import { fill, fillBeside } from './fill.ts';
import { GROWING, grows, isMore, type Measured } from './judge.ts';

const GB = 1e9;

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(1_000, 100_000, 1_000_000);
if (!sizes.every((users) => users > 0 && users % 1_000 === 0)) {
  throw new Error('Name numbers of users: whole thousands.');
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-scale-'));
// It grows to gigabytes: nobody who loses patience is to be left with it.
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.once('SIGINT', () => process.exit(130));

const whole = (value: number): string => Math.round(value).toLocaleString('en');

function bundle(): string {
  const script = 'test/scale/worker.ts';
  const args = [wrangler, 'deploy', script, '--env', '', '--dry-run', '--outdir', folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
  return readFileSync(join(folder, 'worker.js'), 'utf8');
}

interface Table {
  name: string;
  rows: number;
  /** With its indexes. */
  bytes: number;
}

interface Size {
  users: number;
  measured: Measured[];
  bytes: number;
  tables: Table[];
}

function tablesOf(db: DatabaseSync): Table[] {
  const weighed = db
    .prepare(
      `SELECT s.tbl_name AS name, sum(d.pgsize) AS bytes FROM dbstat d
      JOIN sqlite_schema s ON s.name = d.name
       WHERE d.aggregate = TRUE GROUP BY s.tbl_name ORDER BY bytes DESC`,
    )
    .all() as unknown as Omit<Table, 'rows'>[];
  return weighed.map(({ name, bytes }) => {
    const count = db.prepare(`SELECT count(*) AS rows FROM "${name}"`).get();
    return { name, bytes, rows: Number(count?.rows) };
  });
}

/** Fills the file that D1 keeps below `data`: from without, where SQLite may take more memory. */
async function fillFile(data: string, users: number): Promise<Table[]> {
  const file = readdirSync(data, { recursive: true, encoding: 'utf8' }).find((name) =>
    /D1.*[0-9a-f]{64}\.sqlite$/.test(name),
  );
  if (!file) throw new Error(`There is no database below ${data}.`);
  const db = new DatabaseSync(join(data, file));
  db.exec('PRAGMA cache_size = -1000000; PRAGMA synchronous = off');
  const run = (statements: string[]) => db.exec(`BEGIN; ${statements.join(';')}; COMMIT`);
  const now = Date.now();
  await fillBeside(run, now);
  await fill(run, 0, users, now);
  const tables = tablesOf(db);
  db.close();
  return tables;
}

const DATABASE = '00000000-0000-0000-0000-000000000000';

async function measureAt(users: number, contents: string): Promise<Size> {
  const data = join(folder, String(users));
  const { compatibility_date, compatibility_flags } = unstable_readConfig({
    config: 'wrangler.toml',
  });
  const options = convertV4MiniflareOptions({
    resourcePersistencePath: data,
    workers: [
      {
        name: 'scale',
        compatibilityDate: compatibility_date ?? '',
        compatibilityFlags: compatibility_flags,
        modules: [{ type: 'ESModule', path: 'worker.js', contents }],
        d1Databases: { DB: DATABASE },
        kvNamespaces: { SESSIONS: DATABASE },
        queueProducers: { WORK: 'work' },
        // Where webhooks lead.
        outboundService: () => new Response(null, { status: 204 }),
        serviceBindings: {
          ASSETS: ({ url }) =>
            new Response(readFileSync(`.wrangler/assets${new URL(url).pathname}`)),
        },
        bindings: freshSecrets(),
      },
    ],
  });
  const begun = Date.now();
  const lap = (what: string) =>
    console.error(`${whole(users)} users ${what}: ${whole((Date.now() - begun) / 1_000)} s`);

  const empty = new Miniflare(options);
  const db = await empty.getD1Database('DB', 'scale');
  for (const name of readdirSync('migrations').sort()) {
    if (!name.endsWith('.sql')) continue;
    const migration = readFileSync(join('migrations', name), 'utf8');
    await db.batch(migration.split('--> statement-breakpoint').map((one) => db.prepare(one)));
  }
  // A million users, and what is theirs, are as much as is allowed. Calls add more.
  await db.prepare('UPDATE quotas SET most = 2 * most').run();
  await empty.dispose();
  const tables = await fillFile(data, users);
  lap('made');

  const full = new Miniflare(options);
  const answer = await fetch(new URL(`/?users=${users}`, await full.ready));
  const text = await answer.text();
  await full.dispose();
  rmSync(data, { recursive: true });
  if (!answer.ok) throw new Error(text);
  lap('measured');
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  return { users, measured: JSON.parse(text), bytes, tables };
}

/** The same operation at each size. */
const rowsOf = (all: Size[]): Measured[][] =>
  (all[0]?.measured ?? []).map(({ name }) =>
    all.map(({ measured }) => {
      const found = measured.find((one) => one.name === name);
      if (!found) throw new Error(`no ${name} at each size`);
      return found;
    }),
  );

function costs(all: Size[]): string {
  const counts = all.map(({ users }) => whole(users));
  return table([
    [
      'operation',
      ...counts.map((users) => `read at ${users}`),
      ...counts.map((users) => `written at ${users}`),
      'round trips, behind',
      'plan',
    ],
    ...rowsOf(all).map((row) => {
      const { name, trips, tripsBehind, scans } = row.at(-1) as Measured;
      return [
        name,
        ...row.map(({ rowsRead }) => whole(rowsRead)),
        ...row.map(({ rowsWritten }) => whole(rowsWritten)),
        `${trips}, ${tripsBehind}`,
        scans.length === 0 ? 'by index' : scans.join(', '),
      ];
    }),
  ]);
}

/** Of the largest database. */
function weights({ users, bytes, tables }: Size): string {
  const perUser = bytes / users;
  return `${table([
    ['table', 'rows', 'MB', 'bytes a row', 'rows a GB'],
    ...tables
      .filter(({ rows }) => rows >= 1_000)
      .map(({ name, rows, bytes }) => [
        name,
        ...[rows, bytes / 1e6, bytes / rows, (GB * rows) / bytes].map(whole),
      ]),
  ])}

${whole(users)} users with all that is theirs take ${whole(bytes / 1e6)} MB,
${whole(perUser)} bytes each:
1 GB carries ${whole(GB / perUser)} of them, 10 GB ${whole((10 * GB) / perUser)}.`;
}

/** What is wrong with an operation, with the statements that it comes from. */
function complaint([small, ...larger]: Measured[]): string | undefined {
  const largest = larger.at(-1) ?? small;
  if (!small || !largest) return undefined;
  if (largest.scans.length > 0) return `${largest.name}: ${largest.scans.join(', ')}`;
  if (!larger.some((one) => grows(small, one))) return undefined;
  const grown = Object.entries(largest.statements).filter(([sql, { rowsRead }]) =>
    isMore(small.statements[sql]?.rowsRead ?? 0, rowsRead),
  );
  return [
    `${small.name}: ${[small, ...larger].map(({ rowsRead }) => whole(rowsRead)).join(', ')} ` +
      'rows read',
    ...grown.map(
      ([sql, { rowsRead, plan }]) =>
        `  ${whole(small.statements[sql]?.rowsRead ?? 0)}, ${whole(rowsRead)}: ` +
        `${sql.replace(/\s+/g, ' ').trim()}\n    ${plan.join('\n    ')}`,
    ),
  ].join('\n');
}

const contents = bundle();
const all: Size[] = [];
for (const users of sizes) all.push(await measureAt(users, contents));
console.log(costs(all));
console.log(`\n${weights(all.at(-1) as Size)}`);
console.log(
  '\nGrowing by ' +
    `nature:\n${GROWING.map(({ operation, why }) => `${operation.source}: ${why}`).join('\n')}`,
);
const complaints = rowsOf(all).flatMap((row) => complaint(row) ?? []);
console.log(complaints.length === 0 ? '\nNothing grows.' : `\nGrows:\n${complaints.join('\n')}`);
process.exitCode = complaints.length === 0 ? 0 : 1;
