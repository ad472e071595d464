/** `npm run restore -- … --remote`: what Cloudflare is sent, by a stand-in for its API. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from './ports.ts';

const BACKUP = `PRAGMA defer_foreign_keys=TRUE;
CREATE TABLE d1_migrations (id, name);
INSERT INTO "d1_migrations" ("id","name") VALUES(1,'0000_start.sql');
CREATE TABLE \`api_keys\` (id, tenant_id REFERENCES \`tenants\`(\`id\`));
INSERT INTO "api_keys" ("id","tenant_id") VALUES('k',1);
CREATE TABLE \`tenants\` (id);
INSERT INTO "tenants" ("id") VALUES(1);
CREATE INDEX \`by\` ON \`api_keys\` (\`tenant_id\`);
`;

const folder = mkdtempSync(join(tmpdir(), 'latchkey-remote-'));
const file = join(folder, 'backup.sql');
/** The tables that the database has, and the file that was loaded into it. */
let tables: object[] = [];
let loaded = '';
let url = '';

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

const meta = { duration: 1, rows_read: 0, rows_written: 3, size_after: 1 };
const done = { num_queries: 3, final_bookmark: 'b', meta };

const cloudflare = createServer(async (request, response) => {
  const body = await bodyOf(request);
  const answer = (result: unknown) =>
    response.end(JSON.stringify({ success: true, errors: [], messages: [], result }));
  if (request.method === 'PUT') {
    loaded = body;
    response.setHeader('ETag', createHash('md5').update(body).digest('hex'));
    return response.end();
  }
  response.setHeader('Content-Type', 'application/json');
  if (request.url?.includes('/query')) return answer([{ results: tables, success: true, meta }]);
  if (!request.url?.includes('/import')) return answer({ uuid: 'u', name: 'latchkey-2' });
  if (body.includes('"init"')) return answer({ upload_url: `${url}/upload`, filename: 'f' });
  return answer({ success: true, status: 'complete', messages: [], result: done });
});

const restore = () =>
  new Promise<{ said: string; status: number | null }>((told) => {
    const run = spawn(process.execPath, ['scripts/restore.ts', file, '--remote', 'latchkey-2'], {
      env: {
        ...process.env,
        ...{ CLOUDFLARE_API_TOKEN: 'x', CLOUDFLARE_ACCOUNT_ID: '0'.repeat(32) },
        CLOUDFLARE_API_BASE_URL: url,
      },
    });
    let said = '';
    for (const stream of [run.stdout, run.stderr]) {
      stream.on('data', (text) => {
        said += text;
      });
    }
    run.on('exit', (status) => told({ said, status }));
  });

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  await new Promise<void>((up) => cloudflare.listen(port, '127.0.0.1', up));
  writeFileSync(file, BACKUP);
});

afterAll(() => {
  cloudflare.close();
  rmSync(folder, { recursive: true });
});

it('a database that has tables is refused, and left alone', async () => {
  tables = [{ name: 'tenants' }];
  const { said, status } = await restore();
  expect(said).toContain('The database latchkey-2 already has tables');
  expect([status, loaded]).toEqual([1, '']);
});

it('an empty one gets every table ahead of the rows, and parents ahead of children', async () => {
  tables = [];
  const { said, status } = await restore();
  expect(said).toContain('Done. Put the id of latchkey-2 into wrangler.toml');
  expect(status).toBe(0);
  const order = [...loaded.matchAll(/^(?:CREATE|INSERT INTO) \W?(?:TABLE |INDEX )?\W?\w+/gm)];
  expect(order.map(([text]) => text.replaceAll(/[`"]/g, ''))).toEqual([
    'CREATE TABLE d1_migrations',
    'CREATE TABLE tenants',
    'CREATE TABLE api_keys',
    'INSERT INTO d1_migrations',
    'INSERT INTO tenants',
    'INSERT INTO api_keys',
    'CREATE INDEX by',
  ]);
});
