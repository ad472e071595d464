/** One of a flood is refused ahead of all that a request costs. */
import type { Isolate } from '../domain/isolate.ts';
import { rateLimitFault } from '../policy/admit.ts';
import { isLimitedPath } from '../rest/serve.ts';
import { faceOf } from './faces.ts';
import { refuseUnread } from './refuse-unread.ts';
import type { Settings } from './settings.ts';

/**
 * The refusal of a request whose tenant floods; null for all others, and where a browser's program
 * wants to read it. `path`: without a slash at its end.
 */
export async function refuseFlood(
  request: Request,
  path: string,
  isolate: Isolate,
  { issuer, unitsPerSecond }: Settings,
): Promise<Response | null> {
  const { headers } = request;
  if (headers.has('Origin')) return null;
  if (faceOf(path) !== 'graphql' && !isLimitedPath(path)) return null;
  const fault = rateLimitFault(isolate, issuer, headers, unitsPerSecond);
  return fault && refuseUnread(request, path, fault);
}
