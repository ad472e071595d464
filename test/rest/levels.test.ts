/**
 * Who may do what over the company API: each route for each kind of caller, by level, visibility
 * and company.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { nestedRoutes } from '../../src/rest/nested-paths.ts';
import type { Route } from '../../src/rest/route.ts';
import { routes } from '../../src/rest/routes.ts';
import { cookieBeside, fromPage } from '../console.ts';
import { unlimited } from '../doubles/limits.ts';
import { newOutbox } from '../doubles/mail.ts';
import { looksOf } from '../looks.ts';
import { type RestCase, restCases, sentTo } from '../operations/cases.ts';
import type { On, Thing } from '../operations/operation.ts';
import { PASSWORD } from '../secrets.ts';
import {
  expectNoChange,
  expired,
  fresh,
  type Json,
  mistype,
  newKey,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  snapshot,
  type Tenant,
  twinOf,
} from '../world.ts';
import {
  done,
  memberFields,
  newProject,
  newStaff,
  newStation,
  type RestAnswer,
  rest,
} from './company.ts';

const limits = { TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited };
const world = newWorld(limits);
/** The same deployment, as if it sent mail. */
const mailing = newWorld({ ...limits, ...newOutbox().bindings });

const SCOPES = ['users:read', 'users:write', 'stations:read', 'stations:write'] as const;
/** An id of nothing. */
const NOTHING = 2 ** 52;

type Level = 1 | 2 | 3 | 4;

interface Company extends Tenant {
  projectId: number;
  stationId: number;
}

async function newCompany(): Promise<Company> {
  const tenant = await newTenant(world);
  const { id: projectId } = await newProject(world, tenant.key);
  const { id: stationId } = await newStation(world, tenant.key, projectId);
  return { ...tenant, projectId, stationId };
}

let mine: Company;
let theirs: Company;
/** Of a member of mine: what signs in. */
let signIn: { email: string; password: string };
/** Keys of mine by the one scope that they lack. */
const lacking: Record<string, string> = {};

beforeAll(async () => {
  mine = await newCompany();
  theirs = await newCompany();
  const fields = memberFields(mine);
  const reset_token = await resetOf(mine, await aUser(mine, fields));
  await done(rest(world, null, 'POST /password', { reset_token, password: PASSWORD }));
  signIn = { email: fields.email, password: PASSWORD };
  for (const scope of SCOPES) {
    const others = SCOPES.filter((other) => other !== scope);
    lacking[scope] = (await newKey(world, mine, others)).secret;
  }
});

/** What the company's key is told. */
const tell = (company: Tenant, call: string, body?: object): Promise<Json> =>
  done(rest(world, company.key, call, body));

const aUser = async (company: Tenant, more: object = {}): Promise<number> =>
  (await tell(company, 'POST /user', memberFields(company, { member_level_id: 4, ...more }))).user
    .id;

const resetOf = async (company: Tenant, userId: number): Promise<string> =>
  (await tell(company, `POST /user/${userId}/password-reset`)).reset_token;

async function aStation(company: Company, projectId = company.projectId) {
  const { id } = await newStation(world, company.key, projectId);
  return { id, stationId: id };
}

async function aSensor(company: Company) {
  const { stationId } = await aStation(company);
  const { sensor } = await tell(company, `POST /station/${stationId}/sensor`, { name: 'Probe' });
  return { id: sensor.id, stationId };
}

async function aChannel(company: Company) {
  const { id: sensorId, stationId } = await aSensor(company);
  const { channel } = await tell(company, `POST /sensor/${sensorId}/channel`, CHANNEL);
  return { id: channel.id, sensorId, stationId };
}

const CHANNEL = { name: 'Water level', unit_id: 18 };
const RENAMED = { name: 'Renamed' };

/**
 * A call that succeeds for callers with the right: what it is about, what it sends, and which
 * station the caller must see.
 */
interface Errand {
  id?: number | undefined;
  body?: object | undefined;
  projectId?: number;
  stationId?: number;
  sensorId?: number;
}

type About = Errand & Partial<Pick<On, 'email' | 'password' | 'resetToken'>>;

const aMember =
  (more: object = {}) =>
  async (company: Company): Promise<About> => ({ id: await aUser(company, more) });

/** What routes are about: made for each call, but what is only looked at, and projects. */
const things: Record<Thing, (company: Company, isToGo: boolean) => Promise<About>> = {
  login: async () => signIn,
  reset: async (company) => ({ resetToken: await resetOf(company, await aUser(company)) }),
  member: aMember(),
  officer: aMember({ member_level_id: 1 }),
  maker: aMember({ member_level_id: 2 }),
  project: async ({ key, projectId }, isToGo) => ({
    id: isToGo ? (await newProject(world, key)).id : projectId,
  }),
  station: (company) => aStation(company),
  sensor: aSensor,
  channel: aChannel,
};

interface Planned {
  name: string;
  /** Its method and path. */
  route: string;
  /** A call that is done for whoever may, with materials of its own. */
  errand(company: Company): Promise<Errand>;
}

const planned = (one: RestCase): Planned => ({
  name: one.name,
  route: one.operation,
  async errand(company) {
    const { projectId, stationId } = company;
    const isToGo = one.operation.startsWith('DELETE');
    const thing = one.about ? await things[one.about](company, isToGo) : {};
    const { email = '', password = '', resetToken = '', ...about } = thing;
    const on = { tenantId: company.id, stationId, label: fresh('level'), ...thing };
    const { body } = sentTo(one, { ...on, email, password, resetToken } as On);
    return { projectId, stationId, ...about, body };
  },
});

const nameOf = ({ method, path }: Route): string => `${method.toUpperCase()} ${path}`;
const direct = restCases().map(planned);
/** The same calls by their nested paths. */
const nested = nestedRoutes.flatMap((alias) => {
  const route = nameOf(routes.find(({ name }) => name === alias.name) as Route);
  const found = direct.find(({ name }) => name === route);
  return found ? [{ ...found, name: nameOf(alias), route: nameOf(alias) }] : [];
});
const each = [...direct, ...nested];
const isHashing = /^POST \/(authenticate|password)$/;
const guarded = each.filter(({ name }) => !isHashing.test(name) && name !== 'POST /password-reset');
const addressed = each.filter(({ name }) => name.includes(':id'));

const callOf = (route: string, { id, projectId, stationId, sensorId }: Errand): string =>
  route
    .replace(':id', String(id))
    .replace(':project', String(projectId))
    .replace(':station', String(stationId))
    .replace(':sensor', String(sensorId));

/**
 * The session of a new member of level 1, who has called already when the company makes these
 * changes.
 */
async function changedStaff(...changes: object[]): Promise<string> {
  const { id, token } = await newStaff(world, mine, 1);
  await done(rest(world, token, 'GET /user'));
  for (const change of changes) await tell(mine, `PATCH /user/${id}`, change);
  return token;
}

/** Made when it is asked for first, and the same from then on. */
function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const staff = (level: Level) => async (stationId: number) =>
  (await newStaff(world, mine, level, level === 1 ? [] : [stationId])).token;

/** A credential of each kind, which sees the station where one of its kind can. */
const callers: Record<string, (stationId: number) => Promise<string | null>> = {
  '1': once(() => staff(1)(mine.stationId)),
  '2': staff(2),
  '3': staff(3),
  '4': staff(4),
  demoted: (stationId) => changedStaff({ member_level_id: 4, station_ids: [stationId] }),
  disabled: once(() => changedStaff({ status: 0 })),
  foreign: once(async () => (await newStaff(world, theirs, 1)).token),
  'end user': async (stationId) => {
    const user = await newUser(world, mine);
    await tell(mine, `PATCH /user/${user.id}`, { station_ids: [stationId] });
    return (await newSession(world, mine, user.identifier)).accessToken;
  },
  key: async () => mine.key,
  ...Object.fromEntries(SCOPES.map((scope) => [`-${scope}`, async () => lacking[scope] ?? null])),
  operator: async () => operator,
  nobody: async () => null,
};

/** Members, who may call by the console: where they are among the callers. */
const STAFF = Object.keys(callers).flatMap((name, at) =>
  ['1', '2', '3', '4', 'demoted', 'disabled', 'foreign'].includes(name) ? [at] : [],
);

describe('each route, for each kind of caller', () => {
  interface Cell {
    status: number;
    again: () => Promise<Pick<RestAnswer, 'status'>>;
  }
  const rows = new Map<string, Cell[]>();

  beforeAll(async () => {
    for (const { name, route, errand } of each) {
      // What is only looked at may be looked at by all.
      const prepare = name.startsWith('GET') ? once(() => errand(mine)) : () => errand(mine);
      const ask = async (caller: (typeof callers)[string], at: number): Promise<Cell> => {
        const asked = await prepare();
        const credential = await caller(asked.stationId ?? mine.stationId);
        const call = callOf(route, asked);
        const from = route === 'POST /password-reset' ? mailing : world;
        const byToken = () => rest(from, credential, call, asked.body);
        if (!STAFF.includes(at) || isHashing.test(name) || from === mailing) {
          return { status: (await byToken()).status, again: byToken };
        }
        const cookie = await cookieBeside(String(credential));
        const byCookie = () =>
          fromPage(world, cookie, call.replace(' ', ' /console/api'), asked.body);
        // Every second one by the cookie first, and again in the other way.
        const [first, again] = at % 2 === 0 ? [byToken, byCookie] : [byCookie, byToken];
        return { status: (await first()).status, again };
      };
      const cells: Promise<Cell>[] = [];
      for (const [at, caller] of Object.values(callers).entries()) {
        cells.push(ask(caller, at));
        // Passwords are hashed one by one, and a crowd is refused.
        if (isHashing.test(name)) await cells.at(-1);
      }
      rows.set(name, await Promise.all(cells));
    }
  }, 180_000);

  it('answers as levels.txt says', async () => {
    const line = (name: string, cells: (string | number)[]) =>
      [
        name.padEnd(65),
        ...Object.keys(callers).map((caller, at) =>
          `${cells[at]}`.padEnd(Math.max(caller.length, 3)),
        ),
      ]
        .join('  ')
        .trimEnd();
    const table = [
      line('', Object.keys(callers)),
      ...[...rows].map(([name, cells]) =>
        line(
          name,
          cells.map(({ status }) => status),
        ),
      ),
    ];
    await expect(`${table.join('\n')}\n`).toMatchFileSnapshot('levels.txt');
  });

  it('refuses again what it has refused, and changes nothing', async () => {
    const refused = [...rows.values()].flat().filter(({ status }) => status >= 300);
    const before = await snapshot();
    for (const { status, again } of refused) expect((await again()).status).toBe(status);
    expect(await snapshot()).toBe(before);
  }, 30_000);

  it('tells about a body only whoever may send one', async () => {
    const wanted = { nobody: 401, '4': 403, '1': 400 };
    for (const [caller, status] of Object.entries(wanted)) {
      const credential = (await callers[caller]?.(mine.stationId)) ?? null;
      const headers = { 'Content-Type': 'application/json' };
      expect((await rest(world, credential, 'POST /user', '{', headers)).status).toBe(status);
    }
  });
});

/** All of an answer but its request id. */
const told = ({ status, headers, body }: RestAnswer): string =>
  JSON.stringify([status, [...headers].filter(([name]) => name !== 'x-request-id'), body]);

/**
 * The status of a call, which must be answered as one about nothing is, and like that change
 * nothing.
 */
async function statusAsOfNothing(credential: string, name: string, asked: Errand): Promise<number> {
  const before = await snapshot();
  const ask = (id = asked.id) =>
    rest(world, credential, callOf(name, { ...asked, id }), asked.body);
  const answer = await ask();
  expect(told(answer)).toBe(told(await ask(NOTHING)));
  expect(await snapshot()).toBe(before);
  return answer.status;
}

const idsOf = (rows: Json[]): number[] => rows.map(({ id }) => id).sort();
const stationsOf = (user: Json): number[] =>
  user.user_stations.map(({ station_id }: Json) => station_id).sort();

describe('sight', () => {
  let here: Company;
  let far: number;
  /**
   * A station that the members of these tests see, one beside it, and one in the project that is
   * far.
   */
  let seen: number;
  let beside: number;
  let away: number;

  beforeAll(async () => {
    here = await newCompany();
    seen = here.stationId;
    far = (await newProject(world, here.key)).id;
    beside = (await aStation(here)).id;
    away = (await aStation(here, far)).id;
  });

  const ask = (credential: string, call: string, body?: object) =>
    done(rest(world, credential, call, body));
  /** What the company holds of a user. */
  const held = async (userId: number) => stationsOf((await tell(here, `GET /user/${userId}`)).user);

  it.each<{ who: Level | 'key'; stations: () => number[]; projects: () => number[] }>([
    { who: 'key', stations: () => [seen, beside, away], projects: () => [here.projectId, far] },
    { who: 1, stations: () => [seen, beside, away], projects: () => [here.projectId, far] },
    { who: 2, stations: () => [seen], projects: () => [here.projectId, far] },
    { who: 3, stations: () => [seen], projects: () => [here.projectId] },
    { who: 4, stations: () => [seen], projects: () => [here.projectId] },
  ])(
    'shows $who its stations and projects wherever there are any',
    async ({ who, stations, projects }) => {
      const probes = new Map<number, { sensor: Json; channel: Json }>();
      for (const station of [seen, beside, away]) {
        const { sensor } = await tell(here, `POST /station/${station}/sensor`, { name: 'Probe' });
        const { channel } = await tell(here, `POST /sensor/${sensor.id}/channel`, CHANNEL);
        probes.set(station, { sensor, channel });
      }
      const credential =
        who === 'key'
          ? here.key
          : (await newStaff(world, here, who, who === 1 ? [] : [seen])).token;

      for (const id of [seen, beside, away]) {
        const { status } = await rest(world, credential, `GET /station/${id}`);
        expect(status).toBe(stations().includes(id) ? 200 : 404);
      }
      const listed = await ask(credential, 'GET /project');
      expect(idsOf(listed.projects)).toEqual(projects().sort());
      expect(listed.paging.total).toBe(projects().length);
      const listedStations: Json[] = [];
      for (const { id } of listed.projects) {
        const { stations: some, paging } = await ask(credential, `GET /project/${id}/station`);
        expect(paging.total).toBe(some.length);
        listedStations.push(...some);
      }
      expect(idsOf(listedStations)).toEqual(stations().sort());

      const { config_packet: packet } = await ask(credential, 'GET /config-packet');
      expect(idsOf(packet.projects)).toEqual(projects().sort());
      expect(idsOf(packet.projects.flatMap((project: Json) => project.stations))).toEqual(
        stations().sort(),
      );
      const text = JSON.stringify(packet);
      for (const [station, { sensor, channel }] of probes) {
        for (const { id } of [sensor, channel]) {
          expect(text.includes(`"id":${id},`)).toBe(stations().includes(station));
        }
      }
    },
  );

  it.each<Level>([2, 3, 4])(
    'shows level %i nothing of what is not assigned to it',
    async (level) => {
      const { token } = await newStaff(world, here, level, [away]);
      const unseen = level === 2 ? /\/(station|sensor|channel)\/:/ : /\/(?!user)\w+\/:/;
      for (const { name, route, errand } of addressed.filter(({ name }) => unseen.test(name))) {
        const status = await statusAsOfNothing(token, route, await errand(here));
        expect(status, name).toBeOneOf([403, 404]);
      }
    },
  );

  it('ends with the assignment', async () => {
    const { id, token } = await newStaff(world, here, 3, [seen]);
    await ask(token, `GET /station/${seen}`);
    await tell(here, `PATCH /user/${id}`, { station_ids: [] });
    expect((await rest(world, token, `GET /station/${seen}`)).status).toBe(404);
    expect((await ask(token, 'GET /project')).projects).toEqual([]);
  });

  it('lets nobody see more of the stations of others', async () => {
    const two = await newStaff(world, here, 2, [seen]);
    const one = await newStaff(world, here, 1);
    for (const [credential, stations] of [
      [two.token, [seen]],
      [one.token, [seen, away].sort()],
      [here.key, [seen, away].sort()],
    ] as const) {
      const id = await aUser(here, { station_ids: [seen, away] });
      const { users } = await ask(credential, 'GET /user?per_page=100');
      for (const user of [
        users.find((user: Json) => user.id === id),
        (await ask(credential, `GET /user/${id}`)).user,
        (await ask(credential, `PATCH /user/${id}`, RENAMED)).user,
        (await ask(credential, `DELETE /user/${id}`)).user,
      ]) {
        expect(stationsOf(user)).toEqual(stations);
      }
    }
  });

  it('keeps a member from handing out a station that is not in it', async () => {
    const { id: own, token } = await newStaff(world, here, 2, [seen]);
    const endUser = Number((await newUser(world, here)).id);
    for (const id of [await aUser(here), endUser, own]) {
      for (const unseen of [beside, NOTHING]) {
        const body = { station_ids: [seen, unseen] };
        await expectNoChange(() => rest(world, token, `PATCH /user/${id}`, body), {
          status: 422,
          errors: { station_ids: expect.stringContaining('number 2 of the list') },
        });
      }
    }
    const fields = memberFields(here, { member_level_id: 4 });
    const [real, unreal] = [beside, NOTHING].map((id) => ({ ...fields, station_ids: [id] }));
    const before = await snapshot();
    const answer = await rest(world, token, 'POST /user', real);
    expect(answer.status).toBe(422);
    expect(told(answer)).toBe(told(await rest(world, token, 'POST /user', unreal)));
    expect(await snapshot()).toBe(before);
  });

  it('bounds what a member replaces: the rest stays', async () => {
    const { token } = await newStaff(world, here, 2, [seen, beside]);
    const endUser = Number((await newUser(world, here)).id);
    for (const id of [await aUser(here), endUser]) {
      await tell(here, `PATCH /user/${id}`, { station_ids: [seen, away] });
      const replaced = await ask(token, `PATCH /user/${id}`, { station_ids: [beside] });
      expect(stationsOf(replaced.user)).toEqual([beside]);
      expect(await held(id)).toEqual([beside, away].sort());
      await ask(token, `PATCH /user/${id}`, { station_ids: [] });
      expect(await held(id)).toEqual([away]);
      await ask(token, `PATCH /user/${id}`, { name: 'Left alone' });
      expect(await held(id)).toEqual([away]);
    }
  });

  it('takes in the station that a member of level 2 or 3 puts up', async () => {
    const fields = () => ({
      name: 'A new one',
      code: fresh('code'),
      reporting: 900,
      ref_logger_id: 12,
    });
    for (const level of [2, 3] as const) {
      const { id, token } = await newStaff(world, here, level, [seen]);
      const { station } = await ask(token, `POST /project/${here.projectId}/station`, fields());
      await ask(token, `GET /station/${station.id}`);
      expect(await held(id)).toEqual([seen, station.id].sort());
      await tell(here, `DELETE /station/${station.id}`);
    }
    const one = await newStaff(world, here, 1);
    const { station } = await ask(one.token, `POST /project/${far}/station`, fields());
    expect(await held(one.id)).toEqual([]);
    await tell(here, `DELETE /station/${station.id}`);
  });

  it('is asked before a password is reset: of all stations of the user', async () => {
    const two = await newStaff(world, here, 2, [seen]);
    const one = await newStaff(world, here, 1);
    const id = await aUser(here, { station_ids: [seen, away] });
    const reset = `POST /user/${id}/password-reset`;
    await expectNoChange(() => rest(world, two.token, reset), { status: 403 });
    await ask(one.token, reset);
    await ask(here.key, reset);
    await tell(here, `PATCH /user/${two.id}`, { station_ids: [seen, away] });
    await ask(two.token, reset);
  });

  it('has all members of the company and nobody else, for levels 1 and 2 and keys', async () => {
    const small = await newCompany();
    const one = await newStaff(world, small, 1);
    const two = await newStaff(world, small, 2);
    await newUser(world, small);
    for (const credential of [one.token, two.token, small.key]) {
      const { users, paging } = await ask(credential, 'GET /user');
      expect(idsOf(users)).toEqual([one.id, two.id].sort());
      expect(paging.total).toBe(2);
    }
  });

  it.each<Level>([3, 4])('leaves level %i no user but itself', async (level) => {
    const { id, token } = await newStaff(world, here, level, [seen]);
    const { user } = await ask(token, 'GET /user/me');
    expect(user).toMatchObject({ id, member_level_id: level });
    expect((await ask(token, `GET /user/${id}`)).user).toEqual(user);
    const { users, paging } = await ask(token, 'GET /user');
    expect(users).toEqual([user]);
    expect(paging.total).toBe(1);
    const endUser = Number((await newUser(world, here)).id);
    for (const other of [await aUser(here), endUser]) {
      expect(await statusAsOfNothing(token, 'GET /user/:id', { id: other })).toBe(404);
    }
  });
});

describe('nobody reaches above their own level', () => {
  const pairs = (['key', 1, 2] as const).flatMap((by) =>
    ([1, 2, 3, 4] as const).map((of) => ({ by, of })),
  );

  it.each(pairs)('$by, to a user of level $of', async ({ by, of }) => {
    const caller = by === 'key' ? null : await newStaff(world, mine, by);
    const expectReach = async (call: string, body?: object) => {
      const act = () => rest(world, caller?.token ?? mine.key, call, body);
      if (by === 'key' || of >= by) await done(act());
      else await expectNoChange(act, { status: 403 });
    };
    for (const [name, body] of [
      ['PATCH /user/:id', RENAMED],
      ['PATCH /user/:id', { member_level_id: 4 }],
      ['PATCH /user/:id', { status: 0 }],
      ['PATCH /user/:id', { station_ids: [] }],
      ['POST /user/:id/password-reset'],
      ['DELETE /user/:id'],
    ] as const) {
      await expectReach(callOf(name, { id: await aUser(mine, { member_level_id: of }) }), body);
    }
    await expectReach('POST /user', memberFields(mine, { member_level_id: of }));
    await expectReach(`PATCH /user/${await aUser(mine)}`, { member_level_id: of });
    if (caller) await expectReach(`PATCH /user/${caller.id}`, { member_level_id: of });
  });

  it('a member, by what members change of themselves', async () => {
    const { id, token } = await newStaff(world, mine, 4);
    const before = (await tell(mine, `GET /user/${id}`)).user;
    const more = { member_level_id: 1, station_ids: [mine.stationId], email: 'me@example.com' };
    const body = { ...more, status: 0 };
    const same = { ...body, name: before.name };
    const { user } = await done(rest(world, token, 'PATCH /user/me', same));
    expect(user).toEqual(before);
    expect((await rest(world, token, 'PATCH /user/me', body)).status).toBe(422);
    expect((await tell(mine, `GET /user/${id}`)).user).toEqual(before);
  });
});

/** Headers that stand for nobody: nobody any more, or nobody yet. */
async function deadHeaders(): Promise<Record<string, string>> {
  const openSession = async () => (await newStaff(world, mine, 1)).token;
  const session = await openSession();
  const revoked = await openSession();
  await world.call(mine.key, 'removeUserSession', { accessToken: revoked });
  const signedOut = await openSession();
  await world.send('/session', signedOut, { method: 'DELETE' });
  const removed = await newStaff(world, mine, 1);
  await tell(mine, `DELETE /user/${removed.id}`);
  const removedKey = await newKey(world, mine, [...SCOPES]);
  await world.call(mine.key, 'removeApiKey', { id: removedKey.id });
  const credentials = {
    'a forged session': `lk_ses_${'A'.repeat(40)}${'0'.repeat(20)}`,
    'a forged key': `lk_key_${'A'.repeat(40)}${'0'.repeat(20)}`,
    'a forged operator key': `lk_op_${'A'.repeat(43)}`,
    'a mistyped session': mistype(session),
    'a mistyped key': mistype(mine.key),
    'a truncated session': session.slice(0, -1),
    'a truncated key': mine.key.slice(0, -1),
    'an expired session': await expired('sessions', await openSession()),
    'an expired key': await expired('api_keys', (await newKey(world, mine, [...SCOPES])).secret),
    'a revoked session': revoked,
    'a session that was signed out': signedOut,
    'a removed key': removedKey.secret,
    'a session of a disabled member': await changedStaff({ status: 0 }),
    'a session of a member who was disabled once': await changedStaff({ status: 0 }, { status: 1 }),
    'a session of a removed member': removed.token,
    'a session that shares its id with a real one': twinOf(session),
    'a key that shares its id with a real one': twinOf(mine.key),
    'a session with its kind changed': session.replace('ses', 'key'),
    'a reset token': await resetOf(mine, await aUser(mine, { member_level_id: 1 })),
    'no credential of ours': 'eyJhbGciOiJIUzI1NiJ9.e30.x',
  };
  return {
    ...Object.fromEntries(
      Object.entries(credentials).map(([why, credential]) => [why, `Bearer ${credential}`]),
    ),
    'another scheme': `Basic ${btoa(`${mine.id}:${mine.key}`)}`,
    'no scheme': session,
    'no token': 'Bearer',
    'two tokens': `Bearer ${session}, Bearer ${session}`,
  };
}

describe('who is not known is told so, and nothing more', () => {
  const plan = () =>
    Promise.all(
      guarded.map(async ({ route, errand }) => ({ name: route, ...(await errand(mine)) })),
    );
  const words = (message: string) => ({ errors: true, message: { errors: { token: message } } });

  it('without a credential: 401 with a challenge, of every route', async () => {
    const planned = await plan();
    const before = await snapshot();
    for (const { name, ...asked } of planned) {
      const answer = await rest(world, null, callOf(name, asked), asked.body);
      expect({ name, status: answer.status, body: answer.body }).toEqual({
        name,
        status: 401,
        body: words('A credential is needed. Send it as "Authorization: Bearer <credential>".'),
      });
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer realm="latchkey"');
    }
    expect(await snapshot()).toBe(before);
  });

  it('with a credential that does not work: 401 in the same words, of every route', async () => {
    const dead = await deadHeaders();
    const planned = await plan();
    const before = await snapshot();
    const isolate = newWorld();
    const answers = new Map<string, Set<string>>();
    for (const [why, Authorization] of Object.entries(dead)) {
      const looks = looksOf(
        Authorization.replace(/^(Bearer )?/, (bearer) => (bearer ? '' : 'no ')),
      );
      for (const { name, ...asked } of planned) {
        const call = callOf(name, asked);
        const answer = await rest(isolate, null, call, asked.body, { Authorization });
        expect(answer.headers.get('WWW-Authenticate'), `${name} with ${why}`).toBe(
          'Bearer realm="latchkey", error="invalid_token"',
        );
        expect(answer.headers.has('X-Token')).toBe(false);
        answers.set(looks, (answers.get(looks) ?? new Set()).add(told(answer)));
      }
    }
    const plain =
      'The credential is not valid. Send a current one as "Authorization: Bearer <credential>".';
    for (const [looks, texts] of answers) {
      expect([looks, texts.size]).toEqual([looks, 1]);
      const [status, , body] = JSON.parse([...texts][0] ?? '');
      const { token } = body.message.errors;
      expect([status, body]).toEqual([401, words(token)]);
      expect(token.startsWith(plain)).toBe(true);
      expect([looks, token === plain]).toEqual([looks, /^(key|ses|op)$/.test(looks)]);
    }
    expect(await snapshot()).toBe(before);
  }, 30_000);
});

describe('what is another company’s looks like what does not exist', () => {
  const insiders: Record<string, string> = {};

  beforeAll(async () => {
    for (const level of [1, 2, 3, 4] as const) {
      insiders[level] = await staff(level)(mine.stationId);
    }
    insiders.key = mine.key;
  });

  it.each(addressed)('$name', async ({ route, errand }) => {
    const real = await errand(theirs);
    for (const [who, credential] of Object.entries(insiders)) {
      const status = await statusAsOfNothing(credential, route, real);
      expect(status, who).toBeOneOf(['1', 'key'].includes(who) ? [404] : [403, 404]);
    }
  });

  it('in a list of stations, and as a company', async () => {
    const endUser = Number((await newUser(world, mine)).id);
    const users = [await aUser(mine), endUser];
    for (const who of ['1', '2', 'key']) {
      for (const call of ['POST /user', ...users.map((id) => `PATCH /user/${id}`)]) {
        const common = call === 'POST /user' ? memberFields(mine, { member_level_id: 4 }) : {};
        for (const [field, real, unreal] of [
          ['station_ids', [theirs.stationId], [NOTHING]],
          ['company_id', Number(theirs.id), NOTHING],
        ] as const) {
          const send = (value: unknown) =>
            rest(world, insiders[who] ?? null, call, { ...common, [field]: value });
          const before = await snapshot();
          const answer = await send(real);
          expect(answer.status).toBe(422);
          expect(Object.keys(answer.errors ?? {})).toEqual([field]);
          expect(told(answer)).toBe(told(await send(unreal)));
          expect(await snapshot()).toBe(before);
        }
      }
    }
  });
});
