/** An operation of any face, as the matrix calls it. */
import type { Rule } from '../../src/policy/rules.ts';
import type { IdWord } from '../operations/words.ts';

/** Where an id goes. */
export interface Place {
  at: string;
  word: IdWord;
  /**
   * Which of the items of a list: there, the others are mine. Elsewhere each of their ids is tried
   * in turn.
   */
  nth?: number | undefined;
}

/** Sends a request to a path, with a bearer credential if there is one. */
export type Send = (
  path: string,
  credential: string | null,
  init?: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> },
) => Promise<Response>;

export type ValueAt = (place: Place) => unknown;

/** One way to call an operation. */
export interface Shape {
  name: string;
  /** What its caller must be, in each of these. */
  rules: Rule[];
  /** Who calls it where it is to work. */
  by: readonly By[];
  /** Where somebody else's ids are tried. */
  places: Place[];
  /** It is refused with any value. */
  isRefused?: boolean;
  /** The tables in which the named user can see that the call was made. */
  notedIn?: string[];
  /** A caller with the right sees every tenant. */
  showsAll?: boolean;
  call(send: Send, credential: string | null, valueAt: ValueAt): Promise<Response>;
}

/**
 * `session`: of an end user and of members, each in turn; `member`: of members only; `chief`: of
 * one of level 1.
 */
export type By = 'key' | 'operator' | 'session' | 'member' | 'chief' | 'guest';

export interface Operation {
  name: string;
  /** The answer for a known caller without the right. */
  forbidden: 401 | 403;
  shapes: Shape[];
}
