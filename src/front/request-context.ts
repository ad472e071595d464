/** What the Worker knows of one request: from its arrival to what is done behind its answer. */
import { BOOKMARK } from '../base/headers.ts';
import type { Issuer } from '../base/issuer.ts';
import { connect, type Database } from '../db/connect.ts';
import type { Isolate } from '../domain/isolate.ts';
import type { Call, Degradation } from '../domain/permit.ts';
import type { Limits } from '../policy/limits.ts';
import type { RequestContext } from '../policy/request-context.ts';
import type { Deployment } from './deployment.ts';
import type { Env, Settings } from './settings.ts';

/**
 * Writes to KV that an invocation may make, of the 1,000 operations that it has; the others are its
 * reads.
 */
export const WRITES = 800;

export type Execution = Pick<ExecutionContext, 'waitUntil'>;

/** A class whose fields are made when they are read: a check makes one, and reads few. */
export class WorkerContext implements RequestContext {
  #requestId: string | undefined;
  readonly #deployment: Deployment;
  readonly #env: Env;
  readonly #request: Request | undefined;
  #db: Database | undefined;
  #limits: Limits | undefined;
  degradation: Degradation | undefined;
  counted = 0;
  readonly room = { writes: WRITES };
  readonly #execution: Execution;
  /** What deferred work waits for. */
  #answer: Promise<void> | undefined;

  /**
   * `request`: one that goes on from what its client has seen of the database, as its bookmark
   * says.
   */
  constructor(deployment: Deployment, env: Env, execution: Execution, request?: Request) {
    this.#deployment = deployment;
    this.#env = env;
    this.#execution = execution;
    this.#request = request;
  }

  /** Made when it is asked for. */
  get requestId(): string {
    this.#requestId ??= crypto.randomUUID();
    return this.#requestId;
  }

  get #settings(): Settings {
    return this.#deployment.settingsOf(this.#env);
  }

  get operatorKeys(): readonly string[] {
    return this.#settings.operatorKeys;
  }

  get docs(): boolean {
    return this.#settings.docs;
  }

  get maxCost(): number {
    return this.#settings.maxCost;
  }

  /** Empty where nothing says it. */
  get origin(): string {
    const { publicUrl } = this.#settings;
    return publicUrl ?? (this.#request ? new URL(this.#request.url).origin : '');
  }

  get limits(): Limits {
    this.#limits ??= {
      calls: this.#env.CALLS,
      callsByTenant: this.#env.CALLS_BY_TENANT,
      unitsPerSecond: this.#settings.unitsPerSecond,
      refusals: this.#env.REFUSALS,
      triesByAddress: this.#env.TRIES_BY_ADDRESS,
      triesByAccount: this.#env.TRIES_BY_ACCOUNT,
    };
    return this.#limits;
  }

  openCall(): Call {
    return new OpenCall(this, this.#env, this.#deployment.isolate, this.#settings.issuer);
  }

  /** Most checks need none. */
  get db(): Database {
    if (this.#db) return this.#db;
    const bookmark = this.#request?.headers.get(BOOKMARK) ?? null;
    this.#db = connect(this.#env.DB, bookmark, this.#deployment.isolate.size);
    return this.#db;
  }

  /**
   * Answers, though the client hangs up: a request that nothing waits for would be cancelled, and a
   * change left half published. What is deferred meanwhile waits for the answer.
   */
  async whole<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answer = promise;
    this.#execution.waitUntil(promise);
    try {
      return await answer();
    } finally {
      resolve();
    }
  }

  /** Work behind the answer keeps the isolate alive until it is done. */
  defer(work: () => Promise<unknown>): void {
    this.#execution.waitUntil(
      (this.#answer ?? Promise.resolve())
        .then(() => scheduler.wait(0))
        .then(work)
        .catch((error) => console.error({ requestId: this.requestId, deferred: true, error })),
    );
  }

  sign(response: Response): Response {
    response.headers.set('X-Request-Id', this.requestId);
    return this.mark(response);
  }

  mark(response: Response): Response {
    if (this.degradation) response.headers.set('X-Latchkey-Degraded', this.degradation);
    const bookmark = this.#db?.bookmark();
    // One refusal looks like another.
    if (bookmark && response.ok) response.headers.set(BOOKMARK, bookmark);
    return response;
  }
}

/**
 * The call of a request. A class: a check makes one for each request, and has use for little of it.
 */
class OpenCall implements Call {
  readonly now = Date.now();
  readonly isolate: Isolate;
  readonly issuer: Issuer;
  readonly #context: WorkerContext;
  readonly #env: Env;

  constructor(context: WorkerContext, env: Env, isolate: Isolate, issuer: Issuer) {
    this.isolate = isolate;
    this.issuer = issuer;
    this.#context = context;
    this.#env = env;
  }

  get requestId(): string {
    return this.#context.requestId;
  }

  get db(): Database {
    return this.#context.db;
  }

  get kv(): KVNamespace {
    return this.#env.SESSIONS;
  }

  get work(): Env['WORK'] {
    return this.#env.WORK;
  }

  get assets(): Env['ASSETS'] {
    return this.#env.ASSETS;
  }

  get room(): Call['room'] {
    return this.#context.room;
  }

  degrade(how: Degradation): void {
    this.#context.degradation = how;
    console.warn({ requestId: this.requestId, degraded: how });
  }

  defer(work: () => Promise<unknown>): void {
    this.#context.defer(work);
  }
}
