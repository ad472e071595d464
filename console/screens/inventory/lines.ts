/** A list of devices, as people have it, line by line. */
import { type Record as CsvRecord, recordsIn } from './csv.ts';

export interface Line {
  /** In the list as it was given, from 1. */
  line: number;
  raw: string;
  deviceId: string;
  meterId: string | null;
  /** What is wrong with the line itself. */
  fault: string | null;
}

export interface DeviceList {
  lines: Line[];
  /** The line with the names of the columns. Null: there is none. */
  header: string | null;
  /** Columns that are not read. */
  ignored: string[];
}

type Column = 'deviceId' | 'meterId';

/** Names of columns, in small letters without anything between them. */
const COLUMNS: Record<string, Column> = {
  ...{ deviceid: 'deviceId', device: 'deviceId', devices: 'deviceId', reader: 'deviceId' },
  ...{ meterid: 'meterId', meter: 'meterId', meterserial: 'meterId', serialnumber: 'meterId' },
};

const columnOf = (name: string): Column | undefined =>
  COLUMNS[name.toLowerCase().replace(/[^a-z]/g, '')];

const isEmpty = ({ cells }: CsvRecord): boolean => cells.every((cell) => cell === '');

/** The columns that a first line names. Without a name for the device it is a line of devices. */
function columnsIn(first: CsvRecord | undefined): Map<Column, number> | null {
  const names = new Map<Column, number>();
  first?.cells.forEach((cell, at) => {
    const column = columnOf(cell);
    if (column && !names.has(column)) names.set(column, at);
  });
  return names.has('deviceId') ? names : null;
}

/** As the API has them. It says the same of a single one. */
const DEVICE_ID = /^[0-9A-Za-z]{8}$/;
const NO_DEVICE =
  'Must be eight letters or digits; case matters. ' +
  '(The serial number of a power meter is a meterId.)';
const TOO_MANY = 'There are more than two cells here: give the device and its meter.';

type Read = (cells: string[], column: Column) => string;

function lineOf(record: CsvRecord, read: Read, hasHeader: boolean): Line {
  const { line, raw, cells } = record;
  const deviceId = read(cells, 'deviceId');
  const meterId = read(cells, 'meterId') || null;
  const isLong = !hasHeader && cells.slice(2).some((cell) => cell !== '');
  const wrongId = DEVICE_ID.test(deviceId) ? null : NO_DEVICE;
  return { line, raw, deviceId, meterId, fault: record.fault ?? (isLong ? TOO_MANY : wrongId) };
}

/** The API finds what a call has twice, but a long list takes several calls. */
function markRepeated(lines: Line[], column: Column): void {
  const first = new Map<string, number>();
  for (const one of lines) {
    const id = one[column];
    if (!id || one.fault !== null) continue;
    const before = first.get(id);
    if (before === undefined) first.set(id, one.line);
    else one.fault = `This ${column} is already in line ${before}. Give each once.`;
  }
}

/** Reads a list: with a line that names the columns or without, in any usual spelling. */
export function readList(text: string): DeviceList {
  const records = recordsIn(text).filter((record) => !isEmpty(record));
  const columns = columnsIn(records[0]);
  const read: Read = (cells, column) =>
    cells[columns ? (columns.get(column) ?? -1) : ['deviceId', 'meterId'].indexOf(column)] ?? '';
  const rows = columns ? records.slice(1) : records;
  const lines = rows.map((record) => lineOf(record, read, columns !== null));
  markRepeated(lines, 'deviceId');
  markRepeated(lines, 'meterId');
  const used = [...(columns?.values() ?? [])];
  const names = columns ? (records[0]?.cells ?? []) : [];
  return {
    lines,
    header: columns ? (records[0]?.raw ?? null) : null,
    ignored: names.filter((name, at) => name !== '' && !used.includes(at)),
  };
}
