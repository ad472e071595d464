/**
 * Statements whose tables, columns and rows are the schema's, so that the compiler reads them.
 * Drizzle's own builders give rows in the order of their columns, and D1's batches by name; and
 * they know no UPDATE with an alias.
 */
import { Column, type GetColumnData, is, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { source } from './aliases.ts';
import { type Statement, statement } from './connect.ts';

/** What a row is to hold, by name: columns, and expressions with a type. */
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

/** A selection as it stands behind SELECT. */
export const listed = (selection: Selection): SQL =>
  list(Object.entries(selection).map(([name, one]) => sql`${one} AS ${sql.identifier(name)}`));

/** SELECT; `rest` begins with FROM. */
export const select = <Selected extends Selection>(
  selection: Selected,
  rest: SQL,
): Statement<RowOf<Selected>> => statement(sql`SELECT ${listed(selection)} ${rest}`);

/** A column's name alone, as SQLite wants it in SET, in lists of columns and behind `excluded`. */
export const unqualified = (column: Column): SQL => sql`${sql.identifier(column.name)}`;

/** The columns of a unique index, behind which stands what becomes of a row that is there. */
export const onConflict = (...columns: Column[]): SQL =>
  sql`ON CONFLICT (${list(columns.map(unqualified))})`;

/** What an INSERT wanted to set the column to, of a row that is there. */
export const excluded = (column: Column): SQL => sql`excluded.${unqualified(column)}`;

type Value<Data> = Data | SQLWrapper | null;

/** A value for each column that has to have one: as it is bound, or an expression. */
export type Inserted<Table extends SQLiteTable> = {
  [Name in keyof Table['$inferInsert']]: Value<Table['$inferInsert'][Name]>;
};

type Updated<Table extends SQLiteTable> = {
  [Name in keyof Table['$inferSelect']]?: Value<Table['$inferSelect'][Name]> | undefined;
};

/** No names but those of columns: TypeScript looks for others in no object that was spread. */
type Exact<Values, Columns> = Values &
  Columns & { [Name in Exclude<keyof Values, keyof Columns>]: never };

/** The columns of those values that are not undefined, by their keys in the schema. */
function given(table: SQLiteTable, values: object): [column: Column, value: unknown][] {
  return Object.entries(values).flatMap(([key, value]) => {
    // Of an alias, `getTableColumns` would make all columns anew.
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

/** What stands behind SET; undefined: the column stays as it is. */
export const assignments = <Table extends SQLiteTable, Values extends object>(
  table: Table,
  values: Exact<Values, Updated<Table>>,
): SQL =>
  list(given(table, values).map(([column, value]) => sql`${unqualified(column)} = ${value}`));

/** Whether a row of `table`, an alias, is not yet as `values` have it. */
export function differ<Table extends SQLiteTable, Values extends object>(
  table: Table,
  values: Exact<Values, Updated<Table>>,
): SQL {
  const pairs = given(table, values);
  // Bound, or SQLite would see that nothing fits, and plan for nothing.
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

/** `change`, which gives `selection` of each row that it changes: SQLite knows no aliases there. */
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
