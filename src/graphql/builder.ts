/** The schema's builder, and what every operation shares: times, payloads, pages. */
import SchemaBuilder, { type ObjectFieldsShape, type ObjectRef } from '@pothos/core';
import { GraphQLError } from 'graphql';
import { type Complaint, Refusal } from '../base/faults.ts';
import type { Page } from '../db/paging.ts';
import type { Call, Caller, Permit } from '../domain/permit.ts';
import { allow, type NamedTenant } from '../policy/allow.ts';
import type { Action } from '../policy/rules.ts';

export interface Context {
  call: Call;
  caller: Caller;
  /** Whether introspection is open to guests. */
  docs: boolean;
}

interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string | number };
    DateTime: { Input: number; Output: number };
  };
}

export const builder = new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false });

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
export type Ref<Shape> = ObjectRef<Types, Shape>;
export type FieldBuilder<Shape> = PothosSchemaTypes.ObjectFieldBuilder<Types, Shape>;

/** The action that a field is, or how to tell from its arguments: every one in a document is checked before any runs. */
export type FieldAction = Action | ((args: Record<string, unknown>) => Action);

export const action = (name: FieldAction): { action: FieldAction } => ({ action: name });

export const permit = <A extends Action>(
  { call, caller }: Context,
  name: A,
  named?: NamedTenant,
): Permit<A> => allow(call, caller, name, named);

builder.queryType({ description: 'What can be read.' });
builder.mutationType({
  description:
    'What can be changed. Each mutation takes one `input` and answers with `success` and `errors`; on failure nothing has changed. Repeating a mutation is safe: what is already so is a success that modifies nothing.',
});

/** RFC 3339, section 5.6. */
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;
/** The span of years that four digits can write. */
const [FIRST, LAST] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** Epoch milliseconds; NaN for what is no time, such as the 30th of February. */
function readTime(value: unknown): number {
  const day = typeof value === 'string' ? TIMESTAMP.exec(value)?.[1] : undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(`${day}`);
  const time = exists ? Date.parse(String(value).toUpperCase()) : Number.NaN;
  return time >= FIRST && time <= LAST ? time : Number.NaN;
}

builder.scalarType('DateTime', {
  description:
    'A point in time as RFC 3339 has it, such as `2026-11-23T08:30:00.000Z`. Answers are in UTC, to the millisecond.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => new Date(value).toISOString(),
  parseValue: (value) => {
    const time = readTime(value);
    if (Number.isNaN(time)) {
      throw new GraphQLError('A DateTime is RFC 3339 text, such as "2026-11-23T08:30:00Z".');
    }
    return time;
  },
});

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'Why a mutation was refused.',
  values: {
    INVALID: { description: 'The input is not acceptable as it stands.' },
    NOT_FOUND: { description: 'What the input names is not there, or not yours.' },
    CONFLICT: { description: 'The input contradicts what is there.' },
    FORBIDDEN: { description: 'You may do this in general, but not this.' },
  } as const,
});

const UserError = builder.objectRef<Complaint>('UserError').implement({
  description: 'One reason why a mutation was refused, for which nothing was changed.',
  fields: (t) => ({
    code: t.expose('code', {
      type: UserErrorCode,
      description: 'The kind of reason, for programs.',
    }),
    message: t.exposeString('message', { description: 'The reason and what to do, for people.' }),
    path: t.exposeStringList('path', {
      nullable: true,
      description: 'The way to the input field at fault, list positions as decimal strings.',
    }),
  }),
});

/** What a mutation answers: the facts when it succeeded, the complaints when it was refused. */
export type Outcome<Facts> = { errors: readonly Complaint[]; facts: Facts | null };

const below = (argument: string, { complaints }: Refusal): [Complaint, ...Complaint[]] => {
  const [first, ...rest] = complaints;
  const move = (complaint: Complaint) => ({ ...complaint, path: [argument, ...complaint.path] });
  return [move(first), ...rest.map(move)];
};

/** A domain verb's result for a query that takes one `input`: what it complains of lies there. */
export async function underInput<Facts>(verb: () => Promise<Facts>): Promise<Facts> {
  try {
    return await verb();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(...below('input', error)) : error;
  }
}

/** A domain verb's result as a mutation's outcome; only an expected refusal is one, a fault goes on. */
export async function outcome<Facts>(verb: () => Facts | Promise<Facts>): Promise<Outcome<Facts>> {
  try {
    return { errors: [], facts: await verb() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { errors: below('input', error), facts: null };
  }
}

const typeName = (field: string): string => `${field[0]?.toUpperCase()}${field.slice(1)}`;

/** Every mutation's input is typed after it. */
export const inputName = (mutation: string): string => `${typeName(mutation)}Input`;

/** A mutation's payload type: `success`, `errors`, and what `fields` tell of the facts. */
export function payload<Facts>(mutation: string, fields: ObjectFieldsShape<Types, Outcome<Facts>>) {
  return builder.objectRef<Outcome<Facts>>(`${typeName(mutation)}Payload`).implement({
    description: `The answer of \`${mutation}\`.`,
    fields: (t) => ({
      success: t.boolean({
        description: 'Whether all is now as the call wanted it. False: nothing was changed.',
        resolve: ({ facts }) => facts !== null,
      }),
      errors: t.field({
        type: [UserError],
        description: 'Why the call was refused; empty on success.',
        resolve: ({ errors }) => [...errors],
      }),
      ...fields(t),
    }),
  });
}

const PageInfo = builder
  .objectRef<{ hasNextPage: boolean; startCursor: string | null; endCursor: string | null }>(
    'PageInfo',
  )
  .implement({
    description: 'Where a page stands in its list.',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', {
        description: 'Whether more follows this page.',
      }),
      hasPreviousPage: t.boolean({
        description: 'Always false: lists are paged forward only.',
        resolve: () => false,
      }),
      startCursor: t.exposeString('startCursor', {
        nullable: true,
        description: 'The cursor of the first node; null when the page is empty.',
      }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description:
          'The cursor of the last node: `after` for the next page. Null when the page is empty.',
      }),
    }),
  });

/** The connection type of a list, as the Relay cursor connections specification has it. */
export function connection<Node extends object>(nodes: string, node: Ref<Node>): Ref<Page<Node>> {
  const Edge = builder.objectRef<Page<Node>['edges'][number]>(`${node.name}Edge`).implement({
    description: `One of the ${nodes} on a page.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        description: 'Marks this place in the list, for `after`.',
      }),
      node: t.field({
        type: node,
        description: 'What stands at this place.',
        resolve: (edge) => edge.node as never,
      }),
    }),
  });
  return builder.objectRef<Page<Node>>(`${node.name}Connection`).implement({
    description: `A page of ${nodes}.`,
    fields: (t) => ({
      nodes: t.field({
        type: [node],
        description: `The ${nodes} on this page.`,
        resolve: ({ edges }) => edges.map((edge) => edge.node) as never,
      }),
      edges: t.field({
        type: [Edge],
        description: `The same, each with its cursor.`,
        resolve: ({ edges }) => edges,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Where this page stands in the list.',
        resolve: ({ edges, hasNextPage }) => ({
          hasNextPage,
          startCursor: edges.at(0)?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        }),
      }),
    }),
  });
}
