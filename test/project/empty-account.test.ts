/**
 * `npm run deploy` on an account that has nothing: Wrangler itself runs, against a stand-in for
 * Cloudflare's API.
 */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Account, openAccount } from './account.ts';

let account: Account;

beforeAll(async () => {
  account = await openAccount();
});

afterAll(() => account.close());

/**
 * Deploys as a pipeline does, where nobody answers questions. What was done to the account by it.
 */
async function deploy(...options: string[]): Promise<string[]> {
  const before = account.done.length;
  const { CLOUDFLARE_ENV: _, ...env } = process.env;
  const process_ = spawn(process.execPath, ['scripts/deploy.ts', ...options], {
    env: { ...env, ...account.env, CI: '1', WRANGLER_SEND_METRICS: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [process_.stdout, process_.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  const code = await new Promise((ended) => process_.on('exit', ended));
  if (code !== 0) throw new Error(said);
  return account.done.slice(before);
}

const BINDINGS = [
  ...['ASSETS', 'CALLS', 'CALLS_BY_TENANT', 'DB', 'REFUSALS', 'SESSIONS'],
  ...['TRIES_BY_ACCOUNT', 'TRIES_BY_ADDRESS', 'WORK'],
];

it('makes all that staging needs, once, then production, which shares nothing', async () => {
  expect(await deploy('--env', 'staging')).toEqual([
    'create database latchkey-staging',
    'migrate database-0',
    'create namespace latchkey-staging-sessions',
    'create queue latchkey-staging-work',
    'deploy latchkey-staging',
  ]);
  const staging = account.workers.get('latchkey-staging') ?? [];
  expect(staging.map(({ name }) => name).sort()).toEqual(BINDINGS);
  expect(staging).toContainEqual({ type: 'd1', name: 'DB', id: 'database-0' });

  expect(await deploy('--env', 'staging')).toEqual(['deploy latchkey-staging']);
  const again = account.workers.get('latchkey-staging');
  expect(again?.map(({ name }) => name).sort()).toEqual(BINDINGS);

  expect(await deploy()).toEqual([
    'create database latchkey',
    'migrate database-1',
    'create namespace latchkey-sessions',
    'create queue latchkey-work',
    'deploy latchkey',
  ]);
  const production = account.workers.get('latchkey') ?? [];
  expect(production).toContainEqual({ type: 'd1', name: 'DB', id: 'database-1' });
  expect(account.workers.get('latchkey-staging')).toBe(again);
}, 400_000);
