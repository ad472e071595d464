/**
 * Two tenants with the same data: mine, which calls, and theirs, of which nothing may change or be
 * shown.
 */
import { done, newProject, rest } from '../rest/company.ts';
import {
  env,
  grant,
  type Json,
  newKey,
  newSession,
  newTenant,
  newUser,
  operator,
  type Session,
  seal,
  succeed,
  type World,
} from '../world.ts';

/** What ids of a tenant an argument can hold, each kind with at least one value. */
export interface Ids {
  tenantId: string[];
  externalId: string[];
  email: string[];
  /** What a search finds. */
  beginning: string[];
  /** Members only, as `companyUser` names them; an end user's is not one. */
  memberId: string[];
  userId: string[];
  deviceId: string[];
  meterId: string[];
  orderId: string[];
  sessionId: string[];
  accessToken: string[];
  keyId: string[];
  webhookId: string[];
  resetToken: string[];
  /** The first has no stations. */
  projectId: string[];
  /** Where the stations are. */
  placeId: string[];
  stationId: string[];
  stationCode: string[];
  sensorId: string[];
  channelId: string[];
  userCursor: string[];
  deviceCursor: string[];
  permittedDeviceCursor: string[];
  stationCursor: string[];
  auditCursor: string[];
  eventCursor: string[];
  orderCursor: string[];
}
export type Kind = keyof Ids;

export interface Party {
  ids: Ids;
  /** With every scope. */
  key: string;
  /** Of an end user. */
  session: string;
  /** Tokens of a level 2 who is assigned all stations, and of a level 1. */
  staff: string[];
  sessionIds: string[];
}

/** Another key of theirs is being cleaned up after. */
const newEnding = (tenantId: string, keyId: string) =>
  env.DB.batch([
    env.DB.prepare(
      "INSERT INTO endings (id, tenant_id, actor, request_id, change_id) VALUES (?, ?, '{}', " +
        "'', '')",
    ).bind(keyId, Number(tenantId)),
    env.DB.prepare("INSERT INTO ending_makers (id, ending_id, kind) VALUES (?1, ?1, 'key')").bind(
      keyId,
    ),
  ]);

/** What signs somebody in besides. Nobody signs in here by a password who has it. */
const newFactors = (word: string, userId: number) =>
  env.DB.batch(
    [
      `totps (user_id, secret, created_at, confirmed_at, change_id)
        VALUES (?1, ?2 || ' app', 1, 1, ?2 || ' change')`,
      "recovery_codes (user_id, hash) VALUES (?1, ?2 || ' code')",
      'wrong_codes (user_id, failures, closed_until) VALUES (?1, length(?2), 0)',
      `passkeys (id, user_id, name, public_key, algorithm, counter, created_at, change_id)
        VALUES (?2 || ' passkey', ?1, ?2 || ' phone', ?2 || ' public', -7, 0, 1, ?2 || ' change')`,
    ].map((row) => env.DB.prepare(`INSERT INTO ${row}`).bind(userId, word)),
  );

export const passwordOf = (word: string): string => `quite some ${word} battery`;

const cursorsOf = async (world: World, credential: string, list: string): Promise<string[]> =>
  ((await world.ask(credential, `{ ${list} }`)) as Json).edges.map(
    ({ cursor }: { cursor: string }) => cursor,
  );

/** Where the feed goes on behind its first event. */
async function placeIn(world: World, key: string): Promise<string> {
  const { next } = (await (await world.send('/events?limit=1', key)).json()) as Json;
  return next;
}

/** A tenant with something of everything; `word` is in every text of its own. */
export async function newParty(world: World, word: string): Promise<Party> {
  const tenant = await newTenant(world, `${word} company`);
  const { id: tenantId, key } = tenant;

  const devices = [0, 1].map((n) => ({
    deviceId: `${word.slice(0, 6)}D${n}`,
    meterId: `${word}-meter-${n}`,
  }));
  await succeed(world.call(operator, 'addDevices', { intermediaryId: tenantId, devices }));
  const user = await newUser(world, tenant, `${word}-user`);
  await grant(world, tenant, user.identifier, devices);
  await grant(world, tenant, user.identifier, devices, 'addChargingPermission');

  const empty = await newProject(world, key);
  const project = await newProject(world, key);
  for (const { id } of [empty, project]) {
    await done(rest(world, key, `PATCH /project/${id}`, { name: `${word} project` }));
  }
  const stations = [];
  for (const n of [0, 1]) {
    const body = { name: `${word} station`, code: `${word}-${n}`, reporting: 900 };
    const placed = { ...body, ref_logger_id: 12, location: `${word} street ${n}` };
    const { station } = await done(rest(world, key, `POST /project/${project.id}/station`, placed));
    stations.push(station);
  }
  const named = { name: `${word} part` };
  const { sensor } = await done(rest(world, key, `POST /station/${stations[0].id}/sensor`, named));
  const channelBody = { ...named, unit_id: 1 };
  const { channel } = await done(
    rest(world, key, `POST /sensor/${sensor.id}/channel`, channelBody),
  );

  const email = `someone@${word}.example`;
  const stationIds = stations.map(({ id }) => id);
  const addMember = async (address: string, level: 1 | 2) =>
    (
      await done(
        rest(world, key, 'POST /user', {
          alarm_email: 1,
          alarm_sms: 0,
          company_id: Number(tenantId),
          email: address,
          member_level_id: level,
          name: `${word} member`,
          station_ids: level === 1 ? [] : stationIds,
          status: 1,
        }),
      )
    ).user;
  const member = await addMember(email, 2);
  const staff = [];
  for (const level of [2, 1] as const) {
    const { id } = await addMember(`level-${level}@${word}.example`, level);
    const identifier = { companyUser: { id: String(id) } };
    await grant(world, tenant, identifier, devices);
    staff.push(await newSession(world, tenant, identifier));
  }
  await done(rest(world, key, `PATCH /user/${user.id}`, { station_ids: stationIds }));
  const reset = `POST /user/${member.id}/password-reset`;
  const first = (await done(rest(world, key, reset))).reset_token;
  await done(
    rest(world, null, 'POST /password', { reset_token: first, password: passwordOf(word) }),
  );
  const resetToken = (await done(rest(world, key, reset))).reset_token;
  const wrong = { email, password: 'none of the passwords', company_id: Number(tenantId) };
  await rest(world, null, 'POST /authenticate', wrong);

  await newFactors(word, Number(user.id));
  const session = await newSession(world, tenant, user.identifier);
  const userIdentifier = user.identifier;
  const label = `${word} phone`;
  const fields = 'session { id accessToken }';
  const labelled = await succeed(
    world.call(key, 'addUserSession', { userIdentifier, label }, fields),
  );
  const sessions: Session[] = [session, labelled.session, ...staff];

  const orders = [`${word}-order`, `${word}-shipped`];
  for (const orderId of orders) {
    const order = { intermediaryId: tenantId, orderId, orderStatus: 'PROCESSING' };
    await succeed(world.call(key, 'addOrder', { userIdentifier, orderId }));
    await succeed(world.call(operator, 'updateOrder', order));
  }
  await succeed(
    world.call(operator, 'updateOrder', {
      intermediaryId: tenantId,
      orderId: orders[1],
      orderStatus: 'SHIPPED',
      deviceId: devices[1]?.deviceId,
      trackingLink: `https://${word}.example/parcel`,
    }),
  );
  const spare = await newKey(world, tenant, ['users:read']);
  await newEnding(tenantId, spare.id);
  const hook = {
    url: `https://${word}.example/hook`,
    types: ['user.export'],
    description: `${word} hook`,
  };
  const { webhook } = await succeed(world.call(key, 'addWebhook', hook, 'webhook { id }'));
  await succeed(world.call(key, 'testWebhook', { id: webhook.id }));
  const ofUser = `userIdentifier: { externalUser: { externalId: "${word}-user" } }`;

  return {
    ids: {
      tenantId: [tenantId],
      externalId: [user.externalId],
      email: [email],
      beginning: [user.externalId, email, `${word} member`],
      memberId: [String(member.id), user.id],
      userId: [String(member.id), user.id],
      deviceId: devices.map(({ deviceId }) => deviceId),
      meterId: devices.map(({ meterId }) => meterId),
      orderId: orders,
      sessionId: sessions.map(({ id }) => id).slice(0, 3),
      accessToken: [session, ...staff].map(({ accessToken }) => accessToken).slice(0, 2),
      keyId: [spare.id],
      webhookId: [webhook.id],
      resetToken: [resetToken],
      projectId: [String(empty.id), String(project.id)],
      placeId: [String(project.id)],
      stationId: stationIds.map(String),
      stationCode: [`${word}-0`],
      sensorId: [String(sensor.id)],
      channelId: [String(channel.id)],
      userCursor: await cursorsOf(world, key, 'users(first: 5) { edges { cursor } }'),
      deviceCursor: await cursorsOf(world, key, 'devices(first: 5) { edges { cursor } }'),
      permittedDeviceCursor: (
        await world.ask(key, `{ user(${ofUser}) { devices(first: 5) { edges { cursor } } } }`)
      ).devices.edges.map(({ cursor }: { cursor: string }) => cursor),
      stationCursor: (
        await world.ask(
          session.accessToken,
          '{ viewer { stations(first: 5) { edges { cursor } } } }',
        )
      ).stations.edges.map(({ cursor }: { cursor: string }) => cursor),
      auditCursor: (
        await cursorsOf(world, key, 'auditEvents(first: 100) { edges { cursor } }')
      ).slice(0, 1),
      eventCursor: [await placeIn(world, key)],
      orderCursor: await cursorsOf(world, key, 'orders(first: 5) { edges { cursor } }'),
    },
    key,
    session: session.accessToken,
    staff: staff.map(({ accessToken }) => accessToken),
    sessionIds: sessions.map(({ id }) => id),
  };
}

const besides: Record<string, string> = { 9: '8', Z: 'Y', z: 'y' };
const nextTo = (text: string): string => {
  const last = text.at(-1) ?? '';
  return text.slice(0, -1) + (besides[last] ?? String.fromCharCode(last.charCodeAt(0) + 1));
};

/** An id as good as this one, of nobody, and next to it wherever things are sorted. */
export function nobodys(kind: Kind, id: string): string {
  if (kind === 'accessToken') return seal(`${nextTo(id.slice(0, 23))}${id.slice(23, 47)}`);
  if (kind.endsWith('Cursor')) {
    const key: (string | number)[] = JSON.parse(Buffer.from(id, 'base64url').toString());
    const other = key.map((part, at) =>
      at < key.length - 1 ? part : typeof part === 'number' ? part + 1 : nextTo(part),
    );
    return Buffer.from(JSON.stringify(other)).toString('base64url');
  }
  return /^\d+$/.test(id) ? String(Number(id) + 1) : nextTo(id);
}
