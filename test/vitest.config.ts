/**
 * Two kinds of tests: what the Worker promises runs in workerd, what the project promises runs in
 * Node.
 */
import { accessSync, constants, statfsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import '../scripts/assets.ts';
import { freshSecrets } from '../scripts/secrets.ts';
import { LongestFirst } from './order.ts';

const secrets = freshSecrets();
const root = fileURLToPath(new URL('..', import.meta.url));

// Programs that tests start share what they compile.
process.env.NODE_COMPILE_CACHE ??= `${root}.wrangler/compiled`;

/** Where SQLite does not wait for a disk at each commit: nothing that a test stores outlasts it. */
const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 ** 30;

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return false;
  }
}

/** Tests in Node run programs that they write, which memory often does not allow. */
const onDisk = tmpdir();
// The Workers' stores.
if (hasRoom(MEMORY)) process.env.TMPDIR = MEMORY;

// They begin a fragment or a query in the URLs of modules.
if (/[#?]/.test(root)) {
  console.error(`Vite runs no tests in a folder with "#" or "?" in its path: rename ${root}`);
  process.exit(1);
}

/** What runs in Node, or by a command of its own. */
const ELSEWHERE = ['test/project/**', 'test/bench/**', 'test/clients/**', 'test/pictures/**'];
/**
 * Ten thousand sessions at once leave SQLite so much to keep, until garbage is collected, that the
 * next file in the same process would run into workerd's limit of 512 MB for all its databases.
 */
const CROWDS = 'test/domain/sessions/revocation.test.ts';

/** Tests that run in workerd. Their files share processes with no others. */
const inWorkerd = (
  name: string,
  include: string[],
  exclude: string[],
): TestProjectInlineConfiguration => ({
  root,
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: `${root}/wrangler.toml` },
      miniflare: {
        bindings: {
          ...secrets,
          DOCS: 'on',
          // `npm start` has put another into .dev.vars.
          WEBHOOKS_INSECURE: 'off',
          MIGRATIONS: await readD1Migrations(`${root}/migrations`),
        },
      },
    })),
  ],
  resolve: { alias: [{ find: './scrypt.ts', replacement: `${root}test/quick-scrypt.ts` }] },
  test: {
    name,
    include,
    exclude,
    setupFiles: ['test/setup.ts'],
    isolate: false,
    // Their hundreds of modules are one file each: what one of them takes from another is at
    // hand, not behind a getter of Vite's.
    deps: {
      optimizer: {
        ssr: {
          enabled: true,
          include: [
            ...['drizzle-orm', 'drizzle-orm/casing', 'drizzle-orm/sqlite-core'],
            ...['graphql', 'graphql-yoga', '@pothos/core'],
          ],
        },
      },
    },
    // Some tests hash a dozen passwords, which is slow on purpose.
    testTimeout: 20_000,
  },
});

export default defineConfig({
  root,
  test: {
    // One more than there are cores: a test that waits for a program leaves its core idle.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      inWorkerd('workerd', ['test/**/*.test.ts'], [...ELSEWHERE, CROWDS]),
      inWorkerd('crowds', [CROWDS], []),
      {
        root,
        test: {
          name: 'node',
          include: ['test/project/**/*.test.ts'],
          globalSetup: 'test/project/starter.ts',
          env: { TMPDIR: onDisk },
          testTimeout: 120_000,
          // They start servers and copy databases, which a busy machine is slow at.
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
