/** Paths as clients write them: nested as in the specification, and with a slash at the end. */
import { beforeAll, describe, expect, it } from 'vitest';
import { expectNoChange, type Json, newTenant, newWorld, type Tenant } from '../world.ts';
import { done, newProject, newStaff, newStation, rest } from './company.ts';

const world = newWorld();

interface Place {
  project: number;
  station: number;
  sensor: number;
  channel: number;
}

let tenant: Tenant;
let here: Place;
/** In another project; and beside the things of `here`, in the very same. */
let there: Place;
let beside: Place;

async function newPlace(project: number): Promise<Place> {
  const ask = (call: string, body: object): Promise<Json> =>
    done(rest(world, tenant.key, call, body));
  const { id: station } = await newStation(world, tenant.key, project);
  const { sensor } = await ask(`POST /station/${station}/sensor`, { name: 'Probe' });
  const body = { name: 'Level', unit_id: 18 };
  const { channel } = await ask(`POST /sensor/${sensor.id}/channel`, body);
  return { project, station, sensor: sensor.id, channel: channel.id };
}

beforeAll(async () => {
  tenant = await newTenant(world);
  const [one, other] = [await newProject(world, tenant.key), await newProject(world, tenant.key)];
  here = await newPlace(one.id);
  beside = await newPlace(one.id);
  there = await newPlace(other.id);
});

const NOUNS = ['project', 'station', 'sensor', 'channel'] as const;
type Noun = (typeof NOUNS)[number];
const nested = (place: Place, noun: Noun): string =>
  NOUNS.slice(0, NOUNS.indexOf(noun) + 1)
    .map((one) => `/${one}/${place[one]}`)
    .join('');

describe('a nested path', () => {
  it.each(NOUNS)('reads and changes the %s that the short one does', async (noun) => {
    const path = nested(here, noun);
    const short = `/${noun}/${here[noun]}`;
    const { [noun]: read } = await done(rest(world, tenant.key, `GET ${path}`));
    expect(read).toEqual((await done(rest(world, tenant.key, `GET ${short}`)))[noun]);
    const body = { name: `Renamed ${noun}` };
    const { [noun]: changed } = await done(rest(world, tenant.key, `PATCH ${path}`, body));
    expect(changed).toMatchObject({ id: here[noun], ...body });
  });

  it('adds, takes away, and names whom an alarm goes to', async () => {
    const call = (what: string, body?: object) => done(rest(world, tenant.key, what, body));
    const station = nested(here, 'station');
    const { sensor } = await call(`POST ${station}/sensor`, { name: 'Another' });
    expect(sensor.station_id).toBe(here.station);
    const path = `${station}/sensor/${sensor.id}`;
    const { channel } = await call(`POST ${path}/channel`, { name: 'Rain', unit_id: 1 });
    expect(channel.sensor_id).toBe(sensor.id);
    await call(`DELETE ${path}/channel/${channel.id}`);
    await call(`DELETE ${path}`);
    expect((await rest(world, tenant.key, `GET /sensor/${sensor.id}`)).status).toBe(404);
    expect((await call(`GET ${station}/alarm-recipients`)).alarm_recipients).toEqual([]);
    const { id } = await newStation(world, tenant.key, here.project);
    await call(`DELETE /project/${here.project}/station/${id}`);
  });

  it.each<Noun>(['station', 'sensor', 'channel'])(
    'to a %s is nothing where one thing does not lie in the other',
    async (noun) => {
      const outer = NOUNS.slice(0, NOUNS.indexOf(noun));
      const { token } = await newStaff(world, tenant, 3, [here.station, there.station]);
      for (const wrong of [there, beside, { ...there, project: 0 }]) {
        for (const one of outer) {
          if (wrong[one] === here[one]) continue;
          const path = nested({ ...here, [one]: wrong[one] }, noun);
          const more: [string, object?][] = [
            [`GET ${path}`],
            [`PATCH ${path}`, { name: 'Moved' }],
            [`DELETE ${path}`],
            ...(noun === 'station'
              ? ([[`GET ${path}/alarm-recipients`], [`POST ${path}/sensor`, { name: 'Lost' }]] as [
                  string,
                  object?,
                ][])
              : []),
            ...(noun === 'sensor'
              ? ([[`POST ${path}/channel`, { name: 'Lost', unit_id: 1 }]] as [string, object][])
              : []),
          ];
          for (const [call, body] of more) {
            await expectNoChange(() => rest(world, tenant.key, call, body), {
              status: 404,
              errors: { id: expect.any(String) },
            });
          }
          expect((await rest(world, token, `GET ${path}`)).status).toBe(404);
        }
      }
    },
  );
});

describe('a slash at the end', () => {
  it('does not matter, whatever the path', async () => {
    for (const [call, body] of [
      ['GET /user'],
      ['GET /user/?per_page=1'],
      ['GET /project'],
      [`GET /project/${here.project}`],
      [`GET /project/${here.project}/station`],
      [`GET /station/${here.station}`],
      [`GET /station/${here.station}/alarm-recipients`],
      [`GET ${nested(here, 'channel')}`],
      ['GET /config-packet'],
      [`PATCH /project/${here.project}`, { name: 'With a slash' }],
      ['POST /user', {}],
      ['POST /authenticate', {}],
      ['POST /password', {}],
    ] as [string, object?][]) {
      const [, path = '', query = ''] = /^(\S+ [^?]+?)\/?(\?.*)?$/.exec(call) ?? [];
      const plain = await rest(world, tenant.key, path + query, body);
      const slashed = await rest(world, tenant.key, `${path}/${query}`, body);
      expect([slashed.status, slashed.body], call).toEqual([plain.status, plain.body]);
      expect(slashed.status).not.toBe(404);
    }
  });

  it('does not matter where a method is refused, and other paths are none', async () => {
    const { status, headers } = await world.send('/project/', tenant.key, { method: 'DELETE' });
    expect([status, headers.get('Allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect((await world.send('/project//', tenant.key)).status).toBe(404);
    expect((await world.send('/export/', tenant.key)).status).toBe(200);
    expect((await world.send('/health/', null)).status).toBe(200);
  });
});

it('paging has the names of the given API besides its own', async () => {
  const other = await newTenant(world);
  for (let n = 0; n < 3; n++) await newProject(world, other.key);
  const pagingOf = async (query: string) =>
    (await done(rest(world, other.key, `GET /project?${query}`))).paging;
  expect(await pagingOf('page=2&per_page=2')).toEqual({
    ...{ page: 2, per_page: 2, total: 3, pages: 2 },
    ...{ current_page: 2, last_page: 2 },
  });
  const { paging } = await done(rest(world, other.key, 'GET /user'));
  expect(paging).toMatchObject({ total: 0, pages: 0, current_page: 1, last_page: 1 });
});
