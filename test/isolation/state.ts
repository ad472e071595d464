/** All that is stored: whose it is, and what of it has changed. */
import { type Copies, changedIn, type Row, type Tables, tables, tablesReader } from '../stored.ts';
import type { Party } from './two.ts';

/** Tables with nothing of any tenant, with no name of one, or with it until it is published. */
const shared = ['sweeps', 'withdrawals', 'mailings', 'spent_challenges'];

/**
 * The tables that differ, but for how often mail was asked for: that is counted behind any answer,
 * under names that tell nobody.
 */
export const writtenIn = (one: Tables, other: Tables): string[] =>
  changedIn(one, other).filter((table) => table !== 'mailings');

/** When a key was used last is kept for people, and changes with use. */
export const readState = tablesReader(['last_used_at']);

/** What is made of an object, once: thousands of cases begin with the same state and parties. */
function once<Of extends object, Made>(make: (of: Of) => Made): (of: Of) => Made {
  const made = new WeakMap<Of, { of: Made }>();
  return (of) => {
    const known = made.get(of) ?? { of: make(of) };
    made.set(of, known);
    return known.of;
  };
}

/** What names rows: the ids that we give, and no tenant chooses. */
const namesOf = once(({ ids, sessionIds }: Party): Set<unknown> => {
  const {
    tenantId,
    userId,
    deviceId,
    keyId,
    webhookId,
    projectId,
    stationId,
    sensorId,
    channelId,
  } = ids;
  const devices = [deviceId, projectId, stationId, sensorId, channelId].flat();
  const all = [...tenantId, ...userId, ...keyId, ...webhookId, ...devices, ...sessionIds];
  return new Set([...all, ...all.map(Number)]);
});

const parsed = once((_: Tables) => new Map<string, Row[]>());

function parse(state: Tables, table: string): Row[] {
  const rows = parsed(state).get(table) ?? (JSON.parse(state[table] ?? '[]') as Row[]);
  parsed(state).set(table, rows);
  return rows;
}
const cellsOf = (row: Row) => Object.values(row);

/** The rows of a table that belong to a party or name anything of it, and the others. */
function partOf(state: Tables, table: string, party: Party): { own: Row[]; others: Row[] } {
  const names = namesOf(party);
  const isOwn = (row: Row) => cellsOf(row).some((cell) => names.has(cell));
  const rows = parse(state, table);
  return { own: rows.filter(isOwn), others: rows.filter((row) => !isOwn(row)) };
}

/** The tables in which a party's rows differ. */
export const touchedIn = (one: Tables, other: Tables, party: Party): string[] =>
  changedIn(one, other).filter((table) => {
    const [a, b] = [one, other].map((state) => partOf(state, table, party).own);
    return JSON.stringify(a) !== JSON.stringify(b);
  });

/** Tables in which a party has no row, though there is no reason. */
export const without = (state: Tables, party: Party): string[] =>
  tables.filter((table) => !shared.includes(table) && partOf(state, table, party).own.length === 0);

/** Every value of some length in a party's rows that no row of anybody else holds. */
export function secretsOf(state: Tables, party: Party): string[] {
  const parts = tables.map((table) => partOf(state, table, party));
  const others = new Set(parts.flatMap(({ others }) => others.flatMap(cellsOf)).map(String));
  const own = new Set(parts.flatMap(({ own }) => own.flatMap(cellsOf)).map(String));
  return [...own].filter((cell) => cell.length >= 6 && !others.has(cell));
}

export const cellsIn = (state: Tables): string[] =>
  tables.flatMap((table) => parse(state, table).flatMap(cellsOf)).map(String);

/** Those of a party's sessions. */
export const copiesOf = (copies: Copies, { sessionIds }: Party): [string, string][] =>
  Object.entries(copies).filter(([key]) => sessionIds.some((id) => key.includes(id)));
