/**
 * Where a contender stands in workerd: its checks are answered at the Worker's own socket, with
 * nothing between, and what the benchmark itself wants of it (sessions, counts) at a second one.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { MemoryD1, MemoryKv, newCounts } from './memory-bindings.ts';

/** One session that a check can be made of. */
export interface Session {
  token: string;
  /** What an answer to a good token names. */
  user: string;
  deviceId?: string;
}

/** Sessions, and what must be in storage for them to work. */
export interface Seeds {
  sessions: Session[];
  /** A credential of whoever asks, where the check wants one. */
  caller?: string;
  kv?: [key: string, value: string][];
  /** Rows of D1's tables, in the order in which they go in. */
  tables?: Record<string, Row[]>;
  /** What D1 answers when a value is bound: only asked of the stand-in. */
  answers?: [bound: unknown, row: Row][];
}
export type Row = Record<string, string | number | null>;

export interface Contender<Env> {
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response>;
  seed?(many: number, env: Env): Seeds | Promise<Seeds>;
  /** Empties what the isolate remembers. */
  forget?(): void;
}

export interface Setting {
  /** Whether KV and D1 are answered from memory inside the Worker. */
  inMemory: boolean;
  /** The names of the bindings. */
  kv?: string;
  d1?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each contender knows its own environment.
type Env = any;

const ROWS_AT_ONCE = 500;

export function stage(contender: Contender<Env>, { inMemory, kv, d1 }: Setting) {
  const counts = newCounts();
  const memoryKv = new MemoryKv(counts);
  const memoryD1 = new MemoryD1(counts);
  let bound: Env;

  /** The environment that the contender sees: the same object for each request, as in workerd. */
  const bindings = (env: Env): Env => {
    if (!inMemory) return env;
    bound ??= { ...env, ...(kv && { [kv]: memoryKv }), ...(d1 && { [d1]: memoryD1 }) };
    return bound;
  };

  function fill({ kv: entries = [], answers = [] }: Seeds): void {
    for (const [key, value] of entries) memoryKv.entries.set(key, value);
    for (const [value, row] of answers) memoryD1.rows.set(value, row);
  }

  async function store(env: Env, { kv: entries = [], tables = {} }: Seeds): Promise<void> {
    for (const [table, rows] of Object.entries(tables)) {
      const columns = Object.keys(rows[0] ?? {});
      const insert = env[d1 ?? ''].prepare(
        `INSERT INTO ${table} (${columns})
         SELECT ${columns.map((column) => `value ->> '${column}'`)} FROM json_each(?)`,
      );
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        await insert.bind(JSON.stringify(rows.slice(at, at + ROWS_AT_ONCE))).run();
      }
    }
    for (let at = 0; at < entries.length; at += ROWS_AT_ONCE) {
      await Promise.all(
        entries.slice(at, at + ROWS_AT_ONCE).map(([key, value]) => env[kv ?? ''].put(key, value)),
      );
    }
  }

  class Backstage extends WorkerEntrypoint<Env> {
    override async fetch(request: Request): Promise<Response> {
      const url = new URL(request.url);
      switch (url.pathname) {
        case '/schema':
          for (const sql of (await request.json()) as string[]) {
            await this.env[d1 ?? ''].prepare(sql).run();
          }
          return new Response();
        case '/seed': {
          const many = Number(url.searchParams.get('many'));
          const seeds = await contender.seed?.(many, bindings(this.env));
          if (seeds) await (inMemory ? fill(seeds) : store(this.env, seeds));
          return Response.json({ sessions: seeds?.sessions ?? [], caller: seeds?.caller });
        }
        case '/forget':
          contender.forget?.();
          return new Response();
        default:
          return Response.json(counts);
      }
    }
  }

  const worker: ExportedHandler<Env> = {
    fetch: (request, env, context) => contender.fetch(request, bindings(env), context),
  };
  return { worker, Backstage, bindings };
}
