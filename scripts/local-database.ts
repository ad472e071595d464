/** The local D1 of a data folder, for scripts: Wrangler starts it anew for each thing that it is asked. */
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';

export type Database = Awaited<ReturnType<Miniflare['getD1Database']>>;

/** Does something with the database that `wrangler dev --persist-to <data>` would have, and ends it. */
export async function withLocalDatabase<Result>(
  data: string,
  work: (database: Database) => Promise<Result>,
  environment?: string,
): Promise<Result> {
  // Wrangler would say whose secrets it found, and none is needed.
  process.env.WRANGLER_LOG ??= 'warn';
  const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml', environment);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: '',
      // Nothing is asked of the network.
      cf: false,
      d1Databases: workerOptions.d1Databases as NonNullable<V4WorkerOptions['d1Databases']>,
      // Where Wrangler keeps it.
      resourcePersistencePath: join(data, 'v3'),
    }),
  );
  try {
    return await work(await miniflare.getD1Database('DB'));
  } finally {
    await miniflare.dispose();
  }
}
