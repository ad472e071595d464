/** The query parameter of `/introspect` and `/session`. */
import { notUtf8, readQueryPairs } from '../base/utf8.ts';
import type { Consistency } from '../domain/sessions/resolve.ts';
import { badRequest } from './answers.ts';
import { readConsistency } from './question.ts';

/** The consistency that a call asks for, or its refusal. */
export function consistencyOf(url: string): Consistency | Response {
  if (!url.includes('?')) return 'FAST';
  const pairs = readQueryPairs(url);
  if (!pairs) return badRequest(notUtf8('The query string'));
  const [wanted, ...more] = pairs.getAll('consistency');
  const consistency = readConsistency(wanted);
  return consistency && more.length === 0
    ? consistency
    : badRequest('"consistency" is neither "fast" nor "strict".');
}
