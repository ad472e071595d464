/**
 * Parses what a service asks about a token. It fails closed: a question that is not fully
 * understood never gets a yes.
 */
import { quote } from '../base/messages.ts';
import { readId } from '../base/text.ts';
import type { PermissionKind } from '../domain/entities/permission.ts';
import type { Granted, Question } from '../domain/entities/session.ts';
import type { Consistency } from '../domain/sessions/resolve.ts';

export interface ParsedQuestion {
  question?: Question;
  consistency: Consistency;
  /** Why the question is invalid, for whoever wrote it. */
  malformed?: string;
}

/** No tenant has this id. */
export const NOBODY = 0;

/**
 * What a yes is about, in the terms of the question. A service reads it here rather than from a
 * path.
 */
export interface GrantFields {
  device?: string;
  station?: string;
  permission: PermissionKind;
}

/** A station can only be viewed. */
export const grantFieldsOf = (granted: Granted): GrantFields =>
  'stationId' in granted
    ? { station: String(granted.stationId), permission: 'VIEW' }
    : { device: granted.deviceId, permission: granted.permission };

export const malformed = (sentence: string): ParsedQuestion => ({
  consistency: 'FAST',
  malformed: sentence,
});

const WORDS = ['device', 'meter', 'station', 'permission', 'consistency'] as const;
type Word = (typeof WORDS)[number];

const isWord = (name: string): name is Word => (WORDS as readonly string[]).includes(name);

/** `strict` asks D1, `fast` (the default) the copies. Null if it is neither. */
export function readConsistency(value: string | undefined): Consistency | null {
  if (value === undefined || value === 'fast') return 'FAST';
  return value === 'strict' ? 'STRICT' : null;
}

/** Parses a question from the pairs of a query string or of an object. */
export function readQuestion(pairs: Iterable<[string, string]>): ParsedQuestion {
  const given: Partial<Record<Word, string>> = {};
  for (const [name, value] of pairs) {
    if (!isWord(name)) return malformed(`"${quote(name)}" is none of ${WORDS.join(', ')}.`);
    if (given[name] !== undefined) return malformed(`"${name}" is given more than once.`);
    if (value === '') return malformed(`"${name}" is empty.`);
    if (!value.isWellFormed()) return malformed(`"${name}" is not well-formed Unicode.`);
    given[name] = value;
  }
  const consistency = readConsistency(given.consistency);
  if (!consistency) return malformed('"consistency" is neither "fast" nor "strict".');

  const { device, meter, station, permission = 'VIEW' } = given;
  if ([device, meter, station].filter((subject) => subject !== undefined).length > 1) {
    return malformed('Only one of device, meter and station can be asked about.');
  }
  if (permission !== 'VIEW' && permission !== 'CHARGE') {
    return malformed('"permission" is neither "VIEW" nor "CHARGE".');
  }
  if (device !== undefined) return { consistency, question: { deviceId: device, permission } };
  if (meter !== undefined) return { consistency, question: { meterId: meter, permission } };
  if (station === undefined) {
    return given.permission === undefined
      ? { consistency }
      : malformed('"permission" is given without a device or meter.');
  }
  if (permission === 'CHARGE') return malformed('A station has no "CHARGE".');
  const stationId = readId(station);
  return stationId === null
    ? malformed('"station" is not an id: a decimal integer below 2^53.')
    : { consistency, question: { stationId } };
}
