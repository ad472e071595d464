/** The Worker as a history calls it: fresh tenants, and the ids behind the model's names. */

import { unlimited } from '../doubles/limits.ts';
import {
  env,
  external,
  freshDeviceId,
  type Json,
  newWorld,
  type Tenant,
  type World,
} from '../world.ts';
import { type Answer, type Model, nameOf } from './model.ts';

export interface Real {
  world: World;
  tenants: Tenant[];
  /** The ids of what the model names; people by their place in it, `#0`. */
  ids: Map<string, string>;
  /** The credentials of sessions and keys, and the tokens that reset passwords. */
  secrets: Map<string, string>;
  /** How many names were given. */
  named: number;
  /** What was called and answered, a line each. */
  trace: string[];
}

/** The mutations and routes of all histories that did what they are for. */
export const performed = new Set<string>();

export const DEVICES = ['d0', 'd1', 'd2', 'd3'];

export const newReal = (): Real => ({
  world: newWorld({ TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited }),
  ids: new Map(DEVICES.map((name) => [name, freshDeviceId()])),
  ...{ tenants: [], secrets: new Map(), named: 0, trace: [] },
});

export const keyOf = ({ tenants }: Real, tenant: number): string => tenants[tenant]?.key ?? '';
export const tenantId = ({ tenants }: Real, tenant: number): string => tenants[tenant]?.id ?? '7';
/** What nobody has, for what the history has not made. */
export const idOf = ({ ids }: Real, name: string | number): string =>
  ids.get(typeof name === 'number' ? `#${name}` : name) ?? '7';
export const secretOf = ({ secrets }: Real, name: string): string =>
  secrets.get(name) ?? 'lk_ses_none';

/** The model's name of a real id. */
export const namedBy = ({ ids }: Real, id: string | number): string =>
  [...ids].find(([, one]) => one === String(id))?.[0] ?? `unknown ${id}`;

const STRANGE = /\bunknown (\w+)/;

/**
 * An answer with the names of what was made at the same time, which it could not know when it came.
 */
export function renamed(r: Real, answer: Answer): Answer {
  const rename = (text: string) => text.replace(STRANGE, (_, id) => namedBy(r, id));
  const parts = Object.entries(answer).map(([part, told]) => {
    const isStrange = Array.isArray(told) && told.some((one) => STRANGE.test(one));
    return [part, isStrange ? told.map(rename).sort() : told];
  });
  return Object.fromEntries(parts);
}

export const identifier = (who: string) =>
  who.includes('@') ? { companyUser: { email: who } } : external(who);
export const device = (r: Real, id: string) =>
  id.startsWith('m') ? { meterId: id } : { deviceId: idOf(r, id) };
export const devices = (r: Real, ids: string[]) => ids.map((id) => device(r, id));

export const USER =
  'user { id suspended userIdentifier { externalUser { externalId } companyUser { email } } }';
export const calledBy = ({ externalUser, companyUser }: Json): string =>
  externalUser?.externalId ?? companyUser.email;
export const MODIFIED = 'modifiedPermissions { deviceId permission }';
export const modified = (r: Real, list: Json[]): string[] =>
  list.map(({ deviceId, permission }) => `${permission} ${namedBy(r, deviceId)}`).sort();

export const keep = (r: Real, name: string, id: string | number, secret?: string): void => {
  r.ids.set(name, String(id));
  if (secret !== undefined) r.secrets.set(name, secret);
};

/** Learns the ids of those whom the model knows by name only. */
export async function meet(r: Real, { people }: Model): Promise<void> {
  const strangers = people.flatMap((one, at) => (one.gone || r.ids.has(`#${at}`) ? [] : [at]));
  for (const at of strangers) {
    const one = people[at];
    if (!one) continue;
    const row = await env.DB.prepare(
      'SELECT id FROM users WHERE tenant_id = ? AND coalesce(external_id, email) = ?',
    )
      .bind(Number(tenantId(r, one.tenant)), nameOf(one))
      .first<{ id: number }>();
    if (row) r.ids.set(`#${at}`, String(row.id));
  }
}
