/**
 * `npm run load -- --hostile`: what a neighbour notices of a tenant that asks for ten times what it
 * may. The neighbour makes fifty calls a second, alone and beside each attacker in turn; the median
 * of some rounds counts.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ATTACKERS, type Attacker, type Company } from './attackers.ts';
import type { Client } from './client.ts';
import { type Got, readyToFlood } from './flood.ts';
import { pick } from './ledger.ts';
import type { Server } from './server.ts';

const PER_SECOND = 50;
const ROUNDS = 5;
/** The neighbour's p95 beside an attacker, as a multiple of what it is alone. */
const MOST = 3;
const USERS = 200;
const STEP_MS = 2;
/** Between rounds, in milliseconds: what is under way comes to its end. */
const PAUSE_MS = 3_000;

const upTo = (many: number): number[] => [...Array(many).keys()];

async function found(client: Client, operatorKey: string, name: string): Promise<Company> {
  const { intermediary, secret } = await client.change(
    operatorKey,
    'addIntermediary',
    { name },
    'intermediary { id } secret',
  );
  const run = String(randomInt(100_000)).padStart(5, '0');
  const people = upTo(USERS).map((n) => ({
    externalId: `user-${n}`,
    deviceId: run + String(n).padStart(3, '0'),
  }));
  const devices = people.map(({ deviceId }) => ({ deviceId, meterId: `meter-${deviceId}` }));
  await client.change(operatorKey, 'addDevices', { intermediaryId: intermediary.id, devices });
  const users: Company['users'] = [];
  // One by one: no more at once than a company may.
  for (const person of people) {
    const { session } = await client.change(
      secret,
      'ensureUserAccess',
      ensuring(person),
      'session { accessToken }',
    );
    users.push({ ...person, token: session.accessToken });
  }
  return { id: intermediary.id, key: secret, users };
}

const ensuring = ({ externalId, deviceId }: { externalId: string; deviceId: string }) => ({
  userIdentifier: { externalUser: { externalId } },
  deviceIdentifiers: [{ deviceId }],
});

/** What the neighbour's proxies, apps and backends call. */
const CALLS: ((client: Client, company: Company) => Promise<unknown>)[] = [
  (client, { id, users }) => {
    const { deviceId, token } = pick(users);
    return client.verify(`/${id}?device=${deviceId}`, token, [204]);
  },
  (client, { users }) =>
    client.graphql(
      pick(users).token,
      '{ viewer { user { id } devices(first: 5) { nodes { deviceId } } } }',
      {},
    ),
  (client, { key, users }) => {
    const user = pick(users);
    const input = { ...ensuring(user), accessToken: user.token };
    return client.change(key, 'ensureUserAccess', input);
  },
  (client, { key }) => client.rest(key, 'GET /project'),
];

interface Round {
  p95: number;
  /** Answers that were not as they should be: 429 and 5xx among them. */
  faults: string[];
}

/** The neighbour's calls for a while, by the clock. */
async function live(
  client: Client,
  company: Company,
  seconds: number,
  perSecond: number,
): Promise<Round> {
  const latencies: number[] = [];
  const faults: string[] = [];
  const calls: Promise<void>[] = [];
  const act = async (nth: number, due: number) => {
    try {
      await CALLS[nth % CALLS.length]?.(client, company);
      // From when it was due: what waits to be sent waits as well.
      latencies.push(performance.now() - due);
    } catch (error) {
      faults.push(String((error as Error).message).slice(0, 200));
    }
  };
  const start = performance.now();
  for (let sent = 0; sent < seconds * perSecond; await sleep(STEP_MS)) {
    for (; sent < ((performance.now() - start) * perSecond) / 1_000; sent++) {
      calls.push(act(sent, start + (sent * 1_000) / perSecond));
    }
  }
  await Promise.all(calls);
  latencies.sort((one, other) => one - other);
  return { p95: latencies[Math.floor(latencies.length * 0.95)] ?? Number.NaN, faults };
}

const median = (numbers: number[]): number =>
  [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const told = ({ statuses, perSecond, unsent }: Got): string =>
  `${Math.round(perSecond)}/s: ${Object.entries(statuses)
    .map(([status, many]) => `${many} × ${status === '1' ? 'cut off' : status}`)
    .join(', ')}${unsent > 0 ? `; ${unsent} more found no connection` : ''}`;

async function against(
  attacker: Attacker,
  { server, client, seconds, scale, neighbour }: Scene,
): Promise<boolean> {
  // A company of its own: what the attacker before asked for is no longer in its way.
  const hostile = await found(client, server.operatorKey, attacker.name);
  const rounds: { alone: number; beside: number }[] = [];
  const faults: string[] = [];
  let got = '';
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(PAUSE_MS);
    const shots = await attacker.shots(client, hostile);
    const begin = await readyToFlood(server.url, attacker.perSecond * scale, shots);
    const alone = await live(client, neighbour, seconds, PER_SECOND * scale);
    const end = begin();
    const beside = await live(client, neighbour, seconds, PER_SECOND * scale);
    got = told(await end());
    rounds.push({ alone: alone.p95, beside: beside.p95 });
    faults.push(...alone.faults, ...beside.faults);
  }
  const alone = median(rounds.map((round) => round.alone));
  const beside = median(rounds.map((round) => round.beside));
  const ratio = median(rounds.map((round) => round.beside / round.alone));
  const good = faults.length === 0 && ratio <= MOST;
  const figures =
    `p95 alone ${alone.toFixed(1)} ms, beside ${beside.toFixed(1)} ms, ${ratio.toFixed(2)} × ` +
    `(at most ${MOST})`;
  console.log(`${good ? 'reached' : 'MISSED '}  ${attacker.name}, ${attacker.perSecond * scale}/s`);
  console.log(`           neighbour: ${figures}; ${faults.length} faults`);
  console.log(`           attacker, in the last round: ${got}`);
  for (const fault of new Set(faults.slice(0, 5))) console.log(`           ${fault}`);
  return good;
}

interface Scene {
  server: Server;
  client: Client;
  seconds: number;
  /** All rates are multiplied by it. */
  scale: number;
  neighbour: Company;
}

/**
 * Each round for so many seconds alone, and so many beside. Whether no attacker was noticed by more
 * than it may be.
 */
export async function beHostile(
  server: Server,
  client: Client,
  { seconds, scale, only }: { seconds: number; scale: number; only: string | undefined },
): Promise<boolean> {
  const neighbour = await found(client, server.operatorKey, 'Neighbour');
  console.log(
    `${PER_SECOND * scale} calls a second, ${ROUNDS} rounds of ${seconds} s alone and beside`,
  );
  let good = true;
  for (const attacker of ATTACKERS.filter(({ name }) => name.includes(only ?? ''))) {
    const reached = await against(attacker, { server, client, seconds, scale, neighbour });
    good &&= reached;
  }
  return good;
}
