/** The response to a document. Every result passes here on its way out. */
import {
  type ExecutionResult,
  type GraphQLError,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { MAX_REFUSAL } from '../base/messages.ts';
import { MAX_ERRORS, present } from './errors.ts';
import { getSchema } from './schema.ts';

/** The names in the schema. Repeating one reveals nothing of the input. */
function* schemaNames(): Generator<string> {
  for (const type of Object.values(getSchema().getTypeMap())) {
    yield type.name;
    if (isEnumType(type)) yield* type.getValues().map(({ name }) => name);
    if (isInputObjectType(type)) yield* Object.keys(type.getFields());
    if (!isObjectType(type)) continue;
    for (const { name, args } of Object.values(type.getFields())) {
      yield name;
      yield* args.map(({ name }) => name);
    }
  }
}

let names: Set<string> | undefined;

/** Whether a quoted name is made of names of the schema, such as `Query.user(userIdentifier:)`. */
const isOurs = (quoted: string): boolean => {
  names ??= new Set(schemaNames());
  return (
    quoted.length < 100 && quoted.split(/\W+/).every((word) => word === '' || names?.has(word))
  );
};

const statusOf = ({ extensions }: GraphQLError): number =>
  (extensions.http as { status?: number } | undefined)?.status ?? 0;

/** The five most important errors, which decide the status. */
function presented(errors: readonly GraphQLError[], requestId: string): GraphQLError[] {
  const room = MAX_REFUSAL / Math.min(errors.length, MAX_ERRORS);
  const all = errors.map((error) => present(error, requestId, room, isOurs));
  if (all.length <= MAX_ERRORS) return all;
  return all.toSorted((a, b) => statusOf(b) - statusOf(a)).slice(0, MAX_ERRORS);
}

/** A result as clients see it, and how it is written. */
export function answerOf({ errors, ...result }: ExecutionResult, requestId: string) {
  if (!errors) return result;
  const told = presented(errors, requestId);
  const lines = told.map(({ message, locations, path, extensions: { http, ...extensions } }) => ({
    ...{ message, locations, path, extensions },
  }));
  return { ...result, errors: told, stringify: () => JSON.stringify({ errors: lines, ...result }) };
}
