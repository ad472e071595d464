/** Errors that the API tells of another path than the form's field: they stand at the field. */
import { Failure, failureOf } from './failure.ts';

/** Runs the call. Fields of its Failure get the names that `names` says, such as the form's. */
export async function atFields<Result>(
  names: Readonly<Record<string, string>>,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    const { reason, message, fields } = failureOf(thrown);
    const renamed = Object.entries(fields).map(([name, said]) => [names[name] ?? name, said]);
    throw new Failure(reason, message, Object.fromEntries(renamed));
  }
}
