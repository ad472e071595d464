/** No secret that stands in this repository is one that a deployment would begin with. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshSecrets } from '../../scripts/secrets.ts';
import { type Env, readSettings } from '../../src/front/settings.ts';

const FOLDERS = ['src', 'test', 'scripts', 'docs', '.ci', 'migrations'];
const FILES = ['README.md', 'CHANGELOG.md', '.dev.vars.example', 'wrangler.toml', 'package.json'];

const texts = [
  ...FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name)),
  ),
  ...FILES,
].map((file) => readFileSync(file, 'utf8'));

/** Everything in these files that a pattern finds, its first group. */
const found = (pattern: RegExp): string[] => [
  ...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, one = '']) => one))),
];

const isFit = (secrets: Partial<Env>): boolean => {
  try {
    readSettings({ ...freshSecrets(), ...secrets } as Env);
    return true;
  } catch {
    return false;
  }
};

it('neither as an operator key', () => {
  const keys = found(/(lk_op_[\w-]{43,})/g);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((OPERATOR_KEY) => isFit({ OPERATOR_KEY }))).toEqual([]);
});

it('nor as a checksum secret, if it is or holds a key or token of an example', () => {
  const secrets = found(/TOKEN_SECRETS\W{1,6}([\w+/=-]{32,})/g);
  const credentials = found(/(lk_[a-z]+_[\w-]{43,})/g);
  expect(secrets.length).toBeGreaterThan(0);
  expect(credentials.length).toBeGreaterThan(1);
  const bare = credentials.map((credential) => credential.replace(/^lk_[a-z]+_/, ''));
  const all = [...secrets, ...credentials, ...bare];
  expect(all.filter((TOKEN_SECRETS) => isFit({ TOKEN_SECRETS }))).toEqual([]);
});

it('and fresh ones are fit', () => {
  expect(isFit({})).toBe(true);
});
