/** Validates a document. The errors that are collected are limited. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  specifiedRules,
  TypeInfo,
  ValidationContext,
  visit,
  visitInParallel,
  visitWithTypeInfo,
} from 'graphql';
import { adviseOnDocument } from './advice.ts';
import { MAX_ERRORS } from './errors.ts';
import { fewMutations } from './few-mutations.ts';
import { smallIntrospection } from './introspection.ts';
import { tooDeep } from './parse.ts';

/**
 * In characters, for all messages. One that quotes a large value is the last, since others would
 * quote it too.
 */
const MAX_SAID = 2_000;

const rules = [...specifiedRules, fewMutations, smallIntrospection];

/**
 * Those that have passed. Errors are not kept: each holds, by its stack, the request that it arose
 * in, which may have a body of a megabyte.
 */
const valid = new WeakSet<DocumentNode>();

/** Thrown when there are enough errors. */
const ENOUGH = new Error('enough errors');

/**
 * The first errors of a document. Empty if it is valid. `isOpen`: messages may suggest names of the
 * schema.
 */
export function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  isOpen: boolean,
): GraphQLError[] {
  if (valid.has(document)) return [];
  const errors: GraphQLError[] = [];
  let said = 0;
  const types = new TypeInfo(schema);
  const context = new ValidationContext(
    schema,
    document,
    types,
    (error) => {
      errors.push(isOpen ? adviseOnDocument(error, schema) : error);
      said += error.message.length;
      if (errors.length === MAX_ERRORS || said > MAX_SAID) throw ENOUGH;
    },
    { hideSuggestions: !isOpen },
  );
  try {
    visit(document, visitWithTypeInfo(types, visitInParallel(rules.map((rule) => rule(context)))));
  } catch (error) {
    if (error === ENOUGH) return errors;
    // The rules recurse through fragments: a hundred that spread each other overflow the stack.
    if (error instanceof RangeError) return [tooDeep()];
    // A rule that gives up throws an error to report.
    if (!(error instanceof GraphQLError)) throw error;
    errors.push(error);
  }
  if (errors.length === 0) valid.add(document);
  return errors;
}
