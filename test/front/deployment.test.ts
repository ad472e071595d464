/**
 * An incomplete deployment names what is missing, at `/health` and in every answer, and does
 * nothing else.
 */
import { createExecutionContext } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Nudge } from '../../src/domain/permit.ts';
import { introspectByRpc, verifyByRpc } from '../../src/edge/rpc.ts';
import { missingBindings } from '../../src/front/bindings.ts';
import { readMailFrom } from '../../src/front/mail-from.ts';
import { type Env, readSettings } from '../../src/front/settings.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { newOutbox } from '../doubles/mail.ts';
import { hush } from '../secrets.ts';
import { env, newWorld, operator } from '../world.ts';

const BINDINGS = [
  ...['DB', 'SESSIONS', 'WORK', 'ASSETS', 'CALLS', 'CALLS_BY_TENANT', 'REFUSALS'],
  ...['TRIES_BY_ADDRESS', 'TRIES_BY_ACCOUNT'],
];
const SECRETS = ['OPERATOR_KEY', 'TOKEN_SECRETS', 'SIGNING_SECRETS'];

const without = (...names: string[]): Env =>
  ({ ...env, ...Object.fromEntries(names.map((name) => [name, undefined])) }) as Env;

beforeEach(() => {
  hush('error');
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A call of each face, and of none. */
const CALLS: [method: string, path: string][] = [
  ['POST', '/graphql'],
  ['POST', '/'],
  ['GET', '/'],
  ['GET', '/verify/1'],
  ['GET', '/verify'],
  ['POST', '/introspect'],
  ['POST', '/revoke'],
  ['GET', '/session'],
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/user'],
  ['POST', '/authenticate'],
  ['POST', '/import'],
  ['GET', '/export'],
  ['GET', '/docs'],
  ['GET', '/docs/scalar.js'],
  ['GET', '/openapi.json'],
  ['GET', '/schema.graphql'],
  ['GET', '/nothing'],
  ['OPTIONS', '/user'],
];

describe.each([...BINDINGS, ...SECRETS])('without %s', (name) => {
  const world = newWorld(without(name));

  it('/health says so', async () => {
    const response = await world.send('/health', null);
    expect(response.status).toBe(503);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    const { status } = (await response.json()) as { status: string };
    expect(status).toMatch(new RegExp(`^This deployment lacks the (binding|secret) ${name}\\. `));
    expect(status).toContain(SECRETS.includes(name) ? 'wrangler secret put' : 'wrangler.toml');
  });

  it('every call says so, in the words of its face, and none is answered', async () => {
    for (const [method, path] of CALLS) {
      const response = await world.send(path, operator, {
        method,
        ...(method === 'POST' && { body: '{"query":"{ caller { kind } }"}' }),
        headers: { 'Content-Type': 'application/json' },
      });
      const text = await response.text();
      expect([path, response.status]).toEqual([path, 503]);
      expect(response.headers.get('Retry-After')).toBe('5');
      expect(response.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(text).toContain(`lacks the ${SECRETS.includes(name) ? 'secret' : 'binding'} ${name}.`);
      for (const secret of [env.OPERATOR_KEY, env.TOKEN_SECRETS, env.SIGNING_SECRETS]) {
        expect(text).not.toContain(secret);
      }
    }
  });

  it('other Workers are told to ask later, and the log says why', async () => {
    const logged = hush('error');
    const open = () => createApp(newIsolate()).openRpc(without(name), createExecutionContext());
    const unavailable = { kind: 'unavailable', retryAfter: 5 };
    expect(await verifyByRpc(open(), 'x', {})).toEqual(unavailable);
    expect(await introspectByRpc(open(), 'x', {})).toEqual(unavailable);
    expect(String(logged.mock.calls[0]?.[0].error)).toContain(name);
  });

  it('a nudge stays in the queue, and a sweep fails', async () => {
    const app = createApp(newIsolate());
    const [ack, retry] = [vi.fn(), vi.fn()];
    const message = { ack, retry, body: { kind: 'withdrawal', tenantId: 1, id: 'x' } };
    const batch = { messages: [message] } as unknown as MessageBatch<Nudge>;
    await app.work(batch, without(name), createExecutionContext());
    expect([ack.mock.calls.length, retry.mock.calls.length]).toEqual([0, 1]);
    await expect(app.sweep(without(name), createExecutionContext())).rejects.toThrow(name);
  });
});

it('each face says it in its own words', async () => {
  const world = newWorld(without('CALLS'));
  const bodyOf = async (path: string, method = 'GET') =>
    (await world.send(path, null, { method })).json();
  const said = expect.stringMatching(/^This deployment lacks the binding CALLS\. /);
  expect(await bodyOf('/graphql', 'POST')).toEqual({
    errors: [{ message: said, extensions: { code: 'UNAVAILABLE' } }],
  });
  expect(await bodyOf('/user')).toEqual({ errors: true, message: { errors: { service: said } } });
  for (const path of ['/verify/1', '/session']) {
    expect(await bodyOf(path)).toEqual({
      error: 'temporarily_unavailable',
      error_description: said,
    });
  }
});

it('all that is missing is told at once, and fits into a sentence of a refusal', () => {
  const all = missingBindings(without(...BINDINGS, ...SECRETS));
  expect(all).toContain(`the secrets ${SECRETS.join(', ')}. `);
  for (const name of BINDINGS) expect(all).toContain(name);
  expect(all?.length).toBeLessThanOrEqual(300);
});

describe('mail', () => {
  const { MAIL, MAIL_FROM, PUBLIC_URL } = newOutbox().bindings;

  it('is refused without the console, where its links lead', () => {
    const withMail = { ...env, MAIL, MAIL_FROM, PUBLIC_URL, CONSOLE: 'off' };
    expect(() => readSettings(withMail)).toThrow('with CONSOLE "off", take away MAIL_FROM');
  });

  const said = (mail: Partial<Env>) => missingBindings({ ...env, ...mail });
  const ADVICE = 'Mail needs MAIL, MAIL_FROM and PUBLIC_URL: set all or none.';

  it.each<[missing: string, Partial<Env>]>([
    ['the binding MAIL', { MAIL_FROM, PUBLIC_URL }],
    ['the setting MAIL_FROM', { MAIL, PUBLIC_URL }],
    ['the setting PUBLIC_URL', { MAIL, MAIL_FROM }],
    ['the settings MAIL_FROM, PUBLIC_URL', { MAIL, MAIL_FROM: ' ' }],
    ['the binding MAIL and the setting PUBLIC_URL', { MAIL_FROM }],
  ])('by half says that it lacks %s, at /health and to each call', async (missing, mail) => {
    expect(said(mail)).toContain(`This deployment lacks ${missing}. `);
    expect(said(mail)).toContain(ADVICE);
    const world = newWorld(mail);
    for (const path of ['/health', '/user', '/verify']) {
      const response = await world.send(path, null);
      expect(response.status).toBe(503);
      expect(await response.text()).toContain(ADVICE);
    }
  });

  it('is whole, or not there: PUBLIC_URL is of use alone', async () => {
    for (const mail of [{ MAIL, MAIL_FROM, PUBLIC_URL }, { PUBLIC_URL }, {}]) {
      expect(said(mail)).toBeNull();
      expect((await newWorld(mail).send('/health', null)).status).toBe(200);
    }
  });

  it.each([
    ['no-reply@example.com', 'no-reply@example.com'],
    [
      ' Example GmbH <no-reply@example.com> ',
      { name: 'Example GmbH', email: 'no-reply@example.com' },
    ],
    [
      'Zähler & Co. <post@bücher.example>',
      { name: 'Zähler & Co.', email: 'post@xn--bcher-kva.example' },
    ],
  ])('is from %s', (text, from) => {
    expect(readMailFrom(text)).toEqual(from);
  });

  it.each([
    'Example',
    'a@b',
    '<no-reply@example.com>',
    '"Example" <no-reply@example.com>',
    'A <a@example.com>, B <b@example.com>',
    'Example\r\nBcc: all@example.com <no-reply@example.com>',
    '"no reply"@example.com',
    'a@[192.0.2.1]',
  ])('is not from %j', async (text) => {
    expect(() => readMailFrom(text)).toThrow('MAIL_FROM must be an e-mail address');
    const health = await newWorld({ MAIL, PUBLIC_URL, MAIL_FROM: text }).send('/health', null);
    expect(health.status).toBe(503);
  });
});

it('what is bound as a text, or empty, counts as missing', () => {
  const odd = { ...env, CALLS: '6000', TOKEN_SECRETS: ' ' } as unknown as Env;
  expect(missingBindings(odd)).toContain('the binding CALLS and the secret TOKEN_SECRETS');
  expect(missingBindings(env)).toBeNull();
});

it('secrets that are not fit are named in the log only, also when all is refused', async () => {
  const logged = hush('error');
  const world = newWorld({ TOKEN_SECRETS: 'short' });
  const health = await world.send('/health', null);
  expect(await health.json()).toEqual({
    status: 'The secrets or settings are invalid: see the log.',
  });
  expect((await world.send('/user', operator)).status).toBe(503);
  expect(String(logged.mock.calls[0]?.[0].cause)).toContain('TOKEN_SECRETS');
});
