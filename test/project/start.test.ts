/** `npm start` where something is in its way: it says what, in a sentence, and ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshSecrets } from '../../scripts/secrets.ts';
import { freePort } from './ports.ts';

/** A copy of the project, in a folder with a name as people have them. */
const copy = join(mkdtempSync(join(tmpdir(), 'latchkey-')), "Ada's copy (2) ü");
const { OPERATOR_KEY, TOKEN_SECRETS } = freshSecrets();

beforeAll(() => {
  mkdirSync(copy);
  for (const name of ['src', 'scripts', 'migrations', 'wrangler.toml', 'package.json']) {
    cpSync(name, join(copy, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
});

beforeEach(() => writeSecrets(`OPERATOR_KEY=${OPERATOR_KEY}`, `TOKEN_SECRETS=${TOKEN_SECRETS}`));

afterAll(() => rmSync(join(copy, '..'), { recursive: true, force: true }));

const writeSecrets = (...lines: string[]) =>
  writeFileSync(join(copy, '.dev.vars'), `${lines.join('\n')}\n`);

const start = (...options: string[]): ChildProcess =>
  spawn(process.execPath, ['scripts/start.ts', ...options], { cwd: copy });

/** All that a start says, and how it ends. */
function ended(process: ChildProcess): Promise<{ said: string; code: number | null }> {
  let said = '';
  process.stdout?.on('data', (text) => {
    said += text;
  });
  process.stderr?.on('data', (text) => {
    said += text;
  });
  return new Promise((told) => process.on('exit', (code) => told({ said, code })));
}

/** The start, once it serves. */
async function served(process: ChildProcess): Promise<string> {
  let said = '';
  await new Promise<void>((done, reject) => {
    process.stdout?.on('data', (text) => {
      said += text;
      if (said.includes('npm run demo')) done();
    });
    process.stderr?.resume();
    process.on('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  return said;
}

describe('a port', () => {
  let silent: Server;
  afterAll(() => silent.close());

  it('that something listens at is told at once, though it never answers', async () => {
    const port = await freePort();
    silent = createServer().listen(port, '127.0.0.1');
    const { said, code } = await ended(start('--port', String(port)));
    expect(said).toContain('Something listens at');
    expect(said).toContain('--data');
    expect(code).toBe(1);
  });

  it('that is none is told', async () => {
    expect((await ended(start('--port', '70000'))).said).toContain('is no port');
  });
});

describe('.dev.vars', () => {
  it.each([
    ['half written', ['OPERATOR_KEY=lk_op_x'], 'OPERATOR_KEY'],
    ['without the checksum secrets', [`OPERATOR_KEY=${OPERATOR_KEY}`], 'TOKEN_SECRETS'],
    ['empty', [], 'OPERATOR_KEY'],
    [
      'with a setting that is none',
      [`OPERATOR_KEY=${OPERATOR_KEY}`, `TOKEN_SECRETS=${TOKEN_SECRETS}`, 'GRAPHQL_MAX_COST=many'],
      'GRAPHQL_MAX_COST',
    ],
  ])('that is %s is told, before anything is started', async (_, lines, name) => {
    writeSecrets(...lines);
    const { said, code } = await ended(start('--port', String(await freePort())));
    expect(said).toContain('.dev.vars is not fit to run with.');
    expect(said).toContain(name);
    expect(said).not.toContain('listens');
    expect(said).not.toContain('    at ');
    expect(code).toBe(1);
  });
});

describe('a data folder', () => {
  it('has one server at a time, which ends when its terminal hangs up', async () => {
    writeSecrets(`OPERATOR_KEY="${OPERATOR_KEY}"`, `TOKEN_SECRETS="${TOKEN_SECRETS}"`);
    const [port, other] = [await freePort(), await freePort()];
    const first = start('--port', String(port));
    const greeting = await served(first);
    expect(greeting).toContain(`Operator   ${OPERATOR_KEY}\n`);
    const second = await ended(start('--port', String(other)));
    expect(second.said).toContain(`The server at http://127.0.0.1:${port} works in`);
    expect(second.code).toBe(1);

    const over = new Promise((gone) => first.on('exit', gone));
    first.kill('SIGHUP');
    await over;
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });

  it('that cannot be made is told', async () => {
    const port = String(await freePort());
    const { said } = await ended(start('--port', port, '--data', 'package.json/state'));
    expect(said).toContain('cannot be written');
    expect(said).not.toContain('    at ');
  });

  it('that a server left without a word is taken over', () => {
    const folder = join(copy, 'left');
    mkdirSync(folder);
    const gone = spawnSync(process.execPath, ['--version']).pid;
    writeFileSync(join(folder, 'server.json'), JSON.stringify({ what: 'x', pids: [gone] }));
    const script = `import { holdDataFolder } from './scripts/data-folder.ts';
      await holdDataFolder('left', 'y'); console.log('held');`;
    const { stdout } = spawnSync(
      process.execPath,
      ['--input-type=module-typescript', '-e', script],
      {
        cwd: copy,
        encoding: 'utf8',
      },
    );
    expect(stdout).toContain('held');
  });
});
