/**
 * The documentation and the demo, as a newcomer runs them: a real server, real shells, real curl.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocks, blocksOf, example, pages, proseOf, sectionsOf } from '../documents.ts';
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

it('the start says where it listens, where people and programs go, and how to get a tenant', () => {
  expect(server.greeting).toContain(`${server.url}/graphql`);
  expect(server.greeting).toContain(`http://localhost:${new URL(server.url).port}/console`);
  expect(server.greeting).toContain('GraphiQL');
  expect(server.greeting).toContain('addIntermediary');
});

/** The commands of a section, in order, against the server of these tests. */
const commandsOf = (page: string, anchor: string): string =>
  blocksOf(page, anchor)
    .filter(({ language }) => ['bash', 'sh'].includes(language))
    .map(({ text }) => text)
    .join('\n')
    .replaceAll('http://127.0.0.1:8787', server.url)
    .replace('.dev.vars', `"${resolve('.dev.vars')}"`);

const answersIn = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** The answers that a section shows, a line each. */
const shownIn = (page: string, anchor: string): unknown[] =>
  blocksOf(page, anchor)
    .filter(({ language }) => language === 'json')
    .flatMap(({ text }) => answersIn(text));

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const shells = [
  { shell: 'bash', options: ['-euo', 'pipefail', '-c'] },
  { shell: 'zsh', options: ['-f', '-euo', 'pipefail', '-c'] },
].filter(({ shell }) => shell === 'bash' || isThere(shell));

/** What a script prints. */
const printed = (script: string, { shell, options } = shells[0] as (typeof shells)[number]) =>
  execFileSync(shell, [...options, script], { encoding: 'utf8', cwd: folder });

const SESSION = ['README.md', 'a-first-session'] as const;
const BY_CALL = ['docs/graphql.md', 'the-same-call-by-call'] as const;
const SUPPORT = ['docs/graphql.md', 'support-sessions'] as const;
const STAFF = ['docs/rest.md', 'the-first-member'] as const;
const BULK = ['docs/rest.md', 'import-and-export'] as const;
const CHECK = ['docs/token-checks.md', 'ask-by-http'] as const;
const FEED = ['docs/events.md', 'the-feed'] as const;
const EVENT = ['docs/events.md', 'an-event'] as const;
const HOOKS = ['docs/events.md', 'webhooks'] as const;
const RECEIVER = ['docs/events.md', 'a-receiver'] as const;

describe.for(shells)('in $shell', (shell) => {
  it('the first session ends with a yes, and the five calls answer as is shown', () => {
    const answers = answersIn(printed(commandsOf(...SESSION), shell));
    const data = { viewer: { devices: { nodes: [{ permissions: [{ permission: 'VIEW' }] }] } } };
    expect(answers).toHaveLength(5);
    expect(answers.slice(3)).toMatchObject([{ data }, 204]);
    const shown = shownIn(...BY_CALL);
    expect(shown).toHaveLength(5);
    expect(answersIn(printed(commandsOf(...BY_CALL), shell)).map(shape)).toEqual(shown.map(shape));
  });

  it('with what it set, staff sign in, a token is checked, users come in and go out', () => {
    const sections = [SESSION, SUPPORT, STAFF, BULK, CHECK];
    const script = sections.map(([page, anchor]) => commandsOf(page, anchor)).join('\n');
    const [answers = '', headers = ''] = printed(script, shell).split('HTTP/1.1 ');
    expect(headers).toMatch(/^204 /);
    expect(headers).toMatch(/^X-Latchkey-Device: ACME\d{4}\r$/im);
    const [opened, asked, ...rest] = answersIn(answers).slice(5);
    expect([opened, asked].map(shape)).toEqual(shownIn(...SUPPORT).map(shape));
    expect(rest.slice(0, 5)).toMatchObject(Array(5).fill({ errors: false }));
    expect(rest.slice(5, 7)).toEqual(shownIn(...BULK));
    const chargingPermissions = [{ expiresAt: '2100-01-01T00:00:00.000Z' }];
    expect(rest.slice(7)).toMatchObject([
      { externalId: 'END_USER_ID' },
      { externalId: 'tenant-4711', chargingPermissions },
    ]);
  });
});

it('the feed tells what happened, and a webhook’s receiver what happens then', async () => {
  const port = String(await freePort());
  const receiver = example('js', 'standardwebhooks').replace('9000', port);
  writeFileSync(join(folder, 'receiver.mjs'), receiver);
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const sections = [SESSION, FEED, HOOKS, RECEIVER];
  const script = sections.map(([page, anchor]) => commandsOf(page, anchor)).join('\n');
  const lines = printed(script.replaceAll(':9000', `:${port}`)).split('\n');
  const told = lines.filter((line) => /^\w+\.\w+ \{/.test(line));
  const answers = answersIn(lines.filter((line) => !told.includes(line)).join('\n')).slice(5);
  const shown = [FEED, HOOKS].flatMap(([page, anchor]) => shownIn(page, anchor));
  expect(answers.slice(0, 3).map(shape)).toEqual(shown.map(shape));
  expect(answers.slice(3)).toMatchObject([
    { data: { testWebhook: { success: true, delivery: { status: 204 } } } },
    { data: { addChargingPermission: { success: true } } },
  ]);
  expect(told.map((line) => line.split(' ')[0])).toEqual(['webhook.test', 'permission.add']);
  const page = shownIn(...FEED)[1] as { events: object[] };
  expect(shownIn(...EVENT).map(shape)).toEqual(page.events.map(shape));
});

it('the file of users is imported by the command that is shown', () => {
  const command = commandsOf('docs/operations.md', 'import-users-from-a-file')
    .replace('lk_key_…', '$KEY')
    .replace('npm run import --', `"${process.execPath}" "${resolve('scripts/import.ts')}"`)
    .replace('https://latchkey.example.com', server.url);
  const users = example('csv').replace('ACME4711', '$DEVICE');
  const write = `cat > users.csv <<END\n${users}END\n`;
  const after = `curl -sS ${server.url}/export -H "Authorization: Bearer $KEY"`;
  const script = [commandsOf(...SESSION), write, command, after].join('\n');
  const exported = answersIn(printed(script).split('\n').slice(-4).join('\n'));
  expect(exported).toMatchObject([
    { externalId: 'END_USER_ID' },
    { externalId: 'tenant-4711', chargingPermissions: [{}], devicePermissions: [{}] },
    { externalId: 'tenant-4712', suspended: true },
  ]);
});

const commands = blocks.filter(({ language }) => /^(?:sh|bash|zsh|console)$/.test(language));

describe('a command of any page', () => {
  it(
    'has no comment, which zsh takes for arguments, and no place to fill in, which is a ' +
      'redirection',
    () => {
      const lines = commands.flatMap(({ text }) => text.split('\n'));
      expect(lines.length).toBeGreaterThan(50);
      expect(lines.filter((line) => /(^|[\s;|&])#/.test(line))).toEqual([]);
      expect(lines.filter((line) => /<[a-z][^>]*>/.test(line))).toEqual([]);
    },
  );

  it.each(shells)('is read by $shell', ({ shell }) => {
    for (const { page, text } of commands) {
      const { stderr } = spawnSync(shell, ['-n', '-c', text], { encoding: 'utf8' });
      expect([page, text, stderr]).toEqual([page, text, '']);
    }
  });

  it('names a script of the project, wherever it is told', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const told = [...pages.values()].flatMap((text) => [...text.matchAll(/npm run (\w+)/g)]);
    expect(told.length).toBeGreaterThan(20);
    expect(told.map(([, name = '']) => name).filter((name) => !(name in scripts))).toEqual([]);
  });
});

it('each block of code is of a kind that a test runs or reads', () => {
  const kinds: Record<string, string> = {
    ...{ bash: 'above', sh: 'above', json: 'above', csv: 'above' },
    ...{ nginx: 'services.test.ts', caddyfile: 'services.test.ts', haproxy: 'services.test.ts' },
    ...{ lua: 'services.test.ts', js: 'services.test.ts' },
    toml: 'second-worker.test.ts and staging.test.ts',
    ...{ python: 'receivers.test.ts', php: 'receivers.test.ts' },
    ts: 'test/operations/operations.test.ts',
    // What their projects' documentation says; the page tells that they were not run.
    ...{ yaml: 'docs/token-checks.md', apache: 'docs/token-checks.md' },
  };
  expect(blocks.filter(({ language }) => !(language in kinds))).toEqual([]);
  const found = (language: string) => blocks.filter((block) => block.language === language);
  const once = ['nginx', 'caddyfile', 'haproxy', 'lua', 'csv', 'apache', 'python', 'php'];
  for (const language of once) {
    expect([language, found(language).length]).toEqual([language, 1]);
  }
  // Of a second Worker, and of a receiver; of a second Worker, and of mail.
  expect(found('js')).toHaveLength(2);
  expect(found('toml')).toHaveLength(2);
  const staff = [STAFF, SUPPORT, BULK, CHECK];
  const sections = [SESSION, BY_CALL, ...staff, FEED, EVENT, HOOKS, RECEIVER];
  const run = sections.flatMap(([page, anchor]) => blocksOf(page, anchor));
  expect(found('ts')).toEqual(
    blocksOf('docs/contributing.md', 'add-an-operation').filter(
      ({ language }) => language === 'ts',
    ),
  );
  const shown = [...found('bash'), ...found('json')];
  expect(shown.filter((block) => !run.some(({ text }) => text === block.text))).toEqual([]);
});

describe('the pages', () => {
  /** Where the links of a page lead: a file, and an anchor in it. */
  const linksOf = (page: string) =>
    [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target))
      .map((target) => {
        const [path = '', anchor] = target.split('#');
        return { target, file: path === '' ? page : join(dirname(page), path), anchor };
      });

  it('lead to files and anchors that are there, each page from the front page', () => {
    const from = [...pages.keys()];
    const links = from.flatMap((page) => linksOf(page).map((link) => ({ page, ...link })));
    expect(links.length).toBeGreaterThan(80);
    const broken = links.filter(({ file, anchor }) =>
      anchor === undefined ? !existsSync(file) : !sectionsOf(file).has(anchor),
    );
    expect(broken).toEqual([]);
    const led = new Set(linksOf('README.md').map(({ file }) => file));
    expect(from.filter((page) => page !== 'README.md' && !led.has(page))).toEqual([]);
  });

  it('name files that are there', () => {
    const named = [...pages.keys()].flatMap((page) =>
      [...proseOf(page).matchAll(/`((?:src|test|scripts|migrations|docs|\.ci)\/[^`\s]*)`/g)].map(
        ([, file = '']) => file,
      ),
    );
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('show pictures that are there and small, each with a text for who does not see it', () => {
    const shown = [...pages.keys()].flatMap((page) =>
      [...proseOf(page).matchAll(/!\[(.*?)\]\(([^)\s]+)\)/g)].map(([, text = '', path = '']) => ({
        ...{ page, text, file: join(dirname(page), path) },
      })),
    );
    const files = new Set(shown.map(({ file }) => file));
    expect(files.size).toBeGreaterThanOrEqual(6);
    expect(shown.filter(({ text }) => text.length < 20)).toEqual([]);
    expect([...files].filter((file) => statSync(file).size > 120_000)).toEqual([]);
    const taken = readdirSync('docs/pictures').map((name) => join('docs/pictures', name));
    expect(taken.filter((file) => !files.has(file))).toEqual([]);
  });

  it('name the screens of the console as its links do', () => {
    const named = (anchor: string) =>
      [...(sectionsOf('docs/console.md').get(anchor) ?? '').matchAll(/^\| \*\*(.+?)\*\* /gm)].map(
        ([, name]) => name,
      );
    const links = [...readFileSync('console/screens.ts', 'utf8').matchAll(/\{ name: '(.+?)'/g)].map(
      ([, name]) => name,
    );
    expect(links.length).toBeGreaterThan(10);
    expect([...named('what-each-screen-is-for'), ...named('the-operators-screens')]).toEqual(links);
    const irrevocable = named('what-cannot-be-undone');
    expect(irrevocable.length).toBeGreaterThan(5);
    expect(irrevocable.filter((name) => !links.includes(name))).toEqual([]);
  });

  it('have no two headings of one anchor', () => {
    for (const page of pages.keys()) {
      const headings = proseOf(page).match(/^#{1,6} /gm) ?? [];
      expect([page, sectionsOf(page).size]).toEqual([page, headings.length]);
    }
  });

  it('begin with one that is short, and whose figures stand where it links to', () => {
    const front = pages.get('README.md') ?? '';
    expect(front.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
    expect(Buffer.byteLength(front)).toBeLessThanOrEqual(9_000);
    const rows = proseOf('README.md').match(/^\| .*\*\*.*$/gm) ?? [];
    expect(rows.length).toBeGreaterThanOrEqual(5);
    for (const row of rows) {
      const told = [...row.matchAll(/\]\((docs\/[^)]+)\)/g)]
        .map(([, target = '']) => target.split('#'))
        .map(([file = '', anchor = '']) => sectionsOf(file).get(anchor) ?? '')
        .join('\n');
      for (const [, figure = ''] of row.matchAll(/\*\*(.+?)\*\*/g)) {
        expect(told, row).toContain(figure);
      }
    }
  });
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

it(
  'the demo goes from nothing to a shipped order, a viewer’s answer and a station that a token ' +
    'is good for',
  () => {
    const output = execFileSync(process.execPath, ['scripts/demo.ts', '--url', server.url], {
      encoding: 'utf8',
    });
    expect(output.match(/^curl -s /gm)?.length).toBeGreaterThanOrEqual(20);
    expect(output).not.toMatch(/^#/m);
    expect(output).toContain('"orderStatus": "SHIPPED"');
    expect(output).toContain('"viewer"');
    const events = [...output.matchAll(/signature is good:\nwebhook-id: (\d+)\n/g)];
    expect(events).toHaveLength(2);
    expect(output).toMatch(/^webhook-signature: v1,\S{44}$/m);
    expect(output).toContain('"config_packet"');
    expect(output).toMatch(/\/verify\/\d+\?station=.*\n.*\n204\n/);
  },
);
