/** The calls of GraphQL, and of the edge: what each does, and what it is answered. */

import { endMinted } from './minted.ts';
import {
  type Answer,
  add,
  type By,
  deviceOf,
  end,
  find,
  firstKey,
  type Kind,
  known,
  type Model,
  NOBODY,
  note,
  type Of,
  open,
  type Person,
  refuse,
  remove,
  sees,
  suspend,
  unassign,
  withdrawAll,
} from './model.ts';

interface Grants extends Of {
  kind: Kind;
  /** Each by its deviceId, `d0`, or its meterId, `m0`. */
  devices: string[];
}
interface Made extends By {
  as: string;
}
/** By a key that the history has made, where it names one. */
interface ByKey {
  key?: string | undefined;
}

/** The first rotation of the calling key, which must work. */
function callingKey({ keys }: Model, tenant: number, name: string | undefined): string {
  if (name === undefined) return firstKey(tenant);
  const key = keys.get(name);
  refuse((!key || key.gone) && 'token');
  return key?.root ?? '';
}
const unknownDevices = (m: Model, tenant: number, devices: string[]) =>
  devices.map((id) => !deviceOf(m, tenant, id) && 'NOT_FOUND');

/**
 * Grants what is not yet so, and names it; `expiresAt` undefined: a running grant keeps its end.
 */
function give(
  m: Model,
  { tenant, grants }: Person,
  kind: Kind,
  devices: string[],
  expiresAt?: string | null,
): string[] {
  const modified = [...new Set(devices.map((id) => `${kind} ${deviceOf(m, tenant, id)}`))].filter(
    (grant) => !grants.has(grant) || (expiresAt !== undefined && grants.get(grant) !== expiresAt),
  );
  for (const grant of modified) grants.set(grant, expiresAt ?? null);
  note(m, tenant, 'permission.add', modified.length > 0);
  return modified.sort();
}

const COMES_FROM: Record<string, string[]> = {
  PROCESSING: ['PLACED'],
  SHIPPED: ['PROCESSING'],
  DELIVERED: ['SHIPPED'],
  CANCELLED: ['PLACED', 'PROCESSING'],
  RETURNED: ['SHIPPED', 'DELIVERED'],
};

export const tenantCalls = {
  addIntermediary(m: Model): Answer {
    m.tenants.push({ gone: false, name: 'Acme', most: null });
    note(m, m.tenants.length - 1, 'intermediary.add');
    return {};
  },
  updateIntermediary(
    m: Model,
    { tenant, name, most }: By & { name: string; most: number | null },
  ): Answer {
    const one = m.tenants[tenant];
    refuse((!one || one.gone) && 'NOT_FOUND');
    note(m, tenant, 'intermediary.update', one?.name !== name || one.most !== most);
    Object.assign(one ?? {}, { name, most });
    return { name, most: most ?? 1_000_000 };
  },
  removeIntermediary(m: Model, { tenant }: By): Answer {
    const one = m.tenants[tenant];
    if (!one || one.gone) return { removed: false };
    one.gone = true;
    m.people.forEach((person, index) => {
      if (person.tenant === tenant && !person.gone) remove(m, index);
    });
    for (const [device, { tenant: owner }] of m.devices) if (owner === tenant) unassign(m, device);
    for (const all of [m.things, m.keys]) {
      for (const thing of all.values()) thing.gone ||= thing.tenant === tenant;
    }
    note(m, tenant, 'intermediary.remove');
    return { removed: true };
  },

  addUser(m: Model, by: Of): Answer {
    if (find(m, by) < 0) {
      add(m, { tenant: by.tenant, externalId: by.who });
      note(m, by.tenant, 'user.add');
    }
    return { user: by.who };
  },
  removeUser(m: Model, by: Of): Answer {
    const index = find(m, by);
    if (index < 0) return { removed: false };
    remove(m, index);
    note(m, by.tenant, 'user.remove');
    return { removed: true };
  },
  updateUser(m: Model, by: Of & { newExternalId?: string; suspended?: boolean }): Answer {
    const { tenant, who, newExternalId = who, suspended } = by;
    const renamed = newExternalId !== who;
    const isFree = !renamed || find(m, { tenant, who: newExternalId }) < 0;
    const [person] = known(m, by, !isFree && 'CONFLICT');
    note(m, tenant, 'user.update', renamed || person.suspended !== (suspended ?? person.suspended));
    if (renamed) person.externalId = newExternalId;
    if (suspended !== undefined) suspend(m, person, suspended);
    return { user: newExternalId };
  },

  grant(m: Model, by: Grants & { expiresAt?: string | null }): Answer {
    const [person] = known(m, by, ...unknownDevices(m, by.tenant, by.devices));
    return { modified: give(m, person, by.kind, by.devices, by.expiresAt) };
  },
  withdraw(m: Model, by: Grants): Answer {
    const grants = m.people[find(m, by)]?.grants;
    const named = new Set(by.devices.map((id) => `${by.kind} ${deviceOf(m, by.tenant, id)}`));
    const modified = [...named].filter((grant) => grants?.delete(grant));
    note(m, by.tenant, 'permission.remove', modified.length > 0);
    return { modified: modified.sort() };
  },
  removeAllDevicePermissions(m: Model, { tenant, device }: By & { device: string }): Answer {
    const named = deviceOf(m, tenant, device);
    const modified = m.people.flatMap(({ grants }) =>
      [`VIEW ${named}`, `CHARGE ${named}`].filter((grant) => grants.delete(grant)),
    );
    note(m, tenant, 'permission.removeAll', modified.length);
    return { modified: modified.sort() };
  },

  addUserSession(m: Model, by: Of & Made & ByKey): Answer {
    const madeBy = callingKey(m, by.tenant, by.key);
    const tenant = m.keys.get(by.key ?? '')?.tenant ?? by.tenant;
    const [person, index] = known(m, { who: by.who, tenant });
    refuse(person.suspended && 'FORBIDDEN');
    open(m, index, by.as, madeBy);
    return { user: by.who };
  },
  removeUserSession(m: Model, by: By & { session: string; byToken: boolean }): Answer {
    const isTenants = m.sessions.get(by.session)?.tenant === by.tenant;
    const removed = end(m, (name) => isTenants && name === by.session);
    note(m, by.tenant, 'session.remove', removed.length);
    return { removed };
  },
  removeUserSessions(m: Model, by: Of): Answer {
    const removed = withdrawAll(m, find(m, by));
    note(m, by.tenant, 'session.removeAll', removed.length > 0);
    return { removed };
  },
  /** `POST /revoke` by the tenant's key. */
  revoke(m: Model, by: By & { session: string }): Answer {
    tenantCalls.removeUserSession(m, { ...by, byToken: true });
    return {};
  },
  /** `DELETE /session` by the session itself. */
  signOut(m: Model, { session }: { session: string }): Answer {
    refuse(end(m, (name) => name === session, true).length === 0 && 'token');
    note(m, m.sessions.get(session)?.tenant ?? 0, 'session.removeOwn');
    return {};
  },
  ensureUserAccess(
    m: Model,
    by: Of & Made & { view: string[]; charge: string[]; session: string | null },
  ): Answer {
    const { tenant, who, view, charge } = by;
    const found = find(m, by);
    refuse(
      found < 0 && who.includes('@') && 'NOT_FOUND',
      m.people[found]?.suspended === true && 'FORBIDDEN',
      ...unknownDevices(m, tenant, [...view, ...charge]),
    );
    tenantCalls.addUser(m, by);
    const [person, index] = known(m, by);
    const shown = m.sessions.get(by.session ?? '');
    const sessionCreated = !(shown?.live && shown.person === index);
    const modified = [...give(m, person, 'VIEW', view), ...give(m, person, 'CHARGE', charge)];
    if (sessionCreated) open(m, index, by.as, firstKey(tenant));
    return { user: who, userCreated: found < 0, sessionCreated, modified: modified.sort() };
  },
  checkUserAccess(m: Model, by: Grants & { session: string | null; strict: boolean }): Answer {
    const index = find(m, by);
    const person = m.people[index];
    const session = m.sessions.get(by.session ?? '');
    const sessionValid =
      by.session === null ? null : session?.live === true && session.person === index;
    const granted = by.devices.map(
      (id) => person?.grants.has(`${by.kind} ${deviceOf(m, by.tenant, id)}`) ?? false,
    );
    const allowed =
      person?.suspended === false && sessionValid !== false && granted.every((one) => one);
    return { userExists: person !== undefined, sessionValid, granted, allowed };
  },
  /** `/verify`, by a proxy of this tenant. */
  verify(
    m: Model,
    by: By & { session: string; strict: boolean; kind?: Kind; device?: string; station?: string },
  ): Answer {
    const session = m.sessions.get(by.session);
    const person = m.people[session?.person ?? -1];
    if (!person || !session?.live || session.tenant !== by.tenant) return { status: 401 };
    const { device, station, kind = 'VIEW' } = by;
    const may =
      (device === undefined || person.grants.has(`${kind} ${deviceOf(m, by.tenant, device)}`)) &&
      (station === undefined || sees(m, person, station));
    if (!may) return { status: 403 };
    const checked = device === undefined ? station : deviceOf(m, by.tenant, device);
    const about = checked === undefined ? {} : { about: [checked, kind] };
    return { status: 204, user: person.externalId ?? '', ...about };
  },

  addOrder(m: Model, by: Of & { order: string }): Answer {
    const [, index] = known(m, by);
    const key = `${by.tenant} ${by.order}`;
    const order = m.orders.get(key);
    refuse(order !== undefined && order.person !== index && 'CONFLICT');
    if (order) return { status: order.status };
    m.orders.set(key, { person: index, status: 'PLACED', device: null });
    note(m, by.tenant, 'order.add');
    return { status: 'PLACED' };
  },
  cancelOrder(m: Model, by: By & { order: string }): Answer {
    const order = m.orders.get(`${by.tenant} ${by.order}`);
    refuse(!order && 'NOT_FOUND');
    const { status = '' } = order ?? {};
    const isCancellable = COMES_FROM.CANCELLED?.includes(status);
    refuse(!isCancellable && status !== 'CANCELLED' && 'CONFLICT');
    if (order) order.status = 'CANCELLED';
    note(m, by.tenant, 'order.cancel', isCancellable);
    return { status: 'CANCELLED' };
  },
  updateOrder(m: Model, by: By & { order: string; status: string; device: string | null }): Answer {
    const { tenant, status, device } = by;
    const order = m.orders.get(`${tenant} ${by.order}`);
    refuse((!order || m.tenants[tenant]?.gone === true) && 'NOT_FOUND');
    if (order?.status === status && (device === null || order.device === device)) return { status };
    const shipped = m.devices.get(device ?? '');
    refuse(device !== null && !shipped && 'NOT_FOUND');
    refuse((shipped?.tenant ?? tenant) !== tenant && 'CONFLICT');
    refuse(!COMES_FROM[status]?.includes(order?.status ?? '') && 'CONFLICT');
    const isUnderWay = [...m.orders].some(
      ([key, other]) =>
        device !== null &&
        other.device === device &&
        other.status === 'SHIPPED' &&
        m.tenants[Number(key.split(' ')[0])]?.gone !== true,
    );
    refuse(isUnderWay && 'CONFLICT');
    Object.assign(order ?? {}, { status, device: device ?? order?.device });
    if (shipped) shipped.tenant = tenant;
    note(m, tenant, 'order.update');
    return { status };
  },

  addDevices(m: Model, by: By & { devices: { device: string; meter: string | null }[] }): Answer {
    const { tenant, devices } = by;
    const meters = devices.flatMap(({ meter }) => meter ?? []);
    refuse(new Set(meters).size < meters.length && 'INVALID');
    const moved = new Set(devices.flatMap(({ device, meter }) => (meter === null ? [] : device)));
    const isTaken = devices.some(({ device, meter }) => {
      const owner = m.devices.get(device)?.tenant ?? tenant;
      const holder = deviceOf(m, tenant, meter ?? device) ?? device;
      return owner !== tenant || (holder !== device && !moved.has(holder));
    });
    refuse(isTaken && 'CONFLICT', m.tenants[tenant]?.gone === true && 'NOT_FOUND');
    const changed = devices.filter(({ device, meter }) => {
      const before = m.devices.get(device);
      const after = { tenant, meter: meter ?? before?.meter ?? null };
      m.devices.set(device, after);
      return before?.tenant !== tenant || before.meter !== after.meter;
    });
    note(m, tenant, 'device.add', changed.length > 0);
    return { devices: devices.map(({ device }) => `${device} ${m.devices.get(device)?.meter}`) };
  },
  removeDevices(m: Model, { tenant, devices }: By & { devices: string[] }): Answer {
    const removed = new Set(devices.flatMap((id) => deviceOf(m, tenant, id) ?? []));
    for (const device of removed) unassign(m, device);
    note(m, tenant, 'device.remove', removed.size > 0);
    return { devices: [...removed].sort() };
  },

  addApiKey(
    m: Model,
    { as, byOperator, key, ...by }: Made & ByKey & { byOperator: boolean },
  ): Answer {
    refuse(byOperator && m.tenants[by.tenant]?.gone === true && 'NOT_FOUND');
    const madeBy = byOperator ? null : callingKey(m, by.tenant, key);
    refuse(m.keys.get(key ?? '')?.isReplaced === true && 'FORBIDDEN');
    const tenant = byOperator ? by.tenant : (m.keys.get(key ?? '')?.tenant ?? by.tenant);
    m.keys.set(as, {
      tenant,
      gone: false,
      isReplaced: false,
      root: as,
      made: { ...NOBODY, by: madeBy },
    });
    note(m, tenant, 'apiKey.add');
    return {};
  },
  rotateApiKey(m: Model, { tenant, as, key }: Made & { key: string }): Answer {
    const old = m.keys.get(key);
    refuse((!old || old.gone || old.tenant !== tenant) && 'NOT_FOUND');
    const made = { ...NOBODY, by: firstKey(tenant) };
    if (old) old.isReplaced = true;
    m.keys.set(as, { tenant, gone: false, isReplaced: false, root: old?.root ?? '', made });
    note(m, tenant, 'apiKey.rotate');
    return {};
  },
  removeApiKey(m: Model, by: By & { key: string; endMinted: boolean }): Answer {
    const one = m.keys.get(by.key);
    const none = { sessions: 0, keys: 0, members: 0 };
    if (one?.tenant !== by.tenant) return none;
    if (by.endMinted) return endMinted(m, by.tenant, { ...NOBODY, by: one.root });
    note(m, by.tenant, 'apiKey.remove', !one.gone);
    one.gone = true;
    return none;
  },
  /** `caller`: whose is this key, if it works? */
  useApiKey(m: Model, { key }: { key: string }): Answer {
    const one = m.keys.get(key);
    return { tenant: one && !one.gone ? one.tenant : null };
  },
};
