/** CSV: one row per permission of a user. The rows of one user are adjacent. */
import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { fold, type Header, readHeader } from './header.ts';
import { linesOf, MAX_LENGTH } from './ndjson.ts';
import { type Row, rowOf, sourceOf, withoutReason } from './row.ts';
import {
  BadFile,
  type Failure,
  type Skipped,
  type Source,
  sentenceOf,
  type UsersFile,
} from './source.ts';

/** The most devices in one line. */
const MAX_ROWS = 500;

interface Parsed {
  record: string[];
  info: { lines: number };
}

/**
 * The line in which the row after line `last` begins. The parser only tells where it stopped
 * reading.
 */
async function lineBehind(path: string, last: number): Promise<number> {
  let number = 0;
  for await (const bytes of linesOf(createReadStream(path))) {
    number++;
    if (number > last && bytes.toString().trim() !== '') return number;
  }
  return last + 1;
}

/** Every row, with the line in which it begins. Throws BadFile if quotes are not as in RFC 4180. */
async function* recordsOf(path: string, delimiter: string): AsyncGenerator<[number, string[]]> {
  const options = { bom: true, delimiter, info: true, relax_column_count: true };
  // Real rows are shorter: only a missing quote makes one so long.
  const bounds = { max_record_size: MAX_LENGTH };
  let last = 0;
  const parser = parse({
    ...options,
    ...bounds,
    skip_empty_lines: true,
    on_record(record, { lines }) {
      last = lines;
      return record;
    },
  });
  const file = createReadStream(path).on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of file.pipe(parser) as AsyncIterable<Parsed>) {
      // The parser tells the line in which a record ends.
      const breaks = record.join('').split('\n').length - 1;
      yield [info.lines - breaks, record];
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new BadFile(
      `The row that begins in line ${await lineBehind(path, last)} has an unclosed quote, or ` +
        'a quote inside a cell. Write a cell with quotes as "so ""to say""".',
    );
  }
}

async function* sourcesOf(
  path: string,
  { delimiter, names, columns, rows: heading }: Header,
  skipped: Skipped,
): AsyncGenerator<Source> {
  const header = names.map(fold).join('\n');
  let rows: Row[] = [];
  let at = 0;
  for await (const [line, cells] of recordsOf(path, delimiter)) {
    if (at++ < heading) continue;
    if (cells.every((cell) => cell.trim() === '')) {
      skipped.empty++;
      continue;
    }
    // Concatenated files repeat the header, with a byte order mark.
    if (cells.map(fold).join('\n') === header) {
      skipped.headers.push(line);
      continue;
    }
    const row = rowOf(line, cells, columns);
    const isSame = row.externalId === rows[0]?.externalId && rows.length < MAX_ROWS;
    if (rows.length > 0 && !isSame) {
      yield sourceOf(rows, columns);
      rows = [];
    }
    rows.push(row);
  }
  if (rows.length > 0) yield sourceOf(rows, columns);
}

/** RFC 4180, section 2. */
const cellOf = (text: string, delimiter: string): string =>
  /["\r\n]/.test(text) || text.includes(delimiter) || text !== text.trim()
    ? `"${text.replaceAll('"', '""')}"`
    : text;

const rowText = (cells: string[], delimiter: string): string =>
  `${cells.map((cell) => cellOf(cell, delimiter)).join(delimiter)}\n`;

/** `head` is the beginning of the file. Throws BadFile if it does not name the columns. */
export function readCsv(path: string, head: string): UsersFile {
  const header = readHeader(head);
  const { delimiter, columns } = header;
  const names = withoutReason(header.names, columns);
  // The separator is written if it is unusual.
  const separator = [',', ';', '\t'].includes(delimiter) ? '' : `sep=${delimiter}\n`;
  return {
    extension: 'csv',
    sources: (skipped) => sourcesOf(path, header, skipped),
    heading: separator + rowText(['reason', ...names], delimiter),
    keep: ({ rows = [] }: Source, errors: Failure[]) =>
      rows
        .map((cells) => rowText([errors.map(sentenceOf).join(' '), ...cells], delimiter))
        .join(''),
  };
}
