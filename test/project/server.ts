/** `npm start` on a port and with a folder of its own, of the project or of a copy. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { served } from './copy.ts';
import { freePort } from './ports.ts';

export interface Server {
  url: string;
  /** What the start printed. */
  greeting: string;
  operatorKey: string;
}

export interface LocalServer extends Server {
  /** The folder of the project or of the copy, with its .dev.vars. */
  project: string;
  /** The folder of its D1 and KV. */
  data: string;
  stop(): Promise<void>;
}

export async function startServer(project = '.'): Promise<LocalServer> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  const data = join(folder, 'state');
  const port = await freePort();
  const server = spawn(
    process.execPath,
    ['scripts/start.ts', '--port', String(port), '--data', data],
    { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const greeting = await served(server);
  return {
    url: `http://127.0.0.1:${port}`,
    greeting,
    project,
    data,
    operatorKey:
      /OPERATOR_KEY=([^,\s]+)/.exec(readFileSync(join(project, '.dev.vars'), 'utf8'))?.[1] ?? '',
    async stop() {
      server.removeAllListeners('exit');
      const ended = new Promise((gone) => server.on('exit', gone));
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
