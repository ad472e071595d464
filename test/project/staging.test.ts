/** `wrangler dev --env staging`: the environment as it is documented works; one that lacks something says what. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
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
const STAGING = ['--env', 'staging', '--persist-to', 'state'];
let copy: string;

beforeAll(() => {
  copy = copyInto(folder);
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(copy, '.dev.vars'), lines.join(''));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Serves the copy, does something with its address, and ends it. */
async function serving(then: (url: string) => Promise<void>): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const options = ['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'];
  const server: ChildProcess = spawn(process.execPath, [wrangler, 'dev', ...STAGING, ...options], {
    cwd: copy,
    env,
    stdio: 'ignore',
  });
  const ended = new Promise((told) => server.on('exit', told));
  try {
    while (!(await fetch(`${url}/health`).catch(() => null))) {
      if (server.exitCode !== null) throw new Error(`It ended with ${server.exitCode}.`);
      await new Promise((later) => setTimeout(later, 200));
    }
    await then(url);
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}

const addIntermediary = (url: string) =>
  fetch(`${url}/graphql`, {
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
  const migrate = ['d1', 'migrations', 'apply', 'DB', '--local', ...STAGING];
  execFileSync(process.execPath, [wrangler, ...migrate], { cwd: copy, env, stdio: 'ignore' });
  await serving(async (url) => {
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    const answer = await addIntermediary(url);
    expect(await answer.json()).toMatchObject({ data: { addIntermediary: { success: true } } });
    expect((await fetch(`${url}/verify/1`)).status).toBe(401);
  });
});

it('says which rate limits it lacks, where it was given none of its own', async () => {
  changeFile(join(copy, 'wrangler.toml'), (config) =>
    config.replaceAll(/\[\[env\.staging\.ratelimits\]\]\n(.+\n)+/g, ''),
  );
  const lack =
    'lacks the bindings CALLS, CALLS_BY_TENANT, REFUSALS, TRIES_BY_ADDRESS, TRIES_BY_ACCOUNT.';
  await serving(async (url) => {
    for (const answer of [
      await fetch(`${url}/health`),
      await addIntermediary(url),
      await fetch(`${url}/verify/1`),
      await fetch(`${url}/user`),
    ]) {
      expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining(lack)]);
    }
  });
});
