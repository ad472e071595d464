/** Every route of the company API. */
import type { Level } from '../../src/domain/entities/user.ts';
import { type Rule, rules } from '../../src/policy/rules.ts';
import type { Route } from '../../src/rest/route.ts';
import { routes } from '../../src/rest/routes.ts';
import { type Json, request } from './isolate.ts';
import { memberFields, memberOf, openSession, type Prepare, type Scene } from './scene.ts';

const PASSWORD = 'a lamp in the fourth window';

interface Sent {
  id?: number | undefined;
  query?: string;
  body?: object;
}

/**
 * What a route of the company API is sent, by its name; `call` makes what it needs, as the member
 * who calls it.
 */
type Send = (
  scene: Scene,
  call: (what: string, body?: object) => Promise<Json>,
) => Sent | Promise<Sent>;

const stationFields = ({ label }: Scene) => ({
  name: 'A station',
  code: label,
  reporting: 900,
  ref_logger_id: 12,
});

/** A member, with a session, and the token to set a password with. */
async function newMember(scene: Scene): Promise<{ id: number; resetToken: string }> {
  const { isolate, key } = scene;
  const call = async (what: string, body?: object) =>
    (await isolate.fetch(request(key, what, body))).data;
  const { id } = (await call('POST /user', memberFields(scene.ids, scene.label))).user;
  await openSession(scene, memberOf(id));
  return { id, resetToken: (await call(`POST /user/${id}/password-reset`)).reset_token };
}

const ofMember: Send = async (scene) => ({ id: (await newMember(scene)).id });
const ofProject: Send = ({ ids }) => ({ id: ids.projectId });
/** Or of its first sensor, or of that one's first channel: they were made with the same number. */
const ofStation: Send = ({ ids }) => ({ id: ids.stationIds[2] });

const newSensor: Send = async ({ ids }, call) => {
  const { sensor } = await call(`POST /station/${ids.stationIds[1]}/sensor`, { name: 'Level' });
  await call(`POST /sensor/${sensor.id}/channel`, { name: 'Level', unit_id: 18 });
  return { id: sensor.id };
};

const sent: Record<string, Send> = {
  authenticate: async (scene) => {
    const { resetToken } = await newMember(scene);
    const { isolate } = scene;
    const body = { reset_token: resetToken, password: PASSWORD };
    await isolate.fetch(request(null, 'POST /password', body));
    return { body: { email: memberFields(scene.ids, scene.label).email, password: PASSWORD } };
  },
  setPassword: async (scene) => {
    const { resetToken } = await newMember(scene);
    return { body: { reset_token: resetToken, password: PASSWORD } };
  },
  listUsers: () => ({ query: '?per_page=5' }),
  addUser: (scene) => ({ body: memberFields(scene.ids, scene.label) }),
  readMyself: () => ({}),
  updateMyself: () => ({ body: { name: 'Me' } }),
  readUser: async ({ ids }, call) => {
    const { user } = await call('GET /user/me');
    return { id: user.member_level_id === 1 ? Number(ids.userId) : user.id };
  },
  updateUser: async (scene) => ({
    id: (await newMember(scene)).id,
    body: { name: 'Another', station_ids: scene.ids.stationIds.slice(1) },
  }),
  removeUser: ofMember,
  resetPassword: ofMember,
  listProjects: () => ({ query: '?per_page=5' }),
  addProject: () => ({ body: { name: 'A project' } }),
  readProject: ofProject,
  updateProject: (scene, call) => ({ ...ofProject(scene, call), body: { name: 'Other' } }),
  removeProject: async (_, call) => ({
    id: (await call('POST /project', { name: 'Not for long' })).project.id,
  }),
  listStations: ofProject,
  addStation: (scene, call) => ({ ...ofProject(scene, call), body: stationFields(scene) }),
  readStation: ofStation,
  updateStation: (scene, call) => ({ ...ofStation(scene, call), body: { code: scene.label } }),
  removeStation: async (scene, call) => {
    const path = `POST /project/${scene.ids.projectId}/station`;
    const { station } = await call(path, stationFields(scene));
    for (const _ of [1, 2]) {
      const { sensor } = await call(`POST /station/${station.id}/sensor`, { name: 'Level' });
      await call(`POST /sensor/${sensor.id}/channel`, { name: 'Level', unit_id: 18 });
    }
    return { id: station.id };
  },
  listAlarmRecipients: ofStation,
  addSensor: (scene, call) => ({ ...ofStation(scene, call), body: { name: 'Level' } }),
  readSensor: ofStation,
  updateSensor: (scene, call) => ({ ...ofStation(scene, call), body: { name: 'Rain' } }),
  removeSensor: newSensor,
  addChannel: (scene, call) => ({
    ...ofStation(scene, call),
    body: { name: 'Level', unit_id: 18 },
  }),
  readChannel: ofStation,
  updateChannel: (scene, call) => ({ ...ofStation(scene, call), body: { name: 'Rain' } }),
  removeChannel: async (scene, call) => {
    const { id } = await newSensor(scene, call);
    const { channel } = await call(`POST /sensor/${id}/channel`, { name: 'Rain', unit_id: 18 });
    return { id: channel.id };
  },
  readConfigPacket: () => ({}),
};

/**
 * Those with whom a route costs what it costs: who sees all stations, and who sees some and may
 * just do it.
 */
function callersOf({ action }: Route): Level[] {
  const { member }: Rule = rules[action];
  return member === undefined ? [] : [1, member];
}

export function restCalls(): Record<string, Prepare> {
  const prepare =
    ({ name, method, path }: Route, level?: Level): Prepare =>
    async (scene) => {
      const { isolate, staff } = scene;
      const credential = level === undefined ? null : (staff[level] ?? '');
      const call = async (what: string, body?: object) =>
        (await isolate.fetch(request(credential, what, body))).data;
      const { id, query = '', body } = (await sent[name]?.(scene, call)) ?? {};
      const what = `${method.toUpperCase()} ${path.replace(':id', String(id))}${query}`;
      return { request: request(credential, what, body) };
    };
  return Object.fromEntries(
    routes.flatMap((route) => {
      const { name, method, path } = route;
      if (!sent[name]) throw new Error(`no call for ${name}`);
      const called = `${method.toUpperCase()} ${path}`;
      const callers = callersOf(route);
      if (callers.length === 0) return [[called, prepare(route)]];
      return callers.map((level) => [`${called}, level ${level}`, prepare(route, level)]);
    }),
  );
}
