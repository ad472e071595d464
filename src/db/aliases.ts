/**
 * The aliases of the tables in statements. Each table has one, so that parts of statements fit
 * together.
 */
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import { alias, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import * as tables from './schema.ts';

const sources = new WeakMap<SQLiteTable, SQL>();

/** A table under another alias, for a statement that needs it twice. */
export function aliased<Table extends SQLiteTable, Name extends string>(table: Table, name: Name) {
  const renamed = alias(table, name);
  // Drizzle creates a column each time it is read. Here each is created once, so that its text can
  // be cached.
  const kept = Object.create(renamed, Object.getOwnPropertyDescriptors(getTableColumns(renamed)));
  sources.set(kept, sql`${table} AS ${renamed}`);
  return kept as typeof renamed;
}

/** A table with its alias, as FROM, JOIN, UPDATE and DELETE FROM need it. */
export const source = (aliased: SQLiteTable): SQL => sources.get(aliased) ?? sql`${aliased}`;

export const t = aliased(tables.tenants, 't');
/** The quotas of the deployment, as opposed to those of a tenant (`q`). */
export const dq = aliased(tables.quotas, 'dq');
export const k = aliased(tables.apiKeys, 'k');
export const u = aliased(tables.users, 'u');
export const pw = aliased(tables.passwords, 'pw');
export const rt = aliased(tables.resetTokens, 'rt');
export const tp = aliased(tables.totps, 'tp');
export const rc = aliased(tables.recoveryCodes, 'rc');
export const wc = aliased(tables.wrongCodes, 'wc');
export const pk = aliased(tables.passkeys, 'pk');
export const sc = aliased(tables.spentChallenges, 'sc');
export const ml = aliased(tables.mailings, 'ml');
export const f = aliased(tables.failedSignIns, 'f');
export const pr = aliased(tables.projects, 'pr');
export const st = aliased(tables.stations, 'st');
export const us = aliased(tables.userStations, 'us');
export const se = aliased(tables.sensors, 'se');
export const ch = aliased(tables.channels, 'ch');
export const d = aliased(tables.devices, 'd');
export const p = aliased(tables.permissions, 'p');
export const s = aliased(tables.sessions, 's');
export const o = aliased(tables.orders, 'o');
export const e = aliased(tables.auditEvents, 'e');
export const ed = aliased(tables.auditEventDevices, 'ed');
export const en = aliased(tables.endings, 'en');
export const em = aliased(tables.endingMakers, 'em');
export const q = aliased(tables.quotas, 'q');
export const wi = aliased(tables.withdrawals, 'wi');
export const wh = aliased(tables.webhooks, 'wh');
export const wd = aliased(tables.webhookDeliveries, 'wd');
export const sw = aliased(tables.sweeps, 'sw');
