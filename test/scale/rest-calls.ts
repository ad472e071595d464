/** Every route of the company API. */
import type { Level } from '../../src/domain/entities/user.ts';
import { type Rule, rules } from '../../src/policy/rules.ts';
import { routes } from '../../src/rest/routes.ts';
import { type RestCase, requestOf, restCases, sentTo } from '../operations/cases.ts';
import type { On, Thing } from '../operations/operation.ts';
import { type Json, request } from './isolate.ts';
import { memberFields, memberOf, openSession, type Prepare, type Scene } from './scene.ts';

const PASSWORD = 'a lamp in the fourth window';

/** Makes what a call needs, as the member who makes the call. */
type Call = (what: string, body?: object) => Promise<Json>;

/** A member, with a session, and the token to set a password with. */
async function newMember(scene: Scene): Promise<{ id: number; resetToken: string }> {
  const { isolate, key } = scene;
  const call = async (what: string, body?: object) =>
    (await isolate.fetch(request(key, what, body))).data;
  const { id } = (await call('POST /user', memberFields(scene.ids, `${scene.label}-m`))).user;
  await openSession(scene, memberOf(id));
  return { id, resetToken: (await call(`POST /user/${id}/password-reset`)).reset_token };
}

async function newLogin(scene: Scene) {
  const { resetToken } = await newMember(scene);
  const body = { reset_token: resetToken, password: PASSWORD };
  await scene.isolate.fetch(request(null, 'POST /password', body));
  return { email: memberFields(scene.ids, `${scene.label}-m`).email, password: PASSWORD };
}

async function newStation({ ids, label }: Scene, call: Call): Promise<number> {
  const body = { name: 'A station', code: `${label}-s`, reporting: 900, ref_logger_id: 12 };
  return (await call(`POST /project/${ids.projectId}/station`, body)).station.id;
}

async function newSensor(stationId: number | undefined, call: Call): Promise<number> {
  const { sensor } = await call(`POST /station/${stationId}/sensor`, { name: 'Level' });
  await call(`POST /sensor/${sensor.id}/channel`, { name: 'Level', unit_id: 18 });
  return sensor.id;
}

type Things = Pick<On, 'email' | 'password' | 'resetToken'> & { id: number };

/** Whoever calls reads of members what they may: level 1 an end user, the others themselves. */
async function readable({ ids }: Scene, call: Call): Promise<number> {
  const { user } = await call('GET /user/me');
  return user.member_level_id === 1 ? Number(ids.userId) : user.id;
}

const ofMember = async (scene: Scene, call: Call, method: string) => ({
  id: method === 'get' ? await readable(scene, call) : (await newMember(scene)).id,
});
/** Or its first sensor, or that one's first channel: they were made with the same number. */
const third = ({ ids }: Scene) => ({ id: ids.stationIds[2] as number });

/** What a route is about; what is to go is made for that. */
const things: Record<
  Thing,
  (scene: Scene, call: Call, method: string) => Partial<Things> | Promise<Partial<Things>>
> = {
  login: newLogin,
  reset: async (scene) => ({ resetToken: (await newMember(scene)).resetToken }),
  member: ofMember,
  officer: ofMember,
  maker: ofMember,
  project: async ({ ids }, call, method) => ({
    id:
      method === 'delete'
        ? (await call('POST /project', { name: 'Not for long' })).project.id
        : ids.projectId,
  }),
  async station(scene, call, method) {
    if (method !== 'delete') return third(scene);
    const id = await newStation(scene, call);
    for (const _ of [1, 2]) await newSensor(id, call);
    return { id };
  },
  sensor: async (scene, call, method) =>
    method === 'delete' ? { id: await newSensor(scene.ids.stationIds[1], call) } : third(scene),
  async channel(scene, call, method) {
    if (method !== 'delete') return third(scene);
    const id = await newSensor(scene.ids.stationIds[1], call);
    const { channel } = await call(`POST /sensor/${id}/channel`, { name: 'Rain', unit_id: 18 });
    return { id: channel.id };
  },
};

const ruleOf = new Map(
  routes.map(({ method, path, action }): [string, Rule] => [
    `${method.toUpperCase()} ${path}`,
    rules[action],
  ]),
);

/**
 * With whom a call costs what it costs: who sees all stations, and who sees some and may just do
 * it.
 */
function callersOf({ operation }: RestCase): Level[] {
  const { member } = ruleOf.get(operation) ?? {};
  return member === undefined ? [] : [1, member];
}

const prepare =
  (one: RestCase, level?: Level): Prepare =>
  async (scene) => {
    const { isolate, staff, ids, label } = scene;
    const credential = level === undefined ? null : (staff[level] ?? '');
    const call: Call = async (what, body) =>
      (await isolate.fetch(request(credential, what, body))).data;
    const method = one.operation.split(' ')[0]?.toLowerCase() ?? '';
    const about = one.about && (await things[one.about](scene, call, method));
    const nothing = { email: '', password: '', resetToken: '' };
    const on = {
      ...{ tenantId: ids.tenantId, label, stationId: ids.stationIds[1] as number },
      ...nothing,
      ...about,
    };
    return { request: requestOf(sentTo(one, on), credential) };
  };

export const restCalls = (): Record<string, Prepare> =>
  Object.fromEntries(
    restCases().flatMap((one): [string, Prepare][] => {
      if (one.without?.scale) return [];
      const callers = callersOf(one);
      if (callers.length === 0) return [[one.name, prepare(one)]];
      return callers.map((level) => [`${one.name}, level ${level}`, prepare(one, level)]);
    }),
  );
