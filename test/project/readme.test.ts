/** The README and the demo, as a newcomer runs them: a real server, a real shell, real curl. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from './ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-readme-'));
let server: ChildProcess;
let port: number;
let greeting = '';

beforeAll(async () => {
  port = await freePort();
  server = spawn(
    process.execPath,
    ['scripts/start.ts', '--port', String(port), '--data', join(folder, 'state')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await new Promise<void>((serving, reject) => {
    server.stdout?.on('data', (text) => {
      greeting += text;
      if (greeting.includes('npm run demo')) serving();
    });
    server.stderr?.resume();
    server.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${greeting}`)));
  });
}, 120_000);

afterAll(async () => {
  server.removeAllListeners('exit');
  const ended = new Promise((gone) => server.on('exit', gone));
  server.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

/** The keys of an answer, and what kind of thing each holds. */
const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
};

it('the start says where it listens, where GraphiQL is and how to get a first tenant', () => {
  expect(greeting).toContain(`http://127.0.0.1:${port}/graphql`);
  expect(greeting).toContain('GraphiQL');
  expect(greeting).toContain('addIntermediary');
});

/** The blocks of a section of the README: what is to be run, and what it is to answer. */
function blocksOf(title: string): { script: string; shown: unknown[] } {
  const section = readFileSync('README.md', 'utf8')
    .split('\n## ')
    .find((text) => text.startsWith(title));
  const blocks = [...(section ?? '').matchAll(/```(bash|json)\n(.*?)```/gs)];
  const texts = (kind: string) =>
    blocks.filter((block) => block[1] === kind).map((block) => block[2] ?? '');
  const script = texts('bash').join('\n');
  return {
    script: script.replaceAll(':8787', `:${port}`).replace('.dev.vars', resolve('.dev.vars')),
    shown: texts('json').flatMap((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ),
  };
}

/** The answers that a script prints, a line each. */
const run = (script: string): unknown[] =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', script], { encoding: 'utf8', cwd: folder })
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

it('the five calls answer as the README shows, and the staff can be signed in then', () => {
  const calls = blocksOf('A first session in five calls');
  const staff = blocksOf('REST: staff, stations, projects');
  expect(calls.shown).toHaveLength(5);
  const bulk = blocksOf('Many users at once');
  const answers = run(`${calls.script}\n${staff.script}\n${bulk.script}`);
  expect(answers.slice(0, 5).map(shape)).toEqual(calls.shown.map(shape));
  expect(answers.slice(5, 10)).toMatchObject(Array(5).fill({ errors: false }));
  expect(answers.slice(10, 12)).toEqual(bulk.shown);
  expect(answers.slice(12)).toMatchObject([
    { externalId: 'END_USER_ID' },
    { externalId: 'tenant-4711', chargingPermissions: [{ expiresAt: '2100-01-01T00:00:00.000Z' }] },
  ]);
});

it('the import of a file does what can be done, keeps what was refused, and takes that again', async () => {
  const url = `http://127.0.0.1:${port}`;
  const operator = /OPERATOR_KEY=([^,\s]+)/.exec(readFileSync('.dev.vars', 'utf8'))?.[1];
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${operator}` },
    body: JSON.stringify({
      query: 'mutation { addIntermediary(input: { name: "Big" }) { secret } }',
    }),
  });
  const { secret } = ((await response.json()) as { data: { addIntermediary: { secret: string } } })
    .data.addIntermediary;
  const load = (file: string) =>
    spawnSync(process.execPath, ['scripts/import.ts', file, '--url', url], {
      env: { ...process.env, LATCHKEY_KEY: secret },
      encoding: 'utf8',
    });
  const file = join(folder, 'users.csv');
  const rows = Array.from({ length: 300 }, (_, n) => `user ${n},${n % 2 ? 'true' : ''},,`);
  writeFileSync(
    file,
    [
      ...['externalId,suspended,deviceId,permission', ...rows, '"a, b",,NOBODY00,'],
      ...['c,,,CHARGE', 'd,,NOBODY00,WRITE', 'e,', ''],
    ].join('\n'),
  );
  const first = load(file);
  expect(first.stderr).toContain('304 lines: 300 created, 0 changed, 0 unchanged, 4 refused');
  expect(first.stderr).toContain('line 302, devicePermissions.0.deviceId: No such device');
  expect(first.stderr).toContain('line 303, chargingPermissions.0: Name the device');
  expect(first.stderr).toContain('line 304: The permission must be VIEW or CHARGE, not WRITE.');
  expect(first.stderr).toContain('line 305: The row has not as many columns');
  expect(first.status).toBe(1);
  const failed = `${file}.failed.ndjson`;
  expect(load(file).stderr).toContain('There is a file');
  const [row = ''] = readFileSync(failed, 'utf8')
    .split('\n')
    .filter((line) => line.includes('a, b'));
  writeFileSync(failed, row.replace('{"deviceId":"NOBODY00"}', ''));
  const again = load(failed);
  expect([again.stderr, again.status]).toEqual([expect.stringContaining('1 created'), 0]);
  const dump = await fetch(`${url}/export`, { headers: { Authorization: `Bearer ${secret}` } });
  const users = (await dump.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(users).toHaveLength(301);
  expect(users.filter(({ suspended }) => suspended)).toHaveLength(150);
  expect(users[0].externalId).toBe('a, b');

  const bad = join(folder, 'bad.csv');
  writeFileSync(bad, 'id,device\n1,2\n');
  expect(load(bad).stderr).toContain('must name the columns');
  expect(load(join(folder, 'none.csv')).stderr).toContain('no file');
});

it('the demo goes from nothing to a shipped order, a viewer’s answer and a station that a token is good for', () => {
  const output = execFileSync(
    process.execPath,
    ['scripts/demo.ts', '--url', `http://127.0.0.1:${port}`],
    { encoding: 'utf8' },
  );
  expect(output.match(/^curl -s /gm)?.length).toBeGreaterThanOrEqual(20);
  expect(output).toContain('"orderStatus": "SHIPPED"');
  expect(output).toContain('"viewer"');
  expect(output).toContain('"config_packet"');
  expect(output).toMatch(/\/verify\/\d+\?station=.*\n.*\n204\n/);
});
