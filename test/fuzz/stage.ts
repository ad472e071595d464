/**
 * Who and what the fuzzed requests name: one tenant with all that it can have, and another that
 * nothing may reach.
 */

import { cookieBeside, sessionIn } from '../console.ts';
import { newReceivers } from '../receiver.ts';
import { done, newProject, newStaff, newStation, rest } from '../rest/company.ts';
import { tablesReader } from '../stored.ts';
import {
  env,
  fresh,
  grant,
  type Json,
  newDevices,
  newKey,
  newMember,
  newSession,
  newTenant,
  newUser,
  operator,
  succeed,
  type Tenant,
  twinOf,
  type World,
} from '../world.ts';

export interface Stage {
  /** By kind: what is sent as Authorization, or in the cookie. */
  credentials: Record<
    'key' | 'operator' | 'staff' | 'endUser' | 'lesser' | 'console' | 'dead',
    string[]
  >;
  /** Values that mean something, by the names of the fields that take them. */
  known: Record<string, unknown[]>;
  /** Ids of every kind: right here, wrong there. */
  ids: string[];
  /** Places in the feeds of both tenants. */
  cursors: string[];
  clientId: string;
  /**
   * The other tenant: its id, and everything that an answer could tell of it or a change could
   * touch.
   */
  theirId: string;
  theirs: string[];
  /** What no answer may tell whoever does not have it. */
  secrets: string[];
}

const PASSWORD = 'eleven kites above the quarry';

/** A tenant's people, devices, orders, projects and stations. */
async function furnish(world: World, tenant: Tenant) {
  const users = [];
  const sessions = [];
  for (let n = 0; n < 3; n++) {
    const user = await newUser(world, tenant, `${fresh('canary')}-ünï©ode`);
    users.push(user);
    sessions.push(await newSession(world, tenant, user.identifier));
  }
  const devices = await newDevices(world, tenant, 4);
  const [one, two] = users as [Json, Json];
  await grant(world, tenant, one.identifier, devices.slice(0, 2));
  await grant(world, tenant, two.identifier, devices.slice(1, 3), 'addChargingPermission');
  const orders: string[] = [];
  for (const user of users) {
    const orderId = fresh('canary-order');
    await succeed(world.call(tenant.key, 'addOrder', { userIdentifier: user.identifier, orderId }));
    orders.push(orderId);
  }
  const members = [];
  for (const level of [1, 2, 3, 4]) members.push(await newMember(tenant, level));

  const projects: Json[] = [];
  const stations: Json[] = [];
  const sensors: Json[] = [];
  const channels: Json[] = [];
  for (let n = 0; n < 3; n++) {
    const project = await newProject(world, tenant.key);
    const station = await newStation(world, tenant.key, project.id);
    const { sensor } = await done(
      rest(world, tenant.key, `POST /station/${station.id}/sensor`, { name: fresh('canary') }),
    );
    const { channel } = await done(
      rest(world, tenant.key, `POST /sensor/${sensor.id}/channel`, { name: 'a', unit_id: 1 }),
    );
    projects.push(project);
    stations.push(station);
    sensors.push(sensor);
    channels.push(channel);
  }
  return { users, sessions, devices, orders, members, projects, stations, sensors, channels };
}

const idsOf = (things: { id: unknown }[]): string[] => things.map(({ id }) => String(id));

export async function newStage(world: World): Promise<Stage> {
  newReceivers();
  const tenant = await newTenant(world);
  const other = await newTenant(world, 'The others');
  const spare = await newTenant(world, 'To be removed');
  const ours = await furnish(world, tenant);
  const theirs = await furnish(world, other);
  const tokensOf = ({ sessions }: typeof ours) => sessions.map(({ accessToken }) => accessToken);

  const stationIds = ours.stations.map(({ id }) => id);
  const staff = [await newStaff(world, tenant, 1), await newStaff(world, tenant, 1)];
  for (const level of [2, 3, 4] as const) {
    staff.push(await newStaff(world, tenant, level, stationIds.slice(0, 2)));
  }
  const [head] = staff as [Json];
  const { reset_token: reset } = await done(
    rest(world, tenant.key, `POST /user/${head.id}/password-reset`),
  );
  await done(rest(world, null, 'POST /password', { reset_token: reset, password: PASSWORD }));
  const { reset_token: nextReset } = await done(
    rest(world, tenant.key, `POST /user/${ours.members[1]?.id}/password-reset`),
  );

  const endUser = await newUser(world, tenant);
  await grant(world, tenant, endUser.identifier, ours.devices.slice(0, 1));
  // Many, since requests end them; and setting a password has ended those before it.
  const opened = async (userIdentifier: object, many: number): Promise<string[]> => {
    const sessions = Array.from({ length: many }, () => newSession(world, tenant, userIdentifier));
    return (await Promise.all(sessions)).map(({ accessToken }) => accessToken);
  };
  const endUserTokens = await opened(endUser.identifier, 20);
  const staffTokens = [];
  for (const { id } of staff) {
    staffTokens.push(...(await opened({ companyUser: { id: String(id) } }, 5)));
  }
  const cookies = await Promise.all(staffTokens.map(cookieBeside));
  const consoleTokens = cookies.map((cookie) => sessionIn(cookie).token);
  const lesser = [];
  for (const scopes of [['users:read'], ['introspect', 'sessions:write'], ['stations:read']]) {
    lesser.push(await newKey(world, tenant, scopes));
  }
  const spareKeys = [];
  for (let n = 0; n < 3; n++) spareKeys.push(await newKey(world, tenant, ['audit:read']));
  const ended = await newSession(world, tenant, endUser.identifier);
  await succeed(world.call(tenant.key, 'removeUserSession', { sessionId: ended.id }));
  const dead = [ended.accessToken, twinOf(tenant.key), twinOf(endUserTokens[0] ?? ''), reset];

  const userIds = [...idsOf(ours.users), ...idsOf(ours.members)];
  const tokens = tokensOf(ours);
  const theirTokens = tokensOf(theirs);
  const emails = [...ours.members, head].map(({ email }) => email);
  const externalIds = [...ours.users, ...theirs.users].map(({ externalId }) => externalId);
  const deviceIds = [...ours.devices, ...theirs.devices].map(({ deviceId }) => deviceId);
  const tokensToAskAbout = [...tokens, ...theirTokens, ...dead, tenant.key];
  const theirIds = [
    theirs.users,
    theirs.members,
    theirs.sessions,
    theirs.projects,
    theirs.stations,
    theirs.sensors,
    theirs.channels,
  ].flatMap(idsOf);
  const ids = [
    ...userIds,
    ...idsOf(ours.sessions),
    ...idsOf(ours.projects),
    ...idsOf(ours.stations),
    ...idsOf(ours.sensors),
    ...idsOf(ours.channels),
    ...idsOf(spareKeys),
    ...theirIds,
    spare.id,
    other.id,
  ];
  for (const { key } of [tenant, other]) {
    const input = { url: 'https://hooks.example.com/' };
    const { webhook } = await succeed(world.call(key, 'addWebhook', input, 'webhook { id }'));
    ids.push(webhook.id);
  }
  const cursors = [];
  for (const { key } of [tenant, other]) {
    const page = await world.send('/events?limit=2', key);
    cursors.push(((await page.json()) as Json).next);
  }
  const soon = new Date(Date.now() + 86_400_000).toISOString();

  return {
    credentials: {
      key: [tenant.key],
      operator: [operator],
      staff: staffTokens,
      endUser: endUserTokens,
      lesser: lesser.map(({ secret }) => secret),
      console: consoleTokens,
      dead,
    },
    known: {
      externalId: externalIds,
      externalUserId: externalIds,
      newExternalId: ['renamed', ...externalIds],
      email: [
        ...emails,
        ...theirs.members.map(({ email }) => email),
        'new@example.com',
        'ö@bücher.example',
      ],
      password: [PASSWORD, 'nine lanterns by the harbour'],
      old_password: [PASSWORD],
      reset_token: [nextReset, reset],
      deviceId: deviceIds,
      device: deviceIds,
      meterId: [...ours.devices, ...theirs.devices].map(({ meterId }) => meterId),
      meter: ours.devices.map(({ meterId }) => meterId),
      station: idsOf(ours.stations),
      permission: ['VIEW', 'CHARGE'],
      consistency: ['fast', 'strict'],
      orderId: [...ours.orders, ...theirs.orders],
      trackingLink: ['https://example.com/track?id=1'],
      accessToken: tokensToAskAbout,
      token: tokensToAskAbout,
      token_type_hint: ['access_token'],
      sessionId: [...idsOf(ours.sessions), ...idsOf(theirs.sessions)],
      intermediaryId: [tenant.id, spare.id],
      company_id: [Number(tenant.id), Number(other.id)],
      userId: userIds,
      afterUser: userIds,
      id: ids,
      user: userIds,
      project: idsOf(ours.projects),
      sensor: idsOf(ours.sensors),
      channel: idsOf(ours.channels),
      station_ids: [[], stationIds, theirs.stations.map(({ id }) => id)],
      member_level_id: [1, 2, 3, 4],
      alarm_email: [0, 1],
      alarm_sms: [0, 1],
      alarm_voice: [0, 1],
      timezone_pref_id: [1, 2, 3],
      status: [1, 0],
      sms: ['+1 555 555 5555', null],
      phone: ['+49 30 123456'],
      name: ['A name', 'Ærøskøbing'],
      label: ['a phone'],
      scopes: ['users:read', 'audit:read', 'introspect'],
      search: ['canary', 'A', 'ærø', 'ö@büc'],
      code: [fresh('code'), fresh('code')],
      reporting: [900],
      logging: [60],
      ref_logger_id: [12],
      location: ['In a field', null],
      latitude: ['1.5', '-33.9'],
      longitude: ['0.000000'],
      timezone_name: ['Europe/Berlin', 'UTC'],
      unit_id: [1, 2],
      scale: [1, 0.1],
      offset: [0],
      page: [1, 2],
      per_page: [1, 50],
      first: [1, 10, 100],
      after: [Buffer.from('1').toString('base64'), ...userIds],
      url: ['https://hooks.example.com/', 'http://127.0.0.1:9000/', 'https://localhost/'],
      types: ['order.*', 'user.add'],
      graceSeconds: [0, 3600],
      expiresAt: [soon, null],
      from: ['2026-01-01T00:00:00Z'],
      to: [soon],
      suspended: [false, true],
    },
    ids,
    cursors,
    clientId: tenant.id,
    theirId: other.id,
    theirs: [
      other.id,
      ...theirIds,
      ...theirs.users.map(({ externalId }) => externalId),
      ...theirs.members.map(({ email }) => email),
      ...theirs.devices.flatMap(({ deviceId, meterId }) => [deviceId, meterId]),
      ...theirs.orders,
    ],
    secrets: [
      operator,
      env.TOKEN_SECRETS,
      env.SIGNING_SECRETS,
      other.key,
      ...theirTokens,
      tenant.key,
      ...tokens,
      ...endUserTokens,
      ...staffTokens,
      ...consoleTokens,
      ...[...lesser, ...spareKeys].map(({ secret }) => secret),
      nextReset,
      PASSWORD,
    ],
  };
}

/**
 * What a failed sign-in leaves with whom it was tried on, whoever tries: its event, its count, the
 * day's count.
 */
const isFailedSignIn = ({ action, name, failures }: Record<string, unknown>): boolean =>
  action === 'member.signInFailed' || name === 'eventsPerDay' || failures !== undefined;

const readTables = tablesReader(['last_used_at']);

/** Every row of the other tenant: by its column for that, or else by the ids of what is there. */
export async function rowsOf({ theirId, theirs }: Stage): Promise<string> {
  const ids = new Set(theirs);
  const isTheirs = (row: Record<string, unknown>) =>
    'tenant_id' in row
      ? String(row.tenant_id) === theirId
      : Object.entries(row).some(
          ([name, value]) => /(^|_)id$/.test(name) && ids.has(String(value)),
        );
  return Object.values(await readTables())
    .map((text): Record<string, unknown>[] => JSON.parse(text))
    .flatMap((rows) =>
      rows.filter((row) => isTheirs(row) && !isFailedSignIn(row)).map((row) => JSON.stringify(row)),
    )
    .join('\n');
}
