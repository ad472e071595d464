/** NDJSON: one user per line, in the format of an import or of refused users. */
import { createReadStream } from 'node:fs';
import { BadFile, type Source, type UsersFile } from './source.ts';

const NEWLINE = 0x0a;

/**
 * In bytes, for a line or a row. A user takes at most a twentieth of it. Node cannot make a text of
 * 512 MB.
 */
export const MAX_LENGTH = 2_000_000;

/**
 * The lines of a stream of bytes, without line feeds. Only a line feed ends a line: an externalId
 * may contain U+2028, where Node's `readline` would break.
 *
 * @throws BadFile if a line is longer than any user, since it would have to be kept in memory.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let number = 1;
  let length = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...pieces, chunk.subarray(from, to)]);
      pieces = [];
      from = to + 1;
      length = 0;
      number++;
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_LENGTH) {
      throw new BadFile(`Line ${number} is longer than 2 MB, which is too long for a user.`);
    }
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}

/** The user in a line of refused users. Any other line is returned unchanged. */
function sentOf(text: string): string {
  if (!text.startsWith('{"line":')) return text;
  try {
    const { sent } = JSON.parse(text);
    return typeof sent === 'string' ? sent : JSON.stringify(sent ?? null);
  } catch {
    return text;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function* sourcesOf(path: string): AsyncGenerator<Source> {
  let line = 0;
  for await (const bytes of linesOf(createReadStream(path))) {
    const text = bytes
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trim();
    line++;
    if (text === '') continue;
    const sent = sentOf(text);
    // The server would skip a blank line and answer nothing.
    const fault = sent.trim() === '' && '"sent" is empty.';
    yield { line, text: sent, ...(fault && { fault }) };
  }
}

export const readNdjson = (path: string): UsersFile => ({
  extension: 'ndjson',
  sources: () => sourcesOf(path),
  heading: '',
  keep: ({ line, text }, errors) =>
    `${JSON.stringify({ line, errors, sent: isJson(text) ? JSON.parse(text) : text })}\n`,
});
