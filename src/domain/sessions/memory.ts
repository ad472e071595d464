/** What one isolate remembers of sessions, between its requests. */
import type { Call } from '../permit.ts';
import type { SessionRecord } from './record.ts';

/** How long an isolate believes what it remembers: with the minute that KV takes, and the writing itself, within 90 s. */
const MEMORY_MS = 25_000;
/** How long it remembers that a session has ended: longer than KV may go on giving the copy. */
const ENDED_MS = 90_000;
/** How long it does not ask D1 again that it asked in doubt. */
const ASKED_MS = 5_000;

export interface Remembered {
  record: SessionRecord;
  /** Whether D1 told this isolate; else KV did, whose copy must be young enough. */
  fromD1: boolean;
  /** D1 told that it lives, and could not write its renewal. */
  unrenewed?: boolean;
}

/** About what a record takes of an isolate's memory, in bytes. */
export const weigh = ({ record }: Remembered): number =>
  700 + 250 * (record.grants?.length ?? 0) + 16 * (record.stations?.length ?? 0);

/** What is known of a session; `ended` when D1 said that it is no more, or never was. */
export function recall({ isolate, now }: Call, id: string): Remembered | 'ended' | undefined {
  return isolate.sessions.get(id, now) ?? (isolate.ended.get(id, now) && 'ended');
}

/** What D1 said of a session. */
export function remember(
  { isolate, now }: Call,
  id: string,
  record: SessionRecord | null,
  unrenewed = false,
): void {
  if (record) {
    isolate.ended.delete(id);
    isolate.sessions.set(id, { record, fromD1: true, unrenewed }, now + MEMORY_MS);
  } else {
    isolate.sessions.delete(id);
    isolate.ended.set(id, true, now + ENDED_MS);
  }
}

/** What KV said of it. */
export function rememberCopy({ isolate, now }: Call, record: SessionRecord): void {
  isolate.sessions.set(record.id, { record, fromD1: false }, now + MEMORY_MS);
}

/** Whether D1, asked in doubt a moment ago, answered; undefined when it may be asked. */
export const recallAsked = (
  { isolate, now }: Call,
  id: string,
): 'answered' | 'unanswered' | undefined => isolate.asked.get(id, now);

export const rememberAsked = (
  { isolate, now }: Call,
  id: string,
  outcome: 'answered' | 'unanswered',
): void => isolate.asked.set(id, outcome, now + ASKED_MS);
