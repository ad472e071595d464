/**
 * Clients that generators make from the reference compile, and call the server; linters and Postman
 * take it too.
 */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReference } from '../../src/reference/document.ts';
import type { Walked } from '../clients/calls/walked.ts';
import type { Server } from './server.ts';
import { newKey, sharedServer } from './shared.ts';

const FOLDER = 'test/clients';
const GENERATED = join(FOLDER, 'generated');
const LOCK = join(FOLDER, 'package-lock.json');
/** A copy of the lock file from which the packages there were installed. */
const INSTALLED = join(FOLDER, 'node_modules/installed.json');

/** What a program prints. Throws where it fails. */
function run(command: string, ...parts: string[]): Promise<string> {
  const program = spawn(command, parts, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let errors = '';
  program.stdout.on('data', (text) => {
    said += text;
  });
  program.stderr.on('data', (text) => {
    errors += text;
  });
  return new Promise((told, failed) => {
    program.on('error', failed);
    program.on('close', (code) => {
      if (code === 0) told(said);
      else failed(new Error(`${command} ${parts.join(' ')}\n${said}\n${errors}`));
    });
  });
}

const node = (script: string, ...parts: string[]) =>
  run(process.execPath, join(FOLDER, script), ...parts);

/** The generators need packages that nothing else does, and another TypeScript. */
async function install(): Promise<void> {
  const isSame = existsSync(INSTALLED) && readFileSync(INSTALLED).equals(readFileSync(LOCK));
  if (isSame) return;
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', 'ci', '--prefix', FOLDER, ...quietly);
  copyFileSync(LOCK, INSTALLED);
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-clients-'));
let server: Server;
let key: string;
/** The reference as the server gives it, in a file. */
let reference: string;

beforeAll(async () => {
  [server] = await Promise.all([sharedServer(), install()]);
  key = await newKey(server, 'Clients');
  reference = join(folder, 'openapi.json');
  writeFileSync(reference, await (await fetch(`${server.url}/openapi.json`)).text());
  rmSync(GENERATED, { recursive: true, force: true });
  await node('generate.ts', reference, GENERATED);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

it('the reference is that of the server', () => {
  const servers = [{ url: server.url }];
  expect(JSON.parse(readFileSync(reference, 'utf8'))).toEqual({ ...buildReference(), servers });
});

it('Spectral finds no fault by its rules for OpenAPI, and would find what is wrong', async () => {
  const wrong = join(folder, 'wrong.json');
  const text = readFileSync(reference, 'utf8');
  writeFileSync(wrong, text.replace('"operationId":"addUser"', '"operationId":"listUsers"'));
  const told = (await node('lint.ts', reference, wrong)).trim().split('\n');
  const [faults, found] = told.map((line) => JSON.parse(line));
  expect(faults).toEqual([]);
  expect(found).toContainEqual(expect.stringContaining('operation-operationId-unique'));
});

describe('generated clients', () => {
  it('compile under strict settings, with what calls them', async () => {
    await run(process.execPath, 'node_modules/typescript/bin/tsc', '-p', FOLDER);
  });

  it.each(['openapi-fetch', 'hey-api', 'orval'])(
    '%s creates, reads, changes and removes a user, and sees why one is refused',
    async (name) => {
      const client: { walk: (url: string, key: string, body: object) => Promise<Walked> } =
        await import(`../clients/calls/${name}.ts`);
      const body = {
        ...{ name: 'Ada Lovelace', email: `${name}@example.com`, member_level_id: 2, status: 1 },
        ...{ alarm_email: 1, alarm_sms: 0, station_ids: [] },
      };
      const { created, read, changed, status, refused } = await client.walk(server.url, key, body);
      expect(created).toMatchObject({ name: body.name, email: body.email });
      expect(read).toEqual(created);
      expect(changed).toMatchObject({ id: created.id, name: 'Ada King' });
      expect(status).toBe(404);
      expect(refused).toEqual({ status: 422, name: expect.any(String) });
    },
  );
});

it('Postman’s collection creates, reads, changes and removes a user by its examples', async () => {
  const done = await node('postman.ts', reference, await newKey(server, 'Postman'));
  expect(JSON.parse(done)).toEqual([
    ['Add user', 200],
    ['Read user', 200],
    ['Update user', 200],
    ['Remove user', 200],
  ]);
});
