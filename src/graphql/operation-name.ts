/** Which operation of a document is to run. */
import { type DocumentNode, getOperationAST, Kind } from 'graphql';
import { truncate } from '../base/messages.ts';
import { listNames } from './advice.ts';
import { badRequest } from './negotiate.ts';

/** In characters: of what a client chose, what a sentence repeats as one name, and as several. */
const MAX_NAME = 30;
const MAX_NAMES = 45;

/** Throws where a document does not have the operation that is to run, and says which it has. */
export function assertOperation(document: DocumentNode, wanted: unknown): void {
  if (wanted != null && typeof wanted !== 'string') {
    throw badRequest(400, '"operationName" must be a text.');
  }
  if (getOperationAST(document, wanted)) return;
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (operations.length === 0) {
    throw badRequest(
      400,
      'The document has fragments, and nothing that is to run: write { … } too.',
    );
  }
  const fault =
    wanted == null
      ? 'The document has several operations.'
      : `The document has no operation "${truncate(wanted, MAX_NAME)}".`;
  const names = operations.flatMap(({ name }) => (name ? [name.value] : []));
  const advice =
    names.length > 0
      ? `Name one that it has as "operationName": ${truncate(listNames(names), MAX_NAMES)}.`
      : 'It has one without a name: leave "operationName" out.';
  throw badRequest(400, `${fault} ${advice}`);
}
