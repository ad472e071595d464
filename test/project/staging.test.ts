/**
 * `wrangler dev --env staging`: the environment as it is documented works; one that lacks something
 * says what.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wrangler } from '../../scripts/local.ts';
import { freshSecrets } from '../../scripts/secrets.ts';
import { changeFile, copyInto } from './copy.ts';
import { freePort } from './ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-staging-'));
const secrets = freshSecrets();
const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' };
const PATIENCE = { timeout: 100_000, interval: 200 };
let copy: string;
let url: string;
let server: ChildProcess;

beforeAll(async () => {
  copy = copyInto(folder);
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(copy, '.dev.vars'), lines.join(''));
  const node = (...args: string[]) =>
    spawn(process.execPath, args, { cwd: copy, env, stdio: 'ignore' });
  await once(node('scripts/migrate.ts', 'state', 'staging'), 'exit');
  const port = String(await freePort());
  url = `http://127.0.0.1:${port}`;
  const place = ['--ip', '127.0.0.1', '--port', port, '--inspector-port', '0'];
  server = node(wrangler, 'dev', '--env', 'staging', '--persist-to', 'state', ...place);
}, 120_000);

afterAll(async () => {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

/** The status and text of an answer; null for as long as nothing answers. */
async function answer(path: string, init?: RequestInit): Promise<[number, string] | null> {
  if (server.exitCode !== null) throw new Error(`It ended with ${server.exitCode}.`);
  const response = await fetch(url + path, init).catch(() => null);
  return response && [response.status, await response.text()];
}

const addIntermediary = () =>
  answer('/graphql', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${secrets.OPERATOR_KEY}`,
    },
    body: JSON.stringify({
      query: 'mutation { addIntermediary(input: { name: "Acme" }) { success } }',
    }),
  });

it('works as it stands in wrangler.toml', async () => {
  await expect.poll(() => answer('/health'), PATIENCE).toEqual([200, '{"status":"ok"}']);
  const [, added = ''] = (await addIntermediary()) ?? [];
  expect(JSON.parse(added)).toMatchObject({ data: { addIntermediary: { success: true } } });
  expect((await answer('/verify/1'))?.[0]).toBe(401);
});

it('says which rate limits it lacks, where it was given none of its own', async () => {
  changeFile(join(copy, 'wrangler.toml'), (config) =>
    config.replaceAll(/\[\[env\.staging\.ratelimits\]\]\n(.+\n)+/g, ''),
  );
  const lack =
    'lacks the bindings CALLS, CALLS_BY_TENANT, REFUSALS, TRIES_BY_ADDRESS, TRIES_BY_ACCOUNT.';
  // Wrangler reads the file again by itself.
  const lacking = [503, expect.stringContaining(lack)];
  await expect.poll(() => answer('/health'), PATIENCE).toEqual(lacking);
  expect(await addIntermediary()).toEqual(lacking);
  for (const path of ['/verify/1', '/user']) expect(await answer(path)).toEqual(lacking);
});
