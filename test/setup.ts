/** Test files share workers, each on D1 and KV that are empty but for the schema. */
import { applyD1Migrations, reset } from 'cloudflare:test';
import { afterAll } from 'vitest';
import { expectNoSecretWritten } from './secrets.ts';
import { expectIndexed } from './statements.ts';
import { env } from './world.ts';

await reset();
await applyD1Migrations(env.DB, env.MIGRATIONS);
afterAll(expectNoSecretWritten);
afterAll(expectIndexed);
