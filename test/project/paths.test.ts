/** The project works in a folder whose name has blanks, brackets and letters of any language. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const files = ['scripts', 'src', 'test'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name)),
);

it('no path is taken from a URL as it stands, where a blank is %20', () => {
  const taken = files.filter((file) =>
    /import\.meta\.url\s*\)\s*\.(?:pathname|href)/.test(readFileSync(file, 'utf8')),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(taken, 'use fileURLToPath').toEqual([]);
});
