/** How much a refusal says: it fits into 16 KB, whatever was sent, and repeats little of it. */
import type { Complaint } from './faults.ts';

/** In bytes, of a whole answer: what is left of 16 KB is for what a face puts round it. */
export const MAX_REFUSAL = 15_000;
/** In UTF-16 code units, of one sentence. */
const MAX_SENTENCE = 300;
/** In UTF-16 code units: what one sentence repeats of what was sent, 80 with the marks around it. */
export const MAX_QUOTE = 78;

/** The beginning of a text, `most` UTF-16 code units at most. Never ends in half a character. */
export function truncate(text: string, most: number): string {
  if (text.length <= most) return text;
  const start = text.slice(0, Math.max(0, most - 1));
  return `${start.replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A credential of ours, or most of one, wherever it was sent. */
const SECRET = /\b(lk_[a-z]{2,3}_|whsec_)[\w+/=-]{8,}/gi;
const masked = (text: string): string => text.replaceAll(SECRET, '$1…');

/** What was sent, as a sentence may repeat it: JSON can spell half a character, which few clients read. */
export const quote = (sent: string): string => masked(truncate(sent, MAX_QUOTE).toWellFormed());

/** A sentence as an answer may have it: it repeats no secret, for answers are shown and logged. */
export const safeMessage = (text: string): string =>
  truncate(masked(text), MAX_SENTENCE).toWellFormed();

/** In bytes, as JSON. */
export const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/**
 * As many of `items`, in order, as fit into `room` bytes. Where some do not, `rest` makes one more item of how many
 * those are and of the first of them; there is room for it too, or nothing is told.
 */
export function itemsThatFit<Item>(
  items: readonly Item[],
  room: number,
  rest: (left: number, first: Item) => Item,
  sizeOfItem: (item: Item) => number = sizeOf,
): Item[] {
  let used = 0;
  let told = 0;
  let last: Item | undefined;
  for (const [n, item] of items.entries()) {
    const end = rest(items.length - n, item);
    if (used + sizeOfItem(end) <= room) [told, last] = [n, end];
    used += sizeOfItem(item) + 1;
    if (used > room) return last === undefined ? [] : [...items.slice(0, told), last];
  }
  return [...items];
}

const bounded = ({ code, message, path }: Complaint): Complaint => ({
  code,
  message: safeMessage(message),
  path: path.map(quote),
});

const leftOut = (left: number, { code, path }: Complaint): Complaint => ({
  code,
  message: `${left} more ${left === 1 ? 'fault is' : 'faults are'} left out here.`,
  path: path.slice(0, 1),
});

/** As many complaints as fit into `room` bytes of an answer, and how many are left out. */
export const complaintsThatFit = (
  complaints: readonly Complaint[],
  room: number,
  sizeOfComplaint?: (complaint: Complaint) => number,
): Complaint[] => itemsThatFit(complaints.map(bounded), room, leftOut, sizeOfComplaint);
