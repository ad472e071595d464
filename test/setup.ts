/**
 * Test files share workers: each begins on D1 and KV that are empty but for the schema, with the
 * globals and the clock as they are, and with no notes of another.
 */
import { applyD1Migrations, reset } from 'cloudflare:test';
import { waitForGlobalWaitUntil } from 'cloudflare:test-internal';
import { afterAll, vi } from 'vitest';
import { forgetReads } from './changes.ts';
import { work } from './quick-scrypt.ts';
import { seen } from './reference.ts';
import { expectNoSecretWritten } from './secrets.ts';
import './stacks.ts';
import { expectIndexed } from './statements.ts';
import { env } from './world.ts';

await reset();
await applyD1Migrations(env.DB, env.MIGRATIONS);

afterAll(expectNoSecretWritten);
afterAll(expectIndexed);
// The last one here is the first to be done.
afterAll(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  work.isTrue = false;
  seen.clear();
  forgetReads();
  // What the Worker does behind its answers to RPC, no test waits for: it would write into the next
  // file's stores.
  await Promise.allSettled([waitForGlobalWaitUntil()]);
}, 60_000);
