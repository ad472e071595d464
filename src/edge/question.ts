/** What a service asks of a token. It fails closed: a question that is not wholly understood is never answered with yes. */
import { quote } from '../base/sentences.ts';
import { readId } from '../base/text.ts';
import type { PermissionKind } from '../domain/entities/permission.ts';
import type { Granted, Question } from '../domain/entities/session.ts';
import type { Consistency } from '../domain/sessions/resolve.ts';

export interface Asked {
  question?: Question;
  consistency: Consistency;
  /** Why the question is none, as a sentence for whoever wrote it. */
  odd?: string;
}

/** No tenant has this id. */
export const NOBODY = 0;

/** What a yes is about, in the words of the question. A service reads it here, and not from a path. */
export interface Named {
  device?: string;
  station?: string;
  permission: PermissionKind;
}

/** A station is only looked at. */
export const nameOf = (granted: Granted): Named =>
  'stationId' in granted
    ? { station: String(granted.stationId), permission: 'VIEW' }
    : { device: granted.deviceId, permission: granted.permission };

export const odd = (sentence: string): Asked => ({ consistency: 'FAST', odd: sentence });

const WORDS = ['device', 'meter', 'station', 'permission', 'consistency'] as const;
type Word = (typeof WORDS)[number];

const isWord = (name: string): name is Word => (WORDS as readonly string[]).includes(name);

/** `strict` asks D1, `fast` (or nothing) the copies; null is neither. */
export function readConsistency(value: string | undefined): Consistency | null {
  if (value === undefined || value === 'fast') return 'FAST';
  return value === 'strict' ? 'STRICT' : null;
}

/** Reads a question from the pairs of a query string, or of an object. */
export function readQuestion(pairs: Iterable<[string, string]>): Asked {
  const given: Partial<Record<Word, string>> = {};
  for (const [name, value] of pairs) {
    if (!isWord(name)) return odd(`"${quote(name)}" is none of ${WORDS.join(', ')}.`);
    if (given[name] !== undefined) return odd(`"${name}" is given more than once.`);
    if (value === '') return odd(`"${name}" is empty.`);
    if (!value.isWellFormed()) return odd(`"${name}" is not well-formed Unicode.`);
    given[name] = value;
  }
  const consistency = readConsistency(given.consistency);
  if (!consistency) return odd('"consistency" is neither "fast" nor "strict".');

  const { device, meter, station, permission = 'VIEW' } = given;
  if ([device, meter, station].filter((subject) => subject !== undefined).length > 1) {
    return odd('Only one of device, meter and station can be asked about.');
  }
  if (permission !== 'VIEW' && permission !== 'CHARGE') {
    return odd('"permission" is neither "VIEW" nor "CHARGE".');
  }
  if (device !== undefined) return { consistency, question: { deviceId: device, permission } };
  if (meter !== undefined) return { consistency, question: { meterId: meter, permission } };
  if (station === undefined) {
    return given.permission === undefined
      ? { consistency }
      : odd('"permission" is given without a device or meter.');
  }
  if (permission === 'CHARGE') return odd('A station has no "CHARGE".');
  const stationId = readId(station);
  return stationId === null
    ? odd('"station" is not an id: a decimal integer below 2^53.')
    : { consistency, question: { stationId } };
}
