/**
 * Rules of HTTP for every path of every face: headers of all answers, and the answers of unknown
 * paths and methods.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { nestedRoutes } from '../../src/rest/nested-paths.ts';
import { routes } from '../../src/rest/routes.ts';
import { assetsWith } from '../doubles/assets.ts';
import { newSession, newTenant, newUser, newWorld, type Tenant } from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let session: string;

beforeAll(async () => {
  tenant = await newTenant(world);
  session = (await newSession(world, tenant, (await newUser(world, tenant)).identifier))
    .accessToken;
});

/** What no answer lets a browser do. */
const NEVER = [
  ...["object-src 'none'", "frame-src 'none'", "base-uri 'none'", "form-action 'none'"],
  "frame-ancestors 'none'",
];

/** Every path with its methods. */
const paths: Record<string, string[]> = {
  '/': ['GET', 'HEAD', 'POST'],
  '/health': ['GET', 'HEAD'],
  '/graphql': ['GET', 'HEAD', 'POST'],
  '/schema.graphql': ['GET', 'HEAD'],
  '/openapi.json': ['GET', 'HEAD'],
  '/docs': ['GET', 'HEAD'],
  '/introspect': ['POST'],
  '/revoke': ['POST'],
  '/session': ['GET', 'HEAD', 'DELETE'],
  '/.well-known/oauth-authorization-server': ['GET', 'HEAD'],
};
for (const { method, path } of [...routes, ...nestedRoutes]) {
  if (path === '/user/me') continue;
  const at = path.replace(/:\w+/g, '12');
  paths[at] ??= [];
  paths[at].push(method.toUpperCase(), ...(method === 'get' ? ['HEAD'] : []));
}
const each = Object.entries(paths);

const call = (path: string, method: string, headers = {}, where = world) =>
  where.send(path, session, { method, headers });

describe('each path', () => {
  it.each(each)('%s refuses other methods with 405 and names its own', async (path, methods) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      if (methods.includes(method)) continue;
      const { status, headers } = await call(path, method);
      expect([method, status, headers.get('Allow')?.split(', ').sort()]).toEqual([
        method,
        405,
        methods.toSorted(),
      ]);
    }
  });

  it.each(each)('%s tells its methods to OPTIONS', async (path, methods) => {
    const { status, headers } = await call(path, 'OPTIONS');
    expect(status).toBe(204);
    expect(headers.get('Allow')?.split(', ').sort()).toEqual(methods.toSorted());
    expect(headers.has('Access-Control-Allow-Origin')).toBe(false);
  });

  it.each(each.filter(([, methods]) => methods.includes('GET')))(
    '%s answers HEAD as GET, without a body',
    async (path) => {
      const [got, head] = [await call(path, 'GET'), await call(path, 'HEAD')];
      expect(await head.text()).toBe('');
      const kept = ({ status, headers }: Response) => [
        status,
        headers.get('Content-Type'),
        headers.get('Cache-Control'),
      ];
      expect(kept(head)).toEqual(kept(got));
      await got.text();
    },
  );

  it.each([...each.map(([path]) => path), '/nothing', '/user/me', `/verify`])(
    '%s is kept by nobody, guessed by no browser and framed nowhere',
    async (path) => {
      for (const method of ['GET', 'POST', 'PUT']) {
        const { headers } = await call(path, method);
        expect(headers.get('Cache-Control')).toBe('no-store');
        // What a proxy is told has no body, and goes no further.
        if (path !== '/verify') {
          expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
          expect(headers.get('X-Frame-Options')).toBe('SAMEORIGIN');
          const policy = headers.get('Content-Security-Policy')?.split('; ') ?? [];
          expect(policy).toEqual(expect.arrayContaining(NEVER));
          expect(headers.get('Referrer-Policy')).toBe('no-referrer');
          expect(headers.get('Strict-Transport-Security')).toContain('max-age=');
        }
        expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
        expect(headers.has('X-Powered-By')).toBe(false);
        expect(headers.has('Set-Cookie')).toBe(false);
      }
    },
  );
});

describe('a page', () => {
  const policyOf = async (path: string, where = world) => {
    const headers = { Accept: 'text/html' };
    const answer = await where.send(path, null, { headers });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.headers.get('Content-Security-Policy')?.split('; ') ?? [];
  };

  it.each(['/docs', '/graphql', '/docs/scalar.js', '/docs/graphql.worker.js'])(
    '%s loads from here only, and sends, frames and holds nothing',
    async (path) => {
      const ASSETS = assetsWith(async () => new Response('x'));
      const policy = await policyOf(path, newWorld({ ASSETS }));
      expect(policy).toEqual(expect.arrayContaining(NEVER));
      expect(policy.join(' ')).not.toMatch(/https?:|\*/);
    },
  );

  it('/ runs nothing', async () => {
    const policy = await policyOf('/');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "style-src 'unsafe-inline'", ...NEVER]),
    );
  });

  it('is nothing else, should a browser be led to show it', async () => {
    for (const path of [
      ...['/health', '/schema.graphql', '/openapi.json'],
      '/.well-known/oauth-authorization-server',
    ]) {
      expect(await policyOf(path)).toEqual(
        expect.arrayContaining(["default-src 'none'", ...NEVER]),
      );
    }
  });
});

it('where there is nothing, the answer is 404 for every method', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'OPTIONS', 'DELETE']) {
    const answer = await call('/nothing', method);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ errors: true });
  }
});

describe('pages of other origins', () => {
  const preflight = (where: typeof world, origin: string) =>
    call(
      '/graphql',
      'OPTIONS',
      {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization, content-type',
      },
      where,
    );
  const allowed = 'https://app.example.com';

  it('are let in nowhere unless the setting says so', async () => {
    const answers = [
      await preflight(world, allowed),
      await call('/session', 'GET', { Origin: allowed }),
    ];
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('are let in by name, and never with what a browser sends by itself', async () => {
    const open = newWorld({ CORS_ORIGINS: `${allowed}, http://localhost:5173` });
    const { status, headers } = await preflight(open, allowed);
    expect(status).toBe(204);
    expect(headers.get('Access-Control-Allow-Origin')).toBe(allowed);
    expect(headers.get('Access-Control-Allow-Headers')).toBe(
      'Authorization,Content-Type,X-Latchkey-Bookmark',
    );
    expect(headers.get('Access-Control-Allow-Methods')).toBe('GET,POST,PATCH,DELETE');
    expect(headers.has('Access-Control-Allow-Credentials')).toBe(false);
    const answer = await call('/session', 'GET', { Origin: allowed }, open);
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(allowed);
    expect(answer.headers.get('Vary')).toContain('Origin');
    expect(answer.headers.get('Access-Control-Expose-Headers')).toContain('X-Token');
    // A refusal is to be read as well.
    const refused = await open.send('/user', null, { headers: { Origin: allowed } });
    expect([refused.status, refused.headers.get('Access-Control-Allow-Origin')]).toEqual([
      401,
      allowed,
    ]);
    const stranger = await preflight(open, 'https://app.example.com.evil.example');
    expect(stranger.headers.has('Access-Control-Allow-Origin')).toBe(false);
  });

  it('are let in altogether by "*", still without what a browser sends by itself', async () => {
    const { headers } = await preflight(newWorld({ CORS_ORIGINS: '*' }), 'https://any.example');
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(headers.has('Access-Control-Allow-Credentials')).toBe(false);
  });

  it.each(['https://app.example.com/', 'app.example.com', 'https://*.example.com/x', 'null'])(
    '"%s" is no origin, which the start says',
    async (CORS_ORIGINS) => {
      const broken = newWorld({ CORS_ORIGINS });
      expect((await call('/health', 'GET', {}, broken)).status).toBe(503);
      expect((await call('/session', 'GET', {}, broken)).status).toBe(503);
    },
  );
});

describe('PUBLIC_URL', () => {
  it.each([
    ...['http://keys.example.com', 'keys.example.com', 'https://keys.example.com/api', 'x'],
    ...['https://ada:pw@keys.example.com', 'https://keys.example.com/?', 'ftp://localhost'],
    ...['http://localhost.example.com', 'http://127.0.0.1.example.com', 'http://10.0.0.1', ' '],
  ])('"%s" is no origin that credentials can be sent to, which the start says', async (url) => {
    const broken = newWorld({ PUBLIC_URL: url });
    for (const path of ['/health', '/session', '/.well-known/oauth-authorization-server']) {
      expect((await call(path, 'GET', {}, broken)).status).toBeGreaterThanOrEqual(500);
    }
  });

  it.each([
    ['https://keys.example.com', 'https://keys.example.com'],
    ['https://Keys.example.com:443/', 'https://keys.example.com'],
    ['https://keys.example.com:8443', 'https://keys.example.com:8443'],
    ['http://localhost:8787', 'http://localhost:8787'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['http://[::1]:8787', 'http://[::1]:8787'],
    ['', 'http://latchkey.test'],
  ])('"%s" is told as %s', async (url, origin) => {
    const path = '/.well-known/oauth-authorization-server';
    const answer = await call(path, 'GET', {}, newWorld({ PUBLIC_URL: url }));
    expect(await answer.json()).toMatchObject({ issuer: origin });
  });
});
