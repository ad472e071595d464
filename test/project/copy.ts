/** A copy of the project, in a folder with a name as people have them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freshSecrets } from '../../scripts/secrets.ts';
import { freePort } from './ports.ts';

const PARTS = [
  ...['src', 'scripts', 'console', 'migrations'],
  ...['wrangler.toml', 'package.json', 'tsconfig.json'],
];

export interface Started {
  url: string;
  greeting: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

export interface ProjectCopy {
  folder: string;
  /** In its `.dev.vars`, at first. */
  operatorKey: string;
  tokenSecrets: string;
  signingSecrets: string;
  /** `.dev.vars`, line by line. */
  writeSecrets(...lines: string[]): void;
  /** `npm start` with these options, and what is given of an environment. */
  spawn(options: string[], env?: NodeJS.ProcessEnv): ChildProcess;
  /** The same on a free port, once it serves. */
  start(...options: string[]): Promise<Started>;
  wrangler(...args: string[]): { status: number | null; stderr: string };
  remove(): void;
}

/** The start, once it serves. */
export async function served(process: ChildProcess): Promise<string> {
  let said = '';
  let complained = '';
  process.stderr?.on('data', (text) => {
    complained += text;
  });
  await new Promise<void>((done, reject) => {
    process.stdout?.on('data', (text) => {
      said += text;
      if (said.includes('npm run demo')) done();
    });
    process.on('exit', (code) => reject(new Error(`it ended with ${code}: ${said}${complained}`)));
  });
  return said;
}

/** The copy's folder, below `parent`. It has no secrets. */
export function copyInto(parent: string, name = 'latchkey'): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const part of PARTS) cpSync(part, join(folder, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  return folder;
}

export const changeFile = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));

/** From now on, what a copy hashes takes a hundredth of the work. */
export const hashQuickly = (folder: string): void =>
  changeFile(join(folder, 'src/base/passwords.ts'), (text) => {
    const quick = text.replace('N: 2 ** 14', 'N: 2 ** 7');
    if (quick === text) throw new Error('The cost of a hash is not where it was.');
    return quick;
  });

export function copyProject(name = "Ada's copy (2) ü"): ProjectCopy {
  const folder = copyInto(mkdtempSync(join(tmpdir(), 'latchkey-')), name);
  const secrets = freshSecrets();
  const copy: ProjectCopy = {
    folder,
    operatorKey: secrets.OPERATOR_KEY,
    tokenSecrets: secrets.TOKEN_SECRETS,
    signingSecrets: secrets.SIGNING_SECRETS,
    writeSecrets: (...lines) => writeFileSync(join(folder, '.dev.vars'), `${lines.join('\n')}\n`),
    spawn: (options, env = process.env) =>
      spawn(process.execPath, ['scripts/start.ts', ...options], { cwd: folder, env }),
    async start(...options) {
      const port = await freePort();
      const server = copy.spawn(['--port', String(port), ...options]);
      const greeting = await served(server);
      return {
        url: `http://127.0.0.1:${port}`,
        greeting,
        process: server,
        stop: () =>
          new Promise((gone) => {
            server.on('exit', () => gone());
            server.kill('SIGTERM');
          }),
      };
    },
    wrangler: (...args) =>
      spawnSync(process.execPath, ['node_modules/wrangler/bin/wrangler.js', ...args], {
        cwd: folder,
        encoding: 'utf8',
      }),
    remove: () => rmSync(join(folder, '..'), { recursive: true, force: true }),
  };
  copy.writeSecrets(...Object.entries(secrets).map(([name, secret]) => `${name}=${secret}`));
  return copy;
}
