/** Stations in the field: the config packet, alarms, and one user over both faces. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  env,
  grant,
  type Json,
  newDevice,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
} from '../world.ts';
import { done, memberFields, newProject, newStaff, newStation, rest } from './company.ts';

const world = newWorld();
let tenant: Tenant;
let head: { id: number; token: string };

beforeAll(async () => {
  tenant = await newTenant(world);
  head = await newStaff(world, tenant, 1);
});

const packetOf = async (token: string): Promise<Json> =>
  (await done(rest(world, token, 'GET /config-packet'))).config_packet;

describe('the config packet', () => {
  it('has every project, station, sensor, channel and unit, with the given fields', async () => {
    const project = await newProject(world, head.token);
    const station = await newStation(world, head.token, project.id);
    const { sensor } = await done(
      rest(world, head.token, `POST /station/${station.id}/sensor`, { name: 'Probe', logging: 60 }),
    );
    const { channel } = await done(
      rest(world, head.token, `POST /sensor/${sensor.id}/channel`, { name: 'Level', unit_id: 18 }),
    );
    const { projects, units } = await packetOf(head.token);
    expect(projects.find(({ id }: Json) => id === project.id)).toEqual({
      id: project.id,
      company_id: Number(tenant.id),
      name: project.name,
      public_key: project.public_key,
      status: 1,
      stations: [
        {
          id: station.id,
          project_id: project.id,
          sui: station.code,
          name: station.name,
          latitude: '0.000000',
          longitude: '0.000000',
          timezone: '+00:00',
          timezone_name: 'UTC',
          sensors: [
            {
              id: sensor.id,
              station_id: station.id,
              name: 'Probe',
              status: 1,
              reporting: 900,
              logging: 60,
              channels: [
                {
                  id: channel.id,
                  sensor_id: sensor.id,
                  name: 'Level',
                  unit_id: 18,
                  status: 1,
                  channel_health: { last_reading: null, health: null },
                },
              ],
            },
          ],
        },
      ],
    });
    expect(units.find(({ id }: Json) => id === 18)).toEqual({
      id: 18,
      name: 'Metre',
      unit: 'm',
      company_id: 0,
    });
    expect(new Set(units.map(({ id }: Json) => id)).size).toBe(units.length);
  });

  it('says what the time zone of a station is ahead of UTC', async () => {
    const project = await newProject(world, head.token);
    const { id } = await newStation(world, head.token, project.id);
    for (const [timezone_name, timezone] of [
      ['Asia/Kolkata', '+05:30'],
      ['America/Phoenix', '-07:00'],
      ['UTC', '+00:00'],
    ]) {
      const { station } = await done(
        rest(world, head.token, `PATCH /station/${id}`, { timezone_name }),
      );
      expect(station).toMatchObject({ timezone_name, timezone });
    }
  });

  it('has empty lists where there is nothing, and the units all the same', async () => {
    const other = await newTenant(world);
    const staff = await newStaff(world, other, 1);
    const packet = await packetOf(staff.token);
    expect(packet.projects).toEqual([]);
    expect(packet.units.length).toBeGreaterThan(10);
    const project = await newProject(world, staff.token);
    expect((await packetOf(staff.token)).projects).toMatchObject([
      { id: project.id, stations: [] },
    ]);
  });
});

describe('lists', () => {
  it('of stations are searched by a part of a name or code', async () => {
    const project = await newProject(world, head.token);
    const station = await newStation(world, head.token, project.id);
    await newStation(world, head.token, project.id);
    const search = encodeURIComponent(station.code.slice(1).toLowerCase());
    const path = `GET /project/${project.id}/station`;
    const { stations, paging } = await done(rest(world, head.token, `${path}?search=${search}`));
    expect([stations.map(({ id }: Json) => id), paging.total]).toEqual([[station.id], 1]);
  });

  it('of projects are searched by a part of their name, or of a station’s in them', async () => {
    const tenant = await newTenant(world);
    const { token } = await newStaff(world, tenant, 1);
    const project = await newProject(world, token);
    const other = await newProject(world, token);
    const [seen, hidden] = [
      await newStation(world, token, project.id),
      await newStation(world, token, project.id),
    ];
    const low = await newStaff(world, tenant, 4, [seen.id]);
    const found = async (token: string, search: string) => {
      const call = `GET /project?search=${encodeURIComponent(search)}`;
      const { projects, paging } = await done(rest(world, token, call));
      expect(paging.total).toBe(projects.length);
      return projects.map(({ id }: Json) => id);
    };
    await done(rest(world, token, `PATCH /project/${other.id}`, { name: 'Ötzi brook 100%' }));
    expect(await found(token, 'BROOK 100%')).toEqual([other.id]);
    expect(await found(token, hidden.code.slice(1).toLowerCase())).toEqual([project.id]);
    expect(await found(token, 'no such thing')).toEqual([]);
    // Nobody finds a project by a station that they do not see.
    expect(await found(low.token, seen.code)).toEqual([project.id]);
    expect(await found(low.token, hidden.code)).toEqual([]);
  });

  it('of sensors and channels have what was added, a page at a time', async () => {
    const project = await newProject(world, head.token);
    const station = await newStation(world, head.token, project.id);
    const post = (path: string, body: object) =>
      done(rest(world, head.token, `POST ${path}`, body));
    const { sensor } = await post(`/station/${station.id}/sensor`, { name: 'Probe' });
    await post(`/station/${station.id}/sensor`, { name: 'Gauge' });
    const level = await post(`/sensor/${sensor.id}/channel`, { name: 'Level', unit_id: 18 });
    const rain = await post(`/sensor/${sensor.id}/channel`, { name: 'Rain', unit_id: 16 });
    const sensors = await done(
      rest(world, head.token, `GET /station/${station.id}/sensor?per_page=1`),
    );
    expect([sensors.sensors.length, sensors.paging.total]).toEqual([1, 2]);
    const { channels } = await done(rest(world, head.token, `GET /sensor/${sensor.id}/channel`));
    expect(channels).toEqual([level.channel, rain.channel]);
  });
});

describe('what goes with what', () => {
  it('a project that still has stations is kept, and says why', async () => {
    const project = await newProject(world, head.token);
    const station = await newStation(world, head.token, project.id);
    const { status, errors } = await rest(world, head.token, `DELETE /project/${project.id}`);
    expect({ status, errors }).toEqual({
      status: 409,
      errors: { id: 'This project still has stations. Delete these first.' },
    });
    await done(rest(world, head.token, `DELETE /station/${station.id}`));
    await done(rest(world, head.token, `DELETE /project/${project.id}`));
  });

  it('a station takes its sensors, channels and assignments, a sensor its channels', async () => {
    const project = await newProject(world, head.token);
    const station = await newStation(world, head.token, project.id);
    const staff = await newStaff(world, tenant, 3, [station.id]);
    const sensors = [];
    for (const name of ['one', 'other']) {
      const { sensor } = await done(
        rest(world, staff.token, `POST /station/${station.id}/sensor`, { name }),
      );
      await done(
        rest(world, staff.token, `POST /sensor/${sensor.id}/channel`, { name, unit_id: 1 }),
      );
      sensors.push(sensor.id);
    }
    const count = (sql: string, id: number) => env.DB.prepare(sql).bind(id).first<number>('n');
    await done(rest(world, staff.token, `DELETE /sensor/${sensors[0]}`));
    const channels = 'SELECT count(*) AS n FROM channels WHERE sensor_id = ?';
    expect([await count(channels, sensors[0]), await count(channels, sensors[1])]).toEqual([0, 1]);
    await done(rest(world, staff.token, `DELETE /station/${station.id}`));
    expect(await count(channels, sensors[1])).toBe(0);
    for (const table of ['sensors', 'user_stations']) {
      expect(
        await count(`SELECT count(*) AS n FROM ${table} WHERE station_id = ?`, station.id),
      ).toBe(0);
    }
  });

  it('a removed tenant keeps nothing in the field', async () => {
    const other = await newTenant(world);
    const staff = await newStaff(world, other, 1);
    const station = await newStation(world, staff.token, (await newProject(world, staff.token)).id);
    await newStaff(world, other, 4, [station.id]);
    await world.call(env.OPERATOR_KEY, 'removeIntermediary', { id: other.id });
    for (const table of ['projects', 'stations']) {
      const left = await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant_id = ?`)
        .bind(Number(other.id))
        .first('n');
      expect(left, table).toBe(0);
    }
    expect((await rest(world, staff.token, 'GET /project')).status).toBe(401);
  });
});

describe('alarm recipients', () => {
  it('are active users with access who want to be told, each only where they want it', async () => {
    const other = await newTenant(world);
    const add = async (more: object) =>
      (await done(rest(world, other.key, 'POST /user', memberFields(other, more)))).user;
    const sms = '+1 555 555 5555';
    const project = await newProject(world, other.key);
    const station = await newStation(world, other.key, project.id);
    const elsewhere = await newStation(world, other.key, project.id);
    const station_ids = [station.id];
    const everywhere = await add({ member_level_id: 1, alarm_email: 1 });
    const bySms = await add({ station_ids, alarm_sms: 1, sms, member_level_id: 4 });
    const silent = await add({ station_ids });
    const disabled = await add({ station_ids, alarm_email: 1, status: 0 });
    const away = await add({ station_ids: [elsewhere.id], alarm_email: 1 });
    const user = await newUser(world, other);
    await done(
      rest(world, other.key, `PATCH /user/${user.id}`, { station_ids, alarm_sms: 1, sms }),
    );
    const { alarm_recipients } = await done(
      rest(world, other.key, `GET /station/${station.id}/alarm-recipients`),
    );
    const neither = { sms: null, phone: null };
    const bySmsAlone = { email: null, sms, phone: null };
    expect(alarm_recipients).toHaveLength(3);
    expect(alarm_recipients).toEqual(
      expect.arrayContaining([
        { user_id: everywhere.id, name: 'UserName', email: everywhere.email, ...neither },
        { user_id: bySms.id, name: 'UserName', ...bySmsAlone },
        { user_id: Number(user.id), name: null, ...bySmsAlone },
      ]),
    );
    expect(alarm_recipients.map((one: Json) => one.user_id)).not.toEqual(
      expect.arrayContaining([silent.id, disabled.id, away.id]),
    );
  });
});

describe('one user, both faces', () => {
  const viewer = async (token: string): Promise<Json> =>
    world.ask(
      token,
      '{ viewer { stations(first: 100) { nodes { id code } } devices(first: 10) { nodes { ' +
        'deviceId } } } }',
    );
  const verify = async (token: string, question: string): Promise<number> =>
    (await world.send(`/verify/${tenant.id}?${question}`, token)).status;

  it(
    'a member is given devices over GraphQL, an end user stations over REST; both are answered ' +
      'for',
    async () => {
      const device = await newDevice(world, tenant);
      const project = await newProject(world, head.token);
      const station = await newStation(world, head.token, project.id);
      const other = await newStation(world, head.token, project.id);

      const member = await newMember(tenant, 3);
      await grant(world, tenant, member.identifier, [device]);
      const user = await newUser(world, tenant);
      for (const { id } of [member, user]) {
        await done(rest(world, head.token, `PATCH /user/${id}`, { station_ids: [station.id] }));
      }
      for (const { identifier } of [member, user]) {
        const { accessToken } = await newSession(world, tenant, identifier);
        expect((await viewer(accessToken)).stations.nodes).toEqual([
          { id: String(station.id), code: station.code },
        ]);
        expect(await verify(accessToken, `station=${station.id}`)).toBe(204);
        expect(await verify(accessToken, `station=${other.id}`)).toBe(403);
        expect(await verify(accessToken, 'station=12')).toBe(403);
      }
      const { accessToken } = await newSession(world, tenant, member.identifier);
      expect((await viewer(accessToken)).devices.nodes).toEqual([{ deviceId: device.deviceId }]);
      expect(await verify(accessToken, `device=${device.deviceId}`)).toBe(204);
    },
  );

  it(
    'a station assigned counts at once, and one taken away no longer, though a copy stood in ' +
      'between',
    async () => {
      const station = await newStation(world, head.token, (await newProject(world, head.token)).id);
      const user = await newUser(world, tenant);
      const { accessToken } = await newSession(world, tenant, user.identifier);
      const assign = (station_ids: number[]) =>
        done(rest(world, head.token, `PATCH /user/${user.id}`, { station_ids }));
      const question = `station=${station.id}`;
      await world.send(`/verify/${tenant.id}`, accessToken);
      await assign([station.id]);
      expect(await verify(accessToken, question)).toBe(204);
      await assign([]);
      expect(await verify(accessToken, question)).toBe(403);
      await assign([station.id]);
      await done(rest(world, head.token, `DELETE /station/${station.id}`));
      expect(await verify(accessToken, `${question}&consistency=strict`)).toBe(403);
    },
  );

  it('level 1 sees every station of its own company, and none of another', async () => {
    const station = await newStation(world, head.token, (await newProject(world, head.token)).id);
    expect(await verify(head.token, `station=${station.id}`)).toBe(204);
    const { nodes } = (await viewer(head.token)).stations;
    expect(nodes).toContainEqual({ id: String(station.id), code: station.code });
    const stranger = await newTenant(world);
    const theirs = await newStation(
      world,
      stranger.key,
      (await newProject(world, stranger.key)).id,
    );
    for (const consistency of ['fast', 'strict']) {
      expect(await verify(head.token, `station=${theirs.id}&consistency=${consistency}`)).toBe(403);
    }
  });

  it(
    'stations past what a copy carries are asked about in D1, for level 1 and for who is ' +
      'assigned many',
    async () => {
      const other = await newTenant(world);
      const chief = await newStaff(world, other, 1);
      const member = await newMember(other, 3);
      const project = await newProject(world, other.key);
      const first = 7_000_000_000 + (Number(other.id) % 1_000_000_000);
      const columns =
        'id, tenant_id, project_id, name, code, reporting, ref_logger_id, status, latitude, ' +
        'longitude, timezone_name, created_at, updated_at, change_id';
      const numbers = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i <
        600)`;
      await env.DB.batch([
        env.DB.prepare(
          `INSERT INTO stations (${columns}) ${numbers} SELECT ? + i, ?, ?, 'x', 'many-' || i, ` +
            "900, 1, 1, '0', '0', 'UTC', 0, 0, '' FROM n",
        ).bind(first, Number(other.id), project.id),
        env.DB.prepare(
          'INSERT INTO user_stations (user_id, station_id, id, created_at, updated_at) ' +
            `${numbers} SELECT ?, ? + i, i, 0, 0 FROM n`,
        ).bind(Number(member.id), first),
      ]);
      const { accessToken } = await newSession(world, other, member.identifier);
      const ask = async (token: string, station: number) =>
        (await world.send(`/verify/${other.id}?station=${station}&consistency=strict`, token))
          .status;
      for (const token of [chief.token, accessToken]) {
        expect(await ask(token, first)).toBe(204);
        expect(await ask(token, first + 599)).toBe(204);
        expect(await ask(token, first + 5_000)).toBe(403);
      }
      await env.DB.prepare('DELETE FROM user_stations WHERE user_id = ? AND station_id = ?')
        .bind(Number(member.id), first + 30)
        .run();
      expect(await ask(accessToken, first + 30)).toBe(403);
    },
  );
});
