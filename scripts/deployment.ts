/** What an environment of `wrangler.toml` names, and the commands that deploy it. */
import { experimental_readRawConfig, unstable_readConfig } from 'wrangler';
import { stop } from './local.ts';

const CONFIG = { config: 'wrangler.toml' };

/** The top level of `wrangler.toml`, in Wrangler's notation. */
export const PRODUCTION = '';

export const environments = (): string[] =>
  Object.keys(experimental_readRawConfig(CONFIG).rawConfig.env ?? {});

/** As in `wrangler.toml`. Wrangler's own types are not in its package. */
interface Configuration {
  name?: string;
  d1_databases: { database_name?: string; database_id?: string }[];
  kv_namespaces: { binding: string; id?: string }[];
  queues: { producers?: { queue: string }[]; consumers?: { queue: string }[] };
  ratelimits: { namespace_id: string }[];
  routes?: (string | { pattern: string })[];
}

/**
 * The environment as Wrangler reads it. Stops with a message if it does not exist: Wrangler would
 * use the top level.
 */
function read(environment: string): Configuration {
  const known = environments();
  if (environment !== PRODUCTION && !known.includes(environment)) {
    stop(
      `wrangler.toml has no environment "${environment}". It has ${known.join(', ')}. ` +
        'Without --env, the top level is deployed.',
    );
  }
  return unstable_readConfig({ ...CONFIG, env: environment });
}

/** Every name and id of something in the account that an environment uses. */
export function namesOf(environment: string): string[] {
  const { name, d1_databases, kv_namespaces, queues, ratelimits, routes = [] } = read(environment);
  const all: (string | undefined)[] = [
    `Worker ${name}`,
    ...d1_databases.flatMap((one) => [
      `database ${one.database_name}`,
      one.database_id ? `database ${one.database_id}` : undefined,
    ]),
    ...kv_namespaces.map(({ id }) => (id ? `namespace ${id}` : undefined)),
    ...(queues.producers ?? []).map(({ queue }) => `queue ${queue}`),
    ...(queues.consumers ?? []).map(({ queue }) => `queue ${queue}`),
    ...ratelimits.map(({ namespace_id }) => `rate limit ${namespace_id}`),
    ...routes.map((route) => `route ${typeof route === 'string' ? route : route.pattern}`),
  ];
  return [...new Set(all.filter((one) => one !== undefined))];
}

/** The names that two environments share. */
export function sharedBy(one: string, other: string): string[] {
  const names = namesOf(other);
  return namesOf(one).filter((name) => names.includes(name));
}

export interface Deployment {
  /**
   * Arguments for Wrangler. `find` and `create` only if the configuration has no id; `create` only
   * if the database does not exist.
   */
  find?: string[];
  create?: string[];
  migrate: string[];
  deploy: string[];
  database: string;
  /** What Wrangler creates during the deployment if it does not exist. */
  made: string[];
}

/** Each command names the environment, so that nothing else decides it. */
export function deploymentOf(environment: string): Deployment {
  const { name: worker, d1_databases, kv_namespaces, queues } = read(environment);
  const [database] = d1_databases;
  if (!database?.database_name) {
    return stop('wrangler.toml names no database here. Give [[d1_databases]] a database_name.');
  }
  const name = database.database_name;
  const here = ['--env', environment];
  return {
    ...(!database.database_id && {
      find: ['d1', 'list', '--json', ...here],
      create: ['d1', 'create', name, ...here],
    }),
    migrate: ['d1', 'migrations', 'apply', name, '--remote', ...here],
    deploy: ['deploy', ...here],
    database: name,
    made: [
      ...kv_namespaces
        .filter(({ id }) => !id)
        // Wrangler's naming rule.
        .map(({ binding }) => `namespace ${worker}-${binding.toLowerCase().replaceAll('_', '-')}`),
      ...(queues.producers ?? []).map(({ queue }) => `queue ${queue}`),
    ],
  };
}
