/**
 * Limits on error messages. A refusal fits into 16 KB whatever was sent, and quotes little of it.
 */
import type { Complaint } from './faults.ts';

/** In bytes, for a whole response. The rest of 16 KB is for what a face adds. */
export const MAX_REFUSAL = 15_000;
/** In UTF-16 code units, of one sentence. */
const MAX_SENTENCE = 300;
/**
 * In UTF-16 code units: what one message quotes of the input. With the quotation marks it is 80.
 */
export const MAX_QUOTE = 78;

/** The beginning of a text, at most `most` UTF-16 code units. Never ends in half a character. */
export function truncate(text: string, most: number): string {
  if (text.length <= most) return text;
  const start = text.slice(0, Math.max(0, most - 1));
  return `${start.replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A credential of ours, or most of one. */
const SECRET = /\b(lk_[a-z]{2,3}_|whsec_)[\w+/=-]{8,}/gi;
const masked = (text: string): string => text.replaceAll(SECRET, '$1…');

/**
 * The input as a message may quote it. JSON can spell half a character, which few clients can read.
 */
export const quote = (sent: string): string => masked(truncate(sent, MAX_QUOTE).toWellFormed());

/**
 * A message as a response may hold it. It quotes no secret, since responses are shown and logged.
 */
export const safeMessage = (text: string): string =>
  truncate(masked(text), MAX_SENTENCE).toWellFormed();

/** The size as JSON, in bytes. */
export const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/**
 * The first of `all` that fit into `room` bytes, as `shown` writes them. If some do not fit, `rest`
 * makes one more item that says how many are left out, given the first of them. Empty if not even
 * that fits. What does not fit is not written, however many there are.
 */
export function itemsThatFit<One, Item>(
  all: readonly One[],
  room: number,
  shown: (one: One) => Item,
  rest: (left: number, first: Item) => Item,
  sizeOfItem: (item: Item) => number = sizeOf,
): Item[] {
  const items: Item[] = [];
  let used = 0;
  let told: Item[] = [];
  for (const [n, one] of all.entries()) {
    const item = shown(one);
    const end = rest(all.length - n, item);
    if (used + sizeOfItem(end) <= room) told = [...items, end];
    used += sizeOfItem(item) + 1;
    if (used > room) return told;
    items.push(item);
  }
  return items;
}

const bounded = ({ code, message, path }: Complaint): Complaint => ({
  code,
  message: safeMessage(message),
  path: path.map(quote),
});

const leftOut = (left: number, { code, path }: Complaint): Complaint => ({
  code,
  message: `${left} more ${left === 1 ? 'error is' : 'errors are'} omitted.`,
  path: path.slice(0, 1),
});

/** The complaints that fit into `room` bytes of a response, and how many are left out. */
export const complaintsThatFit = (
  complaints: readonly Complaint[],
  room: number,
  sizeOfComplaint?: (complaint: Complaint) => number,
): Complaint[] => itemsThatFit(complaints, room, bounded, leftOut, sizeOfComplaint);
