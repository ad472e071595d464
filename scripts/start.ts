/** `npm start`: secrets on the first start, migrations, and the Worker on local D1 and KV. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { localOperatorKey, readOptions, SECRETS, stop, wrangler } from './local.ts';
import { freshSecrets } from './secrets.ts';

const values = readOptions('npm start -- [--port 8787] [--data .wrangler/state]', {
  port: { type: 'string', default: '8787' },
  /** Where local D1 and KV keep their files. */
  data: { type: 'string', default: '.wrangler/state' },
});
if (!(/^\d+$/.test(values.port) && Number(values.port) > 0 && Number(values.port) < 65_536)) {
  stop(`"${values.port}" is no port. Give a number from 1 to 65535: npm start -- --port 9000`);
}

const url = `http://127.0.0.1:${values.port}`;
if (await fetch(url).catch(() => null)) {
  stop(`Something listens at ${url} already. Choose a port: npm start -- --port 9000`);
}

if (!existsSync(SECRETS)) {
  const lines = Object.entries({ ...freshSecrets(), DOCS: 'on' });
  writeFileSync(SECRETS, lines.map(([name, value]) => `${name}=${value}\n`).join(''), {
    mode: 0o600,
  });
  console.log(`Fresh random secrets are in ${SECRETS}, which git ignores.`);
}
const operatorKey = localOperatorKey();

const env = {
  ...process.env,
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  // The start asks nothing of the network, so that it is the same without one.
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

const migrated = spawnSync(
  process.execPath,
  [wrangler, 'd1', 'migrations', 'apply', 'DB', '--local', '--persist-to', values.data],
  { env, encoding: 'utf8' },
);
if (migrated.status !== 0) {
  console.error(migrated.stdout, migrated.stderr);
  process.exit(migrated.status ?? 1);
}

const server = spawn(
  process.execPath,
  [
    wrangler,
    'dev',
    ...['--ip', '127.0.0.1', '--port', values.port, '--persist-to', values.data],
    ...['--log-level', 'warn', '--show-interactive-dev-session', 'false'],
  ],
  { env, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
server.on('exit', (code) => process.exit(code ?? 0));
// npm, when it is told to end, leaves without a word to its script.
const parent = process.ppid;
setInterval(() => process.ppid === parent || server.kill('SIGTERM'), 1_000).unref();

async function untilServing(): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    // An answer that is not well is one all the same: the log says what is wrong.
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

await untilServing();
console.log(`
Latchkey listens at ${url}
  GraphQL    ${url}/graphql   (in a browser: GraphiQL)
  REST       ${url}/docs      (the reference of the company API)
  Operator   ${operatorKey}

A first tenant and its API key:

  curl -s ${url}/graphql -H 'Content-Type: application/json' \\
    -H 'Authorization: Bearer ${operatorKey}' \\
    -d '{"query":"mutation { addIntermediary(input: { name: \\"Acme\\" }) { intermediary { id } secret } }"}'

All of it once through, from nothing to a shipped order: npm run demo -- --url ${url}
`);
