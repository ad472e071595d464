/** The real KV, but for what is done otherwise: away, empty, refusing. */
import { env } from 'cloudflare:workers';

interface Methods {
  // biome-ignore lint/suspicious/noExplicitAny: each has many forms, and tests pass them on.
  get(key: string, options?: any): Promise<unknown>;
  put(key: string, value: string, options?: KVNamespacePutOptions): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

const { SESSIONS: kv } = env as { SESSIONS: KVNamespace };

/** KV with these methods in place of its own. */
export const kvWith = (methods: Partial<Methods>): KVNamespace =>
  ({
    get: (...asked: [string]) => kv.get(...asked),
    put: (...asked: [string, string]) => kv.put(...asked),
    delete: (key: string) => kv.delete(key),
    ...methods,
  }) as unknown as KVNamespace;

/** What it answers when there was a write of the key in the last second. */
export const tooMany = (what: 'PUT' | 'DELETE'): Promise<never> =>
  Promise.reject(new Error(`KV ${what} failed: 429 Too Many Requests`));

export const unreached = (): Promise<never> => Promise.reject(new Error('KV GET failed: 503'));

export const KV_AWAY = kvWith({ get: unreached });

/** No copy is there. */
export const KV_EMPTY = kvWith({ get: async () => null });
