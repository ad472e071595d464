/** `npm start` where something is in its way: it says what, in a sentence, and ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyProject, type ProjectCopy, served } from './copy.ts';
import { freePort } from './ports.ts';

let copy: ProjectCopy;
let secrets: string[];

beforeAll(() => {
  copy = copyProject();
  secrets = [
    `OPERATOR_KEY=${copy.operatorKey}`,
    `TOKEN_SECRETS=${copy.tokenSecrets}`,
    `SIGNING_SECRETS=${copy.signingSecrets}`,
  ];
});

beforeEach(() => copy.writeSecrets(...secrets));

afterAll(() => copy.remove());

/** All that a start says, and how it ends. */
function ended(process: ChildProcess): Promise<{ said: string; code: number | null }> {
  let said = '';
  for (const stream of [process.stdout, process.stderr]) {
    stream?.on('data', (text) => {
      said += text;
    });
  }
  return new Promise((told) => process.on('exit', (code) => told({ said, code })));
}

const start = (...options: string[]) => ended(copy.spawn(options));

describe('a port', () => {
  let silent: Server;
  afterAll(() => silent.close());

  it('that something listens at is told at once, though it never answers', async () => {
    const port = await freePort();
    silent = createServer().listen(port, '127.0.0.1');
    const { said, code } = await start('--port', String(port));
    expect(said).toContain('Something already listens at');
    expect(said).toContain('--data');
    expect(code).toBe(1);
  });

  it('that is none is told', async () => {
    expect((await start('--port', '70000')).said).toContain('is not a port');
  });
});

describe('.dev.vars', () => {
  it.each<[string, () => string[], string]>([
    ['half written', () => ['OPERATOR_KEY=lk_op_x'], 'OPERATOR_KEY'],
    ['without the checksum secrets', () => secrets.slice(0, 1), 'TOKEN_SECRETS'],
    ['of before webhooks', () => secrets.slice(0, 2), 'Add a line, SIGNING_SECRETS='],
    ['empty', () => [], 'OPERATOR_KEY'],
    ['with a setting that is none', () => [...secrets, 'GRAPHQL_MAX_COST=many'], 'GRAPHQL_MAX'],
  ])('that is %s is told, before anything is started', async (_, lines, name) => {
    copy.writeSecrets(...lines());
    const { said, code } = await start('--port', String(await freePort()));
    expect(said).toContain('.dev.vars is invalid.');
    expect(said).toContain(name);
    expect(said).not.toContain('listens');
    expect(said).not.toContain('    at ');
    expect(code).toBe(1);
  });

  it('that is wrong in several ways is told all of them', async () => {
    copy.writeSecrets(
      ...['OPERATOR_KEY=lk_op_x', 'GRAPHQL_MAX_COST=many', 'PUBLIC_URL=here', 'CONSOLE=no'],
    );
    const { said } = await start('--port', String(await freePort()));
    const names = ['OPERATOR_KEY', 'TOKEN_SECRETS', 'GRAPHQL_MAX_COST', 'PUBLIC_URL', 'CONSOLE'];
    for (const name of names) {
      expect(said).toMatch(new RegExp(`^(The secret )?${name} must `, 'm'));
    }
    copy.writeSecrets(`OPERATOR_KEY=lk_op_${'abc'.repeat(20)}`, `TOKEN_SECRETS=${'x'.repeat(40)}`);
    const guessed = await start('--port', String(await freePort()));
    expect(guessed.said).toContain('The secret OPERATOR_KEY can be guessed');
    expect(guessed.said).toContain('The secret TOKEN_SECRETS can be guessed');
  });

  it('that is a folder is told', async () => {
    rmSync(join(copy.folder, '.dev.vars'));
    mkdirSync(join(copy.folder, '.dev.vars'));
    const { said, code } = await start('--port', String(await freePort()));
    rmSync(join(copy.folder, '.dev.vars'), { recursive: true });
    expect(said).toContain('.dev.vars is invalid.');
    expect([said.includes('    at '), code]).toEqual([false, 1]);
  });
});

/** npm hands an option of a script's down like this, where two dashes are missing. */
it.each([
  ['start.ts', 'port', 'npm start -- [--port 8787]'],
  ['demo.ts', 'url', 'npm run demo -- [--url'],
  ['import.ts', 'failed', 'npm run import -- users.csv'],
  ['restore.ts', 'data', 'npm run restore -- latchkey.sql'],
])('%s says so where npm kept --%s for itself', (script, name, usage) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${script}`], {
    cwd: copy.folder,
    env: { ...process.env, [`npm_config_${name}`]: '9000' },
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`npm took --${name} as its own option. Put two dashes before it`);
  expect(stderr).toContain(usage);
});

describe('a data folder', () => {
  it('has one server at a time, which ends with its terminal; two folders have two', async () => {
    copy.writeSecrets(
      `OPERATOR_KEY="${copy.operatorKey}"`,
      `TOKEN_SECRETS='${copy.tokenSecrets}'`,
      `SIGNING_SECRETS=${copy.signingSecrets}`,
    );
    // At the same moment.
    const starts = [copy.start(), copy.start('--data', 'another state')] as const;
    const [{ url, greeting, process }, other] = await Promise.all(starts);
    await other.stop();
    expect(greeting).toContain(`Operator   ${copy.operatorKey}\n`);
    const second = await start('--port', String(await freePort()));
    expect(second.said).toContain(`The server at ${url} uses`);
    expect(second.code).toBe(1);

    const over = new Promise((gone) => process.on('exit', gone));
    process.kill('SIGHUP');
    await over;
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it('that cannot be made is told', async () => {
    const port = String(await freePort());
    const { said } = await start('--port', port, '--data', 'package.json/state');
    expect(said).toContain('cannot be written');
    expect(said).not.toContain('    at ');
  });

  /** Whether it can be held, where a file says that this holds it. */
  const isFree = (holder: object): boolean => {
    const folder = join(copy.folder, 'left');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'server.json'), JSON.stringify(holder));
    const script = `import { holdDataFolder } from './scripts/data-folder.ts';
      await holdDataFolder('left', 'y'); console.log('held');`;
    return spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: copy.folder,
      encoding: 'utf8',
    }).stdout.includes('held');
  };

  it('that a server left without a word is taken over', async () => {
    const gone = spawnSync(process.execPath, ['--version']).pid;
    expect(isFree({ what: 'x', pids: [gone], since: Date.now() })).toBe(true);
    // The number may be another's by now.
    const long = Date.now() - 3_600_000;
    const port = await freePort();
    expect(isFree({ what: 'x', pids: [process.pid], port, since: long })).toBe(true);
    expect(isFree({ what: 'x', pids: [process.pid], port, since: Date.now() })).toBe(false);
    expect(isFree({ what: 'x', pids: [gone, process.pid], since: long })).toBe(false);
  });
});

describe('whatever the machine has', () => {
  it(
    'a home that cannot be written, a proxy, a language, a zone, options of Node: it serves ' +
      'until npm ends',
    async () => {
      const port = await freePort();
      const nobody = `http://127.0.0.1:${await freePort()}`;
      const env = {
        ...process.env,
        ...{ HOME: '/dev/null', XDG_CONFIG_HOME: '', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
        ...{ TZ: 'Pacific/Chatham', NO_COLOR: '1', TERM: 'dumb', NODE_USE_ENV_PROXY: '1' },
        ...{ HTTP_PROXY: nobody, http_proxy: nobody, HTTPS_PROXY: nobody, NO_PROXY: 'example.com' },
        ...{
          NODE_OPTIONS: '--throw-deprecation --inspect=127.0.0.1:0',
          CLOUDFLARE_ENV: 'elsewhere',
        },
        ...{ npm_config_loglevel: 'silent', PATH: '/usr/bin:/bin' },
      };
      const options = ['--port', String(port), '--data', 'odd state (1)'];
      const server = spawn('npm', ['start', '--', ...options], { cwd: copy.folder, env });
      const greeting = await served(server);
      expect(greeting).toContain(`listens at http://127.0.0.1:${port}`);
      const demo = spawnSync(
        process.execPath,
        ['scripts/demo.ts', '--url', `http://127.0.0.1:${port}`],
        { cwd: copy.folder, env, encoding: 'utf8' },
      );
      expect(demo.status, demo.stdout + demo.stderr).toBe(0);
      // npm ends by itself then, and says nothing to what it started.
      server.kill('SIGHUP');
      const answers = () =>
        fetch(`http://127.0.0.1:${port}/health`).then(
          () => true,
          () => false,
        );
      await expect.poll(answers, { timeout: 30_000, interval: 200 }).toBe(false);
    },
  );

  it('who stops to read what a script says ends nothing', () => {
    const script = 'for (let n = 0; n < 9; n++) setTimeout(console.log, 50 * n, n)';
    const { status, stdout, stderr } = spawnSync(
      ...([
        'bash',
        [
          '-o',
          'pipefail',
          '-c',
          `"$0" --import ./scripts/ready.js -e '${script}' | head -n 1`,
          process.execPath,
        ],
      ] as const),
      { encoding: 'utf8' },
    );
    expect([status, stdout, stderr]).toEqual([0, '0\n', '']);
  });

  it('a folder that cannot be written is told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
    for (const name of ['scripts', 'src', 'node_modules', 'package.json', 'wrangler.toml']) {
      spawnSync('ln', ['-s', resolve(name), join(folder, name)]);
    }
    writeFileSync(join(folder, '.wrangler'), '');
    const { status, stderr } = spawnSync(process.execPath, ['scripts/start.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(stderr).toContain('This folder cannot be written');
    expect([stderr.includes('    at '), status]).toEqual([false, 1]);
  });

  it('what is not installed is told, also by a Node that reads no TypeScript', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
    const run = () =>
      spawnSync(process.execPath, ['--import', resolve('scripts/ready.js'), '-e', '0'], {
        cwd: folder,
        encoding: 'utf8',
      }).stderr;
    expect(run()).toContain('Run this in the folder of the project');
    writeFileSync(join(folder, 'package.json'), '{}');
    expect(run()).toBe('The packages are not installed yet. Run this first: npm ci\n');
    rmSync(folder, { recursive: true });
  });
});
