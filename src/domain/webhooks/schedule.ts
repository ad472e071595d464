/** When a delivery that failed is tried again. */
import { DAY, HOUR } from '../../base/time.ts';

const [SECOND, MINUTE] = [1_000, 60_000];

/** After the first failure, the second, and so on, in milliseconds; after the last, none. */
const PAUSES = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR],
  ...[10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
];

/** As RFC 9110 has dates: the form that is to be sent. */
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** What a `Retry-After` asks for, in milliseconds: a day at most, 0 for what is none. */
export function retryAfter(header: string | null, now: number): number {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * SECOND, DAY);
  const at = DATE.test(text) ? Date.parse(text) : Number.NaN;
  return at > now ? Math.min(at - now, DAY) : 0;
}

/** How long to wait after so many failures, in milliseconds; null: it is not tried again. */
export function pauseAfter(failures: number, asked: number): number | null {
  const pause = PAUSES[failures - 1];
  return pause === undefined ? null : Math.max(pause, asked);
}
