/**
 * `npm start`: creates secrets on the first start, applies migrations, and runs the Worker on local
 * D1 and KV.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type Env, readSettings } from '../src/front/settings.ts';
import { holdDataFolder } from './data-folder.ts';
import { localOperatorKey, readOptions, readSecrets, SECRETS, stop, wrangler } from './local.ts';
import { isTaken } from './port.ts';
import { isAlive, starterOf } from './processes.ts';
import { freshSecrets } from './secrets.ts';
import { keepFromProxy, localEnv } from './tools.ts';

const values = readOptions('npm start -- [--port 8787] [--data .wrangler/state]', {
  port: { type: 'string', default: '8787' },
  /** The folder of local D1 and KV. */
  data: { type: 'string', default: '.wrangler/state' },
});
if (!(/^\d+$/.test(values.port) && Number(values.port) > 0 && Number(values.port) < 65_536)) {
  stop(`"${values.port}" is not a port. Give a number from 1 to 65535: npm start -- --port 9000`);
}

keepFromProxy();
const port = Number(values.port);
const url = `http://127.0.0.1:${port}`;

if (await isTaken(port)) {
  stop(
    `Something already listens at ${url}. Choose another port and another data folder: npm ` +
      'start -- --port 9000 --data .wrangler/state-9000',
  );
}

try {
  // Wrangler writes there too, whichever data folder is used.
  mkdirSync('.wrangler', { recursive: true });
  accessSync('.wrangler', constants.W_OK);
} catch (error) {
  stop(`This folder cannot be written: ${(error as Error).message}. Start in a copy of your own.`);
}
if (!existsSync(SECRETS)) {
  const lines = Object.entries({ ...freshSecrets(), DOCS: 'on', WEBHOOKS_INSECURE: 'on' });
  try {
    writeFileSync(SECRETS, lines.map(([name, value]) => `${name}=${value}\n`).join(''), {
      mode: 0o600,
    });
  } catch (error) {
    stop(
      `This folder cannot be written: ${(error as Error).message}. Start in a copy of your own.`,
    );
  }
  console.log(`Fresh random secrets are in ${SECRETS}, which git ignores.`);
}
/** What an older file lacks, as lines to add: nothing that it issued has to end for that. */
const linesFor = (secrets: Record<string, string | undefined>): string =>
  Object.entries(freshSecrets())
    .filter(([name]) => (secrets[name] ?? '') === '')
    .map(([name, fresh]) => `Add a line, ${name}=${fresh}\n`)
    .join('');
let lines = '';
try {
  const secrets = readSecrets();
  lines = linesFor(secrets);
  readSettings(secrets as unknown as Env);
} catch (error) {
  stop(
    `${SECRETS} is invalid.\n${(error as Error).message}\n${lines}` +
      'Correct it. Or delete it for new secrets, which end every key and token that it issued.',
  );
}
const operatorKey = localOperatorKey();
const dataFolder = await holdDataFolder(values.data, `The server at ${url}`, port);

const env = localEnv();
const migrated = spawnSync(process.execPath, ['scripts/migrate.ts', values.data], {
  env,
  encoding: 'utf8',
});
if (migrated.status !== 0) {
  stop(
    `${migrated.stdout}\n${migrated.stderr}\nThe database in ${values.data} cannot be ` +
      'migrated. The reason is above.',
  );
}

const server = spawn(
  process.execPath,
  [
    wrangler,
    'dev',
    ...['--ip', '127.0.0.1', '--port', values.port, '--persist-to', values.data],
    // Two servers that start at the same moment would both choose the usual one.
    ...['--inspector-port', '0'],
    ...['--log-level', 'warn', '--show-interactive-dev-session', 'false'],
  ],
  { env, stdio: 'inherit' },
);
dataFolder.share(server.pid);
// Wrangler ends its own processes on SIGTERM, but not on other signals.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => server.kill('SIGTERM'));
}
server.on('exit', (code) => process.exit(code ?? 0));
// When npm is stopped, it ends without notifying its script.
const starter = starterOf(process.ppid);
setInterval(() => isAlive(starter) || server.kill('SIGTERM'), 1_000).unref();

/** In milliseconds. On a slow machine it takes some ten seconds. */
const PATIENCE_MS = 120_000;
const SLOW_MS = 15_000;

async function untilServing(): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  const slow = setTimeout(() => console.log(`Still starting at ${url} …`), SLOW_MS);
  while (Date.now() < end) {
    const signal = AbortSignal.timeout(5_000);
    const answer = await fetch(`${url}/health`, { signal }).catch(() => null);
    if (answer?.ok && (await isOurs())) return clearTimeout(slow);
    // The log says what is wrong.
    if (answer && !answer.ok) giveUp(`${url}/health says: ${await answer.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  giveUp(`The server does not answer at ${url} after ${PATIENCE_MS / 1_000} s.`);
}

/**
 * Whether the server accepts our key: another server may have taken the port at the last moment.
 */
async function isOurs(): Promise<boolean> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${operatorKey}` },
    body: JSON.stringify({ query: '{ caller { kind } }' }),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null);
  return answer?.ok === true;
}

function giveUp(sentence: string): never {
  server.kill('SIGTERM');
  stop(sentence);
}

await untilServing();
const addTenant =
  'mutation { addIntermediary(input: { name: "Acme" }) { intermediary { id } secret } }';
console.log(`
Latchkey listens at ${url}
  GraphQL    ${url}/graphql   (in a browser: GraphiQL)
  REST       ${url}/docs      (the reference of the company API)
  Console    http://localhost:${port}/console   (for people, and the operator)
  Operator   ${operatorKey}

A first tenant and its API key:

  curl -s ${url}/graphql -H 'Content-Type: application/json' \\
    -H 'Authorization: Bearer ${operatorKey}' \\
    -d '${JSON.stringify({ query: addTenant })}'

The operator signs in to the console with the key above, which is OPERATOR_KEY in ${SECRETS}.
A tour of everything, with a member who signs in there too: npm run demo -- --url ${url}
`);
