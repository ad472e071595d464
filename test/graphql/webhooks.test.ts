/** Webhooks: what they are given, what they send, and how they end. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Nudge } from '../../src/domain/permit.ts';
import type { Env } from '../../src/front/settings.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { type Trip, watchD1 } from '../doubles/d1.ts';
import { newReceivers, verify } from '../receiver.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newKey,
  newTenant,
  newUser,
  newWorld,
  operator,
  randomSecret,
  refused,
  succeed,
  type Tenant,
  UNLIMITED,
} from '../world.ts';

const receivers = newReceivers();
const world = newWorld();
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const DAY = 24 * HOUR;
let tenant: Tenant;

const FIELDS =
  'webhook { id url types description enabled disabledReason pending missedUntil lastDelivery ' +
  '{ at eventId status durationMs } }';

beforeEach(async () => {
  tenant = await newTenant(world);
});
afterEach(() => {
  vi.useRealTimers();
});

const newUrl = () => `https://hooks.example.com/${fresh('hook')}`;
const call = (name: string, input: object, fields = FIELDS, by = tenant.key, where = world) =>
  where.call(by, name, input, fields);
const add = (input: object = {}): Promise<Json> =>
  succeed(call('addWebhook', { url: newUrl(), ...input }, `${FIELDS} secret`));
const update = (input: object) => call('updateWebhook', input);
const replay = (input: object) => call('replayWebhook', input);
const rotate = (input: object, where = world): Promise<Json> =>
  succeed(call('rotateWebhookSecret', input, `${FIELDS} secret`, tenant.key, where));
const list = (by = tenant): Promise<Json> =>
  world.ask(by.key, `{ webhooks { ${FIELDS.slice(10, -2)} } }`);
const typesAt = (url: string): string[] => receivers.at(url).map(({ event }) => event.type);
const actions = async (): Promise<string[]> =>
  (await world.ask(tenant.key, '{ auditEvents(first: 50) { nodes { action } } }')).nodes.map(
    ({ action }: Json) => action,
  );

/** Passes time on the clock, and has the sweep see to what is due. */
async function pass(ms: number, overrides: Partial<Env> = {}): Promise<void> {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  vi.setSystemTime(Date.now() + ms);
  const context = createExecutionContext();
  await createApp(newIsolate()).sweep({ ...env, ...UNLIMITED, ...overrides }, context);
  await waitOnExecutionContext(context);
}

describe('addWebhook', () => {
  it('sends what happens from then on, signed, in order', async () => {
    await newUser(world, tenant);
    const { webhook, secret } = await add({ description: 'Ours' });
    expect(webhook).toEqual({
      ...{ id: expect.stringMatching(/^\w{16}$/), url: webhook.url, types: [] },
      ...{ description: 'Ours', enabled: true, disabledReason: null, pending: 0 },
      ...{ missedUntil: null, lastDelivery: null },
    });
    const users = [await newUser(world, tenant), await newUser(world, tenant)];
    const came = receivers.at(webhook.url);
    expect(came.map(({ event }) => [event.type, event.data.userId])).toEqual(
      users.map(({ id }) => ['user.add', id]),
    );
    for (const one of came) expect(verify(secret, one)).toEqual(one.event);
    const [{ lastDelivery, deliveries }] = await world.ask(
      tenant.key,
      '{ webhooks { lastDelivery { status eventId } deliveries(first: 5) { eventId status } } }',
    );
    expect(lastDelivery).toEqual({ status: 204, eventId: came[1]?.event.id });
    expect(deliveries.map(({ eventId }: Json) => eventId)).toEqual(
      came.map(({ event }) => event.id).reverse(),
    );
  });

  it('sends no header of ours but those of the signature, and follows nothing', async () => {
    const { webhook } = await add();
    await newUser(world, tenant);
    const [{ headers, init }] = receivers.at(webhook.url) as [Json];
    expect([...headers.keys()].sort()).toEqual([
      ...['content-type', 'user-agent', 'webhook-id', 'webhook-signature', 'webhook-timestamp'],
    ]);
    expect([init.method, init.redirect]).toEqual(['POST', 'manual']);
  });

  it('sends the types that it asks for, and looks at no others', async () => {
    const { webhook } = await add({ types: ['order.*', 'user.remove', 'order.*'] });
    expect(webhook.types).toEqual(['order.*', 'user.remove']);
    const { webhook: both } = await add({ types: ['order.add', 'order.*', 'user.add'] });
    await update({ id: both.id, enabled: false });
    const user = await newUser(world, tenant);
    const input = { userIdentifier: user.identifier, orderId: fresh('order') };
    await succeed(call('addOrder', input, ''));
    await succeed(call('cancelOrder', { orderId: input.orderId }, ''));
    await succeed(call('removeUser', { userIdentifier: user.identifier }, ''));
    expect(typesAt(webhook.url)).toEqual(['order.add', 'order.cancel', 'user.remove']);
    // Once, though two of its types name it.
    expect((await list()).find(({ id }: Json) => id === both.id).pending).toBe(3);
  });

  it('refuses what is none, with what to do', async () => {
    const bad = (input: object, ...refusals: string[]) =>
      expectNoChange(
        () => call('addWebhook', { url: newUrl(), ...input }, 'secret'),
        refused(...refusals),
      );
    for (const url of [
      ...['http://hooks.example.com/', 'https://2130706433/', 'https://0x7f.1/', 'https://[::1]/'],
      ...['https://[::ffff:7f00:1]/', 'https://a:b@hooks.example.com/', 'https://10.0.0.1/'],
      ...['https://hooks.example.com:22/', 'https://latchkey.test/', 'https://localhost/'],
      ...[`https://hooks.example.com/${'x'.repeat(2_048)}`, 'hooks.example.com', ''],
      'http://127.0.0.1:9000/',
    ]) {
      await bad({ url }, 'INVALID url');
    }
    await bad({ types: ['user.add', 'user.ad'] }, 'INVALID types.1');
    await bad({ types: ['user'] }, 'INVALID types.0');
    await bad({ description: ' ' }, 'INVALID description');
    const { errors } = await world.call(
      tenant.key,
      'addWebhook',
      { url: newUrl(), types: ['orders.*'] },
      'errors { message }',
    );
    expect(errors[0].message).toContain('The nouns are');
  });

  it('takes ten of a tenant, whoever adds them at the same time', async () => {
    for (let n = 0; n < 8; n++) await add();
    const made = await Promise.all(
      [0, 1, 2, 3].map(() => call('addWebhook', { url: newUrl() }, 'secret')),
    );
    expect(made.filter(({ success }) => success)).toHaveLength(2);
    expect(made.find(({ success }) => !success)).toMatchObject({
      ...refused('QUOTA'),
      errors: [{ code: 'QUOTA', path: ['input'] }],
    });
    expect(await list()).toHaveLength(10);
  });
});

describe('updateWebhook', () => {
  it('changes what is given, and writes nothing where that is as it was', async () => {
    const { webhook } = await add({ types: ['user.add'], description: 'Old' });
    const given = { id: webhook.id, url: newUrl(), types: ['user.remove'], description: null };
    const now = { ...webhook, url: given.url, types: given.types, description: null };
    expect((await succeed(update(given))).webhook).toEqual(now);
    await expectNoChange(() => update(given), { success: true, webhook: now });
    await expectNoChange(() => update({ id: webhook.id }), { success: true, webhook: now });
    expect((await actions()).filter((action) => action === 'webhook.update')).toHaveLength(1);
  });

  it('tells of what was not asked for before from then on', async () => {
    const { webhook } = await add({ types: ['order.add'] });
    await newUser(world, tenant);
    await succeed(update({ id: webhook.id, types: ['user.*'] }));
    await newUser(world, tenant);
    expect(typesAt(webhook.url)).toEqual(['user.add']);
  });

  it.each(['types', 'url', 'secret'])('has whoever is sending stop: other %s', async (what) => {
    const { webhook } = await add({ types: ['user.remove'] });
    const { id } = webhook;
    const soon = Date.now() + MINUTE;
    await env.DB.prepare("UPDATE webhooks SET lease = 'x', due_at = ? WHERE id = ?")
      .bind(soon, id)
      .run();
    if (what === 'secret') await rotate({ id });
    else
      await succeed(
        update({ id, ...(what === 'url' ? { url: newUrl() } : { types: ['user.*'] }) }),
      );
    expect(
      await env.DB.prepare('SELECT lease, due_at FROM webhooks WHERE id = ?').bind(id).first(),
    ).toEqual({ lease: null, due_at: 0 });
  });

  it('leads to no place that addWebhook refuses, nor to our own host', async () => {
    const { id } = (await add()).webhook;
    for (const url of [
      ...['https://latchkey.test/', 'https://LATCHKEY.TEST:8443/a', 'https://latchkey.test./'],
      ...['https://127.1/', 'https://a@hooks.example.com/', 'http://hooks.example.com/', ''],
    ]) {
      await expectNoChange(() => update({ id, url }), refused('INVALID url'));
    }
    // Some clients name the host with a dot at its end.
    const query =
      'mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { success } }';
    for (const [host, url] of [
      ['latchkey.example.com.', 'https://latchkey.example.com/'],
      ['other.example.com', 'https://other.example.com:8443/'],
    ]) {
      const response = await world.fetch(
        new Request(`http://${host}/graphql`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${tenant.key}` },
          body: JSON.stringify({ query, variables: { input: { id, url } } }),
        }),
      );
      const { data } = await response.json<Json>();
      expect([host, data.updateWebhook.success]).toEqual([host, false]);
    }
  });

  it('disables and enables: what was missed is sent then', async () => {
    const { webhook } = await add({ types: ['user.*'] });
    const off = await succeed(update({ id: webhook.id, enabled: false }));
    expect(off.webhook).toMatchObject({
      ...{ enabled: false, disabledReason: 'It was disabled by updateWebhook.' },
    });
    await newUser(world, tenant);
    expect((await list())[0].pending).toBe(1);
    expect(typesAt(webhook.url)).toEqual([]);
    expect((await succeed(update({ id: webhook.id, enabled: true }))).webhook.enabled).toBe(true);
    expect(typesAt(webhook.url)).toEqual(['user.add']);
    await expectNoChange(() => update({ id: webhook.id, enabled: true }), { success: true });
  });

  it('knows no webhook of somebody else', async () => {
    const { webhook } = await add();
    tenant = await newTenant(world);
    const { id } = webhook;
    for (const [name, input] of Object.entries({
      updateWebhook: { id, enabled: false },
      rotateWebhookSecret: { id },
      replayWebhook: { id, after: null },
      testWebhook: { id },
    })) {
      await expectNoChange(() => call(name, input, ''), refused('NOT_FOUND id'));
    }
    await expectNoChange(() => call('removeWebhook', { id }, ''), { success: true });
    expect(await list()).toEqual([]);
    expect(receivers.at(webhook.url)).toEqual([]);
  });
});

describe('rotateWebhookSecret', () => {
  it('signs with both for the grace, then with the new one alone', async () => {
    const { webhook, secret } = await add();
    const { secret: next } = await rotate({ id: webhook.id, graceSeconds: 60 });
    const { secret: last } = await rotate({ id: webhook.id, graceSeconds: 3_600 });
    receivers.received.length = 0;
    await newUser(world, tenant);
    const [first] = receivers.at(webhook.url) as [Json];
    for (const one of [secret, next, last]) expect(verify(one, first)).toEqual(first.event);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * MINUTE });
    await newUser(world, tenant);
    const second = receivers.at(webhook.url)[1] as Json;
    expect(() => verify(secret, second)).toThrow('No matching signature');
    for (const one of [next, last]) expect(verify(one, second)).toEqual(second.event);
    await rotate({ id: webhook.id, graceSeconds: 0 });
    await newUser(world, tenant);
    expect(() => verify(last, receivers.at(webhook.url).at(-1) as Json)).toThrow();
  });

  it('follows the secrets of the deployment: one that is dropped disables', async () => {
    const { webhook, secret } = await add();
    const both = { SIGNING_SECRETS: `${randomSecret()},${env.SIGNING_SECRETS}` };
    await newUser(newWorld(both), tenant);
    expect(verify(secret, receivers.at(webhook.url)[0] as Json)).toBeDefined();
    const dropped = { SIGNING_SECRETS: randomSecret() };
    const elsewhere = newWorld(dropped);
    await newUser(elsewhere, tenant);
    expect(receivers.at(webhook.url)).toHaveLength(1);
    expect((await list())[0].disabledReason).toContain('was dropped: rotate its secret');
    expect((await actions())[0]).toBe('webhook.disable');
    for (const [name, input] of [
      ['updateWebhook', { id: webhook.id, enabled: true }],
      ['replayWebhook', { id: webhook.id }],
      ['testWebhook', { id: webhook.id }],
    ] as const) {
      await expectNoChange(
        () => call(name, input, '', tenant.key, elsewhere),
        refused('CONFLICT id'),
      );
    }
    const rotated = await rotate({ id: webhook.id }, elsewhere);
    await succeed(call('replayWebhook', { id: webhook.id }, '', tenant.key, elsewhere));
    const late = receivers.at(webhook.url).at(-1) as Json;
    expect(verify(rotated.secret, late)).toEqual(late.event);
    expect(() => verify(secret, late)).toThrow();
  });

  it('is done by the sweep where nothing is sent, in one batch for all companies', async () => {
    await add();
    const disabling = async () => {
      let trips = 0;
      const before = ({ texts }: Trip) => {
        if (texts.some((text) => /UPDATE "?webhooks.*"disabled" = /s.test(text))) trips++;
      };
      await pass(0, { SIGNING_SECRETS: randomSecret(), DB: watchD1({ before }).DB });
      return trips;
    };
    expect(await disabling()).toBe(1);
    expect((await list())[0].enabled).toBe(false);
    const others = [tenant, await newTenant(world), await newTenant(world), await newTenant(world)];
    for (tenant of others) await add();
    expect(await disabling()).toBe(1);
    for (tenant of others) {
      expect(await list()).toMatchObject([
        { enabled: false },
        ...(tenant === others[0] ? [{}] : []),
      ]);
      expect((await actions())[0]).toBe('webhook.disable');
    }
  });

  it('makes what a verifier refuses when it is changed, or old', async () => {
    const { webhook, secret } = await add();
    await newUser(world, tenant);
    const [{ body, headers }] = receivers.at(webhook.url) as [Json];
    expect(() => verify(secret, { headers, body: body.replace('user.add', 'user.end') })).toThrow();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * MINUTE });
    expect(() => verify(secret, { headers, body })).toThrow('too old');
  });
});

describe('replayWebhook', () => {
  it('sends again what follows a cursor, all that is kept, or what failed', async () => {
    await newUser(world, tenant);
    const { webhook } = await add({ types: ['user.add'] });
    const { id } = webhook;
    await newUser(world, tenant);
    const feed = await (await world.send('/events?limit=1000', tenant.key)).json<Json>();
    await newUser(world, tenant);
    receivers.received.length = 0;
    await succeed(replay({ id, after: feed.next }));
    expect(receivers.at(webhook.url)).toHaveLength(1);
    await succeed(replay({ id, after: null }));
    expect(receivers.at(webhook.url)).toHaveLength(4);
    const ids = receivers.at(webhook.url).map(({ event }) => Number(event.id));
    expect([ids[0], ...ids.slice(1)]).toEqual([ids[3], ...ids.slice(1).sort((a, b) => a - b)]);
    await expectNoChange(() => replay({ id }), { success: true });
  });

  it('refuses what is no cursor of the feed', async () => {
    const { webhook } = await add();
    const other = await newTenant(world);
    const theirs = await (await world.send('/events', other.key)).json<Json>();
    const { pageInfo } = await world.ask(
      tenant.key,
      '{ auditEvents(first: 1) { pageInfo { endCursor } } }',
    );
    for (const after of ['', 'garbage', theirs.next, pageInfo.endCursor, '0']) {
      await expectNoChange(() => replay({ id: webhook.id, after }), refused('INVALID after'));
    }
  });

  it('says what was erased before it was taken', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const before = await (await world.send('/events', tenant.key)).json<Json>();
    const [{ webhook }, { webhook: quiet }] = [await add(), await add({ types: ['order.add'] })];
    for (const { id } of [webhook, quiet]) await update({ id, enabled: false });
    await newUser(world, tenant);
    await pass(40 * DAY, { AUDIT_RETENTION_DAYS: '30' });
    const byId = async () => Object.fromEntries((await list()).map((one: Json) => [one.id, one]));
    expect((await byId())[webhook.id].missedUntil).toBe(
      new Date(Date.now() - 30 * DAY).toISOString(),
    );
    expect((await byId())[quiet.id].missedUntil).toBeNull();
    await newUser(world, tenant);
    await succeed(replay({ id: webhook.id }));
    expect(typesAt(webhook.url).slice(1)).toEqual(['user.add', 'webhook.replay']);
    await expectNoChange(
      () => replay({ id: webhook.id, after: before.next }),
      refused('INVALID after'),
    );
    await succeed(replay({ id: webhook.id, after: null }));
    expect((await byId())[webhook.id].missedUntil).toBeNull();
    const kept = await (await world.send(`/events?after=${before.next}`, tenant.key)).json<Json>();
    await succeed(replay({ id: webhook.id, after: kept.next }));
  });
});

describe('testWebhook', () => {
  it('sends at once, and tells how that was answered', async () => {
    const { webhook, secret } = await add();
    await update({ id: webhook.id, enabled: false });
    receivers.answer(webhook.url, 500);
    const fields = `${FIELDS} delivery { at eventId status durationMs }`;
    const { delivery, webhook: then } = await succeed(
      call('testWebhook', { id: webhook.id }, fields),
    );
    expect(delivery).toEqual({ ...then.lastDelivery, status: 500 });
    const [came] = receivers.at(webhook.url) as [Json];
    expect(verify(secret, came)).toEqual({
      ...{ id: delivery.eventId, type: 'webhook.test', timestamp: expect.any(String) },
      data: { intermediaryId: tenant.id, webhookId: webhook.id },
    });
    expect((await list())[0]).toMatchObject({ enabled: false });
    expect(await actions()).not.toContain('webhook.test');
  });
});

describe('a webhook ends', () => {
  it('with removeWebhook, which can be repeated', async () => {
    const { webhook } = await add();
    await newUser(world, tenant);
    await succeed(call('removeWebhook', { id: webhook.id }, ''));
    await expectNoChange(() => call('removeWebhook', { id: webhook.id }, ''), { success: true });
    await newUser(world, tenant);
    expect(receivers.at(webhook.url)).toHaveLength(1);
    expect((await actions()).slice(0, 2)).toEqual(['user.add', 'webhook.remove']);
  });

  it('with its tenant', async () => {
    const { webhook } = await add();
    await newUser(world, tenant);
    await succeed(world.call(operator, 'removeIntermediary', { id: tenant.id }));
    await pass(MINUTE);
    const left = await env.DB.prepare('SELECT 1 FROM webhooks WHERE id = ?').bind(webhook.id).all();
    expect(left.results).toEqual([]);
    expect(typesAt(webhook.url)).toEqual(['user.add']);
  });

  it('with the key that added it, where what that made is ended', async () => {
    const leaked = await newKey(world, tenant, ['webhooks:write', 'keys:write']);
    const url = newUrl();
    const { webhook } = await succeed(call('addWebhook', { url }, FIELDS, leaked.secret));
    receivers.received.length = 0;
    const { webhook: ours } = await add();
    const input = { id: leaked.id, endMinted: true };
    const ended = () => call('removeApiKey', input, 'modified { sessions keys members webhooks }');
    const modified = { sessions: 0, keys: 0, members: 0, webhooks: 1 };
    expect(await ended()).toMatchObject({ success: true, modified });
    expect(await ended()).toMatchObject({ modified: { ...modified, webhooks: 0 } });
    await newUser(world, tenant);
    expect(typesAt(url)).toEqual(['webhook.add']);
    expect(typesAt(ours.url)).toEqual(['apiKey.remove', 'webhook.disable', 'user.add']);
    const [{ disabledReason }] = (await list()).filter((one: Json) => one.id === webhook.id);
    expect(disabledReason).toContain('The key or member that gave it its URL');
  });

  it('with the key that led it elsewhere, until others lead it back', async () => {
    const leaked = await newKey(world, tenant, ['webhooks:write']);
    const [{ webhook: theirs }, { webhook: back }, { webhook: ours }] = [
      await add(),
      await add(),
      await add(),
    ];
    const lead = (webhook: Json, url: string, by = leaked.secret) =>
      succeed(call('updateWebhook', { id: webhook.id, url }, '', by));
    await lead(theirs, newUrl());
    await lead(back, newUrl());
    await lead(back, back.url, tenant.key);
    // What is as it was is nobody's deed.
    await lead(ours, ours.url);
    await succeed(call('updateWebhook', { id: ours.id, types: ['user.*'] }, '', leaked.secret));
    const input = { id: leaked.id, endMinted: true };
    expect((await call('removeApiKey', input, 'modified { webhooks }')).modified.webhooks).toBe(1);
    const enabled = (await list()).filter((one: Json) => one.enabled).map(({ id }: Json) => id);
    expect(enabled.sort()).toEqual([back.id, ours.id].sort());
  });
});

describe('much at once', () => {
  /** A queue that only keeps what it is sent. */
  function newLedger() {
    const sent: { id: string; delaySeconds: number }[] = [];
    const sendBatch = async (
      messages: Iterable<MessageSendRequest<Nudge>>,
      { delaySeconds = 0 }: QueueSendBatchOptions = {},
    ) => {
      for (const { body } of messages) sent.push({ id: body.id, delaySeconds });
    };
    return { sent, WORK: { sendBatch } as unknown as Queue<Nudge> };
  }

  it('is few nudges, of which the last comes after all of it', async () => {
    const { webhook } = await add({ types: ['user.add'] });
    const { sent, WORK } = newLedger();
    const deaf = newWorld({ WORK });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const ofASecond = [0, 0, 0, 0, 0, 1].map((delaySeconds) => ({ id: webhook.id, delaySeconds }));
    for (let n = 0; n < 9; n++) await newUser(deaf, tenant);
    expect(sent).toEqual(ofASecond);
    vi.setSystemTime(Date.now() + SECOND);
    await newUser(deaf, tenant);
    expect(sent).toEqual([...ofASecond, { id: webhook.id, delaySeconds: 0 }]);
  });

  it('is sent at ten a second, a piece at a time', async () => {
    const { webhook } = await add({ types: ['user.add'] });
    await update({ id: webhook.id, enabled: false });
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
       INSERT INTO audit_events (tenant_id, actor_kind, action, user_id, subject, request_id)
       SELECT ?, 'OPERATOR', 'user.add', i, '{}', '' FROM n`,
    )
      .bind(Number(tenant.id))
      .run();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const came = () => receivers.at(webhook.url).map(({ event }) => Number(event.data.userId));
    await succeed(replay({ id: webhook.id }));
    expect(came()).toHaveLength(40);
    // Nobody else's nudge goes on with it, nor does a change.
    await pass(3 * SECOND);
    await newUser(world, tenant);
    expect(came()).toHaveLength(40);
    await pass(SECOND);
    expect(came()).toHaveLength(80);
    await pass(4 * SECOND);
    expect(came().slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    expect(came()).toHaveLength(101);
  });
});

describe('a receiver', () => {
  const PAUSES = [
    5 * SECOND,
    5 * MINUTE,
    ...[0.5, 2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
  ];

  it.each([
    ['500', 500],
    ['a redirection', () => Response.redirect('http://169.254.169.254/', 307)],
    ['nothing', 'break'],
    ['1 MB that nobody reads', () => new Response('x'.repeat(1_000_000), { status: 503 })],
    [
      'garbage',
      () =>
        new Response(null, { status: 429, headers: { 'Retry-After': 'soon, 5', 'X-Y': '\u00ff' } }),
    ],
  ] as const)('that answers %s is asked again on schedule, then no more', async (_, how) => {
    const { webhook } = await add({ types: ['user.add'] });
    receivers.answer(webhook.url, how);
    await newUser(world, tenant);
    await newUser(world, tenant);
    for (const [nth, pause] of PAUSES.entries()) {
      expect(receivers.at(webhook.url)).toHaveLength(nth + 1);
      await pass(pause - SECOND);
      expect(receivers.at(webhook.url)).toHaveLength(nth + 1);
      await pass(SECOND);
    }
    const came = receivers.at(webhook.url);
    expect(came).toHaveLength(10);
    expect(new Set(came.map(({ headers }) => headers.get('webhook-id'))).size).toBe(1);
    expect(new Set(came.map(({ headers }) => headers.get('webhook-timestamp'))).size).toBe(10);
    const [then] = await list();
    expect(then).toMatchObject({ enabled: false, pending: 2 });
    expect(then.disabledReason).toContain('ten attempts');
    expect((await actions())[0]).toBe('webhook.disable');
    receivers.answer(webhook.url, 200);
    await succeed(replay({ id: webhook.id }));
    expect(receivers.at(webhook.url)).toHaveLength(12);
  });

  it('that is gone is left alone, and one that comes back goes on in order', async () => {
    const [{ webhook: gone }, { webhook: back }] = [
      await add({ types: ['user.add'] }),
      await add({ types: ['user.add'] }),
    ];
    receivers.answer(gone.url, 410);
    receivers.answer(back.url, 503);
    const users = [];
    for (let n = 0; n < 25; n++) users.push(await newUser(world, tenant));
    expect([receivers.at(gone.url).length, receivers.at(back.url).length]).toEqual([1, 1]);
    expect((await list()).find(({ id }: Json) => id === gone.id).disabledReason).toContain('410');
    receivers.answer(back.url, 200);
    await pass(5 * SECOND);
    const ids = receivers.at(back.url).map(({ event }) => event.data.userId);
    expect(ids).toEqual([users[0], ...users].map((user) => user?.id));
  });

  it.each([
    ['120', 2 * MINUTE],
    ['99999999', DAY],
    ['1', 5 * SECOND],
    [null, 7 * MINUTE],
  ])('that wants to wait is let wait, a day at most: %s', async (header, wait) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / 1_000) * 1_000 });
    const { webhook } = await add({ types: ['user.add'] });
    const asked = header ?? new Date(Date.now() + wait).toUTCString();
    receivers.answer(
      webhook.url,
      () => new Response(null, { status: 429, headers: { 'Retry-After': asked } }),
    );
    await newUser(world, tenant);
    await pass(wait - 1);
    expect(receivers.at(webhook.url)).toHaveLength(1);
    await pass(1);
    expect(receivers.at(webhook.url)).toHaveLength(2);
  });
});
