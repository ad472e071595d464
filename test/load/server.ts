/**
 * A Worker to load: in a workerd of its own with its data in a temporary folder, or one that runs
 * already.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, Response } from 'miniflare';
import { unstable_readConfig } from 'wrangler';
import { wrangler } from '../../scripts/local.ts';
import { children } from '../bench/cpu.ts';

/** As `wrangler.toml` has them. */
interface Queues {
  producers: { binding: string; queue: string }[];
  consumers: {
    queue: string;
    max_batch_size: number;
    max_batch_timeout: number;
    max_concurrency: number;
  }[];
}

export interface Server {
  url: URL;
  operatorKey: string;
  /**
   * Of its workerd, and where that lets itself be inspected; undefined where these are not ours to
   * know.
   */
  pid: number | undefined;
  inspector?: URL;
  stop(): Promise<void>;
}

/** Minified and bundled as it is deployed. */
function bundle(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-load-'));
  try {
    execFileSync(
      process.execPath,
      [wrangler, 'deploy', '--env', '', '--dry-run', '--outdir', folder],
      {
        env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    return readFileSync(join(folder, 'index.js'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const statements = (): string[] =>
  readdirSync('migrations')
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .flatMap((file) =>
      readFileSync(join('migrations', file), 'utf8').split('--> statement-breakpoint'),
    );

/**
 * The deployed bundle on local D1 and KV, with the limits of `wrangler.toml`, asked at its direct
 * socket: `npm start` puts another Worker in front, which takes more processor time than ours does
 * and would be what is measured. Miniflare ends its workerd and takes its temporary data away when
 * this process exits, however that comes about.
 */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const config = unstable_readConfig({ config: 'wrangler.toml' });
  const queues: Queues = config.queues;
  const operatorKey = `lk_op_${randomBytes(32).toString('base64url')}`;
  const id = 'latchkey';
  const before = children();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      inspectorPort: 0,
      workers: [
        {
          name: 'latchkey',
          compatibilityDate: config.compatibility_date,
          compatibilityFlags: config.compatibility_flags,
          modules: [{ type: 'ESModule', path: 'index.js', contents: bundle() }],
          d1Databases: { DB: id },
          kvNamespaces: { SESSIONS: id },
          queueProducers: Object.fromEntries(
            queues.producers.map(({ binding, queue }) => [binding, queue]),
          ),
          queueConsumers: Object.fromEntries(
            queues.consumers.map((one) => [
              one.queue,
              {
                // Miniflare runs one consumer: a batch stands for as many as are deployed.
                maxBatchSize: one.max_batch_size * one.max_concurrency,
                maxBatchTimeout: one.max_batch_timeout,
              },
            ]),
          ),
          ratelimits: Object.fromEntries(
            config.ratelimits.map((limit: { name: string }) => [limit.name, limit]),
          ),
          serviceBindings: { ASSETS: () => new Response(null, { status: 404 }) },
          bindings: {
            OPERATOR_KEY: operatorKey,
            TOKEN_SECRETS: randomBytes(32).toString('base64url'),
            SIGNING_SECRETS: randomBytes(32).toString('base64url'),
            WEBHOOKS_INSECURE: 'on',
            ...settings,
          },
          unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
        },
      ],
    }),
  );
  await miniflare.ready;
  const db = await miniflare.getD1Database('DB', 'latchkey');
  await db.batch(statements().map((statement) => db.prepare(statement)));
  return {
    url: await miniflare.unsafeGetDirectURL('latchkey'),
    operatorKey,
    pid: [...children()].find((child) => !before.has(child)),
    inspector: await miniflare.getInspectorURL(),
    stop: () => miniflare.dispose(),
  };
}
