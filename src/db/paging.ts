/** Keyset paging: a page follows the row that a cursor names, whatever came or went in between. */
import * as v from 'valibot';
import { type Refusal, refuse } from '../base/faults.ts';
import { parse, range } from '../base/text.ts';

export interface PageInput {
  first: number;
  after?: string | null | undefined;
}

/** What a cursor holds: the sort key of the row it names. */
export type Key = (string | number)[];

export interface Page<Row> {
  edges: { cursor: string; node: Row }[];
  hasNextPage: boolean;
}

const pageInput = v.object({
  first: range(1, 100),
  after: v.nullish(v.string()),
});

export const badCursor = (): Refusal =>
  refuse('INVALID', ['after'], 'Must be a cursor that this very list gave, unchanged.');

const encode = (key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url');

function decode<Shape extends v.GenericSchema>(cursor: string, shape: Shape): v.InferOutput<Shape> {
  try {
    return v.parse(shape, JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw badCursor();
  }
}

/** `limit` is one row more than the page has, which tells whether another page follows. */
export function openPage<Shape extends v.GenericSchema>(
  input: PageInput,
  shape: Shape,
): { limit: number; after: v.InferOutput<Shape> | undefined } {
  const { first, after } = parse(pageInput, { first: input.first, after: input.after });
  return { limit: first + 1, after: after == null ? undefined : decode(after, shape) };
}

export function closePage<Row>(rows: Row[], limit: number, keyOf: (row: Row) => Key): Page<Row> {
  const nodes = rows.slice(0, limit - 1);
  return {
    edges: nodes.map((node) => ({ cursor: encode(keyOf(node)), node })),
    hasNextPage: rows.length === limit,
  };
}
