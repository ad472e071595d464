/**
 * The receivers of docs/events.md, as they stand: what the official libraries take, and what they
 * refuse.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signDelivery, writeWebhookSecret } from '../../src/base/standard-webhook.ts';
import { example } from '../documents.ts';
import { freePort } from './ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-receivers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newSecret = () => crypto.getRandomValues(new Uint8Array(32));
const [secret, other] = [newSecret(), newSecret()];

const works = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Where Composer puts libraries for everybody. */
const vendor = [
  process.env.COMPOSER_VENDOR_DIR,
  join(homedir(), '.composer/vendor'),
  join(homedir(), '.config/composer/vendor'),
].find((path) => path && existsSync(join(path, 'standard-webhooks')));

interface Receiver {
  language: string;
  /** Whether the program and the library are installed. */
  isThere: boolean;
  file: string;
  /** The program and its arguments. */
  start(port: number): [program: string, ...args: string[]];
  /** What it keeps beside itself. */
  libraries?: [from: string, name: string];
}

const receivers: Receiver[] = [
  {
    ...{ language: 'js', isThere: true, file: 'receiver.mjs' },
    start: () => [process.execPath, 'receiver.mjs'],
    libraries: [resolve('node_modules'), 'node_modules'],
  },
  {
    ...{ language: 'python', file: 'receiver.py' },
    isThere: works('python3', '-c', 'import standardwebhooks'),
    start: () => ['python3', 'receiver.py'],
  },
  {
    ...{ language: 'php', file: 'receiver.php' },
    isThere: vendor !== undefined && works('php', '--version'),
    start: (port) => ['php', '-S', `127.0.0.1:${port}`, 'receiver.php'],
    ...(vendor === undefined ? {} : { libraries: [vendor, 'vendor'] }),
  },
];

const event = {
  id: '1838773667416065',
  type: 'permission.add',
  timestamp: '2026-11-26T07:16:49.586Z',
  data: { intermediaryId: '1', permission: 'VIEW', note: 'ö 😀' },
};

describe.for(receivers)('in $language', ({ language, isThere, file, start, libraries }) => {
  let program: ChildProcess;
  let url: string;
  let printed = '';

  beforeAll(async () => {
    if (!isThere) return;
    const port = await freePort();
    url = `http://127.0.0.1:${port}/latchkey`;
    const part = { js: 'standardwebhooks', python: '', php: '' }[language];
    writeFileSync(join(folder, file), example(language, part).replace('9000', String(port)));
    if (libraries) symlinkSync(libraries[0], join(folder, libraries[1]));
    const [command, ...args] = start(port);
    const env = { ...process.env, WEBHOOK_SECRET: writeWebhookSecret(secret) };
    program = spawn(command, args, { cwd: folder, env });
    for (const stream of [program.stdout, program.stderr]) {
      stream?.on('data', (text) => {
        printed += text;
      });
    }
    await vi.waitFor(() => send(), 20_000);
  });
  afterAll(() => {
    program?.kill();
  });

  const runs = it.runIf(isThere);

  interface Sent {
    by?: Uint8Array<ArrayBuffer>[];
    at?: number;
    /** What becomes of the body on its way. */
    changed?: (body: string) => string;
    id?: string;
  }

  /** The status of the answer to a delivery. */
  async function send(sent: Sent = {}): Promise<number> {
    const { by = [secret], at = Date.now(), changed = (body) => body, id = 'nothing' } = sent;
    const body = JSON.stringify({ ...event, id });
    const headers = await signDelivery(by, { id, at, body });
    const type = { 'Content-Type': 'application/json' };
    const response = await fetch(url, {
      ...{ method: 'POST', body: changed(body), headers: { ...type, ...headers } },
      signal: AbortSignal.timeout(10_000),
    });
    return response.status;
  }

  runs('takes what is signed, by either secret of two, and tells it', async () => {
    expect(await send({ id: '101' })).toBe(204);
    expect(await send({ id: '102', by: [other, secret] })).toBe(204);
    expect(await send({ id: '103', by: [secret, other] })).toBe(204);
    expect(printed.split('permission.add').length).toBeGreaterThanOrEqual(4);
  });

  runs('refuses a changed body, an old time and a dropped secret', async () => {
    const refused = [
      { changed: (body: string) => body.replace('VIEW', 'CHARGE') },
      { changed: (body: string) => `${body} ` },
      { at: Date.now() - 6 * 60_000 },
      { at: Date.now() + 6 * 60_000 },
      { by: [other] },
      { by: [] },
    ];
    for (const one of refused) expect(await send(one)).toBe(400);
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(400);
  });
});
