/** What Latchkey knows, in plain maps, and how it changes. */

export type Kind = 'VIEW' | 'CHARGE';

export interface Person {
  tenant: number;
  externalId: string | null;
  email: string | null;
  level: number | null;
  suspended: boolean;
  gone: boolean;
  stations: Set<string>;
  /** By kind and device, `VIEW d0`: its end. */
  grants: Map<string, string | null>;
  /** Has called itself by another name. */
  isRenamed: boolean;
  password: string | null;
  mustReset: boolean;
  /** The reset token that it was set with. */
  setBy: string | null;
  /** What sets a password: for which address, and the key or the session that made it. */
  reset: { token: string; email: string | null; key: string | null; session: string | null } | null;
  made: Maker;
  /** Whether signing in failed: it is told of once in a minute, which is longer than a history. */
  failed: boolean;
}

/**
 * Who made something: `by` is a key, by the first of its rotations, or the token that the caller's
 * password was set with.
 */
export interface Maker {
  by: string | null;
  member: number | null;
}
export const NOBODY: Maker = { by: null, member: null };

/** The key that every tenant begins with, of which the calls know no name. */
export const firstKey = (tenant: number): string => `first key of ${tenant}`;

/**
 * `code`: of a station; what others are called. A project, and what is within: `in` names the
 * project of a station, the station of a sensor, the sensor of a channel.
 */
export interface Thing {
  kind: 'project' | 'station' | 'sensor' | 'channel';
  tenant: number;
  in: string;
  code: string;
  /** Who put it up. */
  by: number | null;
  gone: boolean;
}

/** Tenants and people are named by their place, all else by the name that the history gives it. */
export interface Model {
  tenants: { gone: boolean; name: string; most: number | null }[];
  people: Person[];
  /** The tenant is null in stock. */
  devices: Map<string, { tenant: number | null; meter: string | null }>;
  sessions: Map<
    string,
    { tenant: number; person: number; live: boolean; withdrawn: boolean; madeBy: string | null }
  >;
  /** By tenant and id, `0 o1`; nobody's once the person is removed. */
  orders: Map<string, { person: number | null; status: string; device: string | null }>;
  things: Map<string, Thing>;
  keys: Map<
    string,
    { tenant: number; gone: boolean; isReplaced: boolean; root: string; made: Maker }
  >;
  /** Reset tokens that there ever were. */
  tokens: Map<string, { person: number; made: Maker }>;
  /** How many, by tenant and action. */
  events: Map<string, number>;
}

export const newModel = (): Model => ({
  ...{ tenants: [], people: [], devices: new Map(), sessions: new Map(), orders: new Map() },
  ...{ things: new Map(), keys: new Map(), tokens: new Map(), events: new Map() },
});

/** What a call is answered: the codes or fields of its refusals, or what it tells. */
export type Answer = Record<string, unknown>;

export class Refused {
  readonly why: string[];
  constructor(why: string[]) {
    this.why = [...new Set(why)].sort();
  }
}

/**
 * Refuses a call, before it has done anything, for all that holds of what could stand in the way.
 */
export function refuse(...why: (string | false)[]): void {
  const real = why.filter((one) => one !== false);
  if (real.length > 0) throw new Refused(real);
}

export interface By {
  /** Whose key makes the call, or whom the operator names. */
  tenant: number;
}
/** An externalId, or the e-mail address of a member. */
export interface Of extends By {
  who: string;
}
export const note = (
  { events }: Model,
  tenant: number,
  action: string,
  times: number | boolean = 1,
) => {
  const key = `${tenant} ${action}`;
  if (times) events.set(key, (events.get(key) ?? 0) + Number(times));
};

export const nameOf = ({ externalId, email }: Person): string => externalId ?? email ?? '';

export const find = ({ people }: Model, { tenant, who }: Of): number =>
  people.findIndex((one) => !one.gone && one.tenant === tenant && nameOf(one) === who);

/** The same, who must be there. */
export function known(
  m: Model,
  by: Of,
  ...besides: (string | false)[]
): [person: Person, index: number] {
  const index = find(m, by);
  const person = m.people[index];
  refuse(!person && 'NOT_FOUND', ...besides);
  return [person as Person, index];
}

export const deviceOf = ({ devices }: Model, tenant: number, id: string): string | undefined =>
  [...devices].find(
    ([name, one]) => one.tenant === tenant && (name === id || one.meter === id),
  )?.[0];

/** Who makes a call over REST; a key stands for level 1. */
export type Actor = Pick<Person, 'tenant' | 'level' | 'stations'> & {
  index: number | null;
  /** The credential itself. */
  key: string | null;
  session: string | null;
  made: Maker;
};

/** Whether a member, a key or an end user sees what is in the field. */
export function sees(
  m: Model,
  who: Pick<Person, 'tenant' | 'level' | 'stations'>,
  name: string,
): boolean {
  const thing = m.things.get(name);
  if (!thing || thing.gone || thing.tenant !== who.tenant) return false;
  if (who.level === 1) return true;
  if (thing.kind === 'station') return who.stations.has(name);
  if (thing.kind !== 'project') return sees(m, who, thing.in);
  return who.level === 2 || [...who.stations].some((one) => m.things.get(one)?.in === name);
}

export function add(m: Model, one: Partial<Person> & By): void {
  m.people.push({
    ...{ externalId: null, email: null, level: null, suspended: false, gone: false },
    isRenamed: false,
    ...{ stations: new Set(), grants: new Map(), password: null, mustReset: true, reset: null },
    ...{ setBy: null, made: NOBODY, failed: false },
    ...one,
  });
}

/** Ends the live sessions that fit, and names them. `left`: they end by themselves. */
export function end(
  { sessions }: Model,
  fits: (name: string, person: number) => boolean,
  left = false,
): string[] {
  const ended = [...sessions].filter(([name, one]) => one.live && fits(name, one.person));
  for (const [, one] of ended) Object.assign(one, { live: false, withdrawn: !left });
  return ended.map(([name]) => name).sort();
}

export const endAll = (m: Model, index: number): string[] => end(m, (_, whose) => whose === index);

/** Ending all sessions of a user also ends those that had signed out. */
export function withdrawAll(m: Model, index: number): string[] {
  const ended = endAll(m, index);
  for (const one of m.sessions.values()) if (one.person === index) one.withdrawn = true;
  return ended;
}

export function open(m: Model, index: number, as: string, madeBy: string | null): void {
  const { tenant } = m.people[index] as Person;
  m.sessions.set(as, { tenant, person: index, live: true, withdrawn: false, madeBy });
  note(m, tenant, 'session.add');
}

export function suspend(m: Model, person: Person, suspended: boolean): void {
  person.suspended = suspended;
  if (!suspended) return;
  person.reset = null;
  endAll(m, m.people.indexOf(person));
}

export function remove(m: Model, index: number): void {
  endAll(m, index);
  for (const order of m.orders.values()) if (order.person === index) order.person = null;
  const left = {
    setBy: null,
    gone: true,
    stations: new Set(),
    grants: new Map(),
    password: null,
    reset: null,
  };
  Object.assign(m.people[index] as Person, left);
}

export function unassign(m: Model, device: string): void {
  m.devices.set(device, { tenant: null, meter: null });
  for (const { grants } of m.people) {
    grants.delete(`VIEW ${device}`);
    grants.delete(`CHARGE ${device}`);
  }
}

export function erase(m: Model, name: string): void {
  for (const { stations } of m.people) stations.delete(name);
  for (const [one, thing] of m.things) {
    if (one === name) thing.gone = true;
    else if (thing.in === name && !thing.gone) erase(m, one);
  }
}
