/** The tables. D1 is the source of truth. All times are epoch milliseconds. */
// biome-ignore-all lint/style/noExcessiveLinesPerFile: migrations are made of all tables.
import { type Column, type SQL, sql } from 'drizzle-orm';
import {
  check,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';

export const tenants = sqliteTable(
  'tenants',
  {
    id: integer().primaryKey(),
    name: text().notNull(),
    /** The folded name, for search. */
    nameFolded: text('name_folded').notNull().default(''),
    createdAt: integer('created_at').notNull(),
    removedAt: integer('removed_at'),
    /** For a removed tenant: how many of its users are erased, and when everything was. */
    erasedUsers: integer('erased_users').notNull().default(0),
    erasedAt: integer('erased_at'),
    /** 1: its members need a second factor to sign in. */
    requireSecondFactor: integer('require_second_factor').$type<0 | 1>().notNull().default(0),
    /** What support sessions may do: a JSON list of permissions. Null: VIEW. */
    supportPermissions: text('support_permissions'),
  },
  (tenant) => [
    index('tenants_to_erase')
      .on(tenant.id)
      .where(sql`${tenant.removedAt} IS NOT NULL AND ${tenant.erasedAt} IS NULL`),
    index('tenants_by_name')
      .on(tenant.nameFolded, tenant.id)
      .where(sql`${tenant.removedAt} IS NULL`),
  ],
);

/**
 * Who made a row. `made_by` is the credential behind it: the root id of an API key, or the reset
 * token whose password opened the caller's session. `made_by_user` is the member who called. Null:
 * the operator, or unknown.
 */
const madeBy = () => ({ madeBy: text('made_by'), madeByUser: integer('made_by_user') });

/**
 * The scopes of the key that stands behind a row, a JSON list: whoever comes of the row may do no
 * more than that key. Null: no bounds.
 */
const cap = () => ({ cap: text() });

/** Whether exactly one of two columns has a value. */
const justOne = (one: Column, other: Column): SQL => sql`(${one} IS NULL) = (${other} IS NOT NULL)`;

/** Whether both columns have a value, or neither. */
const bothOrNone = (one: Column, other: Column): SQL => sql`(${one} IS NULL) = (${other} IS NULL)`;

/** Whether none of the columns has a value. */
const isBlank = (...columns: Column[]): SQL => sql`coalesce(${sql.join(columns, sql`, `)}) IS NULL`;

/** The earlier of two times, either of which may be null. */
const earlier = (one: Column, other: Column): SQL =>
  sql`min(coalesce(${one}, ${other}), coalesce(${other}, ${one}))`;

export const apiKeys = sqliteTable(
  'api_keys',
  {
    /** Public. This part of the key may be logged. */
    id: text().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** The first key of its rotations: a successor counts as the same key. Null: the key itself. */
    rootId: text('root_id'),
    ...madeBy(),
    name: text().notNull(),
    /** A JSON list. */
    scopes: text().notNull(),
    hash: text().notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    /** Set by a rotation: until when the replaced key works on. */
    graceEndsAt: integer('grace_ends_at'),
    removedAt: integer('removed_at'),
    lastUsedAt: integer('last_used_at'),
  },
  (key) => [
    index('api_keys_by_maker').on(key.madeBy).where(sql`${key.madeBy} IS NOT NULL`),
    index('api_keys_by_member').on(key.madeByUser).where(sql`${key.madeByUser} IS NOT NULL`),
    index('api_keys_at_work').on(key.tenantId).where(sql`${key.removedAt} IS NULL`),
    index('api_keys_by_end')
      .on(earlier(key.expiresAt, key.graceEndsAt))
      .where(sql`${key.removedAt} IS NULL`),
    index('api_keys_by_root').on(key.rootId).where(sql`${key.rootId} IS NOT NULL`),
    check('api_keys_scopes', sql`json_valid(${key.scopes})`),
  ],
);

/**
 * End users (with an `external_id`) and members (with an `email` and a level). A removed user stays
 * as a bare id. So sessions, orders and events that name it still point at something, and the id is
 * never reused.
 */
export const users = sqliteTable(
  'users',
  {
    id: integer().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    externalId: text('external_id'),
    /** The key of the address: see `base/address.ts`. */
    email: text(),
    /** The address as entered. Null if it equals the key. */
    address: text(),
    memberLevel: integer('member_level'),
    name: text(),
    /** The folded name, for search: see `base/fold.ts`. Null if it is the name in lower case. */
    nameFolded: text('name_folded'),
    createdAt: integer('created_at').notNull(),
    suspendedAt: integer('suspended_at'),
    removedAt: integer('removed_at'),
    /** Telephone numbers for alarms, in international format. */
    sms: text(),
    phone: text(),
    alarmEmail: integer('alarm_email').$type<0 | 1>().notNull().default(0),
    alarmSms: integer('alarm_sms').$type<0 | 1>().notNull().default(0),
    alarmVoice: integer('alarm_voice').$type<0 | 1>().notNull().default(0),
    /** 1: UTC, 2: the user’s own, 3: the station’s. */
    timezonePrefId: integer('timezone_pref_id').notNull().default(3),
    changeId: text('change_id'),
    /** Of members only. */
    ...madeBy(),
    ...cap(),
  },
  (user) => [
    uniqueIndex('users_by_external_id').on(user.tenantId, user.externalId),
    uniqueIndex('users_by_email')
      .on(user.tenantId, user.email)
      .where(sql`${user.email} IS NOT NULL`),
    index('users_by_address').on(user.email).where(sql`${user.email} IS NOT NULL`),
    index('users_with_email').on(user.tenantId).where(sql`${user.email} IS NOT NULL`),
    index('users_of_level_1').on(user.tenantId).where(sql`${user.memberLevel} = 1`),
    index('users_by_name')
      .on(user.tenantId, sql`coalesce(${user.nameFolded}, lower(${user.name}))`)
      .where(sql`${user.name} IS NOT NULL`),
    index('users_to_fold')
      .on(user.id)
      .where(sql`${user.nameFolded} IS NULL AND ${user.name} GLOB '*[^ -~]*'`),
    index('users_by_maker').on(user.madeBy).where(sql`${user.madeBy} IS NOT NULL`),
    index('users_by_member').on(user.madeByUser).where(sql`${user.madeByUser} IS NOT NULL`),
    check(
      'users_kind',
      sql`CASE WHEN ${user.removedAt} IS NULL
        THEN ${justOne(user.externalId, user.email)} AND ${bothOrNone(user.email, user.memberLevel)}
        ELSE ${isBlank(user.externalId, user.email, user.memberLevel, user.name)} END`,
    ),
    check('users_level', sql`${user.memberLevel} BETWEEN 1 AND 4`),
  ],
);

/**
 * The passwords of members. A member without a row, or without a hash in it, cannot sign in yet.
 */
export const passwords = sqliteTable(
  'passwords',
  {
    userId: integer('user_id')
      .primaryKey()
      .references(() => users.id),
    /** In the PHC format. All hashes under one e-mail address have the same salt and parameters. */
    hash: text(),
    firstSetAt: integer('first_set_at'),
    resetRequired: integer('reset_required').$type<0 | 1>().notNull(),
    /**
     * The reset token that set the password. It counts as the maker of the sessions that the
     * password opens.
     */
    setBy: text('set_by'),
    ...cap(),
    changeId: text('change_id').notNull(),
  },
  (password) => [
    check('passwords_set', sql`(${password.hash} IS NULL) = (${password.firstSetAt} IS NULL)`),
  ],
);

/**
 * Tokens that set a password once. A used one stays as long as anything that came of it, without
 * its hash and its address.
 */
export const resetTokens = sqliteTable(
  'reset_tokens',
  {
    id: text().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id),
    hash: text(),
    /** The e-mail address that the token was made for. */
    email: text(),
    endsAt: integer('ends_at').notNull(),
    usedAt: integer('used_at'),
    /**
     * The key or session that made it. The token works only as long as that could make it again.
     * Both null: somebody asked for it by mail.
     */
    keyId: text('key_id'),
    sessionId: text('session_id'),
    ...madeBy(),
    ...cap(),
  },
  (token) => [
    index('reset_tokens_by_user').on(token.userId),
    index('reset_tokens_by_maker').on(token.madeBy).where(sql`${token.madeBy} IS NOT NULL`),
    index('reset_tokens_by_member')
      .on(token.madeByUser)
      .where(sql`${token.madeByUser} IS NOT NULL`),
    check(
      'reset_tokens_used',
      sql`${justOne(token.usedAt, token.hash)} AND ${bothOrNone(token.hash, token.email)}`,
    ),
  ],
);

/** The authenticator apps of members: time-based one-time passwords (RFC 6238). */
export const totps = sqliteTable('totps', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id),
  /** Encrypted. */
  secret: text().notNull(),
  createdAt: integer('created_at').notNull(),
  /** Null: the member has not yet shown a code of it. */
  confirmedAt: integer('confirmed_at'),
  /** The time step of the last code that was taken. Only later ones are. */
  lastStep: integer('last_step').notNull().default(0),
  changeId: text('change_id').notNull(),
});

/** Recovery codes of members. Each works once: then its row is gone. */
export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id),
    hash: text().notNull(),
  },
  (code) => [primaryKey({ columns: [code.userId, code.hash] })],
);

/** Wrong codes after a right password. A right code takes the row away. */
export const wrongCodes = sqliteTable('wrong_codes', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id),
  failures: integer().notNull(),
  /** No code is taken before this time. 0: codes are. */
  closedUntil: integer('closed_until').notNull(),
});

/** Passkeys of members (WebAuthn). */
export const passkeys = sqliteTable(
  'passkeys',
  {
    /** The credential id, in base64url. */
    id: text().primaryKey(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id),
    name: text().notNull(),
    /** In base64url: a point of P-256, or an RSA key in DER (SubjectPublicKeyInfo). */
    publicKey: text('public_key').notNull(),
    /** ES256 or RS256, as COSE numbers them. */
    algorithm: integer().$type<-7 | -257>().notNull(),
    /** The authenticator's count of signatures. 0: it does not count. */
    counter: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at'),
    changeId: text('change_id').notNull(),
  },
  (passkey) => [index('passkeys_by_user').on(passkey.userId)],
);

/** Challenges of passkeys that were answered, until they end: none is answered twice. */
export const spentChallenges = sqliteTable(
  'spent_challenges',
  { id: text().primaryKey(), endsAt: integer('ends_at').notNull() },
  (challenge) => [index('spent_challenges_by_end').on(challenge.endsAt)],
);

/**
 * Mails of the last hour: a row for each limit that a mail counts for. `name` is a pseudonym of the
 * limit and of the address, network or company that it is about.
 */
export const mailings = sqliteTable(
  'mailings',
  { name: text().notNull(), at: integer().notNull(), id: text().notNull() },
  (mailing) => [
    primaryKey({ columns: [mailing.name, mailing.at, mailing.id] }),
    index('mailings_by_time').on(mailing.at),
  ],
);

/** Failed sign-ins of a member since the last event about them. */
export const failedSignIns = sqliteTable('failed_sign_ins', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id),
  failures: integer().notNull(),
  /** The time of that event. 0: there was none. */
  toldAt: integer('told_at').notNull(),
});

export const projects = sqliteTable(
  'projects',
  {
    id: integer().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    name: text().notNull(),
    /** Names the project to those whom the company publishes it to. */
    publicKey: text('public_key').notNull(),
    status: integer().$type<0 | 1>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    changeId: text('change_id').notNull(),
  },
  (project) => [index('projects_by_tenant').on(project.tenantId, project.id)],
);

export const stations = sqliteTable(
  'stations',
  {
    id: integer().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    projectId: integer('project_id')
      .notNull()
      .references(() => projects.id),
    name: text().notNull(),
    code: text().notNull(),
    /** Seconds from report to report. */
    reporting: integer().notNull(),
    refLoggerId: integer('ref_logger_id').notNull(),
    status: integer().$type<0 | 1>().notNull(),
    location: text(),
    /** Degrees, with six decimals. */
    latitude: text().notNull(),
    longitude: text().notNull(),
    /** A name of the IANA time zone database. */
    timezoneName: text('timezone_name').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    changeId: text('change_id').notNull(),
  },
  (station) => [
    index('stations_by_tenant').on(station.tenantId, station.id),
    index('stations_by_project').on(station.projectId, station.tenantId, station.id),
    uniqueIndex('stations_by_code').on(station.tenantId, station.code),
  ],
);

/** The stations that a user may see. Members of level 1 see all, without rows here. */
export const userStations = sqliteTable(
  'user_stations',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id),
    stationId: integer('station_id')
      .notNull()
      .references(() => stations.id),
    /** The id of the assignment in the company API. */
    id: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (assignment) => [
    primaryKey({ columns: [assignment.userId, assignment.stationId] }),
    index('user_stations_by_station').on(assignment.stationId),
  ],
);

export const sensors = sqliteTable(
  'sensors',
  {
    id: integer().primaryKey(),
    stationId: integer('station_id')
      .notNull()
      .references(() => stations.id),
    name: text().notNull(),
    status: integer().$type<0 | 1>().notNull(),
    /** Seconds. */
    reporting: integer().notNull(),
    logging: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    changeId: text('change_id').notNull(),
  },
  (sensor) => [index('sensors_by_station').on(sensor.stationId, sensor.id)],
);

export const channels = sqliteTable(
  'channels',
  {
    id: integer().primaryKey(),
    sensorId: integer('sensor_id')
      .notNull()
      .references(() => sensors.id),
    name: text().notNull(),
    /** The id of a built-in unit. */
    unitId: integer('unit_id').notNull(),
    scale: real().notNull(),
    offset: real().notNull(),
    code: integer().notNull(),
    status: integer().$type<0 | 1>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    changeId: text('change_id').notNull(),
  },
  (channel) => [index('channels_by_sensor').on(channel.sensorId, channel.id)],
);

/**
 * The operator's inventory. A device without a tenant is in stock: it has no meter and no
 * permissions.
 */
export const devices = sqliteTable(
  'devices',
  {
    deviceId: text('device_id').primaryKey(),
    tenantId: integer('tenant_id').references(() => tenants.id),
    meterId: text('meter_id'),
    changeId: text('change_id').notNull(),
  },
  (device) => [
    index('devices_by_tenant').on(device.tenantId, device.deviceId),
    uniqueIndex('devices_by_meter').on(device.tenantId, device.meterId),
    index('devices_assigned')
      .on(sql`${device.deviceId} COLLATE NOCASE`, device.deviceId)
      .where(sql`${device.tenantId} IS NOT NULL`),
    index('devices_in_stock')
      .on(sql`${device.deviceId} COLLATE NOCASE`, device.deviceId)
      .where(sql`${device.tenantId} IS NULL`),
    check(
      'devices_id',
      sql`length(${device.deviceId}) = 8 AND ${device.deviceId} NOT GLOB '*[^0-9A-Za-z]*'`,
    ),
    check('devices_stock', sql`${device.tenantId} IS NOT NULL OR ${device.meterId} IS NULL`),
  ],
);

export const permissions = sqliteTable(
  'permissions',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id),
    deviceId: text('device_id')
      .notNull()
      .references(() => devices.deviceId),
    permission: text({ enum: ['VIEW', 'CHARGE'] }).notNull(),
    expiresAt: integer('expires_at'),
    /** The call that last changed this row. */
    changeId: text('change_id').notNull(),
    /** The tenant of the user, so that the sweep finds ended permissions of each tenant. */
    tenantId: integer('tenant_id').notNull().default(0),
  },
  (grant) => [
    primaryKey({ columns: [grant.userId, grant.deviceId, grant.permission] }),
    index('permissions_by_device').on(grant.deviceId),
    index('permissions_by_end')
      .on(grant.tenantId, grant.expiresAt)
      .where(sql`${grant.expiresAt} IS NOT NULL`),
    check('permissions_permission', sql`${grant.permission} IN ('VIEW', 'CHARGE')`),
  ],
);

/** Sessions. Ended ones keep their row, from which their copies are found, but not their label. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id),
    hash: text().notNull(),
    label: text(),
    createdAt: integer('created_at').notNull(),
    renewedAt: integer('renewed_at').notNull(),
    renewAfter: integer('renew_after').notNull(),
    expiresAt: integer('expires_at').notNull(),
    revokedAt: integer('revoked_at'),
    /**
     * 1: somebody else ended it. 0: it is live, expired, signed out itself, or was one too many.
     */
    withdrawn: integer().$type<0 | 1>().notNull().default(0),
    /** The root id of the key that opened it, or the reset token whose password did. */
    madeBy: text('made_by'),
    /**
     * What proved who opened it. `CODE`: a password and a code. `SUPPORT`: it is a support
     * session. Null: it is older than this column.
     */
    openedBy: text('opened_by').$type<'KEY' | 'PASSWORD' | 'CODE' | 'PASSKEY' | 'SUPPORT'>(),
    /** 1: the cookie of the console holds it, so it is no access token. */
    console: integer().$type<0 | 1>().notNull().default(0),
    /** The browser and the system that it was opened with. Null: unknown. */
    client: text(),
    /** When a console session last proved who uses it. Null: when it was opened. */
    provedAt: integer('proved_at'),
    /** Of a support session: who acts, as the company names them; and why. */
    actor: text(),
    reason: text(),
    /** The member who acts, if it is one. */
    actorUserId: integer('actor_user_id'),
    /** Of a support session: what it may do, a JSON list. Null: all that the user may. */
    permissions: text(),
    ...cap(),
  },
  (session) => [
    index('sessions_by_user').on(session.userId, session.revokedAt),
    index('sessions_by_maker')
      .on(session.madeBy)
      .where(sql`${session.madeBy} IS NOT NULL AND ${session.revokedAt} IS NULL`),
    index('sessions_by_end')
      .on(session.tenantId, session.expiresAt)
      .where(sql`${session.revokedAt} IS NULL`),
    index('sessions_of_support')
      .on(session.tenantId)
      .where(sql`${session.openedBy} = 'SUPPORT' AND ${session.revokedAt} IS NULL`),
    check('sessions_ended', sql`${session.revokedAt} IS NULL OR ${session.label} IS NULL`),
  ],
);

const ORDER_STATUSES = [
  'PLACED',
  'PROCESSING',
  'SHIPPED',
  'DELIVERED',
  'CANCELLED',
  'RETURNED',
] as const;

/** A list of texts as SQL writes it. */
const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ');

/** Whether both columns have a value. */
const hasValues = (one: Column, other: Column): SQL =>
  sql`${one} IS NOT NULL AND ${other} IS NOT NULL`;

export const orders = sqliteTable(
  'orders',
  {
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    orderId: text('order_id').notNull(),
    /** Null once the user is removed. */
    userId: integer('user_id').references(() => users.id),
    status: text({ enum: ORDER_STATUSES }).notNull(),
    deviceId: text('device_id').references(() => devices.deviceId),
    trackingLink: text('tracking_link'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    changeId: text('change_id').notNull(),
  },
  (order) => [
    primaryKey({ columns: [order.tenantId, order.orderId] }),
    index('orders_by_user').on(order.userId, order.createdAt),
    index('orders_by_device').on(order.deviceId),
    index('orders_by_status').on(order.status, order.createdAt, order.tenantId, order.orderId),
    index('orders_of_tenant').on(order.tenantId, order.status, order.createdAt, order.orderId),
    check('orders_status', sql`${order.status} IN (${sql.raw(quoted(ORDER_STATUSES))})`),
    check(
      'orders_shipped',
      sql`(${order.status} IN ('SHIPPED', 'DELIVERED', 'RETURNED')) = (${hasValues(
        order.deviceId,
        order.trackingLink,
      )})`,
    ),
  ],
);

/**
 * The audit trail, in the order of commits. SQLite appends the primary key (`number`) to each
 * index. So what an index finds comes in that order, and a time span is a range of numbers.
 */
export const auditEvents = sqliteTable(
  'audit_events',
  {
    /**
     * The time of the commit, in milliseconds times 1024, plus a count: see `db/events.ts`. Never
     * reused.
     */
    number: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer('tenant_id').notNull(),
    at: integer().generatedAlwaysAs(sql`number / 1024`, { mode: 'virtual' }),
    actorKind: text('actor_kind').notNull(),
    /** The public id of the API key or session. */
    actorId: text('actor_id'),
    /** The user of the session. Sessions are deleted after a while, users stay as an id. */
    actorUserId: integer('actor_user_id'),
    action: text().notNull(),
    userId: integer('user_id'),
    /** What else the event is about, a JSON object: see `Subject`. */
    subject: text().notNull(),
    requestId: text('request_id').notNull(),
  },
  (event) => [
    index('audit_events_by_tenant').on(event.tenantId),
    index('audit_events_by_action').on(event.tenantId, event.action),
    index('audit_events_by_user')
      .on(event.tenantId, event.userId)
      .where(sql`${event.userId} IS NOT NULL`),
    index('audit_events_by_actor')
      .on(event.tenantId, event.actorUserId)
      .where(sql`${event.actorUserId} IS NOT NULL`),
  ],
);

/** Which events name a device. Subjects hold lists of devices, which no index can read. */
export const auditEventDevices = sqliteTable(
  'audit_event_devices',
  {
    tenantId: integer('tenant_id').notNull(),
    deviceId: text('device_id').notNull(),
    number: integer().notNull(),
  },
  (named) => [primaryKey({ columns: [named.tenantId, named.deviceId, named.number] })],
);

/**
 * Running endings: everything that a key or a member made is being ended. Everything but the
 * sessions ends at once. Sessions end in slices, and D1 refuses them meanwhile. The row goes with
 * the last of them.
 */
export const endings = sqliteTable(
  'endings',
  {
    /** The root id of the key, or the id of the member. */
    id: text().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** Who asked for it, as JSON: events of the slices have this actor. */
    actor: text().notNull(),
    requestId: text('request_id').notNull(),
    /** The call that asked for it last. */
    changeId: text('change_id').notNull(),
    /** The ids of the sessions that are ended next, a JSON list. */
    slice: text().notNull().default('[]'),
  },
  (ending) => [check('endings_slice', sql`json_valid(${ending.slice})`)],
);

/** The makers whose sessions an ending ends. */
export const endingMakers = sqliteTable(
  'ending_makers',
  {
    /** The root id of a key, the id of a reset token, or of a user. */
    id: text().notNull(),
    endingId: text('ending_id').notNull(),
    /**
     * `key`, `token`: sessions that they opened. `member` (who is disabled), `holder` (of a void
     * password): sessions that are theirs.
     */
    kind: text({ enum: ['key', 'token', 'member', 'holder'] }).notNull(),
    /** For a user: only sessions opened until then. */
    until: integer(),
  },
  (maker) => [
    primaryKey({ columns: [maker.id, maker.endingId] }),
    index('ending_makers_by_ending').on(maker.endingId),
    check('ending_makers_kind', sql`${maker.kind} IN ('key', 'token', 'member', 'holder')`),
    check(
      'ending_makers_until',
      sql`(${maker.kind} IN ('member', 'holder')) = (${maker.until} IS NOT NULL)`,
    ),
  ],
);

/**
 * How much each tenant has of everything that is limited. Triggers count it, which Drizzle cannot
 * express: see `migrations/0004_usage.sql`. A migration that recreates a counted table must
 * recreate its triggers.
 */
export const quotas = sqliteTable(
  'quotas',
  {
    /** 0: the deployment. Its limits apply to tenants that have none of their own. */
    tenantId: integer('tenant_id').notNull(),
    /** See `LIMITS`. */
    name: text().notNull(),
    used: integer().notNull().default(0),
    /** Null: the limit of the deployment. */
    most: integer(),
    /**
     * For events: the day (UTC) that they are counted for, by number, and the id of the last one.
     */
    day: integer(),
    lastEvent: text('last_event'),
    /** The last change that was allowed to exceed the limit. */
    excused: text(),
    recountedAt: integer('recounted_at'),
  },
  (quota) => [
    primaryKey({ columns: [quota.tenantId, quota.name] }),
    index('quotas_to_recount').on(quota.recountedAt).where(sql`${quota.recountedAt} IS NOT NULL`),
  ],
);

/**
 * What was withdrawn and may still be in copies. A row is written in the batch of the change, and
 * deleted when the copies that it lists agree with D1.
 */
export const withdrawals = sqliteTable(
  'withdrawals',
  {
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** The id of the change, and a number. Sorts by time. */
    id: text().notNull(),
    cause: text({
      enum: ['session', 'support', 'user', 'device', 'station', 'key', 'company'],
    }).notNull(),
    /** What the cause is about, if its sessions are not listed yet. */
    subject: text(),
    /** The ids of the sessions, a JSON list. Null: not listed yet. */
    sessions: text(),
  },
  (withdrawal) => [primaryKey({ columns: [withdrawal.tenantId, withdrawal.id] })],
);

/**
 * Where events of a tenant are sent. The audit trail holds the events: a row says how far it has
 * come.
 */
export const webhooks = sqliteTable(
  'webhooks',
  {
    id: text().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    ...madeBy(),
    url: text().notNull(),
    /** A JSON list of actions, and of nouns with all of theirs: `order.*`. Empty: all. */
    types: text().notNull(),
    description: text(),
    createdAt: integer('created_at').notNull(),
    /** Which secret of the deployment its own derives from, and the how manieth of it. */
    secretId: text('secret_id').notNull(),
    version: integer().notNull(),
    /** The secrets before, which sign besides until they end: a JSON list, see `Former`. */
    formers: text().notNull().default('[]'),
    /** The number of the last event that was taken. */
    cursor: integer().notNull(),
    /**
     * When the next event may be sent, where there is one; while somebody sends, when others may
     * believe that one dead. Null: it is disabled.
     */
    dueAt: integer('due_at'),
    /** Names whoever sends now. */
    lease: text(),
    /** How often the next event was sent in vain. */
    failures: integer().notNull().default(0),
    /** All deliveries that were tried. */
    tries: integer().notNull().default(0),
    disabled: text({ enum: ['ASKED', 'GONE', 'FAILED', 'URL', 'SECRET', 'MAKER'] }),
    /** Events before this time were erased that it had not taken. */
    missedUntil: integer('missed_until'),
    changeId: text('change_id').notNull(),
  },
  (hook) => [
    index('webhooks_by_tenant').on(hook.tenantId, hook.id),
    index('webhooks_enabled').on(hook.id).where(sql`${hook.dueAt} IS NOT NULL`),
    index('webhooks_by_maker').on(hook.madeBy).where(sql`${hook.madeBy} IS NOT NULL`),
    index('webhooks_by_member').on(hook.madeByUser).where(sql`${hook.madeByUser} IS NOT NULL`),
    check('webhooks_types', sql`json_valid(${hook.types})`),
    check('webhooks_disabled', sql`(${hook.dueAt} IS NULL) = (${hook.disabled} IS NOT NULL)`),
  ],
);

/** The last deliveries of each webhook: a later one takes the slot of one long before. */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    webhookId: text('webhook_id')
      .notNull()
      .references(() => webhooks.id),
    slot: integer().notNull(),
    at: integer().notNull(),
    eventId: text('event_id').notNull(),
    /** Null: there was no answer. */
    status: integer(),
    durationMs: integer('duration_ms').notNull(),
  },
  (delivery) => [primaryKey({ columns: [delivery.webhookId, delivery.slot] })],
);

/** How far each part of the sweep has got. */
export const sweeps = sqliteTable('sweeps', {
  part: text().primaryKey(),
  /** The last key that was examined. Empty: start from the beginning. */
  cursor: text().notNull(),
});
