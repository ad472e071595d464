/**
 * Rows of CSV, one per permission of a user, and the import line that the rows of one user make.
 */
import { type Column, fold } from './header.ts';
import type { Source } from './source.ts';

const LISTS: Record<string, string> = {
  '': 'devicePermissions',
  view: 'devicePermissions',
  charge: 'chargingPermissions',
};

const BOOLEANS: Record<string, boolean> = { true: true, '1': true, false: false, '0': false };

export interface Row {
  line: number;
  cells: string[];
  /** As in the file, with spaces around it: with and without them it names two users. */
  externalId: string;
  suspended?: boolean | string | undefined;
  permission?: { list: string; device: string; expiresAt: string } | undefined;
  fault?: string | undefined;
}

export function rowOf(line: number, cells: string[], columns: Column[]): Row {
  const cell = (name: Column): string => cells[columns.indexOf(name)]?.trim() ?? '';
  const externalId = cell('externalId') && (cells[columns.indexOf('externalId')] ?? '');
  if (cells.length !== columns.length) {
    const fault = `The row has ${cells.length} columns, and the first one ${columns.length}.`;
    return { line, cells, externalId, fault };
  }
  if (cells.some((text, at) => columns[at] === '' && text.trim() !== '')) {
    return { line, cells, externalId, fault: 'The row has a cell in a column without a name.' };
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

/** Why the rows of one user cannot be sent. */
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

/** The cells of a row without the reason for which an earlier import refused it. */
export const withoutReason = (cells: string[], columns: Column[]): string[] =>
  cells.filter((_, at) => columns[at] !== 'reason');

/**
 * The rows of one user as one line. Errors that the server explains better are sent as they are.
 */
export function sourceOf(rows: Row[], columns: Column[]): Source {
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
