/** The table of operations as cases: each way to call each operation. */
import { getSchema } from '../../src/graphql/schema.ts';
import { routes } from '../../src/rest/routes.ts';
import { edgeOperations } from './edge.ts';
import { graphqlOperations } from './graphql.ts';
import type {
  Caller,
  EdgeOperation,
  GraphqlOperation,
  Ids,
  On,
  Outcome,
  RestOperation,
  Thing,
  Without,
} from './operation.ts';
import { restOperations } from './rest.ts';

interface CaseOf<Face, Entry> extends Outcome, Without {
  /** The operation's, and behind it that of the way: `PATCH /user/:id disabled`. */
  name: string;
  operation: string;
  face: Face;
  by: readonly [Caller, ...Caller[]];
  /** Whether it changes something. */
  writes: boolean;
  /** The operation, with what this way has in place of its own. */
  entry: Entry;
}

export type GraphqlCase = CaseOf<'graphql', GraphqlOperation>;
export type RestCase = CaseOf<'rest', RestOperation> & { about?: Thing };
export type EdgeCase = CaseOf<'edge', EdgeOperation>;
export type Case = GraphqlCase | RestCase | EdgeCase;

type Entry = Case['entry'];

const nameOf = ({ method, path }: { method: string; path: string }): string =>
  `${method.toUpperCase()} ${path}`;

/** Each way of an operation: the first by its name alone. What comes of one is not so of others. */
function waysOf<One extends Entry>(entry: One): [way: string, One][] {
  const { ways = {}, ...first } = entry as One & { ways?: Record<string, Partial<One>> };
  const { again, events, withdraws, waitsForSweep, ends, onlyAsks, makesRoom, refused, ...common } =
    first as Outcome & { refused?: true };
  const others = Object.entries(ways).map(([way, more]): [string, One] => [
    way,
    { ...common, ...more } as unknown as One,
  ]);
  return [['', first as unknown as One], ...others];
}

const casesIn = <Face extends Case['face'], One extends Entry>(
  face: Face,
  table: Record<string, One>,
  writes: (entry: One, operation: string) => boolean,
): CaseOf<Face, One>[] =>
  Object.entries(table).flatMap(([operation, whole]) =>
    waysOf(whole).map(([way, entry]) => ({
      ...(entry as Outcome & Without & { about?: Thing }),
      by: entry.by ?? (['member'] as const),
      name: way ? `${operation} ${way}` : operation,
      operation,
      face,
      writes: writes(entry, operation),
      entry,
    })),
  );

export const graphqlCases = (): GraphqlCase[] =>
  casesIn('graphql', graphqlOperations, (entry) => 'input' in entry);

export const restCases = (): RestCase[] =>
  casesIn('rest', restOperations, (_, operation) => !operation.startsWith('GET '));

export const edgeCases = (): EdgeCase[] =>
  casesIn('edge', edgeOperations, ({ events }) => events !== undefined);

export const allCases = (): Case[] => [...graphqlCases(), ...restCases(), ...edgeCases()];

/** All that change something. */
export const writingCases = (): Case[] => allCases().filter(({ writes }) => writes);

/** D1 round trips up to the answer, whoever holds a key being known. */
export const tripsOf = ({ by: [by], entry }: Case): number =>
  entry.trips ?? (by === 'session' || by === 'member' ? 2 : 1);

/** What is sent: a path of the Worker, and an object as JSON, or a form. */
export interface Sent {
  method: string;
  path: string;
  body?: object | undefined;
  headers?: Record<string, string>;
}

const titled = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** A call of a root field, as GraphQL takes it. */
export function documentOf({ operation, entry }: GraphqlCase, ids: Ids) {
  if (!('input' in entry)) return { query: `{ ${entry.query(ids)} }`, variables: {} };
  const { input, answer = '' } = entry;
  const told = `success errors { code message path } ${answer}`;
  const query = `mutation ($input: ${titled(operation)}Input!) {
    ${operation}(input: $input) { ${told} } }`;
  return { query, variables: { input: input(ids) } };
}

/** What a route is sent; `id` is of what it is about. */
export function sentTo({ operation, entry }: RestCase, on: On & { id?: number }): Sent {
  const [method = '', path = ''] = operation.split(' ');
  const called = path.replace(':id', String(on.id)) + (entry.query ?? '');
  return { method, path: called, body: entry.body?.(on) };
}

/** What a path beside the APIs is sent. */
export function sentBeside({ operation, entry }: EdgeCase, ids: Ids): Sent {
  const [method = '', named = ''] = operation.split(' ');
  const { path = named, headers, query, line, takes } = entry;
  const document = { query: '{caller{kind,intermediary{id,name},scopes}}' };
  const asked = takes === 'document' && method === 'GET' ? document : query?.(ids);
  const search = asked ? `?${new URLSearchParams(asked)}` : '';
  const body =
    takes === 'token'
      ? new URLSearchParams({ token: ids.accessToken })
      : takes === 'document' && method === 'POST'
        ? document
        : line?.(ids);
  return {
    method,
    path: path.replace(':tenant', () => ids.tenantId).replace('*', 'nothing') + search,
    body,
    headers: {
      ...(line && { 'Content-Type': 'application/x-ndjson' }),
      ...headers?.(ids),
    },
  };
}

/** What a case sends. */
export function sentBy(one: Case, on: Ids & On & { id?: number }): Sent {
  if (one.face === 'rest') return sentTo(one, on);
  if (one.face === 'edge') return sentBeside(one, on);
  return { method: 'POST', path: '/graphql', body: documentOf(one, on) };
}

/** The actions of the events that a case writes, in the alphabet's order. */
export function eventsOf(one: Case, on: Ids & On): readonly string[] {
  if (one.events) return one.events;
  if (one.face !== 'graphql') {
    return [String(routes.find((route) => nameOf(route) === one.operation)?.action)];
  }
  const declared = getSchema().getMutationType()?.getFields()[one.operation]?.extensions.action;
  return [typeof declared === 'function' ? declared(documentOf(one, on).variables) : declared];
}

const ORIGIN = 'http://latchkey.test';

/** The request, with a bearer credential if there is one. */
export function requestOf({ method, path, body, headers }: Sent, credential: string | null) {
  const isForm = body instanceof URLSearchParams;
  return new Request(ORIGIN + path, {
    method,
    headers: {
      ...(body && !isForm && { 'Content-Type': 'application/json' }),
      ...(credential !== null && { Authorization: `Bearer ${credential}` }),
      ...headers,
    },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  });
}
