/** A database after the first migrations, with a row of each kind. */
import { applyD1Migrations } from 'cloudflare:test';
import { createHash } from 'node:crypto';
import { Issuer } from '../../src/base/issuer.ts';
import { hashPassword } from '../../src/base/passwords.ts';
import { SCOPES } from '../../src/domain/entities/key.ts';
import { PASSWORD } from '../secrets.ts';
import { env } from '../world.ts';

const DAY = 86_400_000;

type Row = Record<string, string | number>;

/** All tables of ours. */
export async function tables(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name " +
      "NOT GLOB 'sqlite_*'",
  ).all<{ name: string }>();
  return results.map(({ name }) => name);
}

/** Nothing is there any more, and then what the first `count` migrations made. */
async function begin(count: number): Promise<void> {
  const drops = (await tables()).map((name) => env.DB.prepare(`DROP TABLE "${name}"`));
  await env.DB.batch([env.DB.prepare('PRAGMA defer_foreign_keys = on'), ...drops]);
  await applyD1Migrations(env.DB, env.MIGRATIONS.slice(0, count));
}

/** Puts a row into a table, as far as both were known then. */
async function put(table: string, row: Row): Promise<void> {
  const { results } = await env.DB.prepare(`PRAGMA table_info("${table}")`).all<{ name: string }>();
  const names = results.map(({ name }) => name).filter((name) => name in row);
  if (names.length === 0) return;
  const places = names.map(() => '?').join(', ');
  await env.DB.prepare(`INSERT INTO "${table}" ("${names.join('", "')}") VALUES (${places})`)
    .bind(...names.map((name) => row[name] ?? null))
    .run();
}

export const OLD = {
  tenant: 1_000_000_000_001,
  user: 2_000_000_000_001,
  member: 2_000_000_000_002,
  device: 'OLDDEV01',
  station: 5_000_000_000_001,
  email: 'old@example.com',
};

/** What was stored then of a credential: SHA-256 over the whole of it. */
async function issue(issuer: Issuer, kind: 'key' | 'ses') {
  const issued = await issuer.issue(kind);
  return { ...issued, hash: createHash('sha256').update(issued.token).digest('base64url') };
}

/**
 * Fills a database that has the first `count` migrations. Gives its credentials, and how many rows
 * each table has.
 */
export async function fillOld(count: number) {
  await begin(count);
  const issuer = new Issuer([env.TOKEN_SECRETS]);
  const key = await issue(issuer, 'key');
  const [session, staff] = [await issue(issuer, 'ses'), await issue(issuer, 'ses')];
  const { tenant, user, member, device, station, email } = OLD;
  const now = Date.now();
  const common = {
    ...{ tenant_id: tenant, name: 'Old', status: 1, change_id: 'old' },
    ...{ created_at: now - DAY, updated_at: now - DAY },
  };
  const live = { renewed_at: now - DAY, renew_after: now + DAY, expires_at: now + 20 * DAY };
  const [project, sensor] = [6_000_000_000_001, 7_000_000_000_001];
  const event = { tenant_id: tenant, actor_kind: 'API_KEY', actor_id: key.id, request_id: 'r' };
  const grant = { ...common, user_id: user, device_id: device };
  const rows: [string, Row][] = [
    ['tenants', { ...common, id: tenant }],
    ['api_keys', { ...common, id: key.id, hash: key.hash, scopes: JSON.stringify(SCOPES) }],
    ['users', { ...common, id: user, external_id: 'old-user' }],
    ['users', { ...common, id: member, email, member_level: 1 }],
    [
      'passwords',
      {
        ...{ user_id: member, hash: await hashPassword(PASSWORD), first_set_at: now - DAY },
        ...{ reset_required: 0, change_id: 'old' },
      },
    ],
    ['devices', { ...common, device_id: device, meter_id: 'old-meter' }],
    ['permissions', { ...grant, permission: 'VIEW' }],
    ['permissions', { ...grant, permission: 'CHARGE', expires_at: now + DAY }],
    ['sessions', { ...common, ...live, id: session.id, hash: session.hash, user_id: user }],
    ['sessions', { ...common, ...live, id: staff.id, hash: staff.hash, user_id: member }],
    ['orders', { ...common, order_id: 'old-order', user_id: user, status: 'PLACED' }],
    ['projects', { ...common, id: project, public_key: 'old' }],
    [
      'stations',
      {
        ...{ ...common, id: station, project_id: project, code: 'OLD-0001', reporting: 900 },
        ...{ ref_logger_id: 12, latitude: '0.000000', longitude: '0.000000', timezone_name: 'UTC' },
      },
    ],
    ['sensors', { ...common, id: sensor, station_id: station, reporting: 900, logging: 900 }],
    ['channels', { ...common, id: 8, sensor_id: sensor, unit_id: 1, scale: 1, offset: 0, code: 1 }],
    ['user_stations', { ...common, user_id: user, station_id: station, id: 9 }],
    [
      'audit_events',
      {
        ...{ ...event, id: 'old', at: now - DAY, number: (now - DAY) * 1024, user_id: user },
        ...{ action: 'user.add', subject: '{}' },
      },
    ],
  ];
  for (const [table, row] of rows) await put(table, row);
  const counts: Record<string, number> = {};
  for (const table of (await tables()).filter((name) => rows.some(([one]) => one === name))) {
    counts[table] = rows.filter(([one]) => one === table).length;
  }
  return { key: key.token, session: session.token, staff: staff.token, counts };
}

/** The migrations that came since. */
export const upgrade = () => applyD1Migrations(env.DB, env.MIGRATIONS);
