/** The schema as a text, in GraphQL's own language: for tools that make types and clients of it. */
import { printSchema } from 'graphql';
import { admit, knock } from '../policy/admit.ts';
import { assertAllowed } from '../policy/allow.ts';
import { refusedUnread } from './errors.ts';
import { schema } from './schema.ts';
import type { GraphqlHandover } from './server.ts';

let sdl: string | undefined;

/** To any key; to everybody where introspection is open. */
export async function serveSchema(headers: Headers, handover: GraphqlHandover): Promise<Response> {
  try {
    if (!handover.docs) {
      await knock(handover, headers);
      assertAllowed(await admit(handover.openCall(), headers, handover, 0), 'caller.read');
    }
  } catch (fault) {
    return refusedUnread(fault, 'application/json', handover.requestId);
  }
  sdl ??= printSchema(schema);
  return new Response(sdl, { headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
}
