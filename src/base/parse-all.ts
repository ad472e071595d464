/** From input to values where all that is wrong is to be told at once, also what a schema cannot see. */
import type * as v from 'valibot';
import { type Complaint, refuseAny } from './faults.ts';
import { examine } from './text.ts';

interface Checks<Given> {
  /** What is wrong besides, by what the call knows by itself. It comes first where it is about the same field. */
  known?(given: Partial<Given>): Complaint[];
  /** What is stored and stands in the way. Asked only where something is wrong already: the verb asks for itself. */
  stored?(given: Partial<Given>): Promise<Complaint[]>;
  /** The fields that a field is judged by. While one of them is at fault, nothing is said of it. */
  judgedBy?: Readonly<Record<string, readonly string[]>>;
}

/** Input as `schema` has it, or a Refusal with all that is wrong with it. */
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
