/**
 * One isolate at work on given stores: a request with what is done behind its answer, or a sweep.
 */

import { expect, vi } from 'vitest';
import { type App, createApp, newIsolate } from '../../src/index.ts';
import { unlimited } from '../doubles/limits.ts';
import { newStores, PRIVATE, type Stores } from '../doubles/stores.ts';
import { createExecutionContext, waitOnExecutionContext } from '../execution.ts';
import { skipPauses } from '../time.ts';
import { env, type Json, UNLIMITED } from '../world.ts';

/** Pauses before another try are short, and the log of faults is silent: there are many of both. */
export function hasten(): void {
  skipPauses();
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(console, 'warn').mockImplementation(() => {});
}

const bindings = {
  ...{ ...env, ...UNLIMITED },
  ...{ TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited },
  AUDIT_RETENTION_DAYS: '30',
};

const isolate = newIsolate();
const app = createApp(isolate);

/** The Worker in an isolate that remembers nothing but the settings: reading them takes long. */
export function newApp(): App {
  Object.assign(isolate, newIsolate());
  return app;
}

interface Answer {
  status: number;
  isDone: boolean;
  /** What a mutation is refused for. */
  refusals: string[];
}

/** `whenAnswered` is called when the answer is there, and nothing behind it has begun. */
export async function send(
  app: App,
  stores: Stores,
  request: Request,
  whenAnswered = () => {},
): Promise<Answer> {
  const context = createExecutionContext();
  const response = await app.fetch(request, { ...bindings, ...stores.bindings }, context);
  whenAnswered();
  const text = await response.text();
  await waitOnExecutionContext(context);
  expect(text).not.toContain(PRIVATE);
  const { data }: Json = text === '' ? {} : JSON.parse(text);
  const [payload]: Json[] = Object.values(data ?? {});
  const refusals = (payload?.errors ?? []).map(({ code, path }: Json) => `${code} ${path}`);
  const { status } = response;
  return { status, isDone: status < 300 && refusals.length === 0, refusals };
}

/** As if the sweep had just compared the copies of all sessions. */
export const passSessions = () =>
  env.DB.prepare("INSERT OR REPLACE INTO sweeps (part, cursor) VALUES ('sessions', '~')").run();

/** A sweep by an isolate of its own, be it that it dies. */
export async function sweep(stores: Stores = newStores()): Promise<void> {
  const context = createExecutionContext();
  await newApp()
    .sweep({ ...bindings, ...stores.bindings }, context)
    .catch(() => {});
  await waitOnExecutionContext(context);
}
