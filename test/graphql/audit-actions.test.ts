/**
 * Every action that changes something writes an event that can be read. A table has all actions, so
 * that none is forgotten.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditAction, EVENTS } from '../../src/db/events.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { cookieBeside } from '../console.ts';
import { newOutbox } from '../doubles/mail.ts';
import { newStores } from '../doubles/stores.ts';
import { call, enrol } from '../factors.ts';
import { newBase, requestOf } from '../faults/base.ts';
import { send } from '../faults/run.ts';
import { readState, restore, type State } from '../faults/state.ts';
import { writingCases } from '../operations/cases.ts';
import { faultsIn, reference } from '../reference.ts';
import { rest } from '../rest/company.ts';
import { env, type Json, newWorld } from '../world.ts';

const world = newWorld();

const SUBJECT = `deviceIds permission expiresAt orderId orderStatus sessionIds forSupport apiKeyId
  replacedApiKeyId suspended
  externalIdChanged projectId stationIds sensorId channelId webhookId fields count`;

let base: Awaited<ReturnType<typeof newBase>>;
let start: State;
/** The actions whose events were read. */
const seen = new Set<string>();

beforeAll(async () => {
  base = await newBase();
  start = await readState();
});

interface Stored {
  number: number;
  action: AuditAction;
  subject: string;
}

/** The events from a number on, by number. */
const eventsFrom = async (number: number): Promise<Stored[]> =>
  (
    await env.DB.prepare(
      'SELECT number, action, subject FROM audit_events WHERE number > ? ORDER BY number',
    )
      .bind(number)
      .all<Stored>()
  ).results;

/** What people and companies are called, where they are reached, and what opens something. */
async function namesAndSecrets(): Promise<string[]> {
  const columns = `users.external_id users.email users.name users.sms users.phone tenants.name
    api_keys.name api_keys.hash sessions.hash sessions.label
    sessions.actor sessions.reason devices.meter_id projects.name
    stations.name stations.code stations.location sensors.name channels.name
    orders.tracking_link passwords.hash reset_tokens.hash
    totps.secret recovery_codes.hash`;
  const { results } = await env.DB.batch<{ value: unknown }>(
    columns.split(/\s+/).map((column) => {
      const [table, name] = column.split('.');
      return env.DB.prepare(`SELECT DISTINCT ${name} AS value FROM ${table}`);
    }),
  ).then((all) => ({ results: all.flatMap((one) => one.results) }));
  return results.flatMap(({ value }) => (String(value ?? '').length > 3 ? [String(value)] : []));
}

const textsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(textsIn)
    : [String(value)];

/** The feed says the same in the words of the reference, and calls nobody by a name. */
async function expectInFeed(events: Stored[]): Promise<void> {
  const page = (await (await world.send('/events?limit=1000', base.key)).json()) as Json;
  const told = new Map(page.events.map((one: Json) => [one.id, one]));
  const forbidden = await namesAndSecrets();
  for (const { number, action } of events) {
    if (action === 'intermediary.add') continue;
    const one = told.get(String(number)) as Json;
    const model = reference.webhooks[action].post.requestBody.content['application/json'].schema;
    expect(faultsIn(model, one), `${action} ${JSON.stringify(one)}`).toEqual([]);
    const texts = new Set(textsIn(one));
    expect(
      forbidden.filter((name) => texts.has(name)),
      action,
    ).toEqual([]);
    expect(JSON.stringify(one)).not.toMatch(/@|lk_|whsec_|https?:/);
  }
}

/** Each event says what the table has for its action and no more, and a key reads it all. */
async function expectTold(events: Stored[]): Promise<void> {
  await expectInFeed(events);
  const { nodes } = await world.ask(
    base.key,
    '{ auditEvents(first: 10) { nodes { id action actor { kind credentialId user { id } } ' +
      `${SUBJECT} } } }`,
  );
  for (const { number, action, subject } of events) {
    const stored = JSON.parse(subject);
    expect(Object.keys(stored).sort(), action).toEqual([...EVENTS[action]].sort());
    seen.add(action);
    // It is in the trail of the new one.
    if (action === 'intermediary.add') continue;
    const node = nodes.find(({ id }: Json) => id === String(number));
    expect(node, action).toBeDefined();
    for (const [field, value] of Object.entries(stored)) {
      const told = Array.isArray(value) ? value.map(String) : value;
      const isId = field.endsWith('Id');
      const text = (one: unknown) => (isId && typeof one === 'number' ? String(one) : one);
      const time =
        field === 'expiresAt' && value !== null ? new Date(Number(value)).toISOString() : told;
      expect(node[field], `${action} ${field}`).toEqual(text(time));
    }
    for (const deviceId of stored.deviceIds ?? []) {
      const found = await world.ask(
        base.key,
        `{ auditEvents(first: 1, deviceIdentifier: { deviceId: "${deviceId}" }, actions: ` +
          `["${action}"]) { nodes { id } } }`,
      );
      const last = Math.max(
        ...events.filter((one) => one.action === action).map((one) => one.number),
      );
      expect(found.nodes, `${action} of ${deviceId}`).toEqual([{ id: String(last) }]);
    }
  }
}

describe('the events of each call can be read, all that they say:', () => {
  it.each(writingCases().filter(({ without }) => !without?.faults))('$name', async (one) => {
    await restore(start);
    const last = Math.max(...(start.rows.audit_events ?? []).map(({ number }) => Number(number)));
    const answer = await send(createApp(newIsolate()), newStores(), requestOf(base, one));
    expect(answer).toMatchObject({ isDone: true });
    const events = await eventsFrom(last);
    if (one.events?.length === 0) return expect(events).toEqual([]);
    expect(events.length).toBeGreaterThan(0);
    // Nobody of a removed one can read anything.
    if (one.name === 'removeIntermediary') seen.add('intermediary.remove');
    else await expectTold(events);
  });

  it('what ends by itself, and a sign-in that fails', async () => {
    await restore(start);
    const last = Math.max(...(start.rows.audit_events ?? []).map(({ number }) => Number(number)));
    const tenantId = Number(base.tenant.id);
    await env.DB.batch([
      env.DB.prepare('UPDATE permissions SET expires_at = 1 WHERE tenant_id = ?').bind(tenantId),
      env.DB.prepare('UPDATE sessions SET expires_at = 1 WHERE id = ?').bind(base.session.id),
    ]);
    const context = createExecutionContext();
    await createApp(newIsolate()).sweep(env, context);
    await waitOnExecutionContext(context);
    const signIn = { email: base.head.email, password: 'not the password', company_id: tenantId };
    await rest(world, null, 'POST /authenticate', signIn);
    const events = await eventsFrom(last);
    expect(new Set(events.map(({ action }) => action))).toEqual(
      new Set(['permission.end', 'session.expire', 'member.signInFailed']),
    );
    await expectTold(events);
  });

  it('what somebody does to sign in with a second factor', async () => {
    await restore(start);
    const last = Math.max(...(start.rows.audit_events ?? []).map(({ number }) => Number(number)));
    const cookie = await cookieBeside(base.officer.token);
    const { codes } = await enrol(world, cookie);
    const [code] = codes;
    const renewed = await call(world, cookie, 'POST /console/factors/recovery-codes', { code });
    await env.DB.prepare(
      `INSERT INTO passkeys
          (id, user_id, name, public_key, algorithm, counter, created_at, change_id)
        VALUES ('key', ?, 'A key', '', -7, 0, 1, '')`,
    )
      .bind(Number(base.officer.id))
      .run();
    const passkey = 'PATCH /console/factors/passkeys/key';
    expect((await call(world, cookie, passkey, { name: 'My key' })).status).toBe(200);
    const again = { code: renewed.data.recovery_codes[0] };
    const removed = await call(world, cookie, 'DELETE /console/factors/totp', again);
    expect([renewed.status, removed.status]).toEqual([200, 200]);
    const events = await eventsFrom(last);
    expect(events.map(({ action }) => action)).toEqual([
      'member.addFactor',
      'member.renewRecoveryCodes',
      'member.renamePasskey',
      'member.removeFactor',
    ]);
    await expectTold(events);
  });

  it('POST /password-reset, of a member', async () => {
    await restore(start);
    const last = Math.max(...(start.rows.audit_events ?? []).map(({ number }) => Number(number)));
    const mailing = newWorld(newOutbox().bindings);
    await rest(mailing, null, 'POST /password-reset', { email: base.officer.email });
    const events = await eventsFrom(last);
    expect(events.map(({ action }) => action)).toEqual(['member.askReset']);
    await expectTold(events);
  });

  it('GET /export, one for all its pages', async () => {
    await restore(start);
    const many = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
      INSERT INTO users (id, tenant_id, external_id, created_at) SELECT 7000000 + i, ?, 'many ' ||
      i, 0 FROM n`;
    await env.DB.prepare(many).bind(Number(base.tenant.id)).run();
    const last = Math.max(...(start.rows.audit_events ?? []).map(({ number }) => Number(number)));
    const text = await (await world.send('/export', base.key)).text();
    expect(text.trim().split('\n').length).toBeGreaterThan(1_100);
    const events = await eventsFrom(last);
    expect(events.map(({ action }) => action)).toEqual(['user.export']);
    await expectTold(events);
    const [node] = (
      await world.ask(
        base.key,
        '{ auditEvents(first: 1) { nodes { actor { kind credentialId } } } }',
      )
    ).nodes;
    expect(node.actor).toEqual({ kind: 'API_KEY', credentialId: base.key.slice(7, 23) });
  });
});

it('no action of the table is left out', () => {
  expect([...seen].sort()).toEqual(Object.keys(EVENTS).sort());
});
