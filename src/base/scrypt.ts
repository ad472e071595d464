/**
 * scrypt (RFC 7914), in slices. The runtime's own blocks the isolate for a whole hash. This one
 * takes some 40 % more CPU time, and yields to other requests some twenty times.
 */
// biome-ignore-all lint/style/noNonNullAssertion: every index is in range; checks are slow.
import { pbkdf2Sync } from 'node:crypto';

/**
 * The cost of a hash. `N` is a power of two. A hash takes 128 × `N` × `r` bytes, and works through
 * them `p` times. `r` × `p` is at most 63, since the runtime's PBKDF2 gives at most 8,160 bytes.
 */
export interface Cost {
  N: number;
  r: number;
  p: number;
}

/** Yields to other requests of the isolate. */
export type Pause = () => Promise<void>;

/** The block of Salsa20/8, in words of 32 bits. */
const WORDS = 16;
/** Blocks of 128 × `r` bytes from one pause to the next: some 10 ms with an `r` of 8. */
const SLICE = 8_192;

/**
 * Rotates the bits of a word to the left. The additions stay in the caller: with them, V8 would not
 * inline it so often.
 */
const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/**
 * BlockMix (section 4) with Salsa20/8 (section 3), from the block at `at` of `from` to the block at
 * `into` of `to`. Each word has its own variable: with an array, a hash would take four times as
 * long.
 */
// biome-ignore format: columns show the pattern
function mix(from: Int32Array, at: number, to: Int32Array, into: number, r: number): void {
  const last = at + (2 * r - 1) * WORDS;
  let a = from[last]!, b = from[last + 1]!, c = from[last + 2]!, d = from[last + 3]!;
  let e = from[last + 4]!, f = from[last + 5]!, g = from[last + 6]!, h = from[last + 7]!;
  let i = from[last + 8]!, j = from[last + 9]!, k = from[last + 10]!, l = from[last + 11]!;
  let m = from[last + 12]!, n = from[last + 13]!, o = from[last + 14]!, p = from[last + 15]!;
  for (let nth = 0; nth < 2 * r; nth++) {
    const s = at + nth * WORDS;
    const t = into + ((nth & 1) * r + (nth >> 1)) * WORDS;
    a ^= from[s]!; b ^= from[s + 1]!; c ^= from[s + 2]!; d ^= from[s + 3]!;
    e ^= from[s + 4]!; f ^= from[s + 5]!; g ^= from[s + 6]!; h ^= from[s + 7]!;
    i ^= from[s + 8]!; j ^= from[s + 9]!; k ^= from[s + 10]!; l ^= from[s + 11]!;
    m ^= from[s + 12]!; n ^= from[s + 13]!; o ^= from[s + 14]!; p ^= from[s + 15]!;
    const A = a, B = b, C = c, D = d, E = e, F = f, G = g, H = h;
    const I = i, J = j, K = k, L = l, M = m, N = n, O = o, P = p;
    for (let round = 0; round < 8; round += 2) {
      e ^= rotate((a + m) | 0, 7); i ^= rotate((e + a) | 0, 9);
      m ^= rotate((i + e) | 0, 13); a ^= rotate((m + i) | 0, 18);
      j ^= rotate((f + b) | 0, 7); n ^= rotate((j + f) | 0, 9);
      b ^= rotate((n + j) | 0, 13); f ^= rotate((b + n) | 0, 18);
      o ^= rotate((k + g) | 0, 7); c ^= rotate((o + k) | 0, 9);
      g ^= rotate((c + o) | 0, 13); k ^= rotate((g + c) | 0, 18);
      d ^= rotate((p + l) | 0, 7); h ^= rotate((d + p) | 0, 9);
      l ^= rotate((h + d) | 0, 13); p ^= rotate((l + h) | 0, 18);
      b ^= rotate((a + d) | 0, 7); c ^= rotate((b + a) | 0, 9);
      d ^= rotate((c + b) | 0, 13); a ^= rotate((d + c) | 0, 18);
      g ^= rotate((f + e) | 0, 7); h ^= rotate((g + f) | 0, 9);
      e ^= rotate((h + g) | 0, 13); f ^= rotate((e + h) | 0, 18);
      l ^= rotate((k + j) | 0, 7); i ^= rotate((l + k) | 0, 9);
      j ^= rotate((i + l) | 0, 13); k ^= rotate((j + i) | 0, 18);
      m ^= rotate((p + o) | 0, 7); n ^= rotate((m + p) | 0, 9);
      o ^= rotate((n + m) | 0, 13); p ^= rotate((o + n) | 0, 18);
    }
    a = (a + A) | 0; b = (b + B) | 0; c = (c + C) | 0; d = (d + D) | 0;
    e = (e + E) | 0; f = (f + F) | 0; g = (g + G) | 0; h = (h + H) | 0;
    i = (i + I) | 0; j = (j + J) | 0; k = (k + K) | 0; l = (l + L) | 0;
    m = (m + M) | 0; n = (n + N) | 0; o = (o + O) | 0; p = (p + P) | 0;
    to[t] = a; to[t + 1] = b; to[t + 2] = c; to[t + 3] = d;
    to[t + 4] = e; to[t + 5] = f; to[t + 6] = g; to[t + 7] = h;
    to[t + 8] = i; to[t + 9] = j; to[t + 10] = k; to[t + 11] = l;
    to[t + 12] = m; to[t + 13] = n; to[t + 14] = o; to[t + 15] = p;
  }
}

/**
 * Memory that is reused from one hash to the next. An isolate computes one at a time. Otherwise a
 * few of these 16 MiB would fill the isolate before they are collected.
 */
let spare: Int32Array = new Int32Array(0);

function takeMemory(words: number): Int32Array {
  const memory = spare.length < words ? new Int32Array(words) : spare;
  spare = new Int32Array(0);
  return memory;
}

/** Derives `length` bytes. Awaits `pause` after each slice. */
export async function scrypt(
  password: string,
  salt: Buffer,
  length: number,
  { N, r, p }: Cost,
  pause: Pause,
): Promise<Buffer> {
  const seed = pbkdf2Sync(password, salt, 1, p * 128 * r, 'sha256');
  const lanes = new Int32Array(new Uint8Array(seed).buffer);
  const size = 2 * r * WORDS;
  const memory = takeMemory(N * size);
  const mixed = new Int32Array(size);
  // ROMix (section 5), lane by lane.
  for (let lane = 0; lane < p; lane++) {
    const block = lanes.slice(lane * size, (lane + 1) * size);
    memory.set(block);
    for (let nth = 1; nth <= N; nth++) {
      const isLast = nth === N;
      mix(memory, (nth - 1) * size, isLast ? block : memory, isLast ? 0 : nth * size, r);
      if (nth % SLICE === 0) await pause();
    }
    for (let nth = 1; nth <= N; nth++) {
      const at = (block[size - WORDS]! & (N - 1)) * size;
      for (let word = 0; word < size; word++) mixed[word] = block[word]! ^ memory[at + word]!;
      mix(mixed, 0, block, 0, r);
      if (nth % SLICE === 0) await pause();
    }
    lanes.set(block, lane * size);
  }
  spare = memory;
  return pbkdf2Sync(password, new Uint8Array(lanes.buffer), 1, length, 'sha256');
}
