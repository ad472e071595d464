/** What a body is before it is read: reading one of many small pieces takes far longer than one of few large ones. */

/** Names: a document with twenty calls of a thousand devices each has some 20,000. */
const MAX_NAMES = 25_000;
/** Lists and objects. */
const MAX_HOLDERS = 250_000;

const [COLON, BRACKET, BRACE] = [0x3a, 0x5b, 0x7b];

/** What is told of such a body. */
export const CROWDED = 'The body has more fields, lists and objects than any call takes.';

/** Whether JSON has more pieces than any call takes. What stands in its texts counts as well. */
export function isCrowded(bytes: Uint8Array): boolean {
  let names = 0;
  let holders = 0;
  for (const byte of bytes) {
    if (byte === COLON) {
      if (++names > MAX_NAMES) return true;
    } else if (byte === BRACKET || byte === BRACE) {
      if (++holders > MAX_HOLDERS) return true;
    }
  }
  return false;
}
