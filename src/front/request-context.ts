/** The context of one request, from its arrival to the work after its response. */
import { clientOf } from '../base/client.ts';
import { BOOKMARK } from '../base/headers.ts';
import { type Audience, connect, type Database } from '../db/connect.ts';
import { type Listening, selectListening } from '../db/listeners.ts';
import { nudgeListening } from '../domain/nudge.ts';
import type { Call, Degradation } from '../domain/permit.ts';
import type { Limits } from '../policy/limits.ts';
import type { RequestContext } from '../policy/request-context.ts';
import type { Deployment } from './deployment.ts';
import { OpenCall } from './open-call.ts';
import type { Env, Settings } from './settings.ts';

/**
 * Writes to KV that one invocation makes at most, of the 1,000 operations that it has. The rest is
 * for reads.
 */
export const WRITES = 800;

export type Execution = Pick<ExecutionContext, 'waitUntil'>;

/** A class with lazy fields: a token check creates one and reads few of them. */
export class WorkerContext implements RequestContext {
  #requestId: string | undefined;
  readonly #deployment: Deployment;
  readonly #env: Env;
  readonly #request: Request | undefined;
  readonly credentialIn: RequestContext['credentialIn'];
  #db: Database | undefined;
  #limits: Limits | undefined;
  #listening: Map<string, Listening> | undefined;
  degradation: Degradation | undefined;
  counted = 0;
  readonly room = { writes: WRITES };
  readonly #execution: Execution;
  /** What deferred work waits for: the end of the response. */
  #answer: Promise<void> | undefined;

  /** `request`: its bookmark tells which state of the database the client has seen. */
  constructor(
    deployment: Deployment,
    env: Env,
    execution: Execution,
    request?: Request,
    credentialIn: RequestContext['credentialIn'] = 'header',
  ) {
    this.#deployment = deployment;
    this.#env = env;
    this.#execution = execution;
    this.#request = request;
    this.credentialIn = credentialIn;
  }

  /** Created on first use. */
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

  get console(): boolean {
    return this.#settings.console;
  }

  get maxCost(): number {
    return this.#settings.maxCost;
  }

  /** Empty if neither a setting nor a request gives it. */
  get origin(): string {
    const { publicUrl } = this.#settings;
    return publicUrl ?? (this.#request ? new URL(this.#request.url).origin : '');
  }

  /** Where this service is reached, as far as it knows. */
  get ownOrigins(): string[] {
    const { publicUrl } = this.#settings;
    return [
      ...(publicUrl === undefined ? [] : [publicUrl]),
      ...(this.#request ? [new URL(this.#request.url).origin] : []),
    ];
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
    return new OpenCall(this, this.#env, this.#deployment.isolate, this.#settings);
  }

  /** Created on first use: most token checks need none. */
  get db(): Database {
    if (this.#db) return this.#db;
    const bookmark = this.#request?.headers.get(BOOKMARK) ?? null;
    const { size } = this.#deployment.isolate;
    this.#db = connect(this.#env.DB, bookmark, size, this.#audience);
    return this.#db;
  }

  /** Only signing in needs it. */
  get client(): string | null {
    return clientOf(this.#request?.headers.get('User-Agent') ?? null);
  }

  get #audience(): Audience {
    return { lookUp: selectListening, tell: (webhooks) => this.#tell(webhooks as Listening[]) };
  }

  /** Has others send events to webhooks, each once behind whatever this request changes. */
  #tell(webhooks: Listening[]): void {
    if (!this.#listening) {
      const listening = new Map<string, Listening>();
      this.#listening = listening;
      this.defer(() => {
        this.#listening = undefined;
        return nudgeListening(this.openCall(), [...listening.values()]);
      });
    }
    for (const webhook of webhooks) this.#listening.set(webhook.id, webhook);
  }

  /**
   * Runs `answer` to its end, even if the client hangs up. The platform would cancel the request
   * and leave a change half published. Work that is deferred meanwhile waits for the response.
   */
  async runToCompletion<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answer = promise;
    this.#execution.waitUntil(promise);
    try {
      return await answer();
    } finally {
      resolve();
    }
  }

  /** Work after the response keeps the isolate alive until it is done. */
  defer(work: () => Promise<unknown>): void {
    this.#execution.waitUntil(
      (this.#answer ?? Promise.resolve())
        .then(() => scheduler.wait(0))
        .then(work)
        .catch((error) => console.error({ requestId: this.requestId, deferred: true, error })),
    );
  }

  stamp(response: Response): Response {
    response.headers.set('X-Request-Id', this.requestId);
    return this.mark(response);
  }

  mark(response: Response): Response {
    if (this.degradation) response.headers.set('X-Latchkey-Degraded', this.degradation);
    const bookmark = this.#db?.bookmark();
    // All refusals look alike, so they have no bookmark.
    if (bookmark && response.ok) response.headers.set(BOOKMARK, bookmark);
    return response;
  }
}
