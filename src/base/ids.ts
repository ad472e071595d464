/** Random and time-ordered ids. */

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A random integer from 1 to 2^53 − 1: exact as a JavaScript number and in SQLite. */
export function randomId(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low || randomId();
}

/** `length` letters and digits, each drawn evenly: 5.95 bits apiece. */
export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length * 2))) {
      // 248 is the largest multiple of 62 that fits into a byte. Using the values above it would
      // favour the first letters.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}

/** Nine base-36 digits hold milliseconds until the year 5188. Ids sort by time as text. */
export const timePrefix = (now: number): string => Math.floor(now).toString(36).padStart(9, '0');

/** The id of one call's change: sorts by time, and is unique without coordination. */
export const changeId = (now: number): string => timePrefix(now) + randomText(12);
