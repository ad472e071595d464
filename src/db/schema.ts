/** The tables: what is true. All times are epoch milliseconds. */
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
  ],
);

export const apiKeys = sqliteTable(
  'api_keys',
  {
    /** Public: the part of the key that may be logged. */
    id: text().primaryKey(),
    tenantId: integer('tenant_id')
      .notNull()
      .references(() => tenants.id),
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
    index('api_keys_by_tenant').on(key.tenantId),
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
    /** In lower case: compared without it. */
    email: text(),
    memberLevel: integer('member_level'),
    name: text(),
    createdAt: integer('created_at').notNull(),
    suspendedAt: integer('suspended_at'),
    removedAt: integer('removed_at'),
    /** Numbers that alarms go to, in international format. */
    sms: text(),
    phone: text(),
    alarmEmail: integer('alarm_email').notNull().default(0),
    alarmSms: integer('alarm_sms').notNull().default(0),
    changeId: text('change_id'),
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
      .on(user.tenantId, sql`${user.name} COLLATE NOCASE`)
      .where(sql`${user.name} IS NOT NULL`),
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
    /** With the parameters that it was made with. */
    hash: text(),
    firstSetAt: integer('first_set_at'),
    resetRequired: integer('reset_required').notNull(),
    /** The last reset token: the public part of it, and its hash. */
    resetId: text('reset_id'),
    resetHash: text('reset_hash'),
    resetEndsAt: integer('reset_ends_at'),
    /** Who had it made: it works only while they could have it made again. */
    resetByUser: integer('reset_by_user'),
    resetByKey: text('reset_by_key'),
    changeId: text('change_id').notNull(),
  },
  (password) => [
    uniqueIndex('passwords_by_reset')
      .on(password.resetId)
      .where(sql`${password.resetId} IS NOT NULL`),
    check('passwords_set', sql`(${password.hash} IS NULL) = (${password.firstSetAt} IS NULL)`),
  ],
);

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
    status: integer().notNull(),
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
    status: integer().notNull(),
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
    status: integer().notNull(),
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
    status: integer().notNull(),
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
  },
  (session) => [
    index('sessions_by_user').on(session.userId, session.revokedAt),
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

export const auditEvents = sqliteTable(
  'audit_events',
  {
    tenantId: integer('tenant_id').notNull(),
    /** Sorts by time. */
    id: text().notNull(),
    at: integer().notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id'),
    action: text().notNull(),
    userId: integer('user_id'),
    /** What else it concerned, a JSON object: `deviceIds`, `permission`, `orderId`, `orderStatus`, `sessionIds`, `apiKeyId`, …: see `Subject`. */
    subject: text().notNull(),
    requestId: text('request_id').notNull(),
  },
  (event) => [
    primaryKey({ columns: [event.tenantId, event.id] }),
    index('audit_events_by_user')
      .on(event.userId, event.id)
      .where(sql`${event.userId} IS NOT NULL`),
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
    cause: text().notNull(),
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
