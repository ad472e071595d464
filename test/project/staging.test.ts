/**
 * `wrangler dev --env staging`: the environment as it is documented works; one that lacks something
 * says what.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wrangler } from '../../scripts/local.ts';
import { freshSecrets } from '../../scripts/secrets.ts';
import { example } from '../documents.ts';
import { memberFields } from '../operations/rest.ts';
import { changeFile, copyInto } from './copy.ts';
import { freePort } from './ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-staging-'));
const secrets = freshSecrets();
const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' };
const PATIENCE = { timeout: 100_000, interval: 200 };
let copy: string;
let url: string;
let server: ChildProcess;

/** Its output is told if it ends by itself. */
const log = openSync(join(folder, 'log'), 'a');
const node = (...args: string[]) =>
  spawn(process.execPath, args, { cwd: copy, env, stdio: ['ignore', log, log] });

async function start(): Promise<void> {
  const port = String(await freePort());
  url = `http://127.0.0.1:${port}`;
  const place = ['--ip', '127.0.0.1', '--port', port, '--inspector-port', '0'];
  server = node(wrangler, 'dev', '--env', 'staging', '--persist-to', 'state', ...place);
}

async function stop(): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
}

/** Starts it anew: one that reads a changed file while it runs may end instead. */
async function change(edit: (config: string) => string): Promise<void> {
  await stop();
  changeFile(join(copy, 'wrangler.toml'), edit);
  await start();
}

beforeAll(async () => {
  copy = copyInto(folder);
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(copy, '.dev.vars'), lines.join(''));
  await once(node('scripts/migrate.ts', 'state', 'staging'), 'exit');
  await start();
}, 120_000);

afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The status and text of an answer; null for as long as nothing answers. */
async function answer(path: string, init?: RequestInit): Promise<[number, string] | null> {
  if (server.exitCode !== null) {
    const log = readFileSync(join(folder, 'log'), 'utf8').slice(-2_000);
    throw new Error(`It ended with ${server.exitCode}: ${log}`);
  }
  const response = await fetch(url + path, init).catch(() => null);
  return response && [response.status, await response.text()];
}

const addIntermediary = (asked = '') =>
  answer('/graphql', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${secrets.OPERATOR_KEY}`,
    },
    body: JSON.stringify({
      query: `mutation { addIntermediary(input: { name: "Acme" }) { success ${asked} } }`,
    }),
  });

it('works as it stands in wrangler.toml', async () => {
  await expect.poll(() => answer('/health'), PATIENCE).toEqual([200, '{"status":"ok"}']);
  const [, added = ''] = (await addIntermediary()) ?? [];
  expect(JSON.parse(added)).toMatchObject({ data: { addIntermediary: { success: true } } });
  expect((await answer('/verify/1'))?.[0]).toBe(401);
});

/** The texts of the mails that Wrangler’s local mail has kept. */
const mailsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && /email-text/.test(join(file.parentPath, file.name)))
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'));

it('sends mail, where what docs/operations.md names is there', async () => {
  const binding = example('toml', 'send_email');
  await change((config) =>
    [config, binding.replace('[[send_email', '[[env.staging.send_email')]
      .join('\n')
      .replace('[vars]', '[env.staging.vars]'),
  );
  const ask = () =>
    answer('/password-reset', {
      method: 'POST',
      body: new URLSearchParams({ email: 'nobody@example.com' }),
    });
  const accepted = [202, '{"errors":false,"data":{}}'];
  await expect.poll(ask, PATIENCE).toEqual(accepted);
  const [, added = ''] = (await addIntermediary('intermediary { id } secret')) ?? [];
  const { intermediary, secret } = JSON.parse(added).data.addIntermediary;
  const fields = memberFields({ tenantId: intermediary.id, label: 'ada' });
  const [status, told = ''] =
    (await answer('/user', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
      body: JSON.stringify(fields),
    })) ?? [];
  expect({ status, ...JSON.parse(told).data }).toMatchObject({ status: 200, mailed: true });
  const kept = () => mailsIn(join(copy, '.wrangler')).join('');
  await expect.poll(kept, PATIENCE).toContain('/console/password#lk_rst_');
  expect(kept()).toContain(`Hello ${fields.name},`);
});

it('says which rate limits it lacks, where it was given none of its own', async () => {
  await change((config) => config.replaceAll(/\[\[env\.staging\.ratelimits\]\]\n(.+\n)+/g, ''));
  const lack =
    'lacks the bindings CALLS, CALLS_BY_TENANT, REFUSALS, TRIES_BY_ADDRESS, TRIES_BY_ACCOUNT.';
  const lacking = [503, expect.stringContaining(lack)];
  await expect.poll(() => answer('/health'), PATIENCE).toEqual(lacking);
  expect(await addIntermediary()).toEqual(lacking);
  for (const path of ['/verify/1', '/user']) expect(await answer(path)).toEqual(lacking);
});
