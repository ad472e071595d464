/**
 * Applies migrations to a local database: `node scripts/migrate.ts <data folder> [environment]`. It
 * is like `wrangler d1 migrations apply --local`, which is several times slower because it restarts
 * the database for each migration.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unstable_splitSqlQuery } from 'wrangler';
import { stop } from './local.ts';
import { type Database, withLocalDatabase } from './local-database.ts';

/** Wrangler's table. */
const MIGRATED = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

async function migrate(database: Database): Promise<void> {
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
}

const [data = '', environment] = process.argv.slice(2);
await withLocalDatabase(data, migrate, environment).catch((error: Error) => stop(error.message));
