/** All that the model says is so. */
import { type Model, nameOf, type Person, type Thing } from './model.ts';

/** All that is so, a line each: what the stores and the API say is told in the same lines. */
export function facts(m: Model): string[] {
  const whose = (index: number | null) => {
    const one = m.people[index ?? -1];
    return one ? `${one.tenant} ${nameOf(one)}` : 'nobody';
  };
  const here = <One extends { gone: boolean }>(all: Map<string, One>) =>
    [...all].filter(([, { gone }]) => !gone);
  return [
    ...m.people.flatMap((one, index) =>
      one.gone
        ? [`someone of ${one.tenant} is gone`]
        : [
            line.user(one.tenant, nameOf(one), one),
            ...[...one.stations].map((station) => line.sight(whose(index), station)),
            ...[...one.grants].map(([grant, end]) => line.grant(whose(index), grant, end)),
          ],
    ),
    ...[...m.sessions].flatMap(([name, { live, person }]) =>
      live ? [line.session(name, whose(person))] : [],
    ),
    ...[...m.orders].map(([key, one]) =>
      line.order(key, one.status, one.device, whose(one.person)),
    ),
    ...[...m.devices].map(([name, { tenant, meter }]) => line.device(name, tenant, meter)),
    ...here(m.things).map(([name, { kind, tenant, in: parent, code }]) =>
      line.thing(kind, name, tenant, parent, code),
    ),
    ...here(m.keys).map(([name, { tenant }]) => line.key(name, tenant)),
    ...m.tenants.flatMap((_, tenant) =>
      Object.entries(holdings(m, tenant)).map(([name, many]) => line.holding(tenant, name, many)),
    ),
    ...[...m.events].map(([key, times]) => `${times} events ${key}`),
  ].sort();
}

/** How much a tenant holds of what is limited. */
export function holdings(m: Model, tenant: number): Record<string, number> {
  const people = m.people.filter((one) => one.tenant === tenant && !one.gone);
  const ours = (all: Iterable<{ tenant: number | null }>) =>
    [...all].filter((one) => one.tenant === tenant);
  const things = (kind: Thing['kind']) =>
    [...m.things.values()].filter((one) => one.kind === kind && one.tenant === tenant && !one.gone)
      .length;
  const keys = [...m.keys.values()].filter((one) => !one.gone && !one.isReplaced);
  const firstKey = m.tenants[tenant]?.gone ? 0 : 1;
  return {
    users: people.filter(({ level }) => level === null).length,
    members: people.filter(({ level }) => level !== null).length,
    devices: ours(m.devices.values()).length,
    projects: things('project'),
    stations: things('station'),
    sensors: things('sensor'),
    channels: things('channel'),
    assignments: people.reduce((sum, { stations }) => sum + stations.size, 0),
    grants: people.reduce((sum, { grants }) => sum + grants.size, 0),
    orders: [...m.orders.keys()].filter((key) => key.startsWith(`${tenant} `)).length,
    apiKeys: firstKey + ours(keys).length,
    liveSessions: ours([...m.sessions.values()].filter(({ live }) => live)).length,
  };
}

type State = Pick<Person, 'level' | 'suspended' | 'mustReset'>;

/** How a fact is told. */
export const line = {
  user: (tenant: number, name: string, { level, suspended, mustReset }: State) =>
    `user ${tenant} ${name} level ` +
    `${level}${suspended ? ' suspended' : ''}${mustReset ? '' : ' has a password'}`,
  sight: (whose: string, station: string) => `${whose} is assigned ${station}`,
  grant: (whose: string, grant: string, end: string | null) => `${whose} may ${grant} until ${end}`,
  session: (name: string, whose: string) => `session ${name} of ${whose}`,
  order: (key: string, status: string, device: string | null, whose: string) =>
    `order ${key} ${status} ${device} of ${whose}`,
  device: (name: string, tenant: number | null, meter: string | null) =>
    `device ${name} of ${tenant} meter ${meter}`,
  thing: (kind: Thing['kind'], name: string, tenant: number, parent: string, code: string) =>
    `${kind} ${name} of ` +
    `${tenant}${kind === 'project' ? '' : ` in ${parent}`}${kind === 'station' ? `: ${code}` : ''}`,
  holding: (tenant: number, name: string, many: number) => `${tenant} holds ${many} ${name}`,
  key: (name: string, tenant: number) => `key ${name} of ${tenant}`,
};

/** Lines that are in one list and not in the other. Empty if the lists are equal. */
export function difference(found: string[], wanted: string[]): string {
  const extra = found.filter((one) => !wanted.includes(one)).map((one) => `found ${one}`);
  const missing = wanted.filter((one) => !found.includes(one)).map((one) => `wanted ${one}`);
  if (extra.length + missing.length > 0) return [...extra, ...missing].join('\n');
  return found.length === wanted.length ? '' : `found ${found.length} lines for ${wanted.length}`;
}
