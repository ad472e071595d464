/** The README and the demo, as a newcomer runs them: a real server, a real shell, real curl. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from './ports.ts';
import type { Server } from './server.ts';
import { sharedServer } from './shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-readme-'));
let server: Server;

beforeAll(async () => {
  server = await sharedServer();
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** The keys of an answer, and what kind of thing each holds. */
const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
};

it('the start says where it listens, where GraphiQL is and how to get a first tenant', () => {
  expect(server.greeting).toContain(`${server.url}/graphql`);
  expect(server.greeting).toContain('GraphiQL');
  expect(server.greeting).toContain('addIntermediary');
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
    script: script
      .replaceAll('http://127.0.0.1:8787', server.url)
      .replace('.dev.vars', `"${resolve('.dev.vars')}"`),
    shown: texts('json').flatMap((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ),
  };
}

it('no command of the README has a comment: zsh takes it for arguments', () => {
  const blocks = [
    ...readFileSync('README.md', 'utf8').matchAll(/```(?:sh|bash|zsh|console)\n(.*?)```/gs),
  ];
  const lines = blocks.flatMap((block) => (block[1] ?? '').split('\n'));
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.filter((line) => /(^|[\s;|&])#/.test(line))).toEqual([]);
});

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

it('the demo shows no key where nothing answers', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const demo = spawnSync(process.execPath, ['scripts/demo.ts', '--url', nobody], {
    encoding: 'utf8',
  });
  expect([demo.status, demo.stdout]).toEqual([1, '']);
  expect(demo.stderr).toContain(`Nothing answers at ${nobody}: nothing listens there.\n`);
  expect(demo.stderr).not.toContain('lk_op_');
});

it('the demo goes from nothing to a shipped order, a viewer’s answer and a station that a token is good for', () => {
  const output = execFileSync(process.execPath, ['scripts/demo.ts', '--url', server.url], {
    encoding: 'utf8',
  });
  expect(output.match(/^curl -s /gm)?.length).toBeGreaterThanOrEqual(20);
  expect(output).not.toMatch(/^#/m);
  expect(output).toContain('"orderStatus": "SHIPPED"');
  expect(output).toContain('"viewer"');
  expect(output).toContain('"config_packet"');
  expect(output).toMatch(/\/verify\/\d+\?station=.*\n.*\n204\n/);
});
