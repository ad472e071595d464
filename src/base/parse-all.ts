/** Parses input and reports all its errors at once, including those that a schema cannot see. */
import type * as v from 'valibot';
import { type Complaint, refuseAny } from './faults.ts';
import { examine } from './text.ts';

interface Checks<Given> {
  /**
   * Further errors that the call can find by itself. They come first if they concern the same
   * field.
   */
  known?(given: Partial<Given>): Complaint[];
  /**
   * Conflicts with stored data. Called only if something else is wrong: otherwise the verb checks
   * for itself.
   */
  stored?(given: Partial<Given>): Promise<Complaint[]>;
  /**
   * The fields that a field depends on. While one of them is invalid, errors of the field are not
   * reported.
   */
  judgedBy?: Readonly<Record<string, readonly string[]>>;
}

/** The parsed input. Throws a Refusal with all errors. */
export async function parseAll<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  { known = () => [], stored = async () => [], judgedBy = {} }: Checks<v.InferOutput<Schema>>,
): Promise<v.InferOutput<Schema>> {
  const { sound, faulty, faults } = examine(schema, input);
  const given = sound as Partial<v.InferOutput<Schema>>;
  const isCertain = ({ path: [name = ''] }: Complaint) =>
    !judgedBy[name]?.some((other) => faulty.has(other));
  const wrong = [...known(given).filter(isCertain), ...faults];
  if (wrong.length > 0) refuseAny([...wrong, ...(await stored(given)).filter(isCertain)]);
  return given as v.InferOutput<Schema>;
}
