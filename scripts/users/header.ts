/** How a CSV file begins: what separates its cells, and which columns it has. */
import { parse } from 'csv-parse/sync';
import { BadFile } from './source.ts';

/** What a row may tell; `reason` stands in files that keep what was refused, and is not read. */
const COLUMNS = [
  'reason',
  'externalId',
  'suspended',
  'deviceId',
  'meterId',
  'permission',
  'expiresAt',
] as const;

/** Spreadsheets leave columns behind that have no name; their cells are empty. */
export type Column = (typeof COLUMNS)[number] | '';

export interface Header {
  delimiter: string;
  /** As they stand in the file. */
  names: string[];
  /** The same, by position. */
  columns: Column[];
  /** How many rows the header takes: Excel may write ahead of it what separates the cells. */
  rows: number;
}

/** Spreadsheets separate by what their country uses. */
const DELIMITERS = [',', ';', '\t'];

/** The first row of a file that Excel is to open in every country. */
const SEPARATOR = /^"?sep=([^\r\n])"?\s*$/i;

export const fold = (text: string): string => text.trim().toLowerCase();

/** With a wrong delimiter, quotes stand in the midst of a cell. */
const LENIENT = { relax_quotes: true, relax_column_count: true };

function namesIn(line: string, delimiter: string): string[] {
  try {
    return (parse(line, { ...LENIENT, delimiter }) as string[][])[0] ?? [];
  } catch {
    throw new BadFile('The first row has a quote that does not end.');
  }
}

/** The columns, in any letter case. Throws BadFile for a first row that names others. */
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
    `The first row must name the columns: externalId, and any of ${COLUMNS.slice(2).join(', ')}, separated by commas. ${wrong.join(' ')}`,
  );
}

/** `head`: how the file begins. With the right delimiter it has a column for the externalId. */
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
