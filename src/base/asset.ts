/**
 * Files that the Worker serves from or looks things up in, and that are not in its bundle. They are
 * among its static assets, and are read when first needed.
 */

import { Fault } from './faults.ts';
import { withTimeout } from './timeout.ts';

/** In milliseconds. Reading an asset usually takes a few. */
const PATIENCE_MS = 3_000;

/** The binding that reads assets. */
export type Assets = Pick<Fetcher, 'fetch'>;

const unreadable = (cause: unknown): Fault =>
  new Fault('UNAVAILABLE', 'A file of the service cannot be read. Try again in a moment.', {
    cause,
  });

/** One asset file. An isolate reads it once. */
export class Asset<Value> {
  readonly #path: string;
  readonly #read: (file: Response) => Promise<Value>;
  #value: Value | undefined;

  /** `path` begins with a slash. `scripts/assets.ts` puts the file there. */
  constructor(path: string, read: (file: Response) => Promise<Value>) {
    this.#path = path;
    this.#read = read;
  }

  /**
   * The parsed content of the file. Throws UNAVAILABLE if it cannot be read; the next call tries
   * again.
   */
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
    // The host does not matter: the path names the asset.
    const file = await assets.fetch(`http://assets.local${this.#path}`);
    if (!file.ok) throw new Error(`${this.#path} is not among the assets: ${file.status}`);
    return this.#read(file);
  }
}
