/** What a file of users gives, whichever of its formats it has. */

/** A user to import, and where the file has it. */
export interface Source {
  /** Where it begins, from 1 on. */
  line: number;
  /** As it is sent: one line of JSON. */
  text: string;
  /** Its rows, of a file that has rows. */
  rows?: string[][];
  /** Why it cannot be sent. */
  fault?: string;
}

/** What a file has besides users. */
export interface Skipped {
  /** Rows of empty cells, as spreadsheets leave them at the end. */
  empty: number;
  /** The lines in which the first row comes again. */
  headers: number[];
}

export interface UsersFile {
  /** The ending of the file that keeps what was refused. */
  extension: 'csv' | 'ndjson';
  /** From the first on, each time. Counts in `skipped`. */
  sources(skipped: Skipped): AsyncIterable<Source>;
  /** What such a file begins with. */
  heading: string;
  /** A refused user as text for such a file: with the reason, and so that it can be mended and imported. */
  keep(source: Source, errors: Failure[]): string;
}

/** As an import answers it. */
export interface Failure {
  code: string;
  path: string[];
  message: string;
}

/** What is wrong with a file as such, in a sentence. */
export class BadFile extends Error {}

/** A fault in words: where it is, and what it is. */
export const sentenceOf = ({ path, message }: Failure): string =>
  path.length > 0 ? `${path.join('.')}: ${message}` : message;
