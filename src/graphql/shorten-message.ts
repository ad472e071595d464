/** What GraphQL's own sentences repeat of a document, cut to what an answer may repeat. */
import { MAX_QUOTE, safeMessage, truncate } from '../base/messages.ts';

/**
 * Where a sentence goes over to what was sent, which may be anything from there on: a value, or, where the document is
 * none, the token that nobody expected. Before that it repeats nothing but names, in quotes.
 */
const VALUE = /(?<!invalid )\b(?:found|value): /i;
const ANYTHING = /^(?:Syntax Error|Unexpected parameter)[^"]*"/;

const end = (match: RegExpExecArray | null): number =>
  match ? match.index + match[0].length : Number.POSITIVE_INFINITY;

/** The sentence with at most 80 characters of what was sent; names that `isOurs` knows do not count. */
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
