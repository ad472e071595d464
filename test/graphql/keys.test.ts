/**
 * API keys: added, rotated and removed by a key with at least the same rights, or by the operator.
 */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  callOf,
  env,
  expectNoChange,
  type Json,
  newKey,
  newMember,
  newSession,
  newTenant,
  newWorld,
  operator,
  refused,
  succeed,
  type Tenant,
  type World,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let neighbour: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
  neighbour = await newTenant(world, 'Neighbour');
});

afterEach(() => {
  vi.useRealTimers();
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const inTime = (ms: number) => new Date(Date.now() + ms).toISOString();

/** Puts the clock forward. */
const pass = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });

const MADE = 'apiKey { id name scopes expiresAt createdAt lastUsedAt } secret';
const DOCUMENTS = {
  addApiKey: callOf('addApiKey', MADE),
  rotateApiKey: callOf('rotateApiKey', MADE),
  removeApiKey: callOf('removeApiKey'),
};

/** A new key reads users unless `input` says otherwise. */
const add = (credential: string, input: object): Promise<Json> =>
  world.ask(credential, DOCUMENTS.addApiKey, {
    input: { name: 'new', scopes: ['users:read'], ...input },
  });
const rotate = (credential: string, id: string, graceSeconds?: number): Promise<Json> =>
  world.ask(credential, DOCUMENTS.rotateApiKey, { input: { id, graceSeconds } });
const remove = (credential: string, id: string): Promise<Json> =>
  world.ask(credential, DOCUMENTS.removeApiKey, { input: { id } });

/** How credentials are answered. */
const statuses = (isolate: World, ...credentials: string[]): Promise<number[]> =>
  Promise.all(
    credentials.map(async (one) => (await isolate.graphql(one, '{ caller { kind } }')).status),
  );

const list = (): Promise<Json[]> =>
  world.ask(tenant.key, '{ apiKeys { id name scopes createdAt expiresAt lastUsedAt } }');
const listed = async (id: string): Promise<Json> => (await list()).find((key) => key.id === id);

const callers = {
  full: async () => tenant.key,
  narrow: async () => (await newKey(world, tenant, ['keys:write', 'users:read'])).secret,
  short: async () =>
    (await newKey(world, tenant, ['keys:write', 'users:read'], inTime(HOUR))).secret,
  operator: async () => operator,
};
type Who = keyof typeof callers;

/** Keys to rotate or remove. */
const targets = {
  own: async () => (await newKey(world, tenant, ['users:read'])).id,
  wider: async () => (await newKey(world, tenant, ['users:read', 'orders:read'])).id,
  neighbours: async () => (await newKey(world, neighbour, ['users:read'])).id,
  unknown: async () => 'unknown',
  async removed() {
    const id = await targets.own();
    await succeed(remove(tenant.key, id));
    return id;
  },
};
type Which = keyof typeof targets;

describe('addApiKey', () => {
  it('makes a key that works at once, for its tenant and its scopes', async () => {
    const expiresAt = inTime(DAY);
    const scopes = ['users:read', 'audit:read'];
    const { apiKey, secret } = await succeed(add(tenant.key, { scopes, expiresAt }));
    expect(apiKey).toEqual({
      id: expect.any(String),
      name: 'new',
      scopes,
      expiresAt,
      createdAt: expect.any(String),
      lastUsedAt: null,
    });
    const caller = await world.ask(secret, '{ caller { intermediary { id } scopes } }');
    expect(caller).toEqual({ intermediary: { id: tenant.id }, scopes });
  });

  it('lets a key give what it has, for as long as it lives', async () => {
    const expiresAt = inTime(HOUR);
    const scopes = ['keys:write', 'users:read'];
    const { secret } = await newKey(world, tenant, scopes, expiresAt);
    await succeed(add(secret, { scopes, expiresAt }));
    await succeed(add(secret, { expiresAt: inTime(HOUR / 2) }));
  });

  it('tells who made it: a key, a member, or the operator', async () => {
    const company = await newTenant(world);
    const { identifier, id } = await newMember(company, 1);
    const { accessToken } = await newSession(world, company, identifier);
    const named = (name: string) => ({ name, scopes: ['users:read'] });
    const fields = 'apiKey { id }';
    await succeed(world.call(company.key, 'addApiKey', named('by a key'), fields));
    await succeed(world.call(accessToken, 'addApiKey', named('by a member'), fields));
    const keys = await world.ask(
      accessToken,
      '{ apiKeys { name madeBy { apiKeyId user { id email } } } }',
    );
    const email = expect.stringContaining('@');
    expect(Object.fromEntries(keys.map(({ name, madeBy }: Json) => [name, madeBy]))).toEqual({
      'first key': null,
      'by a key': { apiKeyId: company.key.slice(7, 23), user: null },
      'by a member': { apiKeyId: null, user: { id, email } },
    });
  });

  it('gives a tenant a key at the operator’s hand', async () => {
    const { secret } = await succeed(add(operator, { intermediaryId: tenant.id }));
    expect(await world.ask(secret, '{ caller { intermediary { id } } }')).toEqual({
      intermediary: { id: tenant.id },
    });
  });

  const ours = () => ({ intermediaryId: tenant.id });
  const theirs = () => ({ intermediaryId: neighbour.id });
  it.each<[string, Who, () => object, string]>([
    ['a scope the caller lacks', 'narrow', () => ({ scopes: ['audit:read'] }), 'FORBIDDEN scopes'],
    ['a later end', 'short', () => ({ expiresAt: inTime(DAY) }), 'FORBIDDEN expiresAt'],
    ['no end where the caller has one', 'short', () => ({}), 'FORBIDDEN expiresAt'],
    ['an end in the past', 'full', () => ({ expiresAt: inTime(-HOUR) }), 'INVALID expiresAt'],
    ['an unknown scope', 'full', () => ({ scopes: ['users:read', 'x'] }), 'INVALID scopes.1'],
    ['no scope', 'full', () => ({ scopes: [] }), 'INVALID scopes'],
    ['no name', 'full', () => ({ name: '' }), 'INVALID name'],
    ['a tenant’s key naming its tenant', 'full', ours, 'FORBIDDEN intermediaryId'],
    ['a tenant’s key naming another', 'full', theirs, 'FORBIDDEN intermediaryId'],
    ['no tenant, of the operator', 'operator', () => ({}), 'INVALID intermediaryId'],
    ['a malformed tenant', 'operator', () => ({ intermediaryId: 'x' }), 'INVALID intermediaryId'],
    ['an unknown tenant', 'operator', () => ({ intermediaryId: '7' }), 'NOT_FOUND intermediaryId'],
  ])('refuses %s', async (_, who, input, refusal) => {
    const credential = await callers[who]();
    const wanted = { ...refused(refusal), apiKey: null, secret: null };
    await expectNoChange(() => add(credential, input()), wanted);
  });
});

describe('rotateApiKey', () => {
  it('makes a successor, and both keys work until the grace is over', async () => {
    const kept = { scopes: ['users:read', 'keys:write'], expiresAt: inTime(30 * DAY) };
    const old = await newKey(world, tenant, kept.scopes, kept.expiresAt);
    const { apiKey, secret } = await succeed(rotate(tenant.key, old.id, 3600));
    expect(apiKey).toMatchObject({ name: 'a key', ...kept });
    expect(apiKey.id).not.toBe(old.id);
    expect(await statuses(world, old.secret, secret)).toEqual([200, 200]);
    const graceEnd = Date.parse((await listed(old.id)).expiresAt);
    expect(graceEnd).toBeLessThanOrEqual(Date.now() + HOUR);
    expect(graceEnd).toBeGreaterThan(Date.now() + HOUR - 60_000);
    pass(HOUR);
    expect(await statuses(world, old.secret, secret)).toEqual([401, 200]);
    expect(await listed(old.id)).toBeUndefined();
    expect(await listed(apiKey.id)).toMatchObject(kept);
  });

  it('ends the old key at once when the grace is 0', async () => {
    const old = await newKey(world, tenant, ['users:read']);
    expect(await statuses(world, old.secret)).toEqual([200]);
    const { secret } = await succeed(rotate(tenant.key, old.id, 0));
    expect(await statuses(world, old.secret, secret)).toEqual([401, 200]);
  });

  it('takes a grace of 7 days, which never passes the key’s own end', async () => {
    const expiresAt = inTime(DAY);
    const old = await newKey(world, tenant, ['users:read'], expiresAt);
    const { apiKey } = await succeed(rotate(tenant.key, old.id, 604_800));
    expect(apiKey.expiresAt).toBe(expiresAt);
    expect((await listed(old.id)).expiresAt).toBe(expiresAt);
  });

  it('makes another successor if repeated, and does not give the old key more time', async () => {
    const kept = { scopes: ['users:read'], expiresAt: inTime(30 * DAY) };
    const old = await newKey(world, tenant, kept.scopes, kept.expiresAt);
    const first = await succeed(rotate(tenant.key, old.id, 60));
    const { expiresAt } = await listed(old.id);
    const again = await succeed(rotate(tenant.key, old.id, 3600));
    expect(again.apiKey).toMatchObject(kept);
    expect(again.secret).not.toBe(first.secret);
    expect(await statuses(world, old.secret, first.secret, again.secret)).toEqual([200, 200, 200]);
    expect((await listed(old.id)).expiresAt).toBe(expiresAt);
    await succeed(rotate(tenant.key, old.id, 0));
    expect(await statuses(world, old.secret)).toEqual([401]);
  });

  it('lets a key rotate itself; in its grace it manages no keys, but does the rest', async () => {
    const old = await newKey(world, tenant, ['keys:write', 'users:read']);
    // Within what the old key could manage before.
    const small = { scopes: ['users:read'], expiresAt: inTime(HOUR) };
    const { id } = await newKey(world, tenant, small.scopes, small.expiresAt);
    const { apiKey, secret } = await succeed(rotate(old.secret, old.id));
    await expectNoChange(() => add(old.secret, small), refused('FORBIDDEN'));
    await expectNoChange(() => rotate(old.secret, id), refused('FORBIDDEN'));
    await expectNoChange(() => remove(old.secret, id), refused('FORBIDDEN'));
    await world.ask(old.secret, '{ users(first: 1) { nodes { id } } }');
    await succeed(rotate(secret, apiKey.id));
  });

  it.each<[string, Who, Which, number, string]>([
    ['a grace of more than 7 days', 'full', 'own', 604_801, 'INVALID graceSeconds'],
    ['a grace below 0', 'full', 'own', -1, 'INVALID graceSeconds'],
    ['a key that was removed', 'full', 'removed', 60, 'NOT_FOUND id'],
    ['an unknown key', 'full', 'unknown', 60, 'NOT_FOUND id'],
    ['another tenant’s key', 'full', 'neighbours', 60, 'NOT_FOUND id'],
    ['a key with more scopes', 'narrow', 'wider', 60, 'FORBIDDEN id'],
    ['a key that outlives the caller', 'short', 'own', 60, 'FORBIDDEN id'],
  ])('refuses %s', async (_, who, which, grace, refusal) => {
    const [credential, id] = [await callers[who](), await targets[which]()];
    const wanted = { ...refused(refusal), apiKey: null, secret: null };
    await expectNoChange(() => rotate(credential, id, grace), wanted);
  });
});

it('is named by its id: the key itself, whole or not, is INVALID and works on', async () => {
  const { secret } = await newKey(world, tenant, ['users:read']);
  for (const id of [secret, secret.slice(0, 23), ` Bearer ${secret.slice(0, 40)}`]) {
    await expectNoChange(() => remove(tenant.key, id), refused('INVALID id'));
    await expectNoChange(() => rotate(tenant.key, id), refused('INVALID id'));
  }
});

describe('the number of keys', () => {
  it('is bounded, in their grace too; the operator may add one all the same', async () => {
    const crowded = await newTenant(world, 'Crowded');
    const id = (await newKey(world, crowded, ['users:read'])).id;
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 98)
       INSERT INTO api_keys (id, tenant_id, name, scopes, hash, created_at)
       SELECT 'crowd-' || i, ?, 'x', '[]', 'x', 0 FROM n`,
    )
      .bind(Number(crowded.id))
      .run();
    await expectNoChange(() => add(crowded.key, {}), refused('QUOTA'));
    await succeed(rotate(crowded.key, id, 60));
    await expectNoChange(() => rotate(crowded.key, id, 60), refused('QUOTA'));
    await succeed(add(operator, { intermediaryId: crowded.id }));
  });
});

describe('removeApiKey', () => {
  it('ends a key: here at once, elsewhere within 30 seconds', async () => {
    const elsewhere = newWorld();
    const { id, secret } = await newKey(world, tenant, ['users:read']);
    expect(await statuses(world, secret)).toEqual([200]);
    expect(await statuses(elsewhere, secret)).toEqual([200]);
    await succeed(remove(tenant.key, id));
    expect(await statuses(world, secret)).toEqual([401]);
    pass(30_000);
    expect(await statuses(elsewhere, secret)).toEqual([401]);
  });

  it.each<Which>(['removed', 'unknown', 'neighbours'])('leaves one that is %s', async (which) => {
    const id = await targets[which]();
    await expectNoChange(() => remove(tenant.key, id), { success: true, errors: [] });
  });

  it.each<[string, Who, Which]>([
    ['with more scopes', 'narrow', 'wider'],
    ['that outlives the caller', 'short', 'own'],
  ])('refuses a key %s', async (_, who, which) => {
    const [credential, id] = [await callers[who](), await targets[which]()];
    await expectNoChange(() => remove(credential, id), refused('FORBIDDEN id'));
  });
});

describe.each([
  ['removed', remove, () => ({ status: 401 })],
  ['rotated', rotate, (call: string) => ({ data: { [call]: refused('FORBIDDEN') } })],
] as const)('once it is %s, a key that another isolate still remembers', (_, end, wanted) => {
  it.each(Object.entries(DOCUMENTS))('has no %s there', async (call, query) => {
    const [elsewhere, id] = [newWorld(), await targets.own()];
    const old = await newKey(world, tenant, ['keys:write', 'users:read']);
    expect(await statuses(elsewhere, old.secret)).toEqual([200]);
    await succeed(end(tenant.key, old.id));
    const input = call === 'addApiKey' ? { name: 'new', scopes: ['users:read'] } : { id };
    await expectNoChange(() => elsewhere.graphql(old.secret, query, { input }), wanted(call));
  });
});

describe('a key', () => {
  it('is refused past its end, remembered or not', async () => {
    const { secret } = await newKey(world, tenant, ['users:read'], inTime(HOUR));
    expect(await statuses(world, secret)).toEqual([200]);
    pass(HOUR - 1000);
    expect(await statuses(world, secret)).toEqual([200]);
    pass(1000);
    expect(await statuses(world, secret)).toEqual([401]);
    expect(await statuses(newWorld(), secret)).toEqual([401]);
  });

  it('has its use recorded at the first call and then once an hour', async () => {
    const { id, secret } = await newKey(world, tenant, ['users:read']);
    expect((await listed(id)).lastUsedAt).toBeNull();
    const used = async (isolate: World) => {
      await statuses(isolate, secret);
      return Date.parse((await listed(id)).lastUsedAt);
    };
    const first = await used(world);
    expect(Math.abs(Date.now() - first)).toBeLessThan(60_000);
    pass(HOUR - 60_000);
    expect(await used(world)).toBe(first);
    expect(await used(newWorld())).toBe(first);
    pass(60_000);
    expect(await used(world)).toBe(Date.now());
  });
});

describe('apiKeys', () => {
  it('lists the tenant’s keys that work, newest first', async () => {
    const older = await targets.own();
    pass(1000);
    const newer = await targets.own();
    const gone = [await targets.removed(), await targets.neighbours()];
    const ids = (await list()).map(({ id }) => id);
    expect(ids.filter((id) => id === older || id === newer)).toEqual([newer, older]);
    expect(ids.filter((id) => gone.includes(id))).toEqual([]);
  });

  it('shows no secret, and the database has none to show', async () => {
    const { id, secret } = await newKey(world, tenant, ['users:read']);
    expect(secret.slice(0, 23)).toBe(`lk_key_${id}`);
    const { results } = await env.DB.prepare('SELECT * FROM api_keys').all();
    const shown = JSON.stringify([results, await list()]);
    expect(shown).toContain(id);
    expect(shown).not.toContain(secret.slice(23));
    const { errors } = await world.graphql(tenant.key, '{ apiKeys { secret hash } }');
    expect(errors).toHaveLength(2);
  });
});
