/** Reads the variables of a document. Their size is checked first, and errors do not quote them. */
import {
  GraphQLError,
  type GraphQLInputType,
  getOperationAST,
  getVariableValues,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isSpecifiedScalarType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { truncate } from '../base/messages.ts';
import { formOf, listNames, valuesOf } from './advice.ts';
import { MAX_ERRORS } from './errors.ts';
import type { Operation, Variables } from './operation.ts';

/** In a list: twice what any call takes. */
const MAX_ITEMS = 1_000;
/** In an object: far more than any input has. */
const MAX_FIELDS = 100;
/** In all: enough for twenty calls with a thousand devices each. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 50;
/** In characters: how much of a client's name is quoted. */
const MAX_NAME = 40;

const own = (values: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(values, name) ? values[name] : undefined;

const misfit = (sentence: string) =>
  new GraphQLError(sentence, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });

/**
 * The parsed variables of an operation, or at most five reasons why they are invalid. `isOpen`:
 * messages may name parts of the schema.
 */
export function readVariables(
  operation: Operation,
  isOpen: boolean,
): { variables: Variables } | { faults: GraphQLError[] } {
  const { schema, document, operationName, variableValues } = operation;
  const wanted = getOperationAST(document, operationName);
  const declared = wanted?.variableDefinitions ?? [];
  const given = variableValues ?? {};
  const excess = excessOf(declared.map(({ variable }) => own(given, variable.name.value)));
  if (excess) return { faults: [misfit(excess)] };
  const { variableValues: variables } = getVariableValues(schema, declared, given, {
    maxErrors: 0,
    hideSuggestions: true,
  });
  if (variables) return { variables };
  const faults = wanted
    ? faultsOf(operation, wanted, isOpen).take(MAX_ERRORS).map(misfit).toArray()
    : [];
  return { faults: faults.length > 0 ? faults : [misfit('The variables do not fit their types.')] };
}

/** Why the values are too many. Undefined if they are not. */
function excessOf(values: readonly unknown[]): string | undefined {
  let count = 0;
  function excess(value: unknown, depth: number): string | undefined {
    if (++count > MAX_VALUES) return `Variables may have at most ${MAX_VALUES} values in all.`;
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth > MAX_DEPTH) return `Variables may nest at most ${MAX_DEPTH} deep.`;
    const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
    const [most, what] = Array.isArray(value) ? [MAX_ITEMS, 'items'] : [MAX_FIELDS, 'fields'];
    if (inner.length > most)
      return `What a variable holds may have at most ${most} ${what} in one place.`;
    for (const one of inner) {
      const found = excess(one, depth + 1);
      if (found) return found;
    }
    return undefined;
  }
  for (const value of values) {
    const found = excess(value, 0);
    if (found) return found;
  }
  return undefined;
}

/** A message for each place where a variable does not match its type. */
function* faultsOf(
  { schema, variableValues }: Operation,
  { variableDefinitions = [] }: OperationDefinitionNode,
  isOpen: boolean,
): Generator<string> {
  for (const { variable, type: node, defaultValue } of variableDefinitions) {
    const type = typeFromAST(schema, node);
    const name = `Variable "$${truncate(variable.name.value, MAX_NAME)}"`;
    const value = own(variableValues ?? {}, variable.name.value);
    if (!isInputType(type) || (value === undefined && (defaultValue || !isNonNullType(type)))) {
      continue;
    }
    if (value === undefined) {
      yield `${name} is not among the "variables" that were sent: a value of type "${type}" is ` +
        'needed.';
      continue;
    }
    for (const [path, fault] of misfits(value, type, '', isOpen)) {
      yield `${name} has an invalid value${path && ` at ${path}`}: ${fault}`;
    }
  }
}

/** The places where a value does not match its type, and why. */
function* misfits(
  value: unknown,
  type: GraphQLInputType,
  path: string,
  isOpen: boolean,
): Generator<[path: string, fault: string]> {
  if (isNonNullType(type)) {
    if (value == null) yield [path, `A value of type "${type}" is needed.`];
    else yield* misfits(value, type.ofType, path, isOpen);
    return;
  }
  if (value == null) return;
  if (isListType(type)) {
    if (!Array.isArray(value)) return yield* misfits(value, type.ofType, path, isOpen);
    for (const [n, item] of value.entries()) {
      yield* misfits(item, type.ofType, `${path}[${n}]`, isOpen);
    }
    return;
  }
  if (!isInputObjectType(type)) {
    try {
      if (type.coerceInputValue(value) !== undefined) return;
      yield [path, `A value of type "${type}" is expected.`];
    } catch (error) {
      // The built-in types quote the value in their messages.
      const ours =
        error instanceof GraphQLError && !isSpecifiedScalarType(type) && !isEnumType(type);
      const expected =
        isOpen && isEnumType(type)
          ? `${valuesOf(type)}.`
          : `A value of type "${type}" is expected.`;
      yield [path, ours ? error.message : expected];
    }
    return;
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    const form = isOpen ? `: ${formOf(type)}` : '';
    yield [path, `An object of type "${type}" is expected${form}.`];
    return;
  }
  const fields = type.getFields();
  const given = value as Record<string, unknown>;
  for (const field of Object.values(fields)) {
    const inner = own(given, field.name);
    if (inner !== undefined) yield* misfits(inner, field.type, `${path}.${field.name}`, isOpen);
    else if (isRequiredInputField(field)) yield [path, `The field "${field.name}" is missing.`];
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(fields, name)) {
      const those = isOpen ? ` It has ${listNames(Object.keys(fields))}.` : '';
      yield [path, `"${type}" has no field "${truncate(name, MAX_NAME)}".${those}`];
    }
  }
  if (!type.isOneOf) return;
  // Unknown fields are reported above. A null field counts as given.
  const ours = Object.keys(fields).filter((name) => own(given, name) !== undefined);
  if (ours.length === 1 && ours.every((name) => given[name] !== null)) return;
  const form = isOpen ? `: ${formOf(type)}` : '';
  const others = ours.length > 1 ? ' Leave the others out, also those that are null.' : '';
  yield [path, `"${type}" takes exactly one of its fields${form}.${others}`];
}
