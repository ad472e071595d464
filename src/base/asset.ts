/** Tables that the Worker does not carry: files among its own assets, which are read when they are first needed. */

import { Fault } from './faults.ts';
import { withTimeout } from './timeout.ts';

/** In milliseconds: it would be a matter of a few. */
const PATIENCE_MS = 3_000;

/** What reads assets. */
export type Assets = Pick<Fetcher, 'fetch'>;

const unreadable = (cause: unknown): Fault =>
  new Fault('UNAVAILABLE', 'A table of the service cannot be read. Try again in a moment.', {
    cause,
  });

/** One file, which an isolate reads once. */
export class Asset<Value> {
  readonly #path: string;
  readonly #read: (file: Response) => Promise<Value>;
  #value: Value | undefined;

  /** `path` begins with a slash; `scripts/assets.ts` puts the file there. */
  constructor(path: string, read: (file: Response) => Promise<Value>) {
    this.#path = path;
    this.#read = read;
  }

  /** What the file holds. Throws a Fault, UNAVAILABLE, when it cannot be read: the next call tries again. */
  async from(assets: Assets): Promise<Value> {
    if (this.#value !== undefined) return this.#value;
    try {
      this.#value = await withTimeout(PATIENCE_MS, this.#fetch(assets), undefined);
    } catch (cause) {
      throw unreadable(cause);
    }
    if (this.#value === undefined) throw unreadable(`${this.#path} takes too long`);
    return this.#value;
  }

  async #fetch(assets: Assets): Promise<Value> {
    // Any host does: it is the path that names an asset.
    const file = await assets.fetch(`http://assets.local${this.#path}`);
    if (!file.ok) throw new Error(`${this.#path} is not among the assets: ${file.status}`);
    return this.#read(file);
  }
}
