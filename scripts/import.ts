/**
 * `npm run import`: imports a file of users into a company, in calls of some thousand lines. A call
 * that is cut off is repeated.
 */
// biome-ignore-all lint/style/noExcessiveLinesPerFile: one command, with all that it says.
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { readOptions, readUrl, stop } from './local.ts';
import { expectServed, reasonOf } from './reach.ts';
import { keepFromProxy } from './tools.ts';
import { openUsers } from './users/file.ts';
import { linesOf } from './users/ndjson.ts';
import { BadFile, type Failure, type Source, sentenceOf, type UsersFile } from './users/source.ts';
import { survey } from './users/survey.ts';

const USAGE = `npm run import -- users.csv --key lk_key_…
    [--url http://127.0.0.1:8787] [--failed <file>]
  The file is NDJSON, as POST /import takes it, or CSV: see docs/operations.md.
  The key may also be in LATCHKEY_KEY.`;

const values = readOptions(
  USAGE,
  {
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    key: { type: 'string' },
    /** The file for refused users. This command accepts such a file again. */
    failed: { type: 'string' },
  },
  1,
);
keepFromProxy();
const [file = ''] = values.files;
const url = readUrl(values.url);
const key = values.key ?? process.env.LATCHKEY_KEY ?? stop(`There is no key.\n${USAGE}`);
if (!/^lk_key_\w+$/.test(key)) {
  stop('This is not an API key. An API key begins with "lk_key_", followed by letters and digits.');
}
if (!existsSync(file)) stop(`There is no file ${file}.`);

/** Stops with what is wrong with the file. */
function stopBadFile(error: unknown): never {
  const isBad = error instanceof BadFile || (error as NodeJS.ErrnoException).syscall !== undefined;
  if (isBad) stop(`${file} cannot be imported. ${(error as Error).message}`);
  throw error;
}

const users: UsersFile = await openUsers(file).catch(stopBadFile);
const failedFile = values.failed ?? `${file}.failed.${users.extension}`;
if (existsSync(failedFile)) {
  stop(
    `The file ${failedFile} already exists: it has the users that an earlier import refused. ` +
      'Correct and import that file, or delete it, or name another with --failed.',
  );
}

/** The size of one call: small, so that little is repeated after a cut. */
const CALL_LINES = 10_000;
const CALL_BYTES = 10_000_000;
/** Attempts in a row without progress. */
const TRIES = 7;
/** How many refused users to print. */
const SHOWN = 10;
/** Errors that may not occur in a later call. */
const PASSING = ['LIMITED', 'UNAVAILABLE', 'INTERNAL'];

interface Answer {
  line: number;
  outcome?: 'created' | 'changed' | 'unchanged';
  errors?: Failure[];
}

const counts = { created: 0, changed: 0, unchanged: 0, refused: 0 };
/** The first refused users, to print. */
const refused: { line: number; errors: Failure[] }[] = [];
const began = Date.now();

function told(): string {
  const done = Object.values(counts).reduce((sum, count) => sum + count);
  const rate = Math.round((1_000 * done) / Math.max(1, Date.now() - began));
  const all = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  return `${done} users: ${all.join(', ')} (${rate} a second)`;
}

/** On a terminal, one line that is updated. Elsewhere, a line for each call. */
const show = (end = ''): unknown =>
  process.stderr.isTTY
    ? process.stderr.write(`\r\x1b[K${told()}${end}`)
    : end && console.error(told());

function refuse(source: Source, errors: Failure[]): void {
  const heading = counts.refused++ === 0 ? users.heading : '';
  if (refused.length < SHOWN) refused.push({ line: source.line, errors });
  try {
    appendFileSync(failedFile, heading + users.keep(source, errors));
  } catch (error) {
    stop(
      `${failedFile} cannot be written: ${(error as Error).message}. Name another with --failed.`,
    );
  }
}

function settle(source: Source, { outcome, errors = [] }: Answer): void {
  if (outcome) counts[outcome]++;
  else refuse(source, errors);
}

/** Sends lines once. Returns those that must be sent again, with the reason. */
async function send(sources: Source[]): Promise<{ left: Source[]; why: string; wait: number }> {
  const left = new Set(sources);
  let why = 'the connection was cut';
  try {
    const response = await fetch(`${url}/import`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/x-ndjson' },
      body: sources.map(({ text }) => `${text}\n`).join(''),
    });
    if (!response.ok || !response.body) {
      const text = await response.text();
      why = `${response.status}: ${text.slice(0, 300)}`;
      if (response.status < 500 && response.status !== 429) quit(why);
      return { left: sources, why, wait: Number(response.headers.get('Retry-After')) };
    }
    for await (const text of linesOf(response.body)) {
      const answer = JSON.parse(text.toString()) as Answer;
      const source = sources[answer.line - 1];
      const [error] = answer.errors ?? [];
      if (!source || !left.has(source)) continue;
      if (error && PASSING.includes(error.code)) {
        why = error.message;
        continue;
      }
      if (error && ['UNAUTHENTICATED', 'FORBIDDEN'].includes(error.code)) quit(error.message);
      left.delete(source);
      settle(source, answer);
      if (answer.line % 500 === 0) show();
    }
  } catch (error) {
    why = reasonOf(error, url);
  }
  return { left: [...left], why, wait: 0 };
}

function quit(why: string): never {
  show('\n');
  stop(
    `${url} refuses: ${why}\nThe key must be a valid API key of the company with users:read, ` +
      `users:write and permissions:write.\n${again()}`,
  );
}

/** The advice after an interruption, which does no harm. */
const again = (): string =>
  existsSync(failedFile)
    ? `What is done stays done. ${failedFile} has the users that were refused so far. Delete ` +
      'it or move it away, then run this again to continue.'
    : 'What is done stays done. Run this again to continue.';
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    show('\n');
    stop(`Stopped. ${again()}`);
  });
}

async function sendAll(sources: Source[]): Promise<void> {
  let tries = 0;
  for (let left = sources; left.length > 0; ) {
    const before = left.length;
    const { left: rest, why, wait } = await send(left);
    left = rest;
    tries = left.length < before ? 0 : tries + 1;
    if (left.length === 0) break;
    if (tries === TRIES) {
      show('\n');
      stop(`${url} does not answer: ${why}\n${again()}`);
    }
    console.error(`${process.stderr.isTTY ? '\n' : ''}${left.length} to send again: ${why}`);
    await setTimeout(Math.max(1_000 * wait, 500 * 2 ** tries));
  }
  show(process.stderr.isTTY ? '' : '\n');
}

await expectServed(url);
for (const sentence of await survey(users).catch(stopBadFile)) console.error(sentence);
let call: Source[] = [];
let bytes = 0;
try {
  for await (const source of users.sources({ empty: 0, headers: [] })) {
    if (source.fault !== undefined) {
      refuse(source, [{ code: 'INVALID', path: [], message: source.fault }]);
      continue;
    }
    if (call.length === CALL_LINES || bytes > CALL_BYTES) {
      await sendAll(call);
      call = [];
      bytes = 0;
    }
    call.push(source);
    bytes += source.text.length;
  }
  await sendAll(call);
} catch (error) {
  stopBadFile(error);
}
if (process.stderr.isTTY) show('\n');

for (const { line, errors } of refused) {
  console.error(
    `line ${line}${errors[0]?.path.length ? ', ' : ': '}${errors.map(sentenceOf).join(' ')}`,
  );
}
if (counts.refused > 0) {
  console.error(
    `The refused users are in ${failedFile}, with the reasons. Correct them there, then ` +
      'import that file.',
  );
  process.exitCode = 1;
}
