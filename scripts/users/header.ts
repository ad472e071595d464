/** The header of a CSV file: its separator and its columns. */
import { parse } from 'csv-parse/sync';
import { BadFile } from './source.ts';

/** The known columns. `reason` is in files of refused users, and is ignored. */
const COLUMNS = [
  'reason',
  'externalId',
  'suspended',
  'deviceId',
  'meterId',
  'permission',
  'expiresAt',
] as const;

/** Spreadsheets leave columns without a name, whose cells are empty. */
export type Column = (typeof COLUMNS)[number] | '';

export interface Header {
  delimiter: string;
  /** As in the file. */
  names: string[];
  /** The recognized columns, by position. */
  columns: Column[];
  /** The rows of the header. Excel may write the separator into a row before it. */
  rows: number;
}

/** Separators that spreadsheets use, depending on the country. */
const DELIMITERS = [',', ';', '\t'];

/** The first row of a file that Excel opens in every country. */
const SEPARATOR = /^"?sep=([^\r\n])"?\s*$/i;

export const fold = (text: string): string => text.trim().toLowerCase();

/** With a wrong delimiter, quotes appear inside cells. */
const LENIENT = { relax_quotes: true, relax_column_count: true };

function namesIn(line: string, delimiter: string): string[] {
  try {
    return (parse(line, { ...LENIENT, delimiter }) as string[][])[0] ?? [];
  } catch {
    throw new BadFile('The first row has an unclosed quote.');
  }
}

/** The columns, in any letter case. Throws BadFile for unknown ones. */
function columnsOf(names: string[]): Column[] {
  const known = ['', ...COLUMNS] as const;
  const columns = names.map((name) => known.find((one) => fold(one) === fold(name)));
  const odd = names.filter((_, at) => columns[at] === undefined);
  const twice = columns.filter((name, at) => name && columns.indexOf(name) !== at);
  const wrong = [
    ...(columns.includes('externalId') ? [] : ['It has no externalId.']),
    ...(odd.length > 0 ? [`It has ${odd.join(', ').slice(0, 200)}.`] : []),
    ...(twice.length > 0 ? [`It has ${twice.join(', ')} more than once.`] : []),
  ];
  if (wrong.length === 0) return columns as Column[];
  throw new BadFile(
    'The first row must name the columns: externalId, and any of ' +
      `${COLUMNS.slice(2).join(', ')}, separated by commas. ${wrong.join(' ')}`,
  );
}

/** `head` is the beginning of the file. The right delimiter gives a column for the externalId. */
export function readHeader(head: string): Header {
  const [first = '', second = ''] = head.split(/(?:\r\n|\n|\r)+/, 2);
  const told = SEPARATOR.exec(first)?.[1];
  const line = told === undefined ? first : second;
  const candidates = (told === undefined ? DELIMITERS : [told]).map((delimiter) => ({
    delimiter,
    names: namesIn(line, delimiter),
  }));
  const found =
    candidates.find(({ names }) => names.some((name) => fold(name) === 'externalid')) ??
    candidates[0];
  const { delimiter = ',', names = [] } = found ?? {};
  return { delimiter, names, columns: columnsOf(names), rows: told === undefined ? 1 : 2 };
}
