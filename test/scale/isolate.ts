/** The Worker in one isolate, called without a network between; what it asks of D1 is counted. */

import type { Env } from '../../src/front/settings.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { watchD1 } from '../doubles/d1.ts';
import { unlimited } from '../doubles/limits.ts';
import { requestOf } from '../operations/cases.ts';

/** As D1 bills them. */
export interface Rows {
  rowsRead: number;
  rowsWritten: number;
}

export interface Cost extends Rows {
  /** Round trips up to the answer, and behind it. */
  trips: number;
  tripsBehind: number;
  /** By their text. */
  statements: Record<string, Rows>;
}

const nothing = (): Cost => ({
  rowsRead: 0,
  rowsWritten: 0,
  trips: 0,
  tripsBehind: 0,
  statements: {},
});

// biome-ignore lint/suspicious/noExplicitAny: answers are picked from, field by field.
export type Json = any;

export class Isolate {
  cost = nothing();
  readonly #app = createApp(newIsolate());
  readonly #env: Env;
  #behind: Promise<unknown>[] = [];
  readonly #execution = {
    waitUntil: (work: Promise<unknown>) => this.#behind.push(work),
  } as unknown as ExecutionContext;

  constructor(env: Env) {
    this.#env = {
      ...env,
      // Measuring makes more calls in a minute than anybody may.
      CALLS: unlimited,
      CALLS_BY_TENANT: unlimited,
      TENANT_UNITS_PER_SECOND: '1000000',
      REFUSALS: unlimited,
      TRIES_BY_ADDRESS: unlimited,
      TRIES_BY_ACCOUNT: unlimited,
      // So long ago the filling begins: what a sweep has to do besides is to grow with its backlog.
      AUDIT_RETENTION_DAYS: '720',
      DB: this.#watch(env.DB),
    };
  }

  #watch(db: D1Database): D1Database {
    return watchD1({
      db,
      before: () => {
        this.cost.trips++;
      },
      after: (results, { texts }) => {
        results.forEach(({ meta }, at) => {
          const sql = texts[at] ?? '';
          this.cost.statements[sql] ??= { rowsRead: 0, rowsWritten: 0 };
          const asked = this.cost.statements[sql];
          for (const cost of [asked, this.cost]) {
            cost.rowsRead += meta.rows_read;
            cost.rowsWritten += meta.rows_written;
          }
        });
      },
    }).DB;
  }

  /** Does something from nothing counted to its end, and gives what it answered. */
  async #whole<Answer>(act: () => Answer | Promise<Answer>): Promise<Answer> {
    this.cost = nothing();
    const answer = await act();
    const { trips } = this.cost;
    for (let work = this.#behind.shift(); work; work = this.#behind.shift()) await work;
    this.cost.tripsBehind = this.cost.trips - trips;
    this.cost.trips = trips;
    return answer;
  }

  sweep = (): Promise<void> => this.#whole(() => this.#app.sweep(this.#env, this.#execution));

  /** Throws unless the answer is a yes, or has the status that is wanted. */
  async fetch(request: Request, status?: number): Promise<Json> {
    const { url, method } = request;
    const [response, text] = await this.#whole(async () => {
      const response = await this.#app.fetch(request, this.#env, this.#execution);
      return [response, await response.text()] as const;
    });
    const refused = /"success":false|"errors":(true|\[\{)|"data":\{"\w+":null/.test(text);
    if (status === undefined ? !response.ok || refused : response.status !== status) {
      throw new Error(`${method} ${url}: ${response.status} ${text}`);
    }
    return text === '' ? null : JSON.parse(text);
  }
}

/** `what` is a method and a path; an object is sent as JSON. */
export function request(
  credential: string | null,
  what: string,
  body?: object | URLSearchParams,
): Request {
  const [method = '', path = ''] = what.split(' ');
  return requestOf({ method, path, body }, credential);
}

export const graphql = (credential: string, query: string): Request =>
  request(credential, 'POST /graphql', { query });
