/** The README's examples of services that ask about tokens, run as they stand: a second Worker, and nginx. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import { wrangler } from '../../scripts/local.ts';
import { freePort } from './ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-services-'));
const OPERATOR_KEY = 'lk_op_Zr0kTn5Wq8Xv2Lm7Yc4Hb9Jd1Gf6Ps3Ra0Ue5Ki8Nw2Qz';
const readme = readFileSync('README.md', 'utf8');

/** The first code block of a language after a heading or a phrase. */
function example(after: string, language: string): string {
  const block = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(
    readme.slice(readme.indexOf(after)),
  )?.[1];
  if (!block) throw new Error(`The README has no ${language} after "${after}".`);
  return block;
}

let miniflare: Miniflare;
let url: URL;
let tenant: string;
let key: string;
let userId: string;
let token: string;
let strangers: string;

async function graphql(credential: string, query: string) {
  const response = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
    body: JSON.stringify({ query }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers are picked from, field by field.
  const { data, errors } = (await response.json()) as any;
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0] as Record<string, Record<string, string>> & { secret: string };
}

async function newTenant(): Promise<{ id: string; key: string }> {
  const { intermediary, secret } = await graphql(
    OPERATOR_KEY,
    'mutation { addIntermediary(input: { name: "Acme" }) { intermediary { id } secret } }',
  );
  return { id: intermediary?.id ?? '', key: secret };
}

const externalUser = 'userIdentifier: { externalUser: { externalId: "someone" } }';

async function newSession(by: string): Promise<{ user: string; accessToken: string }> {
  const { user, session } = await graphql(
    by,
    `mutation { ensureUserAccess(input: { ${externalUser} }) { user { id } session { accessToken } } }`,
  );
  return { user: user?.id ?? '', accessToken: session?.accessToken ?? '' };
}

beforeAll(async () => {
  const out = join(folder, 'worker');
  execFileSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', out], {
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  const bundle = readFileSync(join(out, 'index.js'), 'utf8');
  const config = unstable_readConfig({ config: 'wrangler.toml' });
  const compatibility = {
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
  };
  const ratelimits = Object.fromEntries(
    config.ratelimits.map((limit: { name: string }) => [limit.name, limit]),
  );
  const id = '00000000-0000-0000-0000-000000000000';
  const workers = (tenantId: string) =>
    convertV4MiniflareOptions({
      workers: [
        {
          name: 'latchkey',
          ...compatibility,
          modules: [{ type: 'ESModule', path: 'index.js', contents: bundle }],
          d1Databases: { DB: id },
          kvNamespaces: { SESSIONS: id },
          ratelimits,
          bindings: {
            OPERATOR_KEY,
            TOKEN_SECRETS: 'checksums-of-the-tests-at-least-32-characters-long',
          },
        },
        {
          name: 'meters',
          ...compatibility,
          modules: true,
          script: example('by a service binding', 'js'),
          bindings: { TENANT: tenantId },
          serviceBindings: { LATCHKEY: { name: 'latchkey', entrypoint: 'TokenAuthority' } },
        },
      ],
    });
  miniflare = new Miniflare(workers(''));
  url = await miniflare.ready;
  const db = await miniflare.getD1Database('DB', 'latchkey');
  for (const file of readdirSync('migrations')
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    const migration = readFileSync(join('migrations', file), 'utf8');
    await db.batch(
      migration.split('--> statement-breakpoint').map((statement) => db.prepare(statement)),
    );
  }
  ({ id: tenant, key } = await newTenant());
  await graphql(
    OPERATOR_KEY,
    `mutation { addDevices(input: { intermediaryId: "${tenant}", devices: [{ deviceId: "METER001", meterId: "m1" }, { deviceId: "METER002", meterId: "m2" }] }) { success } }`,
  );
  ({ user: userId, accessToken: token } = await newSession(key));
  await graphql(
    key,
    `mutation { addDevicePermissions(input: { ${externalUser}, deviceIdentifiers: [{ deviceId: "METER001" }] }) { success } }`,
  );
  strangers = (await newSession((await newTenant()).key)).accessToken;
  await miniflare.setOptions(workers(tenant));
  url = await miniflare.ready;
}, 120_000);

afterAll(async () => {
  await miniflare.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('a second Worker with a service binding', () => {
  const ask = async (device: string, credential?: string) => {
    const meters = await miniflare.getWorker('meters');
    const headers: Record<string, string> = credential
      ? { Authorization: `Bearer ${credential}` }
      : {};
    const response = await meters.fetch(`http://meters/devices/${device}/`, { headers });
    return [response.status, await response.text()];
  };

  it('serves who may, and nobody else', async () => {
    expect(await ask('METER001', token)).toEqual([200, `Readings of METER001 for ${userId}`]);
    expect((await ask('METER002', token))[0]).toBe(403);
    expect((await ask('', token))[0]).toBe(403);
    expect((await ask('METER001'))[0]).toBe(401);
    expect((await ask('METER001', strangers))[0]).toBe(401);
    expect((await ask('METER001', key))[0]).toBe(401);
  });
});

/** Where nginx is, on a machine that has it. */
const nginx = ['/usr/sbin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'].find(
  (path) => {
    try {
      execFileSync(path, ['-v'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  },
);

describe.runIf(nginx)('nginx', () => {
  let proxy: ChildProcess;
  let upstream: Server;
  let port: number;
  let seen: IncomingHttpHeaders | undefined;

  beforeAll(async () => {
    upstream = createServer((request, response) => {
      seen = request.headers;
      response.end('readings');
    });
    await new Promise<void>((listening) => upstream.listen(0, '127.0.0.1', listening));
    port = await freePort();
    const server = example('(`auth_request`)', 'nginx')
      .replace('127.0.0.1:8787', `127.0.0.1:${url.port}`)
      .replace('127.0.0.1:3000', `127.0.0.1:${(upstream.address() as AddressInfo).port}`)
      .replace('listen 8080', `listen 127.0.0.1:${port}`)
      .replace('YOUR_TENANT', tenant);
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join(' ');
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; pid ${folder}/nginx.pid; error_log stderr warn; events {} http { access_log off; ${paths} ${server} }`,
    );
    proxy = spawn(nginx ?? '', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    while (!(await fetch(`http://127.0.0.1:${port}/devices/x/`).catch(() => null))) {
      await new Promise((later) => setTimeout(later, 50));
    }
  });

  afterAll(async () => {
    const ended = new Promise((gone) => proxy.on('exit', gone));
    proxy.kill('SIGTERM');
    await ended;
    upstream.closeAllConnections();
    await new Promise((closed) => upstream.close(closed));
  });

  const ask = async (
    path: string,
    headers: Record<string, string> = {},
    init: RequestInit = {},
  ) => {
    seen = undefined;
    return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  };
  const bearer = (credential: string) => ({ Authorization: `Bearer ${credential}` });

  it('lets through who may, by any method, and tells the service who it is', async () => {
    for (const init of [{}, { method: 'POST', body: 'x'.repeat(10_000) }, { method: 'DELETE' }]) {
      const response = await ask('/devices/METER001/readings?day=1', bearer(token), init);
      expect([response.status, await response.text()]).toEqual([200, 'readings']);
      expect(seen?.['x-latchkey-user']).toBe(userId);
    }
  });

  it('gives the service nothing that the client made up', async () => {
    await ask('/devices/METER001/', {
      ...bearer(token),
      'X-Latchkey-User': '1',
      'X-Latchkey-Tenant': '1',
      'X-Latchkey-External-Id': 'x',
    });
    const told = Object.entries(seen ?? {}).filter(([name]) => name.startsWith('x-latchkey'));
    expect(told).toEqual([['x-latchkey-user', userId]]);
  });

  it('refuses, with the challenge, who may not, and the service never hears of it', async () => {
    const cases: [number, string, Record<string, string>][] = [
      [401, '/devices/METER001/', {}],
      [401, '/devices/METER001/', bearer('x')],
      [401, '/devices/METER001/', bearer(strangers)],
      [401, '/devices/METER001/', bearer(key)],
      [403, '/devices/METER002/', bearer(token)],
      [403, '/devices/NOTHERE1/', bearer(token)],
    ];
    for (const [status, path, headers] of cases) {
      const response = await ask(path, headers);
      expect([path, response.status]).toEqual([path, status]);
      if (status === 401) expect(response.headers.get('WWW-Authenticate')).toMatch(/^Bearer /);
      expect(seen).toBeUndefined();
    }
  });

  it('asks nothing that a client smuggled into the path', async () => {
    for (const device of [
      'METER002%26device=METER001',
      'METER001%23x',
      'METER001&permission=VIEW',
    ]) {
      expect((await ask(`/devices/${device}/`, bearer(token))).ok).toBe(false);
      expect(seen).toBeUndefined();
    }
  });
});
