/**
 * The long run: the same test with more requests; FUZZ_SEED repeats the one round that a failure
 * names.
 */
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import suite from '../vitest.config.ts';
import { INSPECTOR } from './heap.ts';

const [workerd] = (suite.test?.projects ?? []) as TestProjectInlineConfiguration[];

export default defineConfig({
  ...workerd,
  test: {
    ...workerd?.test,
    name: 'fuzz',
    include: ['test/fuzz/*.test.ts'],
    globalSetup: ['test/fuzz/heap.ts'],
    inspect: INSPECTOR,
    fileParallelism: false,
  },
});
