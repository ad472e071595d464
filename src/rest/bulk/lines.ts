/** Reads and writes NDJSON: one JSON value per line. */
import { adviceOnJson } from '../../base/json.ts';
import { bytesOf } from '../../base/secrets.ts';
import { notUtf8, readUtf8 } from '../../base/utf8.ts';

export const NDJSON = 'application/x-ndjson';
/** Other names that clients use. */
export const MEDIA_TYPES = [NDJSON, 'application/ndjson', 'application/jsonl'];

const NEWLINE = 0x0a;

/** A line and its number, from 1, or why it cannot be read. */
export type Line = { number: number; bytes: number } & ({ value: unknown } | { fault: string });

function read(number: number, parts: Uint8Array[], bytes: number, max: number): Line | null {
  if (bytes > max) return { number, bytes: 0, fault: `The line is longer than ${max} bytes.` };
  const text = readUtf8(Buffer.concat(parts));
  if (text === null) return { number, bytes, fault: notUtf8('The line') };
  try {
    return text.trim() === '' ? null : { number, bytes, value: JSON.parse(text) };
  } catch {
    return { number, bytes, fault: `The line is not JSON.${adviceOnJson(text)}` };
  }
}

/** The lines of a body, without blank ones. A line longer than `max` bytes is not kept. */
export async function* linesOf(
  body: ReadableStream<Uint8Array>,
  max: number,
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let number = 1;
  const take = (part: Uint8Array) => {
    bytes += part.length;
    if (bytes <= max) parts.push(part);
    else parts = [];
  };
  const close = () => {
    const line = read(number++, parts, bytes, max);
    parts = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of body) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, end));
      from = end + 1;
      const line = close();
      if (line) yield line;
    }
    take(chunk.subarray(from));
  }
  const last = close();
  if (last) yield last;
}

export const encodeLines = (values: readonly object[]): Uint8Array =>
  bytesOf(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
