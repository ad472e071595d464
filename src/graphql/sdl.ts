/**
 * The schema in GraphQL's schema definition language, for tools that generate types and clients.
 */
import { printSchema } from 'graphql';
import { assertAuthorized } from '../policy/authorize.ts';
import { authenticateAndCharge, checkRateLimits } from '../policy/rate-limits.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { earlyRefusal } from './errors.ts';
import { getSchema } from './schema.ts';

let sdl: string | undefined;

/** For any key. For everyone if introspection is open. */
export async function serveSchema(headers: Headers, context: RequestContext): Promise<Response> {
  try {
    if (!context.docs) {
      await checkRateLimits(context, headers);
      const call = context.openCall();
      const caller = await authenticateAndCharge(call, headers, context, 0);
      assertAuthorized(call, caller, 'caller.read');
    }
  } catch (fault) {
    return earlyRefusal(fault, 'application/json', context.requestId);
  }
  sdl ??= printSchema(getSchema());
  return new Response(sdl, { headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
}
