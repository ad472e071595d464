/**
 * Import and export of many end users. These calls stream, while all others have one response to
 * one body.
 */
import { type Context, Hono } from 'hono';
import { BOOKMARK, mediaTypeOf } from '../../base/headers.ts';
import { NO_STORE } from '../../base/response-headers.ts';
import type { Permit } from '../../domain/permit.ts';
import { authorize } from '../../policy/authorize.ts';
import { authenticateAndCharge, checkRateLimits } from '../../policy/rate-limits.ts';
import type { FaceEnv } from '../../policy/request-context.ts';
import { BadRequest, present } from '../answers.ts';
import { assertCharset, readSearch } from '../body.ts';
import { exportLines } from './export.ts';
import { importLines } from './import.ts';
import { MEDIA_TYPES, NDJSON } from './lines.ts';

/**
 * Authenticates again for each slice, with a new clock: a stream outlives the moment in which it
 * began. `units` is what the next slice costs.
 */
const permitFor =
  <Action extends 'user.import' | 'user.beginExport' | 'user.export'>(
    { req, get }: Context<FaceEnv>,
    action: Action,
  ): ((units: number) => Promise<Permit<Action>>) =>
  async (units) => {
    const requestContext = get('requestContext');
    const { headers } = req.raw;
    await checkRateLimits(requestContext, headers, units);
    const call = requestContext.openCall();
    return authorize(call, await authenticateAndCharge(call, headers, requestContext), action);
  };

const streamed = (body: ReadableStream<Uint8Array>): Response =>
  new Response(body, { headers: { 'Content-Type': NDJSON, ...NO_STORE } });

/** The most unread output, in bytes. */
const MAX_UNREAD = 20_000_000;

/** Does not wait for the reader: a client may read nothing until it has sent its last line. */
function pump(answers: AsyncGenerator<Uint8Array>) {
  const { promise: pumped, resolve } = Promise.withResolvers<void>();
  const readable = new ReadableStream<Uint8Array>(
    {
      async start(out) {
        try {
          for await (const answer of answers) {
            if ((out.desiredSize ?? 0) < -MAX_UNREAD) throw new Error('The answers are not read.');
            out.enqueue(answer);
          }
          out.close();
        } catch (error) {
          out.error(error);
        } finally {
          resolve();
        }
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  );
  return { readable, pumped };
}

export const bulk = new Hono<FaceEnv>();

bulk.post('/import', async (context) => {
  const { requestId } = context.get('requestContext');
  try {
    const permit = permitFor(context, 'user.import');
    await permit(1);
    if (!MEDIA_TYPES.includes(mediaTypeOf(context.req.header('Content-Type') ?? ''))) {
      throw new BadRequest(415, 'body', `The Content-Type must be ${NDJSON}: one line per user.`);
    }
    assertCharset(context.req.raw.headers);
    const { body } = context.req.raw;
    if (!body) return streamed(new ReadableStream({ start: (out) => out.close() }));
    const answers = importLines(body, permit, (error) => console.error({ requestId, error }));
    const { readable, pumped } = pump(answers);
    // The import goes on, and so does its deferred work, even if the client hangs up.
    context.executionCtx.waitUntil(pumped);
    const response = streamed(readable);
    // The changes are not known yet. An invalid bookmark stands for the primary.
    response.headers.set(BOOKMARK, 'primary');
    return response;
  } catch (error) {
    return present(error, requestId);
  }
});

bulk.get('/export', async (context) => {
  const { requestId } = context.get('requestContext');
  try {
    const after = readSearch(context.req.url).get('after') ?? '';
    const begin = permitFor(context, 'user.beginExport');
    const pages = exportLines(after, begin, permitFor(context, 'user.export'));
    let first: IteratorResult<Uint8Array> | undefined = await pages.next();
    return streamed(
      new ReadableStream({
        async pull(out) {
          try {
            const page = first ?? (await pages.next());
            first = undefined;
            if (page.done) out.close();
            else out.enqueue(page.value);
          } catch (error) {
            // Half an export must not look complete: the connection is aborted.
            console.error({ requestId, error });
            out.error(error);
          }
        },
      }),
    );
  } catch (error) {
    return present(error, requestId);
  }
});
