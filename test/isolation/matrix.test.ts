/**
 * The isolation matrix: every operation of every face, with every wrong credential and every id of
 * another tenant.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Matrix, openMatrix } from './compare.ts';
import { answerFields, graphqlOperations, selected } from './documents.ts';
import { edgeOperations, rpcOperations } from './edge.ts';
import { restOperations } from './rest.ts';
import { without } from './state.ts';

const faces = {
  GraphQL: graphqlOperations(),
  'the company API': restOperations(),
  'the other paths': edgeOperations(),
  RPC: rpcOperations(),
};

let matrix: Matrix;

beforeAll(async () => {
  matrix = await openMatrix();
});

afterAll(() => {
  const counts = Object.entries(faces).map(([face, { length }]) => `${length} of ${face}`);
  console.info(`Isolation matrix: operations ${counts.join(', ')}; ${matrix.countCases()} cases.`);
});

describe('reaches', () => {
  it('something of theirs in every table, and in the copies', () => {
    expect(
      without(matrix.start, matrix.theirs),
      'tables without a row of theirs: give newParty in test/isolation/two.ts one, or name ' +
        'the table in test/isolation/state.ts',
    ).toEqual([]);
    expect(matrix.theirCopies).toHaveLength(matrix.theirs.sessionIds.length);
  });

  it('every field that an answer of GraphQL can hold', () => {
    expect(
      answerFields().filter((field) => !selected.has(field)),
      'fields that no document asks for: see DEPTH in test/isolation/documents.ts',
    ).toEqual([]);
  });
});

it.each(
  Object.entries(faces)
    .filter(([face]) => face !== 'RPC')
    .flatMap(([, operations]) => operations),
)('$name takes a cookie below the console only, and there nothing else', (one) =>
  matrix.knowsTheDoor(one),
);

/** Milliseconds: the widest operations are called hundreds of times. */
const TIMEOUT = 60_000;

describe.each(Object.entries(faces))('%s', (_, operations) => {
  it.each(operations)(
    '$name refuses every wrong credential',
    (one) => matrix.refuses(one),
    TIMEOUT,
  );
  it.each(operations)('$name keeps tenants apart', (one) => matrix.keepsApart(one), TIMEOUT);
});
