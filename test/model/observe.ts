/**
 * What the database, the KV copies and the API say, in the lines in which the model tells its
 * facts.
 */
import { expect } from 'vitest';
import { done, rest } from '../rest/company.ts';
import { env, type Json } from '../world.ts';
import { facts, holdings, line } from './facts.ts';
import { type Kind, type Model, nameOf, sees } from './model.ts';
import { calledBy, DEVICES, identifier, namedBy, type Real } from './real.ts';

const isoOf = (end: number | null) => (end === null ? null : new Date(end).toISOString());

/** All that D1 holds of the tenants. */
export async function storedFacts(r: Real): Promise<string[]> {
  const ids = r.tenants.map(({ id }) => Number(id));
  const ours = `IN (${ids.join(', ')})`;
  const users = `IN (SELECT id FROM users WHERE tenant_id ${ours})`;
  const devices = `IN ('${DEVICES.map((name) => r.ids.get(name)).join("', '")}')`;
  const queries = {
    users: `SELECT u.*, p.user_id AS has_row, coalesce(p.reset_required, 1) AS must_reset
      FROM users u LEFT JOIN passwords p ON p.user_id = u.id WHERE u.tenant_id ${ours}`,
    sights: `SELECT * FROM user_stations WHERE user_id ${users}`,
    grants: `SELECT * FROM permissions WHERE user_id ${users}`,
    sessions: `SELECT * FROM sessions WHERE tenant_id ${ours} AND revoked_at IS NULL`,
    orders: `SELECT * FROM orders WHERE tenant_id ${ours}`,
    devices: `SELECT * FROM devices WHERE device_id ${devices}`,
    things: `SELECT 'project' AS kind, id, tenant_id, NULL AS parent, NULL AS code FROM projects
      WHERE tenant_id ${ours}
      UNION ALL SELECT 'station', id, tenant_id, project_id, code FROM stations WHERE tenant_id
      ${ours}
      UNION ALL SELECT 'sensor', se.id, tenant_id, station_id, NULL FROM sensors se LEFT JOIN
      stations st ON st.id = station_id
      UNION ALL SELECT 'channel', ch.id, tenant_id, sensor_id, NULL FROM channels ch
        LEFT JOIN sensors se ON se.id = sensor_id LEFT JOIN stations st ON st.id = station_id`,
    keys:
      `SELECT * FROM api_keys WHERE tenant_id ${ours} AND removed_at IS NULL AND name <> ` +
      "'first key'",
    holdings: `SELECT t.id AS tenant_id, d.name, coalesce(q.used, 0) AS many
      FROM tenants t JOIN quotas d ON d.tenant_id = 0 LEFT JOIN quotas q ON q.tenant_id = t.id AND
      q.name = d.name
      WHERE t.id ${ours} AND d.name <> 'eventsPerDay'`,
    uncounted: `SELECT q.tenant_id FROM quotas q WHERE q.tenant_id ${ours} AND q.name =
      'eventsPerDay' AND q.used <> (
      SELECT count(*) FROM audit_events e WHERE e.tenant_id = q.tenant_id AND e.actor_id IS NOT NULL
      AND e.actor_kind <> 'OPERATOR')`,
    events:
      `SELECT tenant_id, action, count(*) AS times FROM audit_events WHERE tenant_id ${ours} ` +
      'GROUP BY 1, 2',
  };
  const results = await env.DB.batch<Json>(
    Object.values(queries).map((sql) => env.DB.prepare(sql)),
  );
  const rows = Object.fromEntries(
    Object.keys(queries).map((name, at) => [name, results[at]?.results ?? []]),
  ) as Record<keyof typeof queries, Json[]>;

  const tenant = ({ tenant_id: id }: Json) => (id === null ? null : ids.indexOf(id));
  const nameIn = (one: Json) => one.external_id ?? one.email ?? one.name ?? one.has_row;
  const names = new Map(
    rows.users.map((one) => [one.id, `${tenant(one)} ${one.external_id ?? one.email}`]),
  );
  const whose = ({ user_id: id }: Json) => (id === null ? 'nobody' : (names.get(id) ?? '?'));
  const device = ({ device_id: id }: Json) => id && namedBy(r, id);
  return [
    ...rows.users.map((one) =>
      one.removed_at === null
        ? line.user(Number(tenant(one)), one.external_id ?? one.email, {
            level: one.member_level,
            suspended: one.suspended_at !== null,
            mustReset: one.must_reset === 1,
          })
        : `someone of ${tenant(one)} is gone${nameIn(one) === null ? '' : ', not wholly'}`,
    ),
    ...rows.sights.map((one) => line.sight(whose(one), namedBy(r, one.station_id))),
    ...rows.grants.map((one) =>
      line.grant(whose(one), `${one.permission} ${device(one)}`, isoOf(one.expires_at)),
    ),
    ...rows.sessions.map((one) => line.session(namedBy(r, one.id), whose(one))),
    ...rows.orders.map((one) =>
      line.order(`${tenant(one)} ${one.order_id}`, one.status, device(one), whose(one)),
    ),
    ...rows.devices.map((one) => line.device(device(one), tenant(one), one.meter_id)),
    ...rows.things
      .filter(({ id }) => !namedBy(r, id).startsWith('unknown'))
      .map(({ kind, id, parent, code, ...one }) =>
        line.thing(kind, namedBy(r, id), Number(tenant(one)), namedBy(r, parent ?? ''), code),
      ),
    ...rows.keys.map((one) => line.key(namedBy(r, one.id), Number(tenant(one)))),
    ...rows.holdings.map((one) => line.holding(Number(tenant(one)), one.name, one.many)),
    ...rows.uncounted.map((one) => `${tenant(one)} holds uncounted events`),
    ...rows.events.map((one) => `${one.times} events ${tenant(one)} ${one.action}`),
  ].sort();
}

/** The trail of each tenant that is there as it is stored, in order. */
export const storedEvents = async (r: Real): Promise<string[]> =>
  (
    await env.DB.prepare(
      `SELECT tenant_id, number, action FROM audit_events
       WHERE tenant_id IN (
         SELECT id FROM tenants
         WHERE id IN (SELECT value FROM json_each(?)) AND removed_at IS NULL)
       ORDER BY tenant_id, number`,
    )
      .bind(JSON.stringify(r.tenants.map(({ id }) => Number(id))))
      .all<Json>()
  ).results.map((one) => `${one.tenant_id} ${one.number} ${one.action}`);

/** The same as each tenant's key follows it, by pages. */
export async function toldEvents(r: Real): Promise<string[]> {
  const told: string[] = [];
  const tenants = r.tenants.toSorted((one, other) => Number(one.id) - Number(other.id));
  for (const { id, key } of tenants) {
    for (let after = ''; ; ) {
      const response = await r.world.send(`/events?limit=40&after=${after}`, key);
      // Of one that was removed, nobody can read anything.
      if (response.status === 401) break;
      const { events, next } = (await response.json()) as Json;
      if (events.length === 0) break;
      told.push(...events.map((one: Json) => `${id} ${one.id} ${one.type}`));
      after = next;
    }
  }
  return told;
}

/** For each session that there ever was: what its copy says, or that it has none. */
export const copies = (m: Model): string[] =>
  [...m.sessions].map(([session, { live, person: index, tenant }]) => {
    const person = m.people[index];
    if (!live || !person) return `${session}: no copy`;
    const grants = [...person.grants].map(
      ([grant, end]) => `${grant} ${m.devices.get(grant.split(' ')[1] ?? '')?.meter} until ${end}`,
    );
    const seen = [...person.stations].filter((name) => isCopied(m, index, name));
    const stations = person.level === 1 ? ALL : seen;
    return (
      `${session}: ` +
      `${[tenant, person.externalId, person.email, ...grants.sort(), ...stations.sort()]}`
    );
  });

/** A copy may lack what its user has put up since: D1 is asked about that. */
const isCopied = (m: Model, index: number, name: string): boolean => {
  const person = m.people[index];
  return !(person && m.things.get(name)?.by === index && sees(m, person, name));
};

/** What level 1 sees stands in no copy. */
const ALL = ['all'];

export const keptCopies = (r: Real, m: Model): Promise<string[]> =>
  Promise.all(
    [...m.sessions].map(async ([session, { person: index }]) => {
      const copy = await env.SESSIONS.get<Json>(`ses:${r.ids.get(session)}`, 'json');
      if (!copy) return `${session}: no copy`;
      const tenant = r.tenants.findIndex(({ id }) => Number(id) === copy.tenantId);
      const grants = copy.grants.map(
        ([device, meter, kind, end]: [string, string | null, Kind, number | null]) =>
          `${kind} ${namedBy(r, device)} ${meter} until ${isoOf(end)}`,
      );
      const stations: string[] =
        copy.stations
          ?.map((id: number) => namedBy(r, id))
          .filter((name: string) => isCopied(m, index, name)) ?? ALL;
      return (
        `${session}: ` +
        `${[tenant, copy.externalId, copy.email, ...grants.sort(), ...stations.sort()]}`
      );
    }),
  );

/**
 * The facts that the API tells: not what is left of the gone, what lies in stock, and the trail.
 */
export const tellable = (m: Model): string[] =>
  facts(m).filter(
    (fact) =>
      !/ is gone$| of nobody$|^device \S+ of null|^\d+ events /.test(fact) &&
      !(m.tenants[Number.parseInt(fact, 10)]?.gone && / holds /.test(fact)),
  );

const IDENTIFIER = 'userIdentifier { externalUser { externalId } companyUser { email } }';
const PERMITTED = 'devices(first: 10) { nodes { deviceId permissions { permission expiresAt } } }';

const grantLines = (r: Real, whose: string, { nodes }: Json): string[] =>
  nodes.flatMap(({ deviceId, permissions }: Json) =>
    permissions.map(({ permission, expiresAt }: Json) =>
      line.grant(whose, `${permission} ${namedBy(r, deviceId)}`, expiresAt),
    ),
  );

/** A document that must run whole. */
async function all(r: Real, credential: string, query: string, variables = {}): Promise<Json> {
  const { data, errors } = await r.world.graphql(credential, query, variables);
  expect(errors).toBeUndefined();
  return data;
}

/** What a tenant's key is told of one user. */
async function toldOfUser(r: Real, tenant: number, key: string, who: string): Promise<string[]> {
  const ORDERS = 'orders { orderId orderStatus deviceId }';
  const { user, sessions, ordersForUser } = await all(
    r,
    key,
    `query ($who: UserIdentifierInput!, $name: String!) {
      user(userIdentifier: $who) { id ${PERMITTED} ${ORDERS} }
      sessions(userIdentifier: $who) { id }
      ordersForUser(input: { externalUserId: $name }) { ${ORDERS} } }`,
    { who: identifier(who), name: who },
  );
  const { user: one } = await done(rest(r.world, key, `GET /user/${user.id}`));
  const whose = `${tenant} ${who}`;
  if (!who.includes('@')) expect(ordersForUser.orders).toEqual(user.orders);
  return [
    line.user(tenant, who, {
      level: one.member_level_id,
      suspended: one.status === 0,
      mustReset: one.require_password_reset === 1,
    }),
    ...grantLines(r, whose, user.devices),
    ...sessions.map(({ id }: Json) => line.session(namedBy(r, id), whose)),
    ...user.orders.map(({ orderId, orderStatus, deviceId }: Json) =>
      line.order(`${tenant} ${orderId}`, orderStatus, deviceId && namedBy(r, deviceId), whose),
    ),
    ...one.user_stations.map(({ station_id: id }: Json) => line.sight(whose, namedBy(r, id))),
  ];
}

/** What a key, or the session of a member, is told of the field. */
async function toldOfField(r: Real, tenant: number, credential: string): Promise<string[]> {
  const { config_packet: packet } = await done(rest(r.world, credential, 'GET /config-packet'));
  const lines = (kind: 'project' | 'station' | 'sensor' | 'channel', all: Json[], parent = '') =>
    all.flatMap(({ id, sui, stations = [], sensors = [], channels = [] }: Json): string[] => [
      line.thing(kind, namedBy(r, id), tenant, parent, sui),
      ...lines('station', stations, namedBy(r, id)),
      ...lines('sensor', sensors, namedBy(r, id)),
      ...lines('channel', channels, namedBy(r, id)),
    ]);
  return lines('project', packet.projects);
}

/** What a tenant's key is told, every user asked about. */
async function toldTo(r: Real, m: Model, tenant: number, key: string): Promise<string[]> {
  const { users, devices, apiKeys, caller } = await all(
    r,
    key,
    `{ users(first: 20) { nodes { ${IDENTIFIER} } } apiKeys { id name }
      caller { intermediary { usage { ${Object.keys(holdings(m, tenant)).join(' ')} } } }
      devices(first: 10) { nodes { deviceId meterId
        permissions(first: 20) { permission expiresAt user { ${IDENTIFIER} } } } } }`,
  );
  const told = await Promise.all(
    users.nodes.map((one: Json) => toldOfUser(r, tenant, key, calledBy(one.userIdentifier))),
  );
  const ofUsers = told.flat();
  const onDevices = devices.nodes.flatMap(({ permissions, ...one }: Json) =>
    permissions.flatMap(({ user, ...permission }: Json) =>
      grantLines(r, `${tenant} ${calledBy(user.userIdentifier)}`, {
        nodes: [{ ...one, permissions: [permission] }],
      }),
    ),
  );
  expect(onDevices.sort()).toEqual(ofUsers.filter((fact) => / may /.test(fact)).sort());
  return [
    ...ofUsers,
    ...(await toldOfField(r, tenant, key)),
    ...Object.entries<number>(caller.intermediary.usage).map(([name, many]) =>
      line.holding(tenant, name, many),
    ),
    ...devices.nodes.map(({ deviceId, meterId }: Json) =>
      line.device(namedBy(r, deviceId), tenant, meterId),
    ),
    ...apiKeys
      .filter(({ name }: Json) => name !== 'first key')
      .map(({ id }: Json) => line.key(namedBy(r, id), tenant)),
  ];
}

/** What the API tells the tenants. */
export async function toldFacts(r: Real, m: Model): Promise<string[]> {
  const told = r.tenants.map(async ({ key }, tenant) =>
    m.tenants[tenant]?.gone ? [] : toldTo(r, m, tenant, key),
  );
  return (await Promise.all(told)).flat().sort();
}

/** What the owner of each session that there ever was is to see. */
export const views = (m: Model): string[] =>
  [...m.sessions].map(([session, { live, person: index, tenant }]) => {
    const person = m.people[index];
    if (!live || !person) return `${session}: 401`;
    const whose = `${tenant} ${nameOf(person)}`;
    const grants = [...person.grants].map(([grant, end]) => line.grant(whose, grant, end));
    const seen = [...m.things].filter(([name]) => sees(m, person, name));
    const stations = seen.flatMap(([name, { kind }]) => (kind === 'station' ? [name] : []));
    const field = seen.map(([name, one]) => line.thing(one.kind, name, tenant, one.in, one.code));
    return (
      `${session}: ` +
      String([
        whose,
        ...grants.sort(),
        ...stations.sort(),
        ...(person.level === null ? [] : field.sort()),
      ])
    );
  });

export const seenViews = (r: Real, m: Model): Promise<string[]> =>
  Promise.all(
    [...m.sessions].map(async ([session, { tenant, person }]) => {
      const token = r.secrets.get(session) ?? '';
      const { status, data } = await r.world.graphql(
        token,
        `{ viewer { user { ${IDENTIFIER} } ${PERMITTED} stations(first: 50) { nodes { id } } } }`,
      );
      if (status !== 200) return `${session}: ${status}`;
      const { user, devices, stations } = data.viewer;
      const whose = `${tenant} ${calledBy(user.userIdentifier)}`;
      const seen = stations.nodes.map(({ id }: Json) => namedBy(r, id));
      const isMember = m.people[person]?.level !== null;
      const field = isMember ? await toldOfField(r, tenant, token) : [];
      return (
        `${session}: ` +
        `${[whose, ...grantLines(r, whose, devices).sort(), ...seen.sort(), ...field.sort()]}`
      );
    }),
  );

/** Every question about every session, as `/verify` is asked them. */
export const questions = (m: Model) =>
  [...m.sessions].flatMap(([session, { tenant }]) => {
    const by = { tenant, session, strict: false };
    const stations = [...m.things].filter(([, { kind }]) => kind === 'station');
    return [
      by,
      { ...by, tenant: 1 - tenant },
      ...DEVICES.flatMap((device) => [
        { ...by, device, kind: 'VIEW' as const },
        { ...by, device, kind: 'CHARGE' as const },
      ]),
      ...stations.map(([station]) => ({ ...by, station })),
    ];
  });
