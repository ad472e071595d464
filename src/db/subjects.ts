/**
 * The subject of an event as an expression. It is checked against `EVENTS`, with the types of
 * `Subject`.
 */
import { type Column, type GetColumnData, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { AuditAction, EVENTS, Subject } from './events.ts';

/** A value, a column, or an expression over the rows that the event is about. */
type SubjectValue<Data> =
  | Data
  | SQL<Data>
  | ColumnOf<NonNullable<Data>, null extends Data ? boolean : true>;
type ColumnOf<Data, NotNull> = Column & { _: { data: Data; notNull: NotNull } };

type NameOf<Action extends AuditAction> = (typeof EVENTS)[Action][number];

/** Everything that `EVENTS` lists for the action. The `fields` come from the call, or from here. */
type SubjectOf<Action extends AuditAction> = Action extends AuditAction
  ? { [Name in Exclude<NameOf<Action>, 'fields'>]-?: SubjectValue<Required<Subject>[Name]> } & {
      [Name in Extract<NameOf<Action>, 'fields'>]?: SubjectValue<string[]>;
    }
  : never;

/** The subject of an event, and the names of the sent fields if the action records them. */
export type Subjects<Action extends AuditAction> = {
  fields?: ('fields' extends NameOf<Action> ? string[] : never) | undefined;
} & (Record<never, never> extends SubjectOf<Action>
  ? { subject?: SubjectOf<Action> }
  : { subject: SubjectOf<Action> });

type ValueOf<From> =
  From extends SQL<infer Value> ? Value : From extends Column ? GetColumnData<From> : never;

/** A JSON list of this value from all rows of a group. */
export const jsonList = <From extends Column | SQL>(value: From): SQL<ValueOf<From>[]> =>
  sql`json(json_group_array(${value}))`;

/** A JSON list of one value. */
export const jsonListOf = <From extends Column | SQL>(value: From): SQL<ValueOf<From>[]> =>
  sql`json_array(${value})`;

/** A condition as a JSON boolean. SQLite has 1 and 0. */
export const jsonBoolean = (condition: SQLWrapper): SQL<boolean> =>
  sql`json(iif(${condition}, 'true', 'false'))`;

const isWrapper = (value: unknown): value is SQLWrapper =>
  typeof Object(value).getSQL === 'function';

/** Builds a JSON object. The names come from `EVENTS`. */
export function objectOf(told: object): SQL {
  const pairs = Object.entries(told).map(([name, value]) => {
    const expression = isWrapper(value) ? sql`${value}` : sql`json(${JSON.stringify(value)})`;
    return sql`${sql.raw(`'${name}'`)}, ${expression}`;
  });
  return sql`json_object(${sql.join(pairs, sql`, `)})`;
}
