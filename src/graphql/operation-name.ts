/** Which operation of a document is to run. */
import { type DocumentNode, getOperationAST, Kind } from 'graphql';
import { truncate } from '../base/messages.ts';
import { ofThem } from './advice.ts';
import { bad } from './negotiate.ts';

/** In characters: of what a client chose, what a sentence repeats as one name, and as several. */
const MAX_NAME = 30;
const MAX_NAMES = 45;

/** Throws where a document does not have the operation that is to run, and says which it has. */
export function assertOperation(document: DocumentNode, wanted: unknown): void {
  if (wanted != null && typeof wanted !== 'string') {
    throw bad(400, '"operationName" must be a text.');
  }
  if (getOperationAST(document, wanted)) return;
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (operations.length === 0) {
    throw bad(400, 'The document has fragments, and nothing that is to run: write { … } too.');
  }
  const fault =
    wanted == null
      ? 'The document has several operations.'
      : `The document has no operation "${truncate(wanted, MAX_NAME)}".`;
  const names = operations.flatMap(({ name }) => (name ? [name.value] : []));
  const advice =
    names.length > 0
      ? `Name one that it has as "operationName": ${truncate(ofThem(names), MAX_NAMES)}.`
      : 'It has one without a name: leave "operationName" out.';
  throw bad(400, `${fault} ${advice}`);
}
