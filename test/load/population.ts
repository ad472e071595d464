/**
 * The companies, their devices, staff and users, made through the API as an operator and a company
 * make them.
 */
import { randomInt } from 'node:crypto';
import type { Client } from './client.ts';
import { type Member, Pool, type Tenant, User } from './ledger.ts';
import type { Stage } from './mix.ts';
import { addStation } from './staff.ts';
import { ensure, meterOf } from './users.ts';

const TENANTS = 4;
/** Each has ten webhooks then: a hundred. */
export const WITH_WEBHOOKS = 10;
/**
 * Each may make 6,000 calls a minute, so together 3,200 a second: a quarter of the mix is made with
 * keys.
 */
const KEYS = 8;
const MEMBERS = 10;
const STATIONS = 4;
const DEVICES = 100;
/** Of all companies together. Half of them are there at the start. */
const USERS = 2_000;
const DEVICES_OF_A_USER = 6;
/** Calls under way at once while there is nothing to measure. */
const AT_ONCE = 16;

const upTo = (many: number): number[] => [...Array(many).keys()];

/** Acts on each, some at once. */
export async function forEach<Item>(items: Item[], act: (item: Item) => Promise<void>) {
  const rest = items.values();
  const work = async () => {
    for (const item of rest) await act(item);
  };
  await Promise.all(upTo(AT_ONCE).map(work));
}

async function addTenant(client: Client, operatorKey: string, prefix: string): Promise<Tenant> {
  const { intermediary, secret } = await client.change(
    operatorKey,
    'addIntermediary',
    { name: `Load ${prefix}` },
    'intermediary { id } secret',
  );
  const deviceIds = upTo(DEVICES).map((n) => prefix + String(n).padStart(3, '0'));
  const devices = deviceIds.map((deviceId) => ({ deviceId, meterId: meterOf(deviceId) }));
  await client.change(operatorKey, 'addDevices', { intermediaryId: intermediary.id, devices });
  const { caller } = await client.graphql(secret, '{ caller { scopes } }', {});
  const keys: string[] = [secret];
  while (keys.length < KEYS) {
    const input = { name: `Key ${keys.length}`, scopes: caller.scopes };
    keys.push((await client.change(secret, 'addApiKey', input, 'secret')).secret);
  }
  return { id: intermediary.id, keys, deviceIds, orphans: [], underWay: new Set() };
}

async function addMember(client: Client, tenant: Tenant, n: number): Promise<Member> {
  const [key = ''] = tenant.keys;
  const name = `Member ${n}`;
  const { user } = await client.rest(key, 'POST /user', {
    ...{ name, email: `load-${n}@example.com`, member_level_id: 2, company_id: Number(tenant.id) },
    ...{ alarm_email: 0, alarm_sms: 0, status: 1, station_ids: [] },
  });
  const { session } = await client.change(
    key,
    'addUserSession',
    { userIdentifier: { companyUser: { id: user.id } } },
    'session { accessToken }',
  );
  const token = session.accessToken;
  const { project } = await client.rest(token, 'POST /project', { name: `Project of ${name}` });
  const member: Member = {
    ...{ tenant, id: user.id, token, name, projectId: project.id },
    ...{ stations: new Map(), removedStations: [] },
  };
  for (const _ of upTo(STATIONS)) await addStation(client, member);
  return member;
}

/** Users share devices, as the people of a house do. */
function newUser(tenant: Tenant, n: number): User {
  const deviceIds = upTo(DEVICES_OF_A_USER).map(
    (nth) => tenant.deviceIds[(n * 3 + nth) % DEVICES] ?? '',
  );
  return new User(tenant, `user-${n}`, deviceIds);
}

export async function populate(
  client: Client,
  operatorKey: string,
  many = TENANTS,
): Promise<Stage> {
  // Devices have one owner in a whole inventory, whatever was loaded into it before.
  const run = String(randomInt(10_000)).padStart(4, '0');
  const tenants = await Promise.all(
    upTo(many).map((n) => addTenant(client, operatorKey, `${run}${n}`)),
  );
  const members: Member[] = [];
  await forEach(
    tenants.flatMap((tenant) => upTo(MEMBERS).map((n) => ({ tenant, n }))),
    async ({ tenant, n }) => {
      members.push(await addMember(client, tenant, n));
    },
  );
  const users = tenants.flatMap((tenant) => upTo(USERS / many).map((n) => newUser(tenant, n)));
  await forEach(
    users.filter((_, n) => n % 2 === 0),
    (user) => ensure(client, user),
  );
  return { client, operatorKey, users: new Pool(users), members: new Pool(members) };
}
