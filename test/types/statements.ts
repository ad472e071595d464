/** What must not compile: values for columns that a table does not have, spread or not. */
import { sql } from 'drizzle-orm';
import { f, u } from '../../src/db/aliases.ts';
import { failedSignIns } from '../../src/db/schema.ts';
import { assignments, differ, insert, returning, update } from '../../src/db/statements.ts';

const rest = sql`FROM x`;
const values = { userId: 1, failures: 1, toldAt: 0 };

export const right = () => insert(failedSignIns, { ...values, userId: u.id }, rest);
export const alsoRight = () => update(f, { failures: undefined, ...{ toldAt: 0 } }, rest);

/** The row is what was selected. */
export const rows = (): { id: number } | undefined =>
  returning(update(f, { failures: 0 }, rest), { id: f.userId }).row;

// @ts-expect-error a column that must have a value
export const tooFew = () => insert(failedSignIns, { userId: 1, failures: 1 }, rest);

// @ts-expect-error a value of another type
export const wrong = () => update(f, { failures: 'one' }, rest);

// @ts-expect-error no such column
export const unknown = () => insert(failedSignIns, { ...values, ...{ failed_at: 0 } }, rest);

// @ts-expect-error no such column
export const unknownToSet = () => update(f, { ...{ tries: 0 } }, rest);

// @ts-expect-error no such column
export const unknownToAssign = () => assignments(f, { ...values, ...{ tries: 0 } });

// @ts-expect-error no such column
export const unknownToCompare = () => differ(f, { ...values, ...{ tries: 0 } });

// @ts-expect-error no column at all
export const noneAtAll = (tries: { tries: number }) => update(f, tries, rest);
