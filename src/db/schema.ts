/** The tables: what is true. All times are epoch milliseconds. */
// biome-ignore-all lint/style/noExcessiveLinesPerFile: migrations are made of all tables.
import { sql } from 'drizzle-orm';
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
    /** As a search compares it. */
    nameFolded: text('name_folded').notNull().default(''),
    createdAt: integer('created_at').notNull(),
    removedAt: integer('removed_at'),
    /** Of a removed one: how many of its users are erased, and when all that it had was. */
    erasedUsers: integer('erased_users').notNull().default(0),
    erasedAt: integer('erased_at'),
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
 * Who made a row. `made_by` is the credential that is behind it: an API key, by its root, or the
 * reset token whose password the caller's session was opened with. `made_by_user` is the member who
 * called. Null: the operator, or unknown.
 */
const madeBy = () => ({ madeBy: text('made_by'), madeByUser: integer('made_by_user') });

export const apiKeys = sqliteTable(
  'api_keys',
  {
    /** Public: the part of the key that may be logged. */
    id: text().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** The first key of its rotations, since a successor counts as the same key; null: itself. */
    rootId: text('root_id'),
    ...madeBy(),
    name: text().notNull(),
    /** A JSON list. */
    scopes: text().notNull(),
    hash: text().notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    /** Set at rotation, when a successor took over: the key works on until then. */
    graceEndsAt: integer('grace_ends_at'),
    removedAt: integer('removed_at'),
    lastUsedAt: integer('last_used_at'),
  },
  (key) => [
    index('api_keys_by_maker').on(key.madeBy).where(sql`${key.madeBy} IS NOT NULL`),
    index('api_keys_by_member').on(key.madeByUser).where(sql`${key.madeByUser} IS NOT NULL`),
    index('api_keys_at_work').on(key.tenantId).where(sql`${key.removedAt} IS NULL`),
    index('api_keys_by_end')
      .on(
        sql`min(coalesce(${key.expiresAt}, ${key.graceEndsAt}), coalesce(${key.graceEndsAt}, ${key.expiresAt}))`,
      )
      .where(sql`${key.removedAt} IS NULL`),
    index('api_keys_by_root').on(key.rootId).where(sql`${key.rootId} IS NOT NULL`),
    check('api_keys_scopes', sql`json_valid(${key.scopes})`),
  ],
);

/**
 * End users (an `external_id`) and members (an `email` and a level). A removed user stays as a bare number,
 * so that sessions, orders and events that name it go on pointing at something and the number is never reused.
 */
export const users = sqliteTable(
  'users',
  {
    id: integer().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    externalId: text('external_id'),
    /** What the address is compared by: see `base/address.ts`. */
    email: text(),
    /** How it was given; null: that is the same. */
    address: text(),
    memberLevel: integer('member_level'),
    name: text(),
    /** As it is searched: see `base/fold.ts`. Null: lower case is all that there is to do. */
    nameFolded: text('name_folded'),
    createdAt: integer('created_at').notNull(),
    suspendedAt: integer('suspended_at'),
    removedAt: integer('removed_at'),
    /** Numbers that alarms go to, in international format. */
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
        THEN (${user.externalId} IS NULL) = (${user.email} IS NOT NULL) AND (${user.email} IS NULL) = (${user.memberLevel} IS NULL)
        ELSE coalesce(${user.externalId}, ${user.email}, ${user.memberLevel}, ${user.name}) IS NULL END`,
    ),
    check('users_level', sql`${user.memberLevel} BETWEEN 1 AND 4`),
  ],
);

/** How members sign in. A member without a row, or without a hash in it, cannot yet. */
export const passwords = sqliteTable(
  'passwords',
  {
    userId: integer('user_id')
      .primaryKey()
      .references(() => users.id),
    /** In the PHC format. All under one e-mail address have the same salt and parameters. */
    hash: text(),
    firstSetAt: integer('first_set_at'),
    resetRequired: integer('reset_required').$type<0 | 1>().notNull(),
    /** The reset token that it was set with: the sessions that it opens are made by that. */
    setBy: text('set_by'),
    changeId: text('change_id').notNull(),
  },
  (password) => [
    check('passwords_set', sql`(${password.hash} IS NULL) = (${password.firstSetAt} IS NULL)`),
  ],
);

/**
 * What sets a password, once. A used one stays while anything is left of what came of it, without
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
    /** The address that it was made for. */
    email: text(),
    endsAt: integer('ends_at').notNull(),
    usedAt: integer('used_at'),
    /** The very key or session that made it: it works only while that could make it again. */
    keyId: text('key_id'),
    sessionId: text('session_id'),
    ...madeBy(),
  },
  (token) => [
    index('reset_tokens_by_user').on(token.userId),
    index('reset_tokens_by_maker').on(token.madeBy).where(sql`${token.madeBy} IS NOT NULL`),
    index('reset_tokens_by_member')
      .on(token.madeByUser)
      .where(sql`${token.madeByUser} IS NOT NULL`),
    check(
      'reset_tokens_used',
      sql`(${token.usedAt} IS NULL) = (${token.hash} IS NOT NULL) AND (${token.hash} IS NULL) = (${token.email} IS NULL)`,
    ),
  ],
);

/** Sign-ins of a member that failed since the last event of one. */
export const failedSignIns = sqliteTable('failed_sign_ins', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id),
  failures: integer().notNull(),
  /** When that event was; 0: there was none. */
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
    /** Names the project to whom the company publishes it. */
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
    /** Of the IANA time zone database. */
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

/** The stations that a user may see; members of level 1 see all, without rows here. */
export const userStations = sqliteTable(
  'user_stations',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id),
    stationId: integer('station_id')
      .notNull()
      .references(() => stations.id),
    /** What the company API calls the assignment by. */
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
    /** Of the built-in units. */
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

/** The operator's inventory. A device without a tenant is in stock: it has no meter and no grants. */
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
    /** Of the user, so that the sweep finds what has ended of each tenant. */
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

/** Ended sessions keep their row (the copies are found from it), not their label. */
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
     * 1: somebody else ended it. 0: it lives, ran out, signed out by itself, or was one too many.
     */
    withdrawn: integer().$type<0 | 1>().notNull().default(0),
    /** The key that opened it, by its root, or the reset token whose password did. */
    madeBy: text('made_by'),
  },
  (session) => [
    index('sessions_by_user').on(session.userId, session.revokedAt),
    index('sessions_by_maker')
      .on(session.madeBy)
      .where(sql`${session.madeBy} IS NOT NULL AND ${session.revokedAt} IS NULL`),
    index('sessions_by_end')
      .on(session.tenantId, session.expiresAt)
      .where(sql`${session.revokedAt} IS NULL`),
    check('sessions_ended', sql`${session.revokedAt} IS NULL OR ${session.label} IS NULL`),
  ],
);

export const orders = sqliteTable(
  'orders',
  {
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    orderId: text('order_id').notNull(),
    /** Null once the user is removed. */
    userId: integer('user_id').references(() => users.id),
    status: text({
      enum: ['PLACED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'RETURNED'],
    }).notNull(),
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
    check(
      'orders_status',
      sql`${order.status} IN ('PLACED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'RETURNED')`,
    ),
    check(
      'orders_shipped',
      sql`(${order.status} IN ('SHIPPED', 'DELIVERED', 'RETURNED')) = (${order.deviceId} IS NOT NULL AND ${order.trackingLink} IS NOT NULL)`,
    ),
  ],
);

/**
 * The audit trail, in the order in which changes were committed. Each index has the number behind its columns, as every
 * index of SQLite has: what it finds comes in that order, and a span of time is a range of numbers.
 */
export const auditEvents = sqliteTable(
  'audit_events',
  {
    /** When it was committed, in milliseconds times 1024, and a count: see `db/events.ts`. Never used again. */
    number: integer().primaryKey({ autoIncrement: true }),
    tenantId: integer('tenant_id').notNull(),
    at: integer().generatedAlwaysAs(sql`number / 1024`, { mode: 'virtual' }),
    actorKind: text('actor_kind').notNull(),
    /** The public id of the API key or session. */
    actorId: text('actor_id'),
    /** Whose session it was: sessions are swept, users stay as a number. */
    actorUserId: integer('actor_user_id'),
    action: text().notNull(),
    userId: integer('user_id'),
    /** What else it concerned, a JSON object: see `Subject`. */
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

/** Which events name a device: their subjects are lists, which no index reads. */
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
 * Where all that a key or a member made is being ended: all but the sessions ends at once, these in
 * slices, and D1 refuses them meanwhile. The row goes with the last of them.
 */
export const endings = sqliteTable(
  'endings',
  {
    /** The root of the key, or the member's number. */
    id: text().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** Who asked for it, as JSON: their events go on behind the answer. */
    actor: text().notNull(),
    requestId: text('request_id').notNull(),
    /** The call that asked for it last. */
    changeId: text('change_id').notNull(),
    /** The ids of the sessions that are ended next, a JSON list. */
    slice: text().notNull().default('[]'),
  },
  (ending) => [check('endings_slice', sql`json_valid(${ending.slice})`)],
);

/** Whose sessions an ending ends. */
export const endingMakers = sqliteTable(
  'ending_makers',
  {
    /** The root of a key, a reset token, or a user's number. */
    id: text().notNull(),
    endingId: text('ending_id').notNull(),
    /**
     * `key`, `token`: what they opened. `member` (who is disabled), `holder` (of a void password):
     * what is theirs.
     */
    kind: text({ enum: ['key', 'token', 'member', 'holder'] }).notNull(),
    /** A user's sessions that were opened by then. */
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
 * What each tenant holds of what is limited. Triggers count, which Drizzle cannot say: see `migrations/0004_usage.sql`. A
 * migration that makes one of the counted tables anew has to make its triggers anew.
 */
export const quotas = sqliteTable(
  'quotas',
  {
    /** 0: of the deployment, whose limits are those of tenants that have none of their own. */
    tenantId: integer('tenant_id').notNull(),
    /** See `LIMITS`. */
    name: text().notNull(),
    used: integer().notNull().default(0),
    /** Null: the deployment’s. */
    most: integer(),
    /** Of the events: the day (UTC) whose they are, by number; the id of the last one. */
    day: integer(),
    lastEvent: text('last_event'),
    /** Names the last change that went past the limit for a reason. */
    excused: text(),
    recountedAt: integer('recounted_at'),
  },
  (quota) => [
    primaryKey({ columns: [quota.tenantId, quota.name] }),
    index('quotas_to_recount').on(quota.recountedAt).where(sql`${quota.recountedAt} IS NOT NULL`),
  ],
);

/**
 * What was withdrawn and may still stand in copies. A row is written with the change itself, and goes when the copies
 * that it names agree with D1.
 */
export const withdrawals = sqliteTable(
  'withdrawals',
  {
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** Of the change, and a number: sorts by time. */
    id: text().notNull(),
    cause: text({ enum: ['session', 'user', 'device', 'station', 'key', 'company'] }).notNull(),
    /** What the cause is about, where its sessions are yet to be found. */
    subject: text(),
    /** The ids of the sessions, a JSON list; null: they are yet to be found. */
    sessions: text(),
  },
  (withdrawal) => [primaryKey({ columns: [withdrawal.tenantId, withdrawal.id] })],
);

/** How far each part of the sweep has come. */
export const sweeps = sqliteTable('sweeps', {
  part: text().primaryKey(),
  /** The last key that was looked at; empty: from the beginning. */
  cursor: text().notNull(),
});
