/** CSV: a row for each permission of a user, the rows of one user next to each other. */
import { createReadStream } from 'node:fs';
import { type CsvError, parse } from 'csv-parse';
import { parse as parseNow } from 'csv-parse/sync';
import { BadFile, type Failure, type Source, sentenceOf, type UsersFile } from './source.ts';

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
type Column = (typeof COLUMNS)[number];

const LISTS: Record<string, string> = {
  '': 'devicePermissions',
  view: 'devicePermissions',
  charge: 'chargingPermissions',
};

const BOOLEANS: Record<string, boolean> = { true: true, '1': true, false: false, '0': false };

/** Spreadsheets separate by what their country uses. */
const DELIMITERS = [',', ';', '\t'] as const;

/** Devices that one line may name. */
const MAX_ROWS = 500;

const fold = (text: string): string => text.trim().toLowerCase();

interface Header {
  delimiter: string;
  names: string[];
}

/** The first row. With the right delimiter it has a column for the externalId. */
function headerOf(head: string): Header {
  const [line = ''] = head.split(/\r\n|\n|\r/, 1);
  const headers = DELIMITERS.map((delimiter): Header => {
    // With a wrong delimiter, quotes stand in the midst of a cell.
    const options = { delimiter, bom: true, relax_quotes: true, relax_column_count: true };
    const [names = []] = parseNow(line, options) as string[][];
    return { delimiter, names };
  });
  const isKnown = ({ names }: Header) => names.some((name) => fold(name) === 'externalid');
  return headers.find(isKnown) ?? (headers[0] as Header);
}

const asBadFile = (error: unknown): unknown =>
  (error as CsvError).code?.startsWith('CSV_')
    ? new BadFile(`It cannot be read as CSV. ${(error as Error).message}`)
    : error;

/** The columns by position, in any letter case. Throws BadFile for a first row that names others. */
function columnsOf(names: string[]): Column[] {
  const columns = names.map((name) => COLUMNS.find((one) => fold(one) === fold(name)));
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

interface Row {
  line: number;
  cells: string[];
  externalId: string;
  suspended?: boolean | string | undefined;
  permission?: { list: string; device: string; expiresAt: string } | undefined;
  fault?: string | undefined;
}

function rowOf(line: number, cells: string[], columns: Column[]): Row {
  const cell = (name: Column): string => cells[columns.indexOf(name)]?.trim() ?? '';
  const externalId = cell('externalId');
  if (cells.length !== columns.length) {
    const fault = `The row has ${cells.length} columns, and the first one ${columns.length}.`;
    return { line, cells, externalId, fault };
  }
  const suspended = cell('suspended');
  const row: Row = { line, cells, externalId };
  if (suspended !== '') row.suspended = BOOLEANS[fold(suspended)] ?? suspended;
  const [deviceId, meterId, expiresAt] = [cell('deviceId'), cell('meterId'), cell('expiresAt')];
  const permission = cell('permission');
  if (!(deviceId || meterId || permission || expiresAt)) return row;
  const list = LISTS[fold(permission)];
  if (list === undefined) {
    return {
      ...row,
      fault: `The permission must be VIEW or CHARGE, not ${permission.slice(0, 40)}.`,
    };
  }
  const device = JSON.stringify({ ...(deviceId && { deviceId }), ...(meterId && { meterId }) });
  return { ...row, permission: { list, device, expiresAt } };
}

/** Why rows of one user cannot be sent. */
function faultOf(rows: Row[]): string | undefined {
  const own = rows.find(({ fault }) => fault)?.fault;
  if (own) return own;
  const contradict = (values: unknown[]) => new Set(values).size > 1;
  if (contradict(rows.flatMap(({ suspended = [] }) => suspended))) {
    return 'The rows of this user contradict each other in "suspended".';
  }
  const permissions = rows.flatMap(({ permission = [] }) => permission);
  const same = Map.groupBy(permissions, ({ list, device }) => `${list} ${device}`);
  for (const [name, several] of same) {
    if (contradict(several.map(({ expiresAt }) => expiresAt))) {
      return `The rows of this user contradict each other in "expiresAt" of ${name}.`;
    }
  }
  return undefined;
}

/** Rows of one user as one line. What they have wrong goes as it is, where the answer says it better. */
function sourceOf(rows: Row[], columns: Column[]): Source {
  const [{ line = 0, externalId = '' } = {}] = rows;
  const user: Record<string, unknown> = { externalId };
  for (const { suspended, permission } of rows) {
    if (suspended !== undefined) user.suspended = suspended;
    if (!permission) continue;
    const { list, device, expiresAt } = permission;
    const grant = { ...JSON.parse(device), ...(expiresAt && { expiresAt }) };
    user[list] = [...((user[list] as object[]) ?? []), grant];
  }
  const fault = faultOf(rows);
  const kept = rows.map(({ cells }) => withoutReason(cells, columns));
  return { line, text: JSON.stringify(user), rows: kept, ...(fault && { fault }) };
}

/** What stands in a row besides the reason why an import before this one refused it. */
const withoutReason = (cells: string[], columns: Column[]): string[] =>
  cells.filter((_, at) => columns[at] !== 'reason');

interface Parsed {
  record: string[];
  info: { lines: number };
}

async function* sourcesOf(
  path: string,
  { delimiter }: Header,
  columns: Column[],
): AsyncGenerator<Source> {
  const records = createReadStream(path).pipe(
    parse({ bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true }),
  );
  let isHeader = true;
  let rows: Row[] = [];
  try {
    for await (const { record, info } of records as AsyncIterable<Parsed>) {
      if (isHeader) {
        isHeader = false;
        continue;
      }
      // The parser tells where a record ends.
      const breaks = record.join('').split('\n').length - 1;
      const row = rowOf(info.lines - breaks, record, columns);
      const isSame = row.externalId === rows[0]?.externalId && rows.length < MAX_ROWS;
      if (rows.length > 0 && !isSame) {
        yield sourceOf(rows, columns);
        rows = [];
      }
      rows.push(row);
    }
  } catch (error) {
    throw asBadFile(error);
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
  const header = headerOf(head);
  const columns = columnsOf(header.names);
  const names = withoutReason(header.names, columns);
  return {
    extension: 'csv',
    sources: sourcesOf(path, header, columns),
    heading: rowText(['reason', ...names], header.delimiter),
    keep: ({ rows = [] }: Source, errors: Failure[]) =>
      rows
        .map((cells) => rowText([errors.map(sentenceOf).join(' '), ...cells], header.delimiter))
        .join(''),
  };
}
