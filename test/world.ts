/** A world to test in: the Worker on real D1 and KV, an operator, two tenants and their people. */

import type { D1Migration } from 'cloudflare:test';
import { env as bound } from 'cloudflare:workers';
import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import type { Env } from '../src/front/settings.ts';
import { createApp, newIsolate } from '../src/index.ts';
import { untilWritten } from './changes.ts';
import { unlimited } from './doubles/limits.ts';
import { newQueue } from './doubles/queue.ts';
import { createExecutionContext, waitOnExecutionContext } from './execution.ts';
import { noteRefusal } from './secrets.ts';

export const env = bound as unknown as Env & { MIGRATIONS: D1Migration[] };

export const operator = env.OPERATOR_KEY;

// biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals, field by field.
export type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  data: Json;
  errors: Json[] | undefined;
}

export interface World {
  /**
   * Sends a request to this world's isolate and waits for what it does behind the answer, and by
   * nudges.
   */
  fetch(request: Request): Promise<Response>;
  /** Sends a request to a path, with a bearer credential if there is one. */
  send(path: string, credential: string | null, init?: RequestInit): Promise<Response>;
  /** Sends a document with a credential; null: without one. */
  graphql(credential: string | null, query: string, variables?: object): Promise<Answer>;
  /** The one root field of a document that is expected to run. */
  ask(credential: string, query: string, variables?: object): Promise<Json>;
  /** The payload of one mutation: `success`, `errors { code path }` and `fields`. */
  call(credential: string, mutation: string, input: object, fields?: string): Promise<Json>;
}

/** 32 random bytes, as a deployment's secrets are. */
export const randomSecret = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');

/** Tests make more calls in a minute than anybody may. */
export const UNLIMITED = {
  ...{ CALLS: unlimited, CALLS_BY_TENANT: unlimited, REFUSALS: unlimited },
  TENANT_UNITS_PER_SECOND: '1000000',
};

/** One isolate; `overrides` replace its bindings. */
export function newWorld(overrides: Partial<Env> = {}): World {
  const app = createApp(newIsolate());
  const queue = newQueue();
  const bindings = { ...env, ...UNLIMITED, WORK: queue.binding, ...overrides };

  async function fetch(request: Request): Promise<Response> {
    const context = createExecutionContext();
    const response = await app.fetch(request, bindings, context);
    await waitOnExecutionContext(context);
    await queue.drain(app, bindings);
    await noteRefusal(response);
    return response;
  }

  function send(path: string, credential: string | null, init: RequestInit = {}) {
    const headers = new Headers(init.headers);
    if (credential !== null) headers.set('Authorization', `Bearer ${credential}`);
    return fetch(new Request(`http://latchkey.test${path}`, { ...init, headers }));
  }

  async function graphql(credential: string | null, query: string, variables: object = {}) {
    const response = await fetch(
      new Request('http://latchkey.test/graphql', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
        },
        body: JSON.stringify({ query, variables }),
      }),
    );
    const { data, errors } = (await response.json()) as { data?: Json; errors?: Json[] };
    return { status: response.status, headers: response.headers, data, errors };
  }

  async function ask(credential: string, query: string, variables?: object): Promise<Json> {
    const { data, errors } = await graphql(credential, query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return Object.values(data)[0];
  }

  return {
    fetch,
    send,
    graphql,
    ask,
    call: (credential, mutation, input, fields) =>
      ask(credential, callOf(mutation, fields), { input }),
  };
}

/** A document that calls one mutation with `$input`. */
export const callOf = (mutation: string, fields = ''): string =>
  `mutation ($input: ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input:
    $input) {
    success errors { code path } ${fields} } }`;

/**
 * What a refused mutation answers: each refusal as its code and its path below `input`, "NOT_FOUND
 * orderId".
 */
export const refused = (...refusals: string[]) => ({
  success: false,
  errors: refusals.map((refusal) => {
    const [code, ...path] = refusal.split(/[ .]/);
    return { code, path: ['input', ...path] };
  }),
});

/** Expects what `act` is answered, and that nothing in the database has changed. */
export async function expectNoChange(act: () => Promise<Json>, wanted: object): Promise<void> {
  const before = await snapshot();
  expect(await act()).toMatchObject(wanted);
  expect(await snapshot()).toBe(before);
}

export interface Tenant {
  id: string;
  /** An API key with every scope. */
  key: string;
}

export async function newTenant(world: World, name = 'Acme'): Promise<Tenant> {
  const { intermediary, secret } = await succeed(
    world.call(operator, 'addIntermediary', { name }, 'intermediary { id } secret'),
  );
  return { id: intermediary.id, key: secret };
}

let count = 0;

/** A different text at each call. */
export const fresh = (prefix: string): string => `${prefix}-${count++}`;

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Eight characters, however many files the worker has run before. */
export const freshDeviceId = (): string => {
  const n = count++;
  return `DEV${n.toString(36).toUpperCase().padStart(4, '0')}${DIGITS[n % DIGITS.length]}`;
};

export interface Device {
  deviceId: string;
  meterId: string;
}

export async function newDevices(world: World, tenant: Tenant, many = 1): Promise<Device[]> {
  const devices = Array.from({ length: many }, () => ({
    deviceId: freshDeviceId(),
    meterId: fresh('meter'),
  }));
  await succeed(world.call(operator, 'addDevices', { intermediaryId: tenant.id, devices }));
  return devices;
}

export const newDevice = async (world: World, tenant: Tenant): Promise<Device> => {
  const [device] = await newDevices(world, tenant);
  if (!device) throw new Error('no device');
  return device;
};

/** The answer of a mutation, which must have succeeded. */
export async function succeed(answer: Promise<Json>): Promise<Json> {
  const payload = await answer;
  if (payload.success !== true) throw new Error(JSON.stringify(payload));
  return payload;
}

export const external = (externalId: string) => ({ externalUser: { externalId } });

export async function newUser(world: World, tenant: Tenant, externalId = fresh('user')) {
  const { user } = await succeed(
    world.call(tenant.key, 'addUser', { userIdentifier: external(externalId) }, 'user { id }'),
  );
  return { id: user.id as string, externalId, identifier: external(externalId) };
}

/** A member, as the company API creates them. */
export async function newMember(tenant: Tenant, level = 2) {
  const email = `${fresh('member')}@example.com`;
  const id = 1_000_000 + count++;
  await env.DB.prepare(
    'INSERT INTO users (id, tenant_id, email, member_level, name, created_at) VALUES (?, ?, ' +
      '?, ?, ?, ?)',
  )
    .bind(id, Number(tenant.id), email, level, 'A Member', Date.now())
    .run();
  return { id: String(id), email, identifier: { companyUser: { id: String(id) } } };
}

export interface Session {
  id: string;
  accessToken: string;
  expiresAt: string;
}

export async function newSession(
  world: World,
  tenant: Tenant,
  userIdentifier: object,
): Promise<Session> {
  const { session } = await succeed(
    world.call(
      tenant.key,
      'addUserSession',
      { userIdentifier },
      'session { id accessToken expiresAt }',
    ),
  );
  return session;
}

export async function grant(
  world: World,
  tenant: Tenant,
  userIdentifier: object,
  devices: Device[],
  kind: 'addDevicePermissions' | 'addChargingPermission' = 'addDevicePermissions',
  expiresAt?: string | null,
): Promise<Json> {
  return succeed(
    world.call(
      tenant.key,
      kind,
      {
        userIdentifier,
        deviceIdentifiers: devices.map(({ deviceId }) => ({ deviceId })),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
      'modifiedPermissions { deviceId meterId permission expiresAt }',
    ),
  );
}

/** The ends of a user's grants have come: no test waits for one, or must be faster than it. */
export const endGrants = (userId: string) =>
  env.DB.prepare('UPDATE permissions SET expires_at = ? WHERE user_id = ?')
    .bind(Date.now() - 1, Number(userId))
    .run();

/** What signs a credential: its checksum is the beginning, its hash the rest. */
export const macOf = (body: string): string =>
  createHmac('sha256', env.TOKEN_SECRETS).update(body).digest('hex');

/** A credential with a valid checksum, as if issued here. */
export const seal = (body: string): string => body + macOf(body).slice(0, 20);

/** The same id with another secret and a valid checksum. */
export const twinOf = (credential: string): string =>
  seal(credential.slice(0, 23) + 'T'.repeat(24));

/** With another last character: the checksum no longer fits. */
export const mistype = (credential: string): string =>
  credential.slice(0, -1) + (credential.endsWith('0') ? '1' : '0');

/** The same credential, expired. */
export async function expired(table: 'api_keys' | 'sessions', credential: string): Promise<string> {
  await env.DB.prepare(`UPDATE ${table} SET expires_at = ? WHERE id = ?`)
    .bind(Date.now() - 1, credential.slice(7, 23))
    .run();
  return credential;
}

/** A key of the tenant with these scopes only. */
export async function newKey(
  world: World,
  tenant: Tenant,
  scopes: string[],
  expiresAt?: string,
): Promise<{ id: string; secret: string }> {
  const { apiKey, secret } = await succeed(
    world.call(
      tenant.key,
      'addApiKey',
      { name: 'a key', scopes, ...(expiresAt ? { expiresAt } : {}) },
      'apiKey { id } secret',
    ),
  );
  return { id: apiKey.id, secret };
}

/** When a key was used last is noted behind an answer. */
const PASSING = ['last_used_at'];

/** Statements that read each table as texts, each of some hundred rows: so SQLite does the work. */
const readings = async (): Promise<D1PreparedStatement[]> => {
  const { results } = await env.DB.prepare(
    `SELECT t.name, json_group_array(c.name) AS columns FROM sqlite_schema t,
      pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT GLOB '_cf_*'
      AND t.name NOT GLOB 'sqlite_*' GROUP BY t.name`,
  ).all<{ name: string; columns: string }>();
  return results.map(({ name, columns }) => {
    const own: string[] = JSON.parse(columns).filter((column: string) => !PASSING.includes(column));
    return env.DB.prepare(
      `SELECT json_group_array(json_array(${own}) ORDER BY nth) AS text
        FROM (SELECT *, row_number() OVER (ORDER BY ${own.slice(0, 3)}) AS nth FROM ${name})
        GROUP BY nth / 500 ORDER BY nth`,
    );
  });
};
let known: Promise<D1PreparedStatement[]> | undefined;

/** Everything in the database, to see that nothing changed. */
export const snapshot = untilWritten(async (): Promise<string> => {
  known ??= readings();
  const results = await env.DB.batch<{ text: string }>(await known);
  return results.flatMap((table) => table.results.map(({ text }) => text)).join('\n');
});
