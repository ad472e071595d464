/** The calls of the company API: what each does, and what it is answered. */
import {
  type Actor,
  type Answer,
  add,
  type By,
  end,
  endAll,
  erase,
  find,
  type Model,
  nameOf,
  note,
  open,
  type Person,
  refuse,
  remove,
  sees,
  suspend,
  type Thing,
} from './model.ts';

/** Over REST: by a session, or by the tenant's key. */
export interface Staff extends By {
  by: string | null;
}
interface ById extends Staff {
  person: number;
}
interface OfThing extends Staff {
  kind: Thing['kind'];
  thing: string;
  code: string;
}
interface Fields {
  email?: string | undefined;
  level?: number | undefined;
  status?: 0 | 1 | undefined;
  stations?: string[] | undefined;
}

/** `least`: the level that the call takes. */
function actor({ sessions, people }: Model, { tenant, by }: Staff, least: number): Actor {
  if (by === null) return { tenant, level: 1, stations: new Set(), index: null };
  const session = sessions.get(by);
  const person = people[session?.person ?? -1] as Person;
  refuse(!session?.live && 'token');
  refuse((person.level ?? 5) > least && 'permission');
  return {
    ...{ tenant: person.tenant, level: person.level, index: people.indexOf(person) },
    // As they are, also once the call has changed its own caller.
    get stations() {
      return person.stations;
    },
  };
}

const lower = (one: number | null, other: number | null): boolean =>
  one !== null && other !== null && one > other;

/** What the company API tells of a user: of the stations, those that the caller sees. */
const told = (m: Model, me: Actor, person: Person): Answer => ({
  user: nameOf(person),
  stations: [...person.stations].filter((name) => sees(m, me, name)).sort(),
});

/** Whom the path names. */
function target({ people }: Model, { tenant }: Actor, index: number): Person {
  const person = people[index];
  refuse((!person || person.gone || person.tenant !== tenant) && 'id');
  return person as Person;
}

/** Of level 1, active, and nobody else is. */
const isLastHead = ({ people }: Model, person: Person): boolean => {
  const heads = people.filter(
    (one) => one.tenant === person.tenant && one.level === 1 && !one.suspended && !one.gone,
  );
  return heads.length === 1 && heads[0] === person;
};

const isTaken = ({ people }: Model, tenant: number, email: string | undefined, but?: Person) =>
  people.some((one) => one !== but && !one.gone && one.tenant === tenant && one.email === email);

const codeTaken = ({ things }: Model, tenant: number, code: string, but?: string): boolean =>
  [...things].some(
    ([name, { kind, ...one }]) =>
      kind === 'station' && name !== but && !one.gone && one.tenant === tenant && one.code === code,
  );

export const staffCalls = {
  postUser(
    m: Model,
    by: Staff & Fields & { email: string; level: number; stations: string[] },
  ): Answer {
    const { email, level, status, stations } = by;
    const me = actor(m, by, 2);
    refuse(
      me.tenant !== by.tenant && 'company_id',
      lower(me.level, level) && 'member_level_id',
      level === 1 && stations.length > 0 && 'station_ids',
    );
    refuse(
      isTaken(m, me.tenant, email) && 'email',
      stations.some((name) => !sees(m, me, name)) && 'station_ids',
    );
    const { tenant } = me;
    add(m, { tenant, email, level, suspended: status === 0, stations: new Set(stations) });
    note(m, tenant, 'member.add');
    return told(m, me, m.people.at(-1) as Person);
  },
  patchUser(m: Model, by: ById & Fields): Answer {
    const { email, status, stations } = by;
    const me = actor(m, by, 2);
    refuse(lower(me.level, by.level ?? null) && 'member_level_id');
    const person = target(m, me, by.person);
    const isEndUser = person.level === null;
    const level = by.level ?? person.level;
    const ceases = level !== 1 || (status === undefined ? person.suspended : status === 0);
    const isHead = me.index !== null && isLastHead(m, person);
    const losesHead = isHead && ceases;
    const moves = email !== undefined && email !== person.email;
    refuse(
      lower(me.level, person.level) && 'id',
      email !== undefined && (isEndUser || isTaken(m, me.tenant, email, person)) && 'email',
      by.level !== undefined && isEndUser && 'member_level_id',
      level === 1 && (stations?.length ?? person.stations.size) > 0 && 'station_ids',
      stations?.some((name) => !sees(m, me, name)) === true && 'station_ids',
      losesHead && (status === 0 ? 'status' : 'member_level_id'),
      isHead && moves && 'email',
    );
    if (status !== undefined) suspend(m, person, status === 0);
    if (moves) {
      Object.assign(person, { password: null, mustReset: true, reset: null });
      endAll(m, by.person);
    }
    person.email = email ?? person.email;
    person.level = level;
    if (stations) {
      const others = [...person.stations].filter((name) => !sees(m, me, name));
      person.stations = new Set([...others, ...stations]);
    }
    note(m, me.tenant, 'member.update');
    return told(m, me, person);
  },
  deleteUser(m: Model, by: ById): Answer {
    const me = actor(m, by, 2);
    const person = target(m, me, by.person);
    refuse(
      lower(me.level, person.level) && 'id',
      me.index !== null && isLastHead(m, person) && 'id',
    );
    const answer = told(m, me, person);
    remove(m, by.person);
    note(m, me.tenant, 'member.remove');
    return answer;
  },
  /** `PATCH /user/me`: a name, or a password with the old one. */
  patchMe(m: Model, by: { session: string; passwords?: [old: string, new: string] }): Answer {
    const me = actor(m, { tenant: 0, by: by.session }, 4);
    const person = m.people[me.index ?? -1] as Person;
    if (by.passwords) {
      refuse(by.passwords[0] !== person.password && 'old_password');
      Object.assign(person, { password: by.passwords[1], mustReset: false, reset: null });
      end(m, (name, whose) => whose === me.index && name !== by.session);
    }
    note(m, me.tenant, 'member.updateOwn');
    return told(m, me, person);
  },
  resetPassword(m: Model, by: ById & { as: string }): Answer {
    const me = actor(m, by, 2);
    const person = target(m, me, by.person);
    const isOut = person.level === null || person.suspended || by.person === me.index;
    const seesMore = [...person.stations].some((name) => !sees(m, me, name));
    refuse((isOut || seesMore || lower(me.level, person.level)) && 'id');
    Object.assign(person, { reset: { token: by.as, by: me.index }, mustReset: true });
    note(m, me.tenant, 'member.resetPassword');
    return {};
  },
  /** Works while whoever had the token made could have it made again. */
  setPassword(m: Model, { reset, password }: { reset: string; password: string }): Answer {
    const person = m.people.find((one) => one.reset?.token === reset);
    const maker = m.people[person?.reset?.by ?? -1];
    const couldAgain =
      !maker ||
      (!maker.gone &&
        !maker.suspended &&
        !lower(maker.level, Math.min(2, person?.level ?? 0)) &&
        [...(person?.stations ?? [])].every((name) => sees(m, maker, name)));
    refuse((!person || !couldAgain) && 'reset_token');
    if (!person) return {};
    Object.assign(person, { password, mustReset: false, reset: null });
    endAll(m, m.people.indexOf(person));
    note(m, person.tenant, 'member.setPassword');
    return {};
  },
  /** By tenant, e-mail address and password, `0 max@x.example lamp`. */
  authenticate(m: Model, by: { login: string; as: string }): Answer {
    const [tenant, who = '', password] = by.login.split(' ');
    const index = find(m, { tenant: Number(tenant), who });
    const person = m.people[index];
    const isRight = person && !person.suspended && person.password === password;
    if (person && !isRight && !m.tenants[person.tenant]?.gone) {
      note(m, person.tenant, 'member.signInFailed', !person.failed);
      person.failed = true;
    }
    refuse(!isRight && 'email');
    open(m, index, by.as);
    return {};
  },

  /** Puts up a project, a station, a sensor or a channel. */
  put(m: Model, by: Staff & { as: string; kind: Thing['kind']; in: string; code: string }): Answer {
    const { as, kind, code } = by;
    const me = actor(m, by, kind === 'project' ? 2 : 3);
    refuse(kind !== 'project' && !sees(m, me, by.in) && 'id');
    refuse(kind === 'station' && codeTaken(m, me.tenant, code) && 'code');
    m.things.set(as, { kind, tenant: me.tenant, in: by.in, code, by: me.index, gone: false });
    if (kind === 'station' && me.level !== 1) m.people[me.index ?? -1]?.stations.add(as);
    note(m, me.tenant, `${kind}.add`);
    return {};
  },
  change(m: Model, by: OfThing): Answer {
    const me = actor(m, by, by.kind === 'project' ? 2 : 3);
    const thing = m.things.get(by.thing);
    refuse(!sees(m, me, by.thing) && 'id');
    refuse(by.kind === 'station' && codeTaken(m, me.tenant, by.code, by.thing) && 'code');
    if (thing) thing.code = by.code;
    note(m, me.tenant, `${by.kind}.update`);
    return {};
  },
  /** With what is within; a project that has stations stays. */
  drop(m: Model, by: OfThing): Answer {
    const me = actor(m, by, by.kind === 'project' ? 2 : 3);
    const within = [...m.things].filter(([, one]) => !one.gone && one.in === by.thing);
    refuse((!sees(m, me, by.thing) || (by.kind === 'project' && within.length > 0)) && 'id');
    erase(m, by.thing);
    note(m, me.tenant, `${by.kind}.remove`);
    return {};
  },
};
