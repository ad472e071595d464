/** CSV: a row for each permission of a user, the rows of one user next to each other. */
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

/** Devices that one line may name. */
const MAX_ROWS = 500;

interface Parsed {
  record: string[];
  info: { lines: number };
}

/** The line in which the row behind line `last` begins: the parser tells where it stopped reading. */
async function lineBehind(path: string, last: number): Promise<number> {
  let number = 0;
  for await (const bytes of linesOf(createReadStream(path))) {
    number++;
    if (number > last && bytes.toString().trim() !== '') return number;
  }
  return last + 1;
}

/** Every row with the line in which it begins. Throws BadFile where quotes are not as RFC 4180 has them. */
async function* recordsOf(path: string, delimiter: string): AsyncGenerator<[number, string[]]> {
  const options = { bom: true, delimiter, info: true, relax_column_count: true };
  // Lines are shorter, so that only a quote without an end makes a row so long.
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
      // The parser tells where a record ends.
      const breaks = record.join('').split('\n').length - 1;
      yield [info.lines - breaks, record];
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new BadFile(
      `The row that begins in line ${await lineBehind(path, last)} has a quote that does not end, or that stands inside of a cell. A cell with quotes is written "so ""to say""".`,
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
    // Files that were put behind each other have it again, with its byte order mark.
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

/** `head`: how the file begins. Throws BadFile where it does not name its columns. */
export function readCsv(path: string, head: string): UsersFile {
  const header = readHeader(head);
  const { delimiter, columns } = header;
  const names = withoutReason(header.names, columns);
  // What separates is told where nobody would guess it.
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
