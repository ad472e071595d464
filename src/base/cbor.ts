/**
 * Reads CBOR as authenticators and browsers write it: the canonical form of CTAP2, which has
 * neither lengths that come later nor tags (RFC 8949; CTAP 2.0, section 6).
 */

export type Cbor = number | boolean | null | string | Uint8Array<ArrayBuffer> | Cbor[] | CborMap;
/** In COSE the keys are numbers, in attestations texts. */
export type CborMap = Map<Cbor, Cbor>;

/** How deep lists and maps may nest. CTAP 2.0 allows four. */
const DEEPEST = 4;

const SIMPLE = new Map<number, Cbor>([
  [20, false],
  [21, true],
  [22, null],
]);

/** How many bytes of a number follow its head, by the low five bits of that. */
const LENGTHS = new Map([
  [24, 1],
  [25, 2],
  [26, 4],
]);

/**
 * The values that stand one after another. Throws if anything else stands there, or what ends too
 * early.
 */
export function readCbor(bytes: Uint8Array<ArrayBuffer>): Cbor[] {
  let at = 0;
  const take = (length: number): Uint8Array<ArrayBuffer> => {
    if (at + length > bytes.length) throw new Error('CBOR ends too early.');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const readNumber = (low: number): number => {
    if (low < 24) return low;
    const length = LENGTHS.get(low);
    if (length === undefined) throw new Error('CBOR has a length that CTAP2 does not use.');
    return take(length).reduce((sum, byte) => sum * 256 + byte, 0);
  };
  const readSeveral = (many: number, depth: number): Cbor[] => {
    if (depth > DEEPEST) throw new Error('CBOR is too deep.');
    const all: Cbor[] = [];
    while (all.length < many) all.push(readValue(depth));
    return all;
  };
  function readValue(depth: number): Cbor {
    const [head = 0] = take(1);
    const number = readNumber(head & 31);
    switch (head >> 5) {
      case 0:
        return number;
      case 1:
        return -1 - number;
      case 2:
        return take(number);
      case 3:
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(take(number));
      case 4:
        return readSeveral(number, depth + 1);
      case 5:
        return mapOf(readSeveral(2 * number, depth + 1));
      default:
        if (!SIMPLE.has(head & 31) || head < 0xe0)
          throw new Error('CBOR has a value of no use here.');
        return SIMPLE.get(number) ?? null;
    }
  }
  const values: Cbor[] = [];
  while (at < bytes.length) values.push(readValue(0));
  return values;
}

/** The map of keys and values in turn. Throws if a key stands there twice. */
function mapOf(turns: Cbor[]): CborMap {
  const map: CborMap = new Map();
  for (let at = 0; at < turns.length; at += 2) {
    map.set(turns[at] as Cbor, turns[at + 1] as Cbor);
  }
  if (map.size * 2 < turns.length) throw new Error('CBOR has a key twice.');
  return map;
}
