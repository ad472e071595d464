/** What a body is before it is read: reading one of many small pieces takes far longer than one of few large ones. */

/** Names: a document with twenty calls of a thousand devices each has some 20,000. */
const MAX_NAMES = 25_000;
/** Names, items, lists and objects together. */
const MAX_PIECES = 250_000;

const [COLON, COMMA, BRACKET, BRACE] = [0x3a, 0x2c, 0x5b, 0x7b];

/** Whether JSON has more pieces than any call takes. What stands in its texts counts as well. */
export function isCrowded(bytes: Uint8Array): boolean {
  let names = 0;
  let others = 0;
  for (const byte of bytes) {
    if (byte === COLON) names++;
    else if (byte === COMMA || byte === BRACKET || byte === BRACE) others++;
    else continue;
    if (names > MAX_NAMES || names + others > MAX_PIECES) return true;
  }
  return false;
}
