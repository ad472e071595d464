/**
 * `npm run deploy`: deploys one environment, whatever already exists. The database comes first,
 * since migrations need it and the Worker needs them. Wrangler then finds it by name, and creates
 * the namespace and the queue itself.
 */
import { spawnSync } from 'node:child_process';
import { readOptions, stop, wrangler } from './local.ts';

const USAGE = 'npm run deploy -- [--env staging] [--dry-run]';

const values = readOptions(USAGE, {
  env: { type: 'string', default: process.env.CLOUDFLARE_ENV ?? '' },
  /** Only prints the commands. */
  'dry-run': { type: 'boolean', default: false },
});

// Loaded late, since it loads Wrangler, which is large.
const { deploymentOf, environments, PRODUCTION, sharedBy } = await import('./deployment.ts');

const { find, create, migrate, deploy, database, made } = deploymentOf(values.env);

for (const other of [PRODUCTION, ...environments()]) {
  const shared = other === values.env ? [] : sharedBy(values.env, other);
  if (shared.length === 0) continue;
  stop(
    `In wrangler.toml, ${values.env || 'the top level'} and ${other || 'the top level'} both ` +
      `name ${shared.join(', ')}. Give each its own.`,
  );
}

const quoted = (argument: string) => (/^[\w./=-]+$/.test(argument) ? argument : `"${argument}"`);

if (values['dry-run']) {
  const print = (command: string[]) => console.log(['wrangler', ...command.map(quoted)].join(' '));
  // Only the commands go to standard output. The account is not asked.
  if (find && create) {
    print(find);
    console.error(`Only if that does not list ${database}:`);
    print(create);
    console.error('Then:');
  }
  print(migrate);
  print(deploy);
  if (made.length > 0) {
    console.error(`The last one creates ${made.join(' and ')} if missing.`);
  }
  process.exit();
}

/** Runs Wrangler. `captured`: returns its output. Exits with its code if it fails. */
function run(command: string[], captured = false): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [wrangler, ...command], {
    encoding: 'utf8',
    stdio: ['inherit', captured ? 'pipe' : 'inherit', captured ? 'pipe' : 'inherit'],
  });
  if (status === 0) return stdout ?? '';
  if (captured) console.error(stdout, stderr);
  process.exit(status ?? 1);
}

if (find && create) {
  const databases: { name: string }[] = JSON.parse(run(find, true));
  if (!databases.some(({ name }) => name === database)) {
    // Its output is not shown: it advises to put an id into wrangler.toml, which is not needed.
    run(create, true);
    console.log(`Created the database ${database}.`);
  }
}
run(migrate);
run(deploy);
