/** Cells of comma-separated text as spreadsheets write it (RFC 4180). */

export interface Record {
  /** The line in which it begins, from 1. */
  line: number;
  /** As it was written. */
  raw: string;
  cells: string[];
  /** What is wrong with its quotes. */
  fault: string | null;
}

const SEPARATORS = [',', ';', '\t'] as const;

/** The first line of a file that Excel opens in every country: `sep=;`. */
const TOLD = /^"?sep=([^\r\n])"?[ \t]*(?:\r\n|\n|\r|$)/i;

/** The separator of which the first line has the most. */
function separatorOf(text: string): string {
  const [first = ''] = text.trimStart().split(/\r\n|\n|\r/, 1);
  const many = (separator: string) => first.split(separator).length;
  return SEPARATORS.reduce((best, one) => (many(one) > many(best) ? one : best));
}

/** A cell, and how much of the text it takes: in quotes up to the quote that ends it. */
const cellWith = (separator: string) => {
  const plain = `[^${separator}\\r\\n]*`;
  return new RegExp(`[ \\t]*"((?:[^"]|"")*)"(${plain})|(${plain})`, 'y');
};

const UNCLOSED = 'A quote begins here that does not end. Write a quote within a cell twice: "".';
const BEHIND = 'There is text behind a quote that ends. Write a quote within a cell twice: "".';

/** Tab is a blank too, so blanks before a quote stop before it where it separates. */
const cellPatternOf = (separator: string): RegExp =>
  separator === '\t'
    ? /[ ]*"((?:[^"]|"")*)"([^\t\r\n]*)|([^\t\r\n]*)/y
    : cellWith(separator.replace(/[\\\]^-]/, '\\$&'));

/** Every record, also empty ones. A quote that does not end takes its line only. */
export function recordsIn(given: string): Record[] {
  const text = given.replace(/^\uFEFF/, '');
  const [told = '', named] = TOLD.exec(text) ?? [];
  const separator = named ?? separatorOf(text);
  const pattern = cellPatternOf(separator);
  const records: Record[] = [];
  let line = told ? 2 : 1;
  let at = told.length;
  while (at < text.length) {
    const begin = at;
    const record: Record = { line, raw: '', cells: [], fault: null };
    for (;;) {
      pattern.lastIndex = at;
      const [all = '', quoted, behind = '', plain = ''] = pattern.exec(text) ?? [];
      at += all.length;
      record.cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
      if (behind.trim() !== '') record.fault ??= BEHIND;
      else if (quoted === undefined && plain.trimStart().startsWith('"')) record.fault = UNCLOSED;
      if (text[at] !== separator) break;
      at++;
    }
    record.raw = text.slice(begin, at);
    line += (record.raw.match(/\r\n|\n|\r/g)?.length ?? 0) + 1;
    at += text.startsWith('\r\n', at) ? 2 : 1;
    records.push(record);
  }
  return records;
}
