/** No line is longer than 100 columns. Markdown, locks and migrations are excepted. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const MAX = 100;
const SETTINGS = [
  ...['wrangler.toml', '.dev.vars.example', 'tsconfig.json'],
  ...['test/tsconfig.json', 'scripts/lint.json'],
];

const written = ['src', 'test', 'scripts', 'console'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        /\.([jt]sx?|css|html)$/.test(file) && !/(^|\/)(node_modules|generated|\.\w+)\//.test(file),
    )
    .map((file) => join(folder, file)),
);

/** The places of lines that are too long. An address on the web cannot be broken. */
const tooLong = (file: string, text: string): string[] =>
  text
    .split('\n')
    .flatMap((line, n) =>
      [...line].length > MAX && !/https?:\S{80}/.test(line) ? [`${file}:${n + 1}`] : [],
    );

it('no line of a source or a setting is over 100 columns', () => {
  expect(written.length).toBeGreaterThan(400);
  const files = [...written, ...SETTINGS];
  expect(files.flatMap((file) => tooLong(file, readFileSync(file, 'utf8')))).toEqual([]);
});

it('a line that is too long is found', () => {
  expect(tooLong('a.ts', `1\n${'x'.repeat(MAX)}\n${'x'.repeat(MAX + 1)}`)).toEqual(['a.ts:3']);
});
