/** Shortens what GraphQL's own messages quote of a document. */
import { MAX_QUOTE, safeMessage, truncate } from '../base/messages.ts';

/**
 * Where a message begins to quote the input, which may be anything: a value, or an unexpected
 * token. Before that it only quotes names, in quotation marks.
 */
const VALUE = /(?<!invalid )\b(?:found|value): /i;
const ANYTHING = /^(?:Syntax Error|Unexpected parameter)[^"]*"/;

const end = (match: RegExpExecArray | null): number =>
  match ? match.index + match[0].length : Number.POSITIVE_INFINITY;

/**
 * The message with at most 80 characters of the input. Names that `isOurs` accepts do not count.
 */
export function shortenMessage(message: string, isOurs: (name: string) => boolean): string {
  let left = MAX_QUOTE;
  const take = (sent: string): string => {
    const taken = truncate(sent, left);
    left = Math.max(0, left - taken.length);
    return taken;
  };
  const start = Math.min(end(ANYTHING.exec(message)), end(VALUE.exec(message)));
  const ours = message
    .slice(0, start)
    .replaceAll(/"([^"]*)"/g, (quoted, name: string) =>
      isOurs(name) ? quoted : `"${take(name)}"`,
    );
  return safeMessage(ours + take(message.slice(start)));
}
