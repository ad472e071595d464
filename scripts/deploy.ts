/**
 * `npm run deploy`: one environment, from whatever is there. The database comes first, since migrations need it and the
 * Worker needs them; Wrangler finds it by its name then, and creates the namespace and the queue itself.
 */
import { spawnSync } from 'node:child_process';
import { deploymentOf, environments, PRODUCTION, sharedBy } from './deployment.ts';
import { readOptions, stop, wrangler } from './local.ts';

const USAGE = 'npm run deploy -- [--env staging] [--dry-run]';

// Without the two dashes npm keeps these for itself, and production would be deployed.
for (const name of ['env', 'dry-run']) {
  if (process.env[`npm_config_${name.replace('-', '_')}`] === undefined) continue;
  stop(`npm took --${name} for an option of its own. Put two dashes before it: ${USAGE}`);
}

const values = readOptions(USAGE, {
  env: { type: 'string', default: process.env.CLOUDFLARE_ENV ?? PRODUCTION },
  /** Only says what would be run. */
  'dry-run': { type: 'boolean', default: false },
});

const { find, create, migrate, deploy, database } = deploymentOf(values.env);

for (const other of [PRODUCTION, ...environments()]) {
  const shared = other === values.env ? [] : sharedBy(values.env, other);
  if (shared.length === 0) continue;
  stop(
    `In wrangler.toml ${values.env || 'the top'} and ${other || 'the top'} both name ${shared.join(', ')}. Give each its own.`,
  );
}

const quoted = (argument: string) => (/^[\w./=-]+$/.test(argument) ? argument : `"${argument}"`);

if (values['dry-run']) {
  for (const command of [find, create, migrate, deploy]) {
    if (command) console.log(['wrangler', ...command.map(quoted)].join(' '));
  }
  process.exit();
}

/** Runs Wrangler; `captured`: what it prints is given back. Ends with its code where it fails. */
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
    // It would advise to put an id into wrangler.toml, which needs none.
    run(create, true);
    console.log(`Created the database ${database}.`);
  }
}
run(migrate);
run(deploy);
