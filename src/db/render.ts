/**
 * Renders statements as text quickly. Drizzle would look at each column of each statement again.
 */
import { Column, getTableName, is, Name, type Query, SQL, StringChunk, Table } from 'drizzle-orm';
import { CasingCache } from 'drizzle-orm/casing';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The texts of columns and tables; null for other objects. They never change. */
const texts = new WeakMap<object, string | null>();

function textOf(part: object): string | null {
  if (is(part, Column)) return `${quoted(getTableName(part.table))}.${quoted(part.name)}`;
  return is(part, Table) ? quoted(getTableName(part)) : null;
}

/** Collects the text, and what is left to Drizzle: parameters, lists and other parts. */
function collect(chunks: readonly unknown[], parts: unknown[]): void {
  for (const chunk of chunks) {
    if (chunk instanceof StringChunk) append(parts, chunk.value.join(''));
    else if (chunk instanceof SQL) collect(chunk.queryChunks, parts);
    else if (chunk instanceof Name) append(parts, quoted(chunk.value));
    else if (chunk === null || typeof chunk !== 'object') parts.push(chunk);
    else {
      let text = texts.get(chunk);
      if (text === undefined) {
        text = textOf(chunk);
        texts.set(chunk, text);
      }
      if (text === null) parts.push(chunk);
      else append(parts, text);
    }
  }
}

function append(parts: unknown[], text: string): void {
  const last = parts.at(-1);
  if (last instanceof StringChunk) last.value.push(text);
  else parts.push(new StringChunk(text));
}

/** The same statement, with columns and tables as text. */
export function asText(statement: SQL): SQL {
  const parts: unknown[] = [];
  collect([statement], parts);
  return new SQL(parts as SQL['queryChunks']);
}

/** How SQLite is written. Drizzle's dialect for it would bring all its query builders along. */
const SQLITE: Parameters<SQL['toQuery']>[0] = {
  casing: new CasingCache(),
  escapeName: quoted,
  escapeParam: () => '?',
  escapeString: (text) => `'${text.replaceAll("'", "''")}'`,
};

/** The statement's text, and its parameters in the order of their marks. */
export const toQuery = (statement: SQL): Query => asText(statement).toQuery(SQLITE);
