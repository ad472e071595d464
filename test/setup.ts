import { applyD1Migrations } from 'cloudflare:test';
import { afterAll } from 'vitest';
import { expectNoSecretWritten, watchSecrets } from './secrets.ts';
import { expectIndexed, watchStatements } from './statements.ts';
import { env } from './world.ts';

watchSecrets();
watchStatements();
await applyD1Migrations(env.DB, env.MIGRATIONS);
afterAll(expectNoSecretWritten);
afterAll(expectIndexed);
