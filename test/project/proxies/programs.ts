/**
 * The proxies of the documentation, each started with its example as it stands, where the program
 * is installed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { example } from '../../documents.ts';
import { freePort } from '../ports.ts';
import { filled } from './filled.ts';
import { send } from './wire.ts';

interface Places {
  folder: string;
  port: number;
  latchkey: number;
  service: number;
  tenant: string;
}

interface Program {
  name: string;
  /** Asks for its version. */
  version: string;
  /** Writes its configuration, and says how it is started with that. */
  configure(places: Places): string[];
}

const at = (port: number): string => `127.0.0.1:${port}`;

const nginx: Program = {
  name: 'nginx',
  version: '-v',
  configure({ folder, port, latchkey, service, tenant }) {
    const file = join(folder, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join(' ');
    const server = filled(example('nginx'), {
      '127.0.0.1:8787': at(latchkey),
      '127.0.0.1:3000': at(service),
      'listen 8080': `listen ${at(port)}`,
      YOUR_TENANT: tenant,
    });
    writeFileSync(
      file,
      `daemon off; pid ${folder}/nginx.pid; error_log stderr crit;
      events {} http { access_log off; ${temporary} ${server} }`,
    );
    return ['-p', folder, '-c', file, '-e', 'stderr'];
  },
};

const caddy: Program = {
  name: 'caddy',
  version: 'version',
  configure({ folder, port, latchkey, service, tenant }) {
    const file = join(folder, 'Caddyfile');
    const site = filled(example('caddyfile'), {
      'https://latchkey.example.com': `http://${at(latchkey)}`,
      'example.com {': `http://:${port} {\nbind 127.0.0.1`,
      '127.0.0.1:3000': at(service),
      YOUR_TENANT: tenant,
    });
    writeFileSync(file, `{\nadmin off\nauto_https off\nlog default {\nlevel ERROR\n}\n}\n${site}`);
    return ['run', '--config', file, '--adapter', 'caddyfile'];
  },
};

const haproxy: Program = {
  name: 'haproxy',
  version: '-v',
  configure({ folder, port, latchkey, service, tenant }) {
    const [file, script] = [join(folder, 'haproxy.cfg'), join(folder, 'latchkey.lua')];
    writeFileSync(
      script,
      filled(example('lua'), { '127.0.0.1:8787': at(latchkey), YOUR_TENANT: tenant }),
    );
    writeFileSync(
      file,
      filled(example('haproxy'), {
        '/etc/haproxy/latchkey.lua': script,
        'bind :8080': `bind ${at(port)}`,
        '127.0.0.1:3000': at(service),
      }),
    );
    return ['-q', '-db', '-f', file];
  },
};

const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Where a program is; undefined on a machine that does not have it. */
const find = ({ name, version }: Program): string | undefined =>
  FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      execFileSync(path, [version], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });

export const programs = [nginx, caddy, haproxy].map((program) => ({
  ...program,
  path: find(program),
}));

export interface Running {
  port: number;
  stop(): Promise<void>;
}

/** Resolves when the proxy listens. */
export async function startProxy(
  { name, path = '', configure }: (typeof programs)[number],
  places: Omit<Places, 'port'>,
): Promise<Running> {
  const folder = join(places.folder, name);
  mkdirSync(folder);
  const port = await freePort();
  // Caddy keeps what it remembers at home.
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const log = join(folder, 'log');
  const running: ChildProcess = spawn(path, configure({ ...places, folder, port }), {
    env,
    stdio: ['ignore', 'ignore', openSync(log, 'w')],
  });
  const expectRunning = () => {
    if (running.exitCode === null) return;
    throw new Error(`${name} ended with ${running.exitCode}: ${readFileSync(log, 'utf8')}`);
  };
  while (!(await send(port, '/').catch(() => null))) {
    expectRunning();
    await new Promise((later) => setTimeout(later, 50));
  }
  return {
    port,
    async stop() {
      expectRunning();
      const ended = once(running, 'exit');
      running.kill('SIGTERM');
      await ended;
    },
  };
}
