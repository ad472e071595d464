/** One request, from its arrival to what is done behind its answer. */
import { BOOKMARK } from './base/headers.ts';
import type { Issuer } from './base/issuer.ts';
import { connect, type Database } from './db/connect.ts';
import type { Call, Degradation, Isolate } from './domain/permit.ts';
import type { Env, Settings } from './settings.ts';

/** Writes to KV that an invocation may make, of the 1,000 operations that it has; the others are its reads. */
export const WRITES = 800;

export type Execution = Pick<ExecutionContext, 'waitUntil'>;

/** What all visits of an isolate have in common. */
export interface House {
  isolate: Isolate;
  /** Throws a Fault, UNAVAILABLE, where something is missing. */
  settingsOf(env: Env): Pick<Settings, 'issuer'>;
}

export class Visit {
  #requestId: string | undefined;
  readonly #house: House;
  readonly #env: Env;
  readonly #brought: string | null;
  #db: Database | undefined;
  degradation: Degradation | undefined;
  readonly room = { writes: WRITES };
  readonly #execution: Execution;
  /** What deferred work waits for. */
  #answer: Promise<void> | undefined;

  constructor(house: House, env: Env, execution: Execution, headers?: Headers) {
    this.#house = house;
    this.#env = env;
    this.#execution = execution;
    this.#brought = headers?.get(BOOKMARK) ?? null;
  }

  /** Made when it is asked for. */
  get requestId(): string {
    this.#requestId ??= crypto.randomUUID();
    return this.#requestId;
  }

  /** Begins the call, and with it its time. */
  openCall(): Call {
    const { isolate, settingsOf } = this.#house;
    return new OpenCall(this, this.#env, isolate, settingsOf(this.#env).issuer);
  }

  /** Most checks need none. */
  get db(): Database {
    this.#db ??= connect(this.#env.DB, this.#brought, this.#house.isolate.size);
    return this.#db;
  }

  /**
   * Answers, though the client hangs up: a request that nothing waits for would be cancelled, and a change left half
   * published. What is deferred meanwhile waits for the answer.
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

  /** The answer, with the request's id, and with what it lacks of the truth. */
  sign(response: Response): Response {
    response.headers.set('X-Request-Id', this.requestId);
    return this.mark(response);
  }

  /** The same, of an answer that has the id already. */
  mark(response: Response): Response {
    if (this.degradation) response.headers.set('X-Latchkey-Degraded', this.degradation);
    const bookmark = this.#db?.bookmark();
    // One refusal looks like another.
    if (bookmark && response.ok) response.headers.set(BOOKMARK, bookmark);
    return response;
  }
}

/** The call of a visit. A class: a check makes one for each request, and has use for little of it. */
class OpenCall implements Call {
  readonly now = Date.now();
  readonly isolate: Isolate;
  readonly issuer: Issuer;
  readonly #visit: Visit;
  readonly #env: Env;

  constructor(visit: Visit, env: Env, isolate: Isolate, issuer: Issuer) {
    this.isolate = isolate;
    this.issuer = issuer;
    this.#visit = visit;
    this.#env = env;
  }

  get requestId(): string {
    return this.#visit.requestId;
  }

  get db(): Database {
    return this.#visit.db;
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
    return this.#visit.room;
  }

  degrade(how: Degradation): void {
    this.#visit.degradation = how;
    console.warn({ requestId: this.requestId, degraded: how });
  }

  defer(work: () => Promise<unknown>): void {
    this.#visit.defer(work);
  }
}
