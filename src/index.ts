/** The front door: gives each request its id and its time, and leads it to a face. */
import { Hono } from 'hono';
import { Memory } from './base/memory.ts';
import { connect } from './db/connect.ts';
import type { Call, Isolate } from './domain/permit.ts';
import { serveGraphql } from './graphql/server.ts';
import { type Env, readSettings, type Settings } from './settings.ts';
import { welcome } from './welcome.ts';

/** Entries of each kind; a session's copy is about 1 KB, and an isolate has 128 MB. */
const REMEMBERED = 10_000;

export const newIsolate = (): Isolate => ({
  sessions: new Memory(REMEMBERED),
  renewals: new Memory(REMEMBERED),
  apiKeys: new Memory(REMEMBERED),
});

interface Front {
  Bindings: Env;
  Variables: { requestId: string };
}

/** The Worker, as one isolate runs it. */
export function createApp(isolate: Isolate): Hono<Front> {
  const app = new Hono<Front>();
  let settings: Settings | undefined;

  app.use(async (context, next) => {
    context.set('requestId', crypto.randomUUID());
    await next();
    context.header('X-Request-Id', context.get('requestId'));
  });

  app.onError((error, context) => {
    const requestId = context.get('requestId');
    console.error({ requestId, error });
    const message = 'Something went wrong on our side. Tell us the request id.';
    return context.json({ error: message, requestId }, 500);
  });

  app.get('/', (context) => context.html(welcome));
  app.get('/health', (context) => context.json({ status: 'ok' }));

  // Clients of the original API send to `/`.
  for (const path of ['/graphql', '/']) {
    app.all(path, ({ req, env, executionCtx, get }) => {
      settings ??= readSettings(env);
      return serveGraphql(req.raw, {
        call: openCall(get('requestId'), env, executionCtx, isolate, settings),
        operatorKeys: settings.operatorKeys,
        docs: settings.docs,
      });
    });
  }
  return app;
}

function openCall(
  requestId: string,
  env: Env,
  execution: Pick<ExecutionContext, 'waitUntil'>,
  isolate: Isolate,
  { tokenSecrets }: Settings,
): Call {
  return {
    requestId,
    now: Date.now(),
    db: connect(env.DB),
    kv: env.SESSIONS,
    isolate,
    tokenSecrets,
    defer: (work) =>
      execution.waitUntil(
        work.catch((error) => console.error({ requestId, deferred: true, error })),
      ),
  };
}

export default createApp(newIsolate());
