/** What a call of the company API costs in D1: round trips, and statements that find their rows by an index. */
import { beforeAll, expect, it } from 'vitest';
import { routes } from '../../src/rest/routes.ts';
import { PASSWORD } from '../secrets.ts';
import { scansIn, watchD1 } from '../watch.ts';
import { newTenant, newUser, newWorld, type Tenant } from '../world.ts';
import { done, memberFields, newProject, newStaff, newStation, rest, seen } from './company.ts';

const world = newWorld();
const d1 = watchD1();
const watched = newWorld({ DB: d1.DB });
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

/** Every route once, as a member of this level or with the tenant's key. */
async function callAll(credential: string, level: 1 | 2 | 3 | 4): Promise<void> {
  const head = tenant.key;
  const project = await newProject(world, head);
  const station = await newStation(world, head, project.id);
  const me = (await rest(world, credential, 'GET /user/me')).data?.user;
  if (me && level > 1) {
    await done(rest(world, head, `PATCH /user/${me.id}`, { station_ids: [station.id] }));
  }
  const user = await newUser(world, tenant);
  const call = (what: string, body?: object) => rest(watched, credential, what, body);
  const { user: added } =
    (
      await call(
        'POST /user',
        memberFields(tenant, { member_level_id: 4, station_ids: [station.id] }),
      )
    ).data ?? {};
  const member = added ?? { id: 12 };
  await call('GET /user');
  await call('GET /user/me');
  await call('PATCH /user/me', { name: 'Me' });
  await call(`GET /user/${member.id}`);
  await call(`PATCH /user/${member.id}`, {
    name: 'x',
    station_ids: [],
    email: member.email,
    status: 0,
  });
  await call(`PATCH /user/${member.id}`, { status: 1, member_level_id: 3 });
  await call(`PATCH /user/${user.id}`, { station_ids: [station.id] });
  const reset = await call(`POST /user/${member.id}/password-reset`);
  if (reset.data) {
    const fields = { reset_token: reset.data.reset_token, password: PASSWORD };
    await done(rest(watched, null, 'POST /password', fields));
    await done(rest(watched, null, 'POST /authenticate', { ...fields, email: member.email }));
  }
  await call(`DELETE /user/${member.id}`);
  await call('GET /project');
  const created = (await call('POST /project', { name: 'x' })).data?.project ?? project;
  await call(`GET /project/${project.id}`);
  await call(`PATCH /project/${created.id}`, { name: 'y' });
  await call(`GET /project/${project.id}/station`);
  const putUp = await call(`POST /project/${project.id}/station`, {
    name: 'st',
    code: `${station.code}-2`,
    reporting: 900,
    ref_logger_id: 1,
  });
  await call(`GET /station/${station.id}`);
  await call(`PATCH /station/${station.id}`, { code: station.code });
  await call(`GET /station/${station.id}/alarm-recipients`);
  const sensor = (await call(`POST /station/${station.id}/sensor`, { name: 's' })).data?.sensor ?? {
    id: 12,
  };
  await call(`GET /sensor/${sensor.id}`);
  await call(`PATCH /sensor/${sensor.id}`, { name: 't' });
  const channel = (await call(`POST /sensor/${sensor.id}/channel`, { name: 'c', unit_id: 1 })).data
    ?.channel ?? { id: 12 };
  await call(`GET /channel/${channel.id}`);
  await call(`PATCH /channel/${channel.id}`, { name: 'd' });
  await call('GET /config-packet');
  await call(`DELETE /channel/${channel.id}`);
  await call(`DELETE /sensor/${sensor.id}`);
  await call(`DELETE /station/${putUp.data?.station.id ?? station.id}`);
  if (created !== project) await call(`DELETE /project/${created.id}`);
}

it('finds its rows by an index, whichever route it is and whoever calls', async () => {
  await callAll(tenant.key, 1);
  for (const level of [1, 2, 3, 4] as const) {
    await callAll((await newStaff(world, tenant, level)).token, level);
  }
  const stations = '{ viewer { stations(first: 100) { nodes { id } } } }';
  for (const level of [1, 3] as const) {
    const { token } = await newStaff(world, tenant, level);
    await watched.ask(token, stations);
    await watched.send('/verify?station=12&consistency=strict', token);
  }
  const done = [...seen].filter((one) => one.endsWith(' 200')).map((one) => one.split(' ')[0]);
  expect(done.sort()).toEqual(routes.map(({ name }) => name).sort());
  expect(d1.statements.size).toBeGreaterThan(120);
  expect(await scansIn(d1.statements)).toEqual([]);
});

it('asks D1 twice for a member’s call, once who it is, and once for a key’s', async () => {
  const { token } = await newStaff(world, tenant, 1);
  const count = async (credential: string, call: string, body?: object) => {
    d1.trips = 0;
    await done(rest(watched, credential, call, body));
    return d1.trips;
  };
  await count(tenant.key, 'GET /project');
  const { id } = await newProject(world, tenant.key);
  for (const [call, body] of [
    ['GET /user'],
    ['POST /user', memberFields(tenant)],
    ['GET /config-packet'],
    [`PATCH /project/${id}`, { name: 'z' }],
  ] as [string, object?][]) {
    expect(await count(token, call, body), call).toBe(2);
    const again = call === 'POST /user' ? memberFields(tenant) : body;
    expect(await count(tenant.key, call, again), call).toBe(1);
  }
});
