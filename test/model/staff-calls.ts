/** The calls of the company API: what each does, and what it is answered. */
import { endMinted } from './minted.ts';
import {
  type Actor,
  type Answer,
  add,
  type By,
  end,
  endAll,
  erase,
  find,
  firstKey,
  type Model,
  NOBODY,
  nameOf,
  note,
  open,
  type Person,
  refuse,
  remove,
  sees,
  suspend,
  type Thing,
  withdrawAll,
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
interface Ending {
  endMinted?: boolean | undefined;
}

/** What the member made ends, as far as the caller reaches. */
const endMade = (m: Model, me: Actor, member: number) =>
  endMinted(
    m,
    me.tenant,
    { by: null, member },
    ({ gone, level }, index) =>
      me.index === null || (index !== me.index && (gone || (level ?? 4) >= (me.level ?? 1))),
  );
interface Fields {
  email?: string | undefined;
  level?: number | undefined;
  status?: 0 | 1 | undefined;
  stations?: string[] | undefined;
}

/** `least`: the level that the call takes. */
function actor({ sessions, people, keys }: Model, { tenant, by }: Staff, least: number): Actor {
  const key = by === null ? { tenant, root: firstKey(tenant), gone: false } : keys.get(by);
  refuse(key?.gone === true && 'token');
  if (key) {
    return {
      ...{ tenant: key.tenant, level: 1, stations: new Set(), index: null, session: null },
      ...{ key: by ?? firstKey(tenant), made: { ...NOBODY, by: key.root } },
    };
  }
  const session = sessions.get(by ?? '');
  const person = people[session?.person ?? -1] as Person;
  refuse(!session?.live && 'token');
  refuse((person.level ?? 5) > least && 'permission');
  return {
    ...{ tenant: person.tenant, level: person.level, index: people.indexOf(person) },
    ...{
      key: null,
      session: by,
      made: { by: session?.madeBy ?? null, member: session?.person ?? 0 },
    },
    // As they are, also once the call has changed its own caller.
    get stations() {
      return person.stations;
    },
  };
}

const lower = (one: number | null, other: number | null): boolean =>
  one !== null && other !== null && one > other;

/** What a call may change of a person. */
const stateOf = ({ email, level, suspended, stations }: Person): string =>
  JSON.stringify([email, level, suspended, [...stations].sort()]);

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

/** Of level 1, active, and nobody else is, or nobody else who has a password. */
const isLastHead = ({ people }: Model, person: Person): boolean => {
  const heads = people.filter(
    (one) => one.tenant === person.tenant && one.level === 1 && !one.suspended && !one.gone,
  );
  const others = heads.filter((one) => one !== person);
  const suffices = (one: Person) => one.password !== null || person.password === null;
  return heads.includes(person) && !others.some(suffices);
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
      isTaken(m, me.tenant, email) && 'email',
      stations.some((name) => !sees(m, me, name)) && 'station_ids',
    );
    const { tenant } = me;
    const { made } = me;
    add(m, { tenant, email, level, suspended: status === 0, stations: new Set(stations), made });
    note(m, tenant, 'member.add');
    return told(m, me, m.people.at(-1) as Person);
  },
  patchUser(m: Model, by: ById & Fields & Ending): Answer {
    const { email, status, stations } = by;
    const me = actor(m, by, 2);
    const isTooHigh = lower(me.level, by.level ?? null) && 'member_level_id';
    if (m.people[by.person]?.gone !== false || m.people[by.person]?.tenant !== me.tenant) {
      refuse(isTooHigh);
    }
    const person = target(m, me, by.person);
    const isEndUser = person.level === null;
    const level = by.level ?? person.level;
    const ceases = level !== 1 || (status === undefined ? person.suspended : status === 0);
    const isHead = me.index !== null && isLastHead(m, person);
    const losesHead = isHead && ceases;
    const moves = email !== undefined && email !== person.email;
    refuse(
      isTooHigh,
      lower(me.level, person.level) && 'id',
      email !== undefined && (isEndUser || isTaken(m, me.tenant, email, person)) && 'email',
      by.level !== undefined && isEndUser && 'member_level_id',
      level === 1 && (stations?.length ?? person.stations.size) > 0 && 'station_ids',
      stations?.some((name) => !sees(m, me, name)) === true && 'station_ids',
      losesHead && (status === 0 ? 'status' : 'member_level_id'),
      isHead && moves && 'email',
      by.endMinted === true && me.index === by.person && 'end_minted',
    );
    const before = stateOf(person);
    if (status !== undefined) suspend(m, person, status === 0);
    if (moves) {
      Object.assign(person, { password: null, setBy: null, mustReset: true, reset: null });
      endAll(m, by.person);
    }
    person.email = email ?? person.email;
    person.level = level;
    if (stations) {
      const others = [...person.stations].filter((name) => !sees(m, me, name));
      person.stations = new Set([...others, ...stations]);
    }
    note(m, me.tenant, 'member.update', stateOf(person) !== before);
    if (by.endMinted) endMade(m, me, by.person);
    return told(m, me, person);
  },
  deleteUser(m: Model, by: ById & Ending): Answer {
    const me = actor(m, by, 2);
    const person = target(m, me, by.person);
    refuse(
      lower(me.level, person.level) && 'id',
      me.index !== null && isLastHead(m, person) && 'id',
      by.endMinted === true && me.index === by.person && 'end_minted',
    );
    const answer = told(m, me, person);
    if (by.endMinted) endMade(m, me, by.person);
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
    note(m, me.tenant, 'member.updateOwn', by.passwords !== undefined || !person.isRenamed);
    person.isRenamed ||= by.passwords === undefined;
    return told(m, me, person);
  },
  resetPassword(m: Model, by: ById & { as: string }): Answer {
    const me = actor(m, by, 2);
    const person = target(m, me, by.person);
    const isOut = person.level === null || person.suspended || by.person === me.index;
    const seesMore = [...person.stations].some((name) => !sees(m, me, name));
    refuse((isOut || seesMore || lower(me.level, person.level)) && 'id');
    const { key, session, made } = me;
    const reset = { token: by.as, email: person.email, key, session };
    Object.assign(person, { reset, mustReset: true });
    m.tokens.set(by.as, { person: by.person, made });
    note(m, me.tenant, 'member.resetPassword');
    return {};
  },
  /** Works while the maker of the token could still make it. */
  setPassword(m: Model, { reset, password }: { reset: string; password: string }): Answer {
    const person = m.people.find((one) => one.reset?.token === reset);
    const { key, session, email } = person?.reset ?? {};
    const opened = m.sessions.get(session ?? '');
    const maker = m.people[opened?.person ?? -1];
    const couldAgain = maker
      ? opened?.withdrawn === false &&
        !maker.gone &&
        !maker.suspended &&
        !lower(maker.level, Math.min(2, person?.level ?? 0)) &&
        [...(person?.stations ?? [])].every((name) => sees(m, maker, name))
      : m.keys.get(key ?? '')?.gone !== true;
    refuse((!person || person.email !== email || !couldAgain) && 'reset_token');
    if (!person) return {};
    Object.assign(person, { password, setBy: reset, mustReset: false, reset: null });
    withdrawAll(m, m.people.indexOf(person));
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
    open(m, index, by.as, person?.setBy ?? null);
    return {};
  },

  /** Puts up a project, a station, a sensor or a channel. */
  put(m: Model, by: Staff & { as: string; kind: Thing['kind']; in: string; code: string }): Answer {
    const { as, kind, code } = by;
    const me = actor(m, by, kind === 'project' ? 2 : 3);
    refuse(kind !== 'project' && !sees(m, me, by.in) && 'id');
    refuse(kind === 'station' && codeTaken(m, me.tenant, code) && 'code');
    const called = kind === 'station' ? code : 'A name';
    m.things.set(as, {
      kind,
      tenant: me.tenant,
      in: by.in,
      code: called,
      by: me.index,
      gone: false,
    });
    if (kind === 'station' && me.level !== 1) m.people[me.index ?? -1]?.stations.add(as);
    note(m, me.tenant, `${kind}.add`);
    return {};
  },
  change(m: Model, by: OfThing): Answer {
    const me = actor(m, by, by.kind === 'project' ? 2 : 3);
    const thing = m.things.get(by.thing);
    refuse(!sees(m, me, by.thing) && 'id');
    refuse(by.kind === 'station' && codeTaken(m, me.tenant, by.code, by.thing) && 'code');
    note(m, me.tenant, `${by.kind}.update`, thing?.code !== by.code);
    if (thing) thing.code = by.code;
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
