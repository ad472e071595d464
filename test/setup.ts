import { applyD1Migrations } from 'cloudflare:test';
import { afterAll } from 'vitest';
import { expectNoSecretWritten, watchSecrets } from './secrets.ts';
import { env } from './world.ts';

watchSecrets();
await applyD1Migrations(env.DB, env.MIGRATIONS);
afterAll(expectNoSecretWritten);
