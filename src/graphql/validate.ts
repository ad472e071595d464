/** Whether a document fits the schema and its bounds. What is collected of one that does not is bounded as well. */
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

/** In characters, of all sentences: one that repeats a large value is the last, since others would repeat it too. */
const MAX_SAID = 2_000;

const rules = [...specifiedRules, fewMutations, smallIntrospection];

/** Thrown where enough is known. */
const ENOUGH = new Error('enough errors');

/** The first errors of a document; none where it is sound. `isOpen`: names that are there may be suggested. */
export function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  isOpen: boolean,
): GraphQLError[] {
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
    // A rule that gives up throws what is to be told of it.
    if (!(error instanceof GraphQLError)) throw error;
    errors.push(error);
  }
  return errors;
}
