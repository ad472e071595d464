/** Two kinds of tests: what the Worker promises runs in workerd, what the project promises runs in Node. */
import { fileURLToPath } from 'node:url';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import '../scripts/assets.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  test: {
    projects: [
      {
        root,
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: `${root}/wrangler.toml` },
            miniflare: {
              bindings: {
                OPERATOR_KEY: `lk_op_${'o'.repeat(43)}`,
                TOKEN_SECRETS: 'a secret of the tests, at least 32 characters long'.replaceAll(
                  /[ ,]+/g,
                  '-',
                ),
                DOCS: 'on',
                MIGRATIONS: await readD1Migrations(`${root}/migrations`),
              },
            },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['test/**/*.test.ts'],
          exclude: ['test/project/**', 'test/bench/**'],
          setupFiles: ['test/setup.ts'],
        },
      },
      {
        root,
        test: { name: 'node', include: ['test/project/**/*.test.ts'], testTimeout: 120_000 },
      },
    ],
  },
});
