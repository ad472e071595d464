/** Checks which operation of a document to run. */
import { type DocumentNode, getOperationAST, Kind } from 'graphql';
import { truncate } from '../base/messages.ts';
import { listNames } from './advice.ts';
import { badRequest } from './negotiate.ts';

/** In characters: how much of the client's names a message quotes, for one name and for several. */
const MAX_NAME = 30;
const MAX_NAMES = 45;

/** Throws if a document does not have the operation to run, and names those that it has. */
export function assertOperation(document: DocumentNode, wanted: unknown): void {
  if (wanted != null && typeof wanted !== 'string') {
    throw badRequest(400, '"operationName" must be a text.');
  }
  if (getOperationAST(document, wanted)) return;
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (operations.length === 0) {
    throw badRequest(400, 'The document has only fragments. Add an operation: { … }.');
  }
  const fault =
    wanted == null
      ? 'The document has several operations.'
      : `The document has no operation "${truncate(wanted, MAX_NAME)}".`;
  const names = operations.flatMap(({ name }) => (name ? [name.value] : []));
  const advice =
    names.length > 0
      ? `Name one that it has as "operationName": ${truncate(listNames(names), MAX_NAMES)}.`
      : 'It has one without a name. Leave "operationName" out.';
  throw badRequest(400, `${fault} ${advice}`);
}
