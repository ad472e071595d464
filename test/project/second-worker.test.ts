/**
 * A second Worker, in a project elsewhere: its types, and that it compiles against them under
 * TypeScript 5's strictest.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wrangler } from '../../scripts/local.ts';
import { example } from '../documents.ts';

const root = mkdtempSync(join(tmpdir(), 'latchkey-second-'));
const second = join(root, 'meters');

const run = (...args: string[]) =>
  spawnSync(process.execPath, args, {
    cwd: second,
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });

const CONFIG = `
name = "meters"
main = "src/index.ts"
compatibility_date = "2026-11-01"
${example('toml', 'TokenAuthority')}
[[services]]
binding = "HTTP"
service = "latchkey"
[env.staging]
[[env.staging.services]]
binding = "LATCHKEY"
service = "latchkey-staging"
entrypoint = "TokenAuthority"
[[env.staging.services]]
binding = "HTTP"
service = "latchkey-staging"
`;

/** Every field of every answer, each once it is told which that is; nothing that is not there. */
const SOURCE = `
import type { Introspected, Verified } from '../../latchkey/src/worker/index.js';

const readings = (verdict: Verified): string => {
  switch (verdict.kind) {
    case 'allowed': {
      const { user, tenant, expiresAt, device, station, permission, degraded } = verdict;
      const member: boolean = verdict.externalId === null;
      const asked: 'VIEW' | 'CHARGE' | undefined = permission;
      return [user, tenant, expiresAt, device ?? station ?? '', asked, degraded, member].join();
    }
    case 'denied':
      return verdict.message.trim();
    case 'unknown':
      return '';
    case 'unavailable':
      return verdict.retryAfter.toFixed();
    default:
      return verdict satisfies never;
  }
};

const subject = (told: Introspected): string => {
  switch (told.kind) {
    case 'active': {
      const active: true = told.active;
      const bearer: 'Bearer' = told.token_type;
      return [active, bearer, told.sub, told.client_id, told.username, told.exp - told.iat].join();
    }
    case 'inactive':
      return String(told.active satisfies false);
    case 'unavailable':
      return told.retryAfter.toFixed();
    default:
      return told satisfies never;
  }
};

export default {
  async fetch(request, env) {
    const verdict = await env.LATCHKEY.verify('x', {
      tenant: 1,
      device: 'METER001',
      permission: 'CHARGE',
    });
    if (verdict.kind === 'unavailable') return env.HTTP.fetch(request);
    if (verdict.kind === 'allowed') {
      console.log(verdict.user.toUpperCase(), verdict.externalId?.length);
    }
    const told = await env.LATCHKEY.introspect('x', { consistency: 'strict' });
    if (told.kind === 'active') console.log(told.sub.toUpperCase());
    await env.LATCHKEY.verify('x');

    // @ts-expect-error no such call
    await env.LATCHKEY.revoke('x');
    // @ts-expect-error no token
    await env.LATCHKEY.verify();
    // @ts-expect-error no such permission
    await env.LATCHKEY.verify('x', { permission: 'WRITE' });
    // @ts-expect-error no such word
    await env.LATCHKEY.introspect('x', { device: 'METER001' });
    // @ts-expect-error only of a token that may
    console.log(verdict.user);
    return new Response(readings(verdict) + subject(told));
  },
} satisfies ExportedHandler<Env>;
`;

const STRICT = {
  compilerOptions: {
    ...{ target: 'es2022', lib: ['es2022'], module: 'es2022', moduleResolution: 'bundler' },
    ...{ strict: true, noEmit: true, skipLibCheck: false, types: ['./worker-configuration.d.ts'] },
    ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, isolatedModules: true },
    ...{ noUnusedLocals: true, noPropertyAccessFromIndexSignature: true },
  },
  include: ['src', 'worker-configuration.d.ts'],
};

beforeAll(() => {
  mkdirSync(join(second, 'src'), { recursive: true });
  // Beside it, as on the machine of somebody who has both.
  symlinkSync(resolve('.'), join(root, 'latchkey'));
  writeFileSync(join(second, 'wrangler.toml'), CONFIG);
  writeFileSync(join(second, 'src/index.ts'), SOURCE);
  writeFileSync(join(second, 'tsconfig.json'), JSON.stringify(STRICT));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

it('`wrangler types` finds the entrypoint, also for staging, and adds nothing else', () => {
  const [, , ...command] = example('sh', 'npx wrangler types').trim().split(' ');
  const { status, stdout, stderr } = run(resolve(wrangler), ...command);
  expect([status, stderr]).toEqual([0, '']);
  const types = /LATCHKEY: (.*);/g;
  expect([...stdout.matchAll(types)].map(([, type]) => type)).not.toHaveLength(0);
  for (const [, type] of stdout.matchAll(types)) {
    expect(type).toMatch(/^Service<typeof import\("[^"]*\/src\/worker\/index"\)\.TokenAuthority>/);
  }
  expect(readdirSync(second).sort()).toEqual(
    ['src', 'tsconfig.json', 'worker-configuration.d.ts', 'wrangler.toml'].sort(),
  );
});

it('a strict project knows each call and each answer, and takes none of our sources', () => {
  const { status, stdout } = run(
    resolve('node_modules/typescript-5/bin/tsc'),
    '--listFiles',
    ...['-p', '.'],
  );
  const files = stdout.split('\n').filter((line) => line && !/typescript-5\/lib/.test(line));
  expect(files.map((file) => file.replace(/^.*\/(meters|src\/worker)\//, '$1/')).sort()).toEqual([
    'meters/src/index.ts',
    'meters/worker-configuration.d.ts',
    'src/worker/index.d.ts',
  ]);
  expect(status).toBe(0);
});
