/**
 * Statements whose tables, columns and rows come from the schema, so that the compiler checks them.
 * Drizzle's own builders read rows by the order of columns, while D1's batches return them by name.
 * They also have no UPDATE with an alias.
 */
import { Column, type GetColumnData, is, SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { source } from './aliases.ts';
import { type Statement, statement } from './connect.ts';
import { asText } from './render.ts';

/** The content of a row, by name: columns, and expressions with a type. */
export type Selection = Record<string, Column | SQL<unknown>>;

/** The row that a selection gives. */
export type RowOf<Selected extends Selection> = {
  [Name in keyof Selected]: Selected[Name] extends Column
    ? GetColumnData<Selected[Name]>
    : Selected[Name] extends SQL<infer Value>
      ? Value
      : never;
};

const list = (parts: SQL[]): SQL => sql.join(parts, sql`, `);

/** A selection, as SELECT needs it. */
export const listed = (selection: Selection): SQL =>
  list(Object.entries(selection).map(([name, one]) => sql`${one} AS ${sql.identifier(name)}`));

/** SELECT; `rest` begins with FROM. */
export const select = <Selected extends Selection>(
  selection: Selected,
  rest: SQL,
): Statement<RowOf<Selected>> => statement(sql`SELECT ${listed(selection)} ${rest}`);

/**
 * The same statement as `make` returns, whose text is made only once. `make` must do nothing with
 * its arguments but put them into SQL: it is called once, with marks instead of them.
 */
export function composed<Given extends unknown[], Row>(
  make: (...given: Given) => Statement<Row>,
): (...given: Given) => Statement<Row> {
  let marks: unknown[] = [];
  let chunks: SQL['queryChunks'] | undefined;
  return (...given) => {
    if (!chunks) {
      marks = given.map(() => Symbol());
      chunks = asText(make(...(marks as Given)).sql).queryChunks;
    }
    const filled = chunks.map((chunk) => {
      const at = marks.indexOf(chunk);
      return at < 0 ? chunk : given[at];
    });
    return statement(new SQL(filled as SQL['queryChunks']));
  };
}

/**
 * The name of a column without its table, as SQLite needs it in SET, in lists of columns and after
 * `excluded`.
 */
export const unqualified = (column: Column): SQL => sql`${sql.identifier(column.name)}`;

/**
 * ON CONFLICT with the columns of a unique index. The caller adds what happens to an existing row.
 */
export const onConflict = (...columns: Column[]): SQL =>
  sql`ON CONFLICT (${list(columns.map(unqualified))})`;

/** The value that an INSERT would have written to the column of an existing row. */
export const excluded = (column: Column): SQL => sql`excluded.${unqualified(column)}`;

type Value<Data> = Data | SQLWrapper | null;

/** A value for each required column: a value to bind, or an expression. */
export type Inserted<Table extends SQLiteTable> = {
  [Name in keyof Table['$inferInsert']]: Value<Table['$inferInsert'][Name]>;
};

type Updated<Table extends SQLiteTable> = {
  [Name in keyof Table['$inferSelect']]?: Value<Table['$inferSelect'][Name]> | undefined;
};

/** Only names of columns. TypeScript does not check for other names in an object with a spread. */
type Exact<Values, Columns> = Values &
  Columns & { [Name in Exclude<keyof Values, keyof Columns>]: never };

/** The columns and values that are not undefined, by their keys in the schema. */
function given(table: SQLiteTable, values: object): [column: Column, value: unknown][] {
  return Object.entries(values).flatMap(([key, value]) => {
    // For an alias, `getTableColumns` would create all columns again.
    const column: unknown = Reflect.get(table, key);
    return is(column, Column) && value !== undefined ? [[column, value] as [Column, unknown]] : [];
  });
}

/** INSERT … SELECT of these values for each row of `rest`, which begins with FROM. */
export function insert<Table extends SQLiteTable, Values extends object>(
  table: Table,
  values: Exact<Values, Inserted<Table>>,
  rest: SQL,
): Statement {
  const pairs = given(table, values);
  return statement(sql`
    INSERT INTO ${table} (${list(pairs.map(([column]) => unqualified(column)))})
    SELECT ${list(pairs.map(([, value]) => sql`${value}`))} ${rest}`);
}

/** The assignments of SET. A column with an undefined value stays as it is. */
export const assignments = <Table extends SQLiteTable, Values extends object>(
  table: Table,
  values: Exact<Values, Updated<Table>>,
): SQL =>
  list(given(table, values).map(([column, value]) => sql`${unqualified(column)} = ${value}`));

/** Whether a row of `table`, an alias, differs from `values`. */
export function differ<Table extends SQLiteTable, Values extends object>(
  table: Table,
  values: Exact<Values, Updated<Table>>,
): SQL {
  const pairs = given(table, values);
  // A bound value: with a constant, SQLite would see that no row fits, and the plan would tell
  // nothing.
  if (pairs.length === 0) return sql`${0}`;
  return sql`(${sql.join(
    pairs.map(([column, value]) => sql`${column} IS NOT ${value}`),
    sql` OR `,
  )})`;
}

/** UPDATE of `table`, an alias; `rest` begins with FROM or WHERE. */
export const update = <Table extends SQLiteTable, Values extends object>(
  table: Table,
  values: Exact<Values, Updated<Table>>,
  rest: SQL,
): Statement => statement(sql`UPDATE ${source(table)} SET ${assignments(table, values)} ${rest}`);

/** DELETE from `table`, an alias; `rest` begins with WHERE. */
export const remove = (table: SQLiteTable, rest: SQL): Statement =>
  statement(sql`DELETE FROM ${source(table)} ${rest}`);

/** Adds RETURNING to `change`. SQLite allows no aliases there. */
export const returning = <Selected extends Selection>(
  change: Statement,
  selection: Selected,
): Statement<RowOf<Selected>> => {
  const plain = Object.entries(selection).map(([name, one]) => [
    name,
    is(one, Column) ? unqualified(one) : one,
  ]);
  return statement(sql`${change.sql} RETURNING ${listed(Object.fromEntries(plain))}`);
};
