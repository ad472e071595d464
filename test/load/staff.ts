/** What the company's staff do over REST, and what each call must answer. */
import type { Client } from './client.ts';
import { expectSame, isSeen, type Member, pick } from './ledger.ts';

let count = 0;

/** A station that stands long enough for everybody to know of it. */
export async function verifyStation(client: Client, member: Member): Promise<void> {
  const [id, { at }] = pick([...member.stations]);
  const statuses = isSeen(at) ? [204] : [204, 403];
  await client.verify(`/${member.tenant.id}?station=${id}`, member.token, statuses);
}

type Named = { id: number; name: string };

export function expectStations(member: Member, stations: Named[]): void {
  const lines = (all: Named[]) => all.map(({ id, name }) => `${id} ${name}`).sort();
  const known = [...member.stations].map(([id, { name }]) => ({ id, name }));
  expectSame(`stations of member ${member.id}`, lines(stations), lines(known));
}

export const listStations = async (client: Client, member: Member): Promise<Named[]> =>
  (await client.rest(member.token, `GET /project/${member.projectId}/station?per_page=100`))
    .stations;

export async function read(client: Client, member: Member): Promise<void> {
  if (Math.random() < 0.5) return expectStations(member, await listStations(client, member));
  const { config_packet } = await client.rest(member.token, 'GET /config-packet');
  const isOwn = ({ id }: Named) => id === member.projectId;
  expectStations(member, config_packet.projects.find(isOwn).stations);
}

export async function addStation(client: Client, member: Member): Promise<void> {
  const name = `Station ${count++}`;
  const { station } = await client.rest(member.token, `POST /project/${member.projectId}/station`, {
    name,
    code: `CODE-${count}`,
    reporting: 900,
    ref_logger_id: 12,
  });
  member.stations.set(station.id, { name, at: Date.now() });
}

async function renameStation(client: Client, member: Member): Promise<void> {
  const [id, { at }] = pick([...member.stations]);
  const name = `Station ${count++}`;
  const { station } = await client.rest(member.token, `PATCH /station/${id}`, { name });
  expectSame('the station', station.name, name);
  member.stations.set(id, { name, at });
}

async function removeStation(client: Client, member: Member): Promise<void> {
  const [id] = pick([...member.stations]);
  const { station } = await client.rest(member.token, `DELETE /station/${id}`);
  expectSame('the station', station.id, id);
  member.stations.delete(id);
  member.removedStations.push(id);
}

async function rename(client: Client, member: Member): Promise<void> {
  const name = `Member ${count++}`;
  const { user } = await client.rest(member.token, 'PATCH /user/me', { name });
  expectSame('the member', user.name, name);
  member.name = name;
}

const MOST_STATIONS = 8;
const LEAST_STATIONS = 2;

export function change(client: Client, member: Member): Promise<void> {
  const { size } = member.stations;
  const changes = [rename, renameStation];
  if (size < MOST_STATIONS) changes.push(addStation);
  if (size > LEAST_STATIONS) changes.push(removeStation);
  return pick(changes)(client, member);
}
