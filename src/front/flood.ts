/** Refuses a flood before anything else is spent on it. */
import type { MaybePromise } from '../base/maybe-promise.ts';
import type { Isolate } from '../domain/isolate.ts';
import { rateLimitFault } from '../policy/rate-limits.ts';
import { isLimitedPath } from '../rest/serve.ts';
import { faceOf } from './faces.ts';
import { refuseEarly } from './refuse-early.ts';
import type { Settings } from './settings.ts';

/**
 * The refusal of a request whose tenant floods. Null for other requests, and for programs on pages,
 * which could not read it. `path`: without a slash at its end.
 */
export function refuseFlood(
  request: Request,
  path: string,
  isolate: Isolate,
  { issuer, unitsPerSecond }: Settings,
): MaybePromise<Response> | null {
  const { headers } = request;
  if (headers.has('Origin')) return null;
  if (faceOf(path) !== 'graphql' && !isLimitedPath(path)) return null;
  const fault = rateLimitFault(isolate, issuer, headers, unitsPerSecond);
  return fault && refuseEarly(request, path, fault);
}
