/** Files of users: NDJSON as an import takes it, or CSV with a row for each permission. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type CsvError, parse } from 'csv-parse';

/** A user to import, and where the file has it. */
export interface Source {
  /** The line where it begins, from 1 on. */
  line: number;
  /** As it is sent: one line of JSON. */
  text: string;
  /** Why it cannot be sent. */
  fault?: string;
}

/** What is wrong with a file as such, in a sentence. */
export class BadFile extends Error {}

/** Of a file that an import wrote, what was sent; any other line as it is. */
function sentOf(text: string): string {
  if (!text.startsWith('{"line":')) return text;
  try {
    const { sent } = JSON.parse(text);
    return typeof sent === 'object' ? JSON.stringify(sent) : (sent ?? text);
  } catch {
    return text;
  }
}

async function* fromLines(path: string): AsyncGenerator<Source> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    line++;
    if (text.trim() !== '') yield { line, text: sentOf(text) };
  }
}

const COLUMNS = [
  'externalId',
  'suspended',
  'deviceId',
  'meterId',
  'permission',
  'expiresAt',
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

const LISTS: Record<string, string> = { VIEW: 'devicePermissions', CHARGE: 'chargingPermissions' };

const BOOLEANS: Record<string, boolean> = { true: true, '1': true, false: false, '0': false };

/** Rows of one user, next to each other, as one line. What a row has wrong goes as it is: the answer says so. */
function sourceOf(line: number, rows: Row[]): Source {
  const [{ externalId, suspended } = {}] = rows;
  const user: Record<string, unknown> = { externalId };
  if (suspended) user.suspended = BOOLEANS[suspended.toLowerCase()] ?? suspended;
  for (const { deviceId, meterId, permission, expiresAt } of rows) {
    if (!(deviceId || meterId || permission || expiresAt)) continue;
    const list = LISTS[permission || 'VIEW'];
    if (!list) {
      const fault = `The permission must be VIEW or CHARGE, not ${permission}.`;
      return { line, text: JSON.stringify(rows), fault };
    }
    user[list] = [
      ...((user[list] as object[]) ?? []),
      {
        ...(deviceId && { deviceId }),
        ...(meterId && { meterId }),
        ...(expiresAt && { expiresAt }),
      },
    ];
  }
  return { line, text: JSON.stringify(user) };
}

function assertColumns(names: string[]): string[] {
  const odd = names.filter((name) => !COLUMNS.includes(name as keyof Row));
  if (odd.length > 0 || !names.includes('externalId')) {
    throw new BadFile(
      `The first row must name the columns: externalId, and any of ${COLUMNS.slice(1).join(', ')}, separated by commas. ${odd.length > 0 ? `It has ${odd.join(', ')}.` : ''}`,
    );
  }
  return names;
}

/** Devices that one line may name. */
const MAX_ROWS = 500;

interface Parsed {
  record: Row;
  info: { lines: number };
}

async function* fromCsv(path: string): AsyncGenerator<Source> {
  const ragged: Source[] = [];
  const rows = createReadStream(path).pipe(
    parse({
      ...{ bom: true, columns: assertColumns, info: true, skip_empty_lines: true, trim: true },
      skip_records_with_error: true,
      on_skip(error, text = '') {
        // Where even the columns are not known there is nothing to go on with.
        if (error?.code !== 'CSV_RECORD_INCONSISTENT_COLUMNS') {
          rows.destroy(error);
          return undefined;
        }
        const fault = 'The row has not as many columns as the first one.';
        ragged.push({ line: Number(error.lines), text, fault });
        return undefined;
      },
    }),
  );
  let user: { line: number; rows: Row[] } | undefined;
  try {
    for await (const { record, info } of rows as AsyncIterable<Parsed>) {
      if (user && user.rows[0]?.externalId === record.externalId && user.rows.length < MAX_ROWS) {
        user.rows.push(record);
        continue;
      }
      if (user) yield sourceOf(user.line, user.rows);
      user = { line: info.lines, rows: [record] };
    }
  } catch (error) {
    if ((error as CsvError).code?.startsWith('CSV_')) throw new BadFile((error as Error).message);
    throw error;
  }
  if (user) yield sourceOf(user.line, user.rows);
  yield* ragged;
}

/** The users of a file: CSV by its name, else NDJSON. */
export const usersOf = (path: string): AsyncGenerator<Source> =>
  /\.csv$/i.test(path) ? fromCsv(path) : fromLines(path);
