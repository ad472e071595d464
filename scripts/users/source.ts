/** The content of a file of users, in either format. */

/** A user to import, and its place in the file. */
export interface Source {
  /** The line in which it begins, from 1. */
  line: number;
  /** The line of JSON to send. */
  text: string;
  /** Its rows, if the file has rows. */
  rows?: string[][];
  /** Why it cannot be sent. */
  fault?: string;
}

/** What was skipped in a file. */
export interface Skipped {
  /** Rows of empty cells, which spreadsheets leave at the end. */
  empty: number;
  /** The lines in which the header is repeated. */
  headers: number[];
}

export interface UsersFile {
  /** The extension of the file of refused users. */
  extension: 'csv' | 'ndjson';
  /** Starts from the first user each time. Counts in `skipped`. */
  sources(skipped: Skipped): AsyncIterable<Source>;
  /** The beginning of such a file. */
  heading: string;
  /**
   * A refused user as text for such a file, with the reason, so that it can be corrected and
   * imported.
   */
  keep(source: Source, errors: Failure[]): string;
}

/** An error in the response of an import. */
export interface Failure {
  code: string;
  path: string[];
  message: string;
}

/** What is wrong with the file as a whole. */
export class BadFile extends Error {}

/** An error as a sentence: where it is, and what it is. */
export const sentenceOf = ({ path, message }: Failure): string =>
  path.length > 0 ? `${path.join('.')}: ${message}` : message;
