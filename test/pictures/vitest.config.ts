/** `npm run pictures`: takes the pictures of the documentation anew. `npm test` does not. */
import { defineConfig } from 'vitest/config';
import '../../scripts/assets.ts';

export default defineConfig({
  test: { name: 'pictures', include: ['test/pictures/*.test.ts'], testTimeout: 120_000 },
});
