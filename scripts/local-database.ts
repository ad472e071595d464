/**
 * The local D1 of a data folder, for scripts. Wrangler itself would start it again for each
 * command.
 */
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';

export type Database = Awaited<ReturnType<Miniflare['getD1Database']>>;

/** Runs `work` with the database of `wrangler dev --persist-to <data>`, and closes it. */
export async function withLocalDatabase<Result>(
  data: string,
  work: (database: Database) => Promise<Result>,
  environment?: string,
): Promise<Result> {
  // Wrangler would report the secrets that it found, which are not needed.
  process.env.WRANGLER_LOG ??= 'warn';
  const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml', environment);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: '',
      // No network access.
      cf: false,
      d1Databases: workerOptions.d1Databases as NonNullable<V4WorkerOptions['d1Databases']>,
      // The folder in which Wrangler keeps it.
      resourcePersistencePath: join(data, 'v3'),
    }),
  );
  try {
    return await work(await miniflare.getD1Database('DB'));
  } finally {
    await miniflare.dispose();
  }
}
