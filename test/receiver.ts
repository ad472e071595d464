/**
 * Receivers of webhooks, in the place of the internet. What they do holds until the end of the
 * file.
 */

import { Webhook } from 'standardwebhooks';
import { vi } from 'vitest';
import type { Json } from './world.ts';

export interface Received {
  url: string;
  headers: Headers;
  /** The text that was signed, and what it says. */
  body: string;
  event: Json;
  init: RequestInit;
}

/** What a receiver answers: a status, a response, or nothing as long as it is asked. */
export type Answering =
  | number
  | 'hang'
  | 'break'
  | ((received: Received) => Response | Promise<Response>);

export interface Receivers {
  /** All that came, whoever it was for. */
  received: Received[];
  /** What came to this URL. */
  at(url: string): Received[];
  /** From now on this URL answers so; others answer 204. */
  answer(url: string, how: Answering): void;
}

/** Hangs until the caller gives up. */
const hang = (signal: AbortSignal | null | undefined) =>
  new Promise<Response>((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted')));
  });

export function newReceivers(): Receivers {
  const received: Received[] = [];
  const answers = new Map<string, Answering>();
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const body = String(init.body);
    const one = { url, headers: new Headers(init.headers), body, event: JSON.parse(body), init };
    received.push(one);
    const how = answers.get(url) ?? 204;
    if (how === 'hang') return hang(init.signal);
    if (how === 'break') throw new Error('Network connection lost.');
    return typeof how === 'number' ? new Response(null, { status: how }) : how(one);
  });
  return {
    received,
    at: (url) => received.filter((one) => one.url === url),
    answer: (url, how) => answers.set(url, how),
  };
}

/** The event, as an unmodified verifier of Standard Webhooks takes it. Throws what that throws. */
export const verify = (
  secret: string,
  { body, headers }: Pick<Received, 'body' | 'headers'>,
): Json => new Webhook(secret).verify(body, Object.fromEntries(headers));
