/** What statements call the tables: one name a table, so that a part of one fits into another. */
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import { alias, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import * as tables from './schema.ts';

const sources = new WeakMap<SQLiteTable, SQL>();

/** A table by another name: in a statement that needs one twice. */
export function named<Table extends SQLiteTable, Name extends string>(table: Table, name: Name) {
  const aliased = alias(table, name);
  // Drizzle makes a column anew each time that it is asked for. Here each is made once, so that its
  // text can be kept.
  const kept = Object.create(aliased, Object.getOwnPropertyDescriptors(getTableColumns(aliased)));
  sources.set(kept, sql`${table} AS ${aliased}`);
  return kept as typeof aliased;
}

/** A table with its alias, as it stands behind FROM, JOIN, UPDATE and DELETE FROM. */
export const source = (aliased: SQLiteTable): SQL => sources.get(aliased) ?? sql`${aliased}`;

export const t = named(tables.tenants, 't');
/** The quotas of the deployment, beside those `q` of a tenant. */
export const dq = named(tables.quotas, 'dq');
export const k = named(tables.apiKeys, 'k');
export const u = named(tables.users, 'u');
export const pw = named(tables.passwords, 'pw');
export const rt = named(tables.resetTokens, 'rt');
export const f = named(tables.failedSignIns, 'f');
export const pr = named(tables.projects, 'pr');
export const st = named(tables.stations, 'st');
export const us = named(tables.userStations, 'us');
export const se = named(tables.sensors, 'se');
export const ch = named(tables.channels, 'ch');
export const d = named(tables.devices, 'd');
export const p = named(tables.permissions, 'p');
export const s = named(tables.sessions, 's');
export const o = named(tables.orders, 'o');
export const e = named(tables.auditEvents, 'e');
export const ed = named(tables.auditEventDevices, 'ed');
export const en = named(tables.endings, 'en');
export const em = named(tables.endingMakers, 'em');
export const q = named(tables.quotas, 'q');
export const wi = named(tables.withdrawals, 'wi');
export const wh = named(tables.webhooks, 'wh');
export const wd = named(tables.webhookDeliveries, 'wd');
export const sw = named(tables.sweeps, 'sw');
