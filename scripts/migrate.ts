/**
 * Brings a local database up to date: `node scripts/migrate.ts <data folder> [environment]`. It does as `wrangler d1
 * migrations apply --local` does, which starts the database anew for each migration and so takes several times as long.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from 'wrangler';

const [data = '', environment] = process.argv.slice(2);

/** As Wrangler makes it. */
const MIGRATED = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml', environment);
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    modules: true,
    script: '',
    d1Databases: workerOptions.d1Databases as NonNullable<V4WorkerOptions['d1Databases']>,
    // Where `wrangler dev --persist-to` keeps them.
    resourcePersistencePath: join(data, 'v3'),
  }),
);
try {
  const database = await miniflare.getD1Database('DB');
  await database.prepare(MIGRATED).run();
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all();
  const there = new Set(results.map(({ name }) => name));
  const files = readdirSync('migrations').filter((name) => name.endsWith('.sql'));
  for (const name of files.toSorted()) {
    if (there.has(name)) continue;
    const statements = unstable_splitSqlQuery(readFileSync(join('migrations', name), 'utf8'));
    await database.batch([
      ...statements.map((statement) => database.prepare(statement)),
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ]);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await miniflare.dispose();
}
