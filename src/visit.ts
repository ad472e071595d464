/** One request, from its arrival to what is done behind its answer. */
import { BOOKMARK } from './base/headers.ts';
import type { Issuer } from './base/issuer.ts';
import { connect, type Database } from './db/connect.ts';
import type { Call, Degradation, Isolate } from './domain/permit.ts';
import type { Env } from './settings.ts';

/** Writes to KV that an invocation may make, of the 1,000 operations that it has; the others are its reads. */
export const WRITES = 800;

export type Execution = Pick<ExecutionContext, 'waitUntil'>;

export class Visit {
  readonly requestId: string = crypto.randomUUID();
  readonly #brought: string | null;
  #db: Database | undefined;
  degradation: Degradation | undefined;
  readonly #room = { writes: WRITES };
  readonly #execution: Execution;
  /** What deferred work waits for. */
  #answer: Promise<void> | undefined;

  constructor(execution: Execution, headers?: Headers) {
    this.#execution = execution;
    this.#brought = headers?.get(BOOKMARK) ?? null;
  }

  /** Begins the call, and with it its time. */
  openCall(env: Env, isolate: Isolate, issuer: Issuer): Call {
    const { requestId } = this;
    const connection = () => {
      this.#db ??= connect(env.DB, this.#brought, isolate.size);
      return this.#db;
    };
    return {
      requestId,
      now: Date.now(),
      // Most checks need none.
      get db() {
        return connection();
      },
      kv: env.SESSIONS,
      work: env.WORK,
      assets: env.ASSETS,
      room: this.#room,
      isolate,
      issuer,
      degrade: (how) => {
        this.degradation = how;
        console.warn({ requestId, degraded: how });
      },
      defer: (work) => this.#defer(work),
    };
  }

  /**
   * Answers, though the client hangs up: a request that nothing waits for would be cancelled, and a change left half
   * published. What is deferred meanwhile waits for the answer.
   */
  async whole(answer: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answer = promise;
    this.#execution.waitUntil(promise);
    try {
      await answer();
    } finally {
      resolve();
    }
  }

  /** Work behind the answer keeps the isolate alive until it is done. */
  #defer(work: () => Promise<unknown>): void {
    const { requestId } = this;
    this.#execution.waitUntil(
      (this.#answer ?? Promise.resolve())
        .then(() => scheduler.wait(0))
        .then(work)
        .catch((error) => console.error({ requestId, deferred: true, error })),
    );
  }

  /** The answer, with the request's id, and with what it lacks of the truth. */
  sign(response: Response): Response {
    response.headers.set('X-Request-Id', this.requestId);
    if (this.degradation) response.headers.set('X-Latchkey-Degraded', this.degradation);
    const bookmark = this.#db?.bookmark();
    // One refusal looks like another.
    if (bookmark && response.ok) response.headers.set(BOOKMARK, bookmark);
    return response;
  }
}
