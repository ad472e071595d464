/**
 * A database full of people: one large tenant and a hundred small ones. SQL alone makes them, from
 * a running number each, so that a million takes minutes; hashes of the number stand for what is
 * random, so that they are the same at each run.
 *
 * For every thousand users of the large tenant: a project with five stations, two sensors each and
 * three channels on each of these; ten members (one of level 1, two, three and four of the others,
 * with five stations each). For each user: a device (and for every tenth one in stock), two to four
 * grants on it and a neighbour's, one or two sessions, three events, an order for every second.
 */

/** From this number on, users of small tenants: ten in each, a thousand numbers apart. */
const SMALL = 12_000_000;
const SMALL_TENANTS = 100;
/** What a member is numbered by, past the user beside whom it is made. */
const MEMBERS = 4_000_000;
/** Users made in one transaction: whole thousands. */
const CHUNK = 10_000;

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** 32 bits that look random; the salts tell the uses of one number apart. */
const mix = (n: string, salt: number): string =>
  `((${n} + ${salt * 7_919}) * (${n} + ${salt * 104_729}) % 4294967291 * 1640531527 % 4294967296)`;

/** An id below 2^53: the number in its last 24 bits. */
const id = (n: string): string => `((${mix(n, 1)} >> 3 << 24) | (${n}))`;
const tenant = (n: string): string =>
  id(`(CASE WHEN ${n} < ${SMALL} THEN 0 ELSE 1 + (${n} - ${SMALL}) / 1000 END)`);
const externalId = (n: string): string =>
  `printf('%08x-%08x-%06x', ${mix(n, 2)}, ${mix(n, 3)}, ${n})`;
const deviceId = (n: string): string => `printf('%02X%06x', ${mix(n, 4)} % 256, ${n})`;
const meterId = (n: string): string => `printf('%02d-%09d', ${mix(n, 4)} % 100, ${n})`;
const orderId = (n: string): string => `printf('%06x%06x', ${mix(n, 5)} % 16777216, ${n})`;
const sessionId = (n: string, nth: string): string =>
  `printf('%08x%02x%06x', ${mix(n, 6)}, ${nth}, ${n})`;
const hash = (n: string): string =>
  `printf('%08x%08x%08x%08x%08x%03x', ${[7, 8, 9, 10, 11].map((salt) => mix(n, salt))}, ${n} ` +
  '% 4096)';

const pick = (list: readonly string[], n: string, salt: number): string =>
  `'${JSON.stringify(list)}' ->> (${mix(n, salt)} / 64 % ${list.length})`;
const firstName = (n: string): string => `(${pick(['Ada', 'Edith', 'Grace', 'Mary'], n, 12)})`;
const lastName = (n: string): string =>
  `(${pick(['Anning', 'Clarke', 'Hopper', 'King', 'Noether', 'Somerville'], n, 13)})`;
const name = (n: string): string => `${firstName(n)} || ' ' || ${lastName(n)}`;
const email = (n: string): string =>
  `lower(printf('%s.%s.%d@example.com', ${firstName(n)}, ${lastName(n)}, ${n}))`;

/** Digits as in the ids of changes, which sort by time. */
const base36 = (time: string): string =>
  Array.from(
    { length: 9 },
    (_, at) =>
      `substr('0123456789abcdefghijklmnopqrstuvwxyz', 1 + ${time} / ${36 ** (8 - at)} % 36, 1)`,
  ).join(' || ');

const MEMBER = `n + ${MEMBERS}`;
/** The first number of the thousand that stations are assigned in. */
const THOUSAND = 'n / 1000 * 1000';
const NEIGHBOUR = '(n + 1 - n % 2 * 2)';

/** Statements that make all that belongs to `people(n)`, as the Worker would have written it. */
function statements(people: string, now: number): string[] {
  const time = `(${now - 720 * DAY} + n % ${SMALL} * ${MINUTE})`;
  const change = `${base36(time)} || printf('%06x%06x', ${mix('n', 14)} % 16777216, n)`;
  // The clock of a large tenant's people is that of the small ones' too.
  const eventNumber = (nth: string) => `(${time} * 1024 + iif(n < ${SMALL}, 0, 8) + ${nth})`;
  const session = `${now}, ${now}, ${now + 22 * 60 * MINUTE}, ${now + 31 * DAY}`;
  const level = "'[1,2,2,3,3,3,4,4,4,4]' ->> (n / 100 % 10)";
  const is = (each: number): string => `FROM people WHERE n % ${each} = 0`;
  return [
    `INSERT INTO projects (id, tenant_id, name, public_key, status, created_at, updated_at,
      change_id)
     SELECT ${id('n')}, ${tenant('n')}, 'Project ' || n, substr(${hash('n')}, 1, 24), 1, ${time},
     ${time}, ${change} ${is(1_000)}`,
    `INSERT INTO stations (id, tenant_id, project_id, name, code, reporting, ref_logger_id, status,
      location, latitude, longitude,
       timezone_name, created_at, updated_at, change_id)
     SELECT ${id('n')}, ${tenant('n')}, ${id(THOUSAND)}, 'Weir at mill ' || n, printf('WEIR-%08d',
     n), 900, 12, 1, 'Mill Lane, Ely',
       '52.398056', '0.262222', 'Europe/London', ${time}, ${time}, ${change} ${is(200)}`,
    `INSERT INTO sensors (id, station_id, name, status, reporting, logging, created_at, updated_at,
      change_id)
     SELECT ${id('n + j.value')}, ${id('n')}, 'Water level', 1, 900, 60, ${time}, ${time}, ${change}
     FROM people, json_each('[0,1]') j WHERE n % 200 = 0`,
    `INSERT INTO channels (id, sensor_id, name, unit_id, scale, offset, code, status, created_at,
      updated_at, change_id)
     SELECT ${id('n + j.value')}, ${id('n + j.value % 2')}, 'Level', 18, 1, 0, j.value / 2, 1,
     ${time}, ${time}, ${change}
     FROM people, json_each('[0,1,2,3,4,5]') j WHERE n % 200 = 0`,
    `INSERT INTO devices (device_id, tenant_id, meter_id, change_id)
     SELECT ${deviceId('n')}, ${tenant('n')}, ${meterId('n')}, ${change} FROM people`,
    "INSERT INTO devices (device_id, tenant_id, change_id) SELECT printf('Z%07x', n), NULL, " +
      `${change} ${is(10)}`,
    `INSERT INTO users (id, tenant_id, external_id, name, created_at)
     SELECT ${id('n')}, ${tenant('n')}, ${externalId('n')}, iif(n % 10 = 0, ${name('n')}, NULL),
     ${time} FROM people`,
    `INSERT INTO users (id, tenant_id, email, member_level, name, sms, alarm_email, alarm_sms,
      created_at, change_id)
     SELECT ${id(MEMBER)}, ${tenant('n')}, ${email('n')}, ${level}, ${name('n')}, '+1 555 555 5555',
     1, 1, ${time}, ${change} ${is(100)}`,
    `INSERT INTO passwords (user_id, hash, first_set_at, reset_required, change_id)
     SELECT ${id(MEMBER)}, '$scrypt$ln=14,r=8,p=5$' || substr(${hash('n')}, 1, 22) || '$' ||
     ${hash('n')}, ${time}, 0, ${change} ${is(100)}`,
    `INSERT INTO user_stations (user_id, station_id, id, created_at, updated_at)
     SELECT ${id('n')}, ${id('n / 200 * 200')}, ${id('n')}, ${time}, ${time} ${is(10)}`,
    `INSERT INTO user_stations (user_id, station_id, id, created_at, updated_at)
     SELECT ${id(MEMBER)}, st.id, ${id('n + j.value')}, ${time}, ${time}
     FROM people, json_each('[0,1,2,3,4]') j JOIN stations st ON st.id =
     ${id(`${THOUSAND} + j.value * 200`)}
     WHERE n % 100 = 0 AND ${level} > 1`,
    `INSERT INTO permissions (user_id, device_id, permission, expires_at, change_id, tenant_id)
     SELECT ${id('n')}, iif(j.value < 2, ${deviceId('n')}, ${deviceId(NEIGHBOUR)}), iif(j.value % 2,
     'CHARGE', 'VIEW'),
       iif(n % 10 = 3, ${now + 365 * DAY}, NULL), ${change}, ${tenant('n')}
     FROM people, json_each('[0,1,2,3]') j WHERE j.value < '[3,2,3,4]' ->> (n % 4)`,
    `INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
      expires_at)
     SELECT ${sessionId('n', 'j.value')}, ${tenant('n')}, ${id('n')}, ${hash('n')}, ${session}
     FROM people, json_each('[0,1]') j WHERE j.value = 0 OR n % 2 = 0`,
    `INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
      expires_at)
     SELECT ${sessionId('n', '2')}, ${tenant('n')}, ${id(MEMBER)}, ${hash('n')}, ${session}
     ${is(100)}`,
    `INSERT INTO orders (tenant_id, order_id, user_id, status, device_id, tracking_link, created_at,
      updated_at, change_id)
     SELECT ${tenant('n')}, ${orderId('n')}, ${id('n')}, iif(n % 4, iif(n % 8 = 2, 'SHIPPED',
     'DELIVERED'), 'PLACED'), iif(n % 4, ${deviceId('n')}, NULL),
       iif(n % 4, 'https://parcels.example.com/' || ${orderId('n')}, NULL), ${time}, ${time},
       ${change} ${is(2)}`,
    `INSERT INTO audit_events (number, tenant_id, actor_kind, actor_id, action, user_id, subject,
      request_id)
     SELECT ${eventNumber('j.key')}, ${tenant('n')}, 'API_KEY', ${sessionId('n', '3')}, j.value ->>
     1, ${id('n')},
       CASE j.value ->> 0 WHEN 'u' THEN '{}'
         WHEN 's' THEN json_object('sessionIds', json_array(${sessionId('n', '0')}))
         ELSE json_object('permission', 'VIEW', 'deviceIds', json_array(${deviceId('n')}),
         'expiresAt', NULL) END,
       printf('%08x-0000-4000-8000-%012x', ${mix('n', 15)}, n)
     FROM people, json_each('[["u","user.add"],["pVIEW","permission.add"],["s","session.add"]]') j`,
    `INSERT INTO audit_event_devices (tenant_id, device_id, number)
     SELECT ${tenant('n')}, ${deviceId('n')}, ${eventNumber('1')} FROM people`,
  ].map((insert) => `WITH RECURSIVE ${people} ${insert}`);
}

const count = (from: number, to: number): string =>
  `count(at) AS (SELECT ${from} UNION ALL SELECT at + 1 FROM count WHERE at + 1 < ${to})`;

/** Runs statements as one transaction. */
export type Run = (statements: string[]) => unknown;

/** The tenants, and the users of the small ones. */
export async function fillBeside(run: Run, now: number): Promise<void> {
  await run([
    `WITH RECURSIVE ${count(0, SMALL_TENANTS + 1)} INSERT INTO tenants (id, name, name_folded,
      created_at)
     SELECT ${id('at')}, 'Tenant ' || at, 'tenant ' || at, ${now - 720 * DAY} FROM count`,
    ...statements(
      `${count(0, SMALL_TENANTS * 10)}, people(n) AS (SELECT ${SMALL} + at / 10 * 1000 + at ` +
        '% 10 FROM count)',
      now,
    ),
  ]);
}

/** Users of the large tenant, by number: whole thousands. */
export async function fill(run: Run, from: number, to: number, now: number): Promise<void> {
  for (let at = from; at < to; at += CHUNK) {
    const people = `${count(at, Math.min(at + CHUNK, to))}, people(n) AS (SELECT at FROM count)`;
    await run(statements(people, now));
  }
}

/** What user `n` of the large tenant is known by, and what is around it. */
export interface Person {
  tenantId: string;
  userId: string;
  externalId: string;
  deviceId: string;
  meterId: string;
  orderId: string;
  /** The next but one's device, and one in stock. */
  freeDeviceId: string;
  stockDeviceId: string;
  /** Of the project of its thousand, and the stations there. */
  projectId: number;
  stationIds: number[];
  /** A tenant beside the large one. */
  smallTenantId: string;
}

export async function person(db: D1Database, n: number): Promise<Person> {
  const stations = [0, 200, 400, 600, 800].map((at) => id(`(${n} / 1000 * 1000 + ${at})`));
  const row = await db
    .prepare(
      `SELECT ${tenant('n')} AS tenantId, ${id('n')} AS userId, ${externalId('n')} AS externalId,
        ${deviceId('n')} AS deviceId, ${meterId('n')} AS meterId, ${orderId('n')} AS orderId,
        ${deviceId('(n + 2)')} AS freeDeviceId, printf('Z%07x', n / 10 * 10) AS stockDeviceId,
        ${id(THOUSAND)} AS projectId, json_array(${stations}) AS stationIds,
        ${id('(1 + n % 100)')} AS smallTenantId FROM (SELECT ${n} AS n)`,
    )
    .first<Record<keyof Person, string>>();
  if (!row) throw new Error('a row without a table');
  return {
    ...row,
    tenantId: String(row.tenantId),
    userId: String(row.userId),
    smallTenantId: String(row.smallTenantId),
    projectId: Number(row.projectId),
    stationIds: JSON.parse(row.stationIds),
  };
}
