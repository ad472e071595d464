/** The front door: gives each request its id and its time, and leads it to a face. */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { getPathNoStrict } from 'hono/utils/url';
import { type Fault, MASK } from './base/faults.ts';
import { BOOKMARK, IGNORED } from './base/headers.ts';
import { Memory } from './base/memory.ts';
import { FROM_HERE, secure, TEXT_ONLY } from './base/page.ts';
import { Questions } from './base/questions.ts';
import { Turns } from './base/turns.ts';
import { Watch } from './base/watch.ts';
import { DatabaseSize } from './db/size.ts';
import { newCommonPasswords } from './domain/members/password.ts';
import { newNumberingPlans } from './domain/members/phone.ts';
import type { Nudge } from './domain/nudge.ts';
import type { Isolate } from './domain/permit.ts';
import { weigh } from './domain/sessions/memory.ts';
import { faultOf, weighAnswer } from './domain/sessions/truth.ts';
import { sweep } from './domain/sweep.ts';
import { work } from './domain/work.ts';
import { edge } from './edge/routes.ts';
import {
  type Introspected,
  introspectByRpc,
  type RpcHandover,
  type RpcOptions,
  type RpcQuestion,
  type Verified,
  verifyByRpc,
} from './edge/rpc.ts';
import { serveAhead, serviceOf } from './edge/services.ts';
import { routeOf, verify } from './edge/verify.ts';
import { graphiql } from './graphql/graphiql.ts';
import { serveSchema } from './graphql/sdl.ts';
import { serveGraphql } from './graphql/server.ts';
import { type Known, nearestPath } from './nearest-path.ts';
import { refuseMethod } from './other-method.ts';
import type { LimitedHandover } from './policy/admit.ts';
import { docs } from './reference/serve.ts';
import { refused } from './rest/answers.ts';
import { bulk } from './rest/bulk/routes.ts';
import { rest } from './rest/serve.ts';
import { type Env, readDeployment, type Settings } from './settings.ts';
import { refuseUnread, turnAway } from './turn-away.ts';
import { type Execution, type House, Visit } from './visit.ts';
import { welcome } from './welcome.ts';

/** Entries of each kind. */
const REMEMBERED = 10_000;
/** Sessions and keys of which the tenant is known: some 100 bytes each. */
const REMEMBERED_TENANTS = 50_000;
/** In bytes, of the 128 MB that an isolate has: some 25,000 sessions of users with a few devices. */
const REMEMBERED_SESSIONS = 32_000_000;
/** In bytes: what was asked of D1 in the last second, for all who wait for it. */
const REMEMBERED_QUESTIONS = 4_000_000;
const HOLDER_BYTES = 500;

/** What failed is tried again then; after three times it is left to the sweep. */
const RETRY_SECONDS = 10;

export const newIsolate = (): Isolate => ({
  sessions: new Memory(REMEMBERED_SESSIONS, weigh),
  watch: new Watch(),
  asked: new Memory(REMEMBERED),
  questions: new Questions(REMEMBERED_QUESTIONS, weighAnswer, faultOf),
  keyQuestions: new Questions(REMEMBERED_QUESTIONS, () => HOLDER_BYTES, faultOf),
  endings: new Questions(REMEMBERED_QUESTIONS, () => 0, faultOf),
  renewals: new Memory(REMEMBERED),
  revoked: new Memory(REMEMBERED),
  tenants: new Memory(REMEMBERED_TENANTS),
  limited: new Memory(REMEMBERED),
  lanes: new Memory(REMEMBERED),
  apiKeys: new Memory(REMEMBERED),
  size: new DatabaseSize(),
  hashing: new Turns(),
  numberingPlans: newNumberingPlans(),
  commonPasswords: newCommonPasswords(),
});

interface Front {
  Bindings: Env;
  Variables: { requestId: string; handover: LimitedHandover };
}

/** Programs on pages of these origins may call: tokens are theirs to send, and nothing is sent by a browser alone. */
const corsFor = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', BOOKMARK],
    exposeHeaders: [
      'X-Request-Id',
      'X-Token',
      'X-Latchkey-Degraded',
      BOOKMARK,
      IGNORED,
      'Retry-After',
      'WWW-Authenticate',
    ],
    maxAge: 86_400,
  });

/** What is answered ahead of all routes. */
const VERIFY: Known[] = ['/verify', '/verify/:tenant'].map((path) => ({ path, method: 'GET' }));

/** The Worker, as one isolate runs it. */
export interface App {
  fetch(request: Request, env: Env, execution: ExecutionContext): Response | Promise<Response>;
  /** What the clock starts. */
  sweep(env: Env, execution: Execution): Promise<void>;
  /** What nudges start. */
  work(batch: MessageBatch<Nudge>, env: Env, execution: Execution): Promise<void>;
  /** What a call from another Worker begins with. */
  openRpc(env: Env, execution: Execution): RpcHandover;
}

export function createApp(isolate: Isolate): App {
  let settings: Settings | undefined;
  let unfit: Fault | undefined;
  /** Read once. Throws a Fault, UNAVAILABLE, where something is missing, so that nothing works half. */
  const settingsOf = (env: Env): Settings => {
    if (settings) return settings;
    if (unfit) throw unfit;
    try {
      settings = readDeployment(env);
    } catch (fault) {
      unfit = fault as Fault;
      throw unfit;
    }
    isolate.size.capacity = settings.databaseBytes ?? isolate.size.capacity;
    return settings;
  };
  const house: House = { isolate, settingsOf };

  // A slash at the end of a path does not matter.
  const app = new Hono<Front>({ strict: false });

  app.use(async (context, next) => {
    const { env, executionCtx } = context;
    const visit = new Visit(house, env, executionCtx, context.req.raw.headers);
    context.set('requestId', visit.requestId);
    const { operatorKeys, publicUrl, unitsPerSecond } = settingsOf(env);
    context.set('handover', {
      requestId: visit.requestId,
      openCall: () => visit.openCall(),
      operatorKeys,
      get origin() {
        return publicUrl ?? new URL(context.req.url).origin;
      },
      limits: {
        calls: env.CALLS,
        callsByTenant: env.CALLS_BY_TENANT,
        unitsPerSecond,
        refusals: env.REFUSALS,
        triesByAddress: env.TRIES_BY_ADDRESS,
        triesByAccount: env.TRIES_BY_ACCOUNT,
      },
    });
    await visit.whole(next);
    visit.sign(context.res);
    secure(context.res.headers);
  });

  app.get('/health', (context) => {
    const full = isolate.size.room === 'plenty' ? {} : { storage: 'full' };
    return context.json({ status: 'ok', ...full });
  });

  let crossing: MiddlewareHandler | undefined;
  app.use((context, next) => {
    const { corsOrigins } = settingsOf(context.env);
    if (corsOrigins.length === 0) return next();
    crossing ??= corsFor(corsOrigins);
    return crossing(context, next);
  });

  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed({ req, body, get }, methods) {
        return req.method === 'OPTIONS'
          ? body(null, 204, { Allow: methods.join(', ') })
          : refuseMethod(req.raw, getPathNoStrict(req.raw), methods, get('requestId'));
      },
    }),
  );

  app.onError((error, context) => {
    const requestId = context.get('requestId');
    console.error({ requestId, error });
    return context.json(
      { errors: [{ message: MASK, extensions: { code: 'INTERNAL', requestId } }] },
      500,
    );
  });

  let paths: Known[] | undefined;
  /** All that there is to be named, pages only where they are shown. */
  const pathsFor = (env: Env): Known[] => {
    paths ??= [...app.routes, ...VERIFY].filter(({ path }) => !path.includes('*'));
    return settingsOf(env).docs ? paths : paths.filter(({ path }) => path !== '/docs');
  };

  // In the words of the face that has most paths.
  app.notFound(({ req, env }) => {
    const nearest = nearestPath(req.path, req.method, pathsFor(env));
    const meant = nearest ? ` Did you mean ${nearest}?` : '';
    return refused(404, {
      path: `There is nothing at this path.${meant} Paths have no prefix, and small letters. See /openapi.json for those of the company API; all else is at /graphql.`,
    });
  });

  app.get('/', (context) => context.html(welcome, 200, TEXT_ONLY));
  app.get('/graphql', ({ env, req, html }, next) =>
    settingsOf(env).docs && req.header('Accept')?.includes('text/html')
      ? html(graphiql, 200, FROM_HERE)
      : next(),
  );
  app.get('/schema.graphql', ({ req, env, get }) => {
    const { docs, maxCost } = settingsOf(env);
    return serveSchema(req.raw.headers, { ...get('handover'), docs, maxCost });
  });
  app.use('/docs/*', async ({ env, notFound }, next) =>
    settingsOf(env).docs ? next() : notFound(),
  );
  app.route('/', edge);
  app.route('/', rest);
  app.route('/', bulk);
  app.route('/', docs);

  // Clients of the original API send to `/`.
  app.on(['GET', 'POST'], ['/graphql', '/'], ({ req, env, get }) => {
    const request = req.raw.method === 'HEAD' ? new Request(req.raw, { method: 'GET' }) : req.raw;
    const { docs, maxCost } = settingsOf(env);
    return serveGraphql(request, { ...get('handover'), docs, maxCost });
  });

  async function serve(request: Request, env: Env, execution: ExecutionContext): Promise<Response> {
    let own: Settings;
    try {
      own = settingsOf(env);
    } catch (fault) {
      return refuseUnread(request, fault as Fault);
    }
    const service = serviceOf(request);
    if (service) {
      return serveAhead(service, request, new Visit(house, env, execution), own.operatorKeys);
    }
    return (await turnAway(request, isolate, own)) ?? app.fetch(request, env, execution);
  }

  return {
    fetch(request, env, execution) {
      // In front of all else: Hono would cost a check a tenth of its time.
      const route = routeOf(request);
      if (route) return verify(new Visit(house, env, execution), request, route);
      return serve(request, env, execution);
    },
    sweep: async (env, execution) =>
      sweep(new Visit(house, env, execution).openCall(), settingsOf(env)),
    async work({ messages }, env, execution) {
      const visit = new Visit(house, env, execution);
      const { requestId } = visit;
      for (const message of messages) {
        try {
          await work(visit.openCall(), message.body);
          message.ack();
        } catch (error) {
          console.error({ requestId, nudge: message.body, error });
          message.retry({ delaySeconds: RETRY_SECONDS });
        }
      }
    },
    openRpc: (env, execution) => new Visit(house, env, execution),
  };
}

const app = createApp(newIsolate());

export default {
  fetch: app.fetch,
  scheduled: (_, env, execution) => app.sweep(env, execution),
  queue: app.work,
} satisfies ExportedHandler<Env, Nudge>;

/** For other Workers of the account, by a service binding with this entrypoint. No answer is a throw. */
export class TokenAuthority extends WorkerEntrypoint<Env> {
  /** Is this token good, and may its user do what is asked? As `/verify`. */
  verify(token: string, question: RpcQuestion = {}): Promise<Verified> {
    return verifyByRpc(app.openRpc(this.env, this.ctx), token, question);
  }

  /** Whose token is this? As `/introspect`. */
  introspect(token: string, options: RpcOptions = {}): Promise<Introspected> {
    return introspectByRpc(app.openRpc(this.env, this.ctx), token, options);
  }
}
