/**
 * `npm run deploy`, by the commands that it would run, and what the environments of `wrangler.toml`
 * name.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { environments, namesOf, PRODUCTION, sharedBy } from '../../scripts/deployment.ts';
import { changeFile, copyInto } from './copy.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-deploy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { CLOUDFLARE_ENV: _, ...clean } = process.env;

const deploy = (options: string[], env: NodeJS.ProcessEnv = {}, cwd = '.') =>
  spawnSync(process.execPath, ['scripts/deploy.ts', ...options], {
    encoding: 'utf8',
    env: { ...clean, ...env },
    cwd,
  });

const linesOf = ({ stdout }: SpawnSyncReturns<string>): string[] => stdout.split('\n').slice(0, -1);

const STAGING = [
  'wrangler d1 list --json --env staging',
  'wrangler d1 create latchkey-staging --env staging',
  'wrangler d1 migrations apply latchkey-staging --remote --env staging',
  'wrangler deploy --env staging',
];

describe('npm run deploy', () => {
  it('makes the database, then migrates it, then deploys what is at the top', () => {
    expect(linesOf(deploy(['--dry-run']))).toEqual([
      'wrangler d1 list --json --env ""',
      'wrangler d1 create latchkey --env ""',
      'wrangler d1 migrations apply latchkey --remote --env ""',
      'wrangler deploy --env ""',
    ]);
  });

  it('with --env staging names staging in each command, and nothing of production', () => {
    const told = deploy(['--env', 'staging', '--dry-run']);
    expect(linesOf(told)).toEqual(STAGING);
    const names = namesOf(PRODUCTION).map((name) => name.replace(/^.* /, ''));
    const words = [...STAGING, told.stderr].flatMap((line) => line.split(/\s+/));
    expect(words.filter((word) => names.includes(word))).toEqual([]);
    // What the commands depend on, and what the last one makes, is no command.
    expect(told.stderr).toBe(
      [
        'Only if that does not list latchkey-staging:',
        'Then:',
        'The last one creates namespace latchkey-staging-sessions and queue ' +
          'latchkey-staging-work if missing.',
        '',
      ].join('\n'),
    );
  });

  it(
    'takes the environment that CLOUDFLARE_ENV names, as Wrangler would, unless another is ' +
      'named',
    () => {
      const env = { CLOUDFLARE_ENV: 'staging' };
      expect(linesOf(deploy(['--dry-run'], env))).toEqual(STAGING);
      expect(linesOf(deploy(['--dry-run', '--env='], env))[3]).toBe('wrangler deploy --env ""');
    },
  );

  it.each(['stagin', 'production', 'constructor'])('refuses the unknown environment %s', (name) => {
    const { status, stdout, stderr } = deploy(['--env', name]);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`no environment "${name}". It has staging.`);
    expect(stderr).not.toContain('    at ');
  });

  it('refuses what it does not know', () => {
    for (const options of [['staging'], ['--environment', 'staging'], ['--env']]) {
      const { status, stderr } = deploy(options);
      expect([options, status]).toEqual([options, 1]);
      expect(stderr).toContain('npm run deploy -- [--env staging] [--dry-run]');
    }
  });

  it.each([
    [['--env', 'staging'], '--env'],
    [['--dry-run'], '--dry-run'],
  ])('refuses %j that npm kept for itself, for want of two dashes', (options, named) => {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'deploy', ...options], {
      encoding: 'utf8',
      env: clean,
    });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`npm took ${named} as its own option.`);
  });
});

/** A copy of the project, to be deployed with another configuration. */
const copyWith = (change: (config: string) => string): string => {
  const copy = copyInto(mkdtempSync(join(folder, 'copy-')));
  changeFile(join(copy, 'wrangler.toml'), change);
  return copy;
};

describe('another configuration', () => {
  it('that names a database by its id makes none', () => {
    const copy = copyWith((config) =>
      config.replace(
        'database_name = "latchkey-staging"',
        '$&\ndatabase_id = "11111111-1111-4111-8111-111111111111"',
      ),
    );
    expect(linesOf(deploy(['--env', 'staging', '--dry-run'], {}, copy))).toEqual(STAGING.slice(2));
  });

  it('in which staging names what production names is refused', () => {
    const copy = copyWith((config) =>
      ['name = "', 'database_name = "', 'queue = "'].reduce(
        (text, own) => text.replaceAll(`\n${own}latchkey-staging`, `\n${own}latchkey`),
        config.replace('"2003"', '"1003"'),
      ),
    );
    const { status, stdout, stderr } = deploy(['--env', 'staging', '--dry-run'], {}, copy);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      'staging and the top level both name Worker latchkey, database latchkey, queue ' +
        'latchkey-work, rate limit 1003.',
    );
  });
});

describe('wrangler.toml', () => {
  it('holds staging whole: as much as production, and nothing that production names', () => {
    expect(environments()).toEqual(['staging']);
    const kinds = (environment: string) => namesOf(environment).map((name) => name.split(' ')[0]);
    expect(kinds('staging')).toEqual(kinds(PRODUCTION));
    expect(namesOf('staging')).toContain('Worker latchkey-staging');
    expect(sharedBy('staging', PRODUCTION)).toEqual([]);
    expect(sharedBy('staging', 'staging')).toEqual(namesOf('staging'));
  });
});
