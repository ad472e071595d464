/** The front door: gives each request its id and its time, and leads it to a face. */
import { Hono } from 'hono';
import { MASK } from './base/faults.ts';
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
  denials: new Memory(REMEMBERED),
  renewals: new Memory(REMEMBERED),
  apiKeys: new Memory(REMEMBERED),
});

type Work = () => Promise<unknown>;

interface Front {
  Bindings: Env;
  Variables: { requestId: string; defer: (work: Work) => void };
}

/** The Worker, as one isolate runs it. */
export function createApp(isolate: Isolate): Hono<Front> {
  const app = new Hono<Front>();
  let settings: Settings | undefined;

  app.use(async (context, next) => {
    const requestId = crypto.randomUUID();
    context.set('requestId', requestId);
    const { defer, answered } = deferral(requestId, context.executionCtx);
    context.set('defer', defer);
    try {
      await next();
      context.header('X-Request-Id', requestId);
    } finally {
      answered();
    }
  });

  app.onError((error, context) => {
    const requestId = context.get('requestId');
    console.error({ requestId, error });
    return context.json(
      { errors: [{ message: MASK, extensions: { code: 'INTERNAL', requestId } }] },
      500,
    );
  });

  app.get('/', (context) => context.html(welcome));
  app.get('/health', (context) => {
    try {
      settings ??= readSettings(context.env);
      return context.json({ status: 'ok' });
    } catch (error) {
      console.error({ requestId: context.get('requestId'), error });
      return context.json({ status: 'The secrets are not fit to run with: see the log.' }, 503);
    }
  });

  // Clients of the original API send to `/`.
  for (const path of ['/graphql', '/']) {
    app.all(path, ({ req, env, get }) => {
      settings ??= readSettings(env);
      const { operatorKeys, tokenSecrets, docs } = settings;
      const requestId = get('requestId');
      const openCall = (): Call => ({
        requestId,
        now: Date.now(),
        db: connect(env.DB),
        kv: env.SESSIONS,
        isolate,
        tokenSecrets,
        defer: get('defer'),
      });
      return serveGraphql(req.raw, { requestId, openCall, operatorKeys, docs });
    });
  }
  return app;
}

/** Work that waits for the answer to be made and sent, and keeps the isolate alive until it is done. */
function deferral(requestId: string, execution: Pick<ExecutionContext, 'waitUntil'>) {
  const { promise: answer, resolve: answered } = Promise.withResolvers<void>();
  // A request whose client hangs up is cancelled, unless something waits: a change is not to be left half published.
  execution.waitUntil(answer);
  const defer = (work: Work): void =>
    execution.waitUntil(
      answer
        .then(() => scheduler.wait(0))
        .then(work)
        .catch((error) => console.error({ requestId, deferred: true, error })),
    );
  return { defer, answered };
}

export default createApp(newIsolate());
