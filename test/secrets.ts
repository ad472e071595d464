/**
 * What is secret and where it may not be: the secrets that a test file has minted, and all that was
 * written meanwhile. Importing it begins the notes, once a worker.
 */
import { inspect } from 'node:util';
import { expect, vi } from 'vitest';
import { Issuer } from '../src/base/issuer.ts';
import { env } from './world.ts';

/** Of every member in the tests. */
export const PASSWORD = 'a lamp in the fourth window';

/** The secret part of each credential. */
export const minted = new Set<string>();
/** What is shown once and is no credential: secrets of apps, recovery codes. */
export const shown = new Set<string>();
const written: string[] = [];

const CONSOLE = ['debug', 'error', 'info', 'log', 'warn'] as const;

/** Keeps it off the screen; it is looked through for secrets nevertheless. */
export const hush = (method: (typeof CONSOLE)[number]) =>
  vi.spyOn(console, method).mockImplementation(write);

/** Logs, with all that is below what was logged. */
function write(...logged: unknown[]): void {
  written.push(inspect(logged, { depth: 10, maxStringLength: null }));
}

const { issue } = Issuer.prototype;
Issuer.prototype.issue = async function (...args) {
  const issued = await issue.apply(this, args);
  minted.add(issued.token.slice(23, 47));
  return issued;
};
for (const method of CONSOLE) {
  const print = console[method];
  console[method] = (...logged: unknown[]) => {
    write(...logged);
    print(...logged);
  };
}

/** Notes what a refusal told, besides what was done in spite of it. */
export async function noteRefusal(response: Response): Promise<void> {
  if (response.status < 400) return;
  const text = await response.clone().text();
  written.push(text.startsWith('{') ? JSON.stringify({ ...JSON.parse(text), data: null }) : text);
}

async function copies(): Promise<string[]> {
  const all: string[] = [];
  let cursor: string | null = null;
  do {
    const page: KVNamespaceListResult<unknown> = await env.SESSIONS.list({ cursor });
    const names = page.keys.map(({ name }) => name);
    all.push(
      ...names,
      ...(await Promise.all(names.map((name) => env.SESSIONS.get(name)))).map(String),
    );
    cursor = page.list_complete ? null : page.cursor;
  } while (cursor !== null);
  return all;
}

async function rows(): Promise<string[]> {
  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*'",
  ).all<{ name: string }>();
  const found = await env.DB.batch(
    tables.map(({ name }) => env.DB.prepare(`SELECT * FROM ${name}`)),
  );
  return found.map(({ results }) => JSON.stringify(results));
}

/** Every 24 letters or digits in a row: as long as what is secret in a credential. */
function* stretchesOf(text: string): Generator<string> {
  for (const [run] of text.matchAll(/[0-9A-Za-z]{24,}/g)) {
    for (let at = 0; at + 24 <= run.length; at++) yield run.slice(at, at + 24);
  }
}

/**
 * Neither logs nor refusals, neither D1 nor KV hold a secret. The next file begins with no notes.
 */
export async function expectNoSecretWritten(): Promise<void> {
  // Most refusals are told in the same words.
  const places = new Set([...written.splice(0), ...(await copies()), ...(await rows())]);
  const known = [...[env.OPERATOR_KEY, env.TOKEN_SECRETS, env.SIGNING_SECRETS, PASSWORD], ...shown];
  const leaks = [...places].flatMap((text) => [
    ...known.filter((secret) => text.includes(secret)),
    ...[...stretchesOf(text)].filter((stretch) => minted.has(stretch)),
  ]);
  minted.clear();
  shown.clear();
  expect(leaks, 'secrets in logs, refusals, D1 or KV').toEqual([]);
}
