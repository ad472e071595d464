/** What an isolate keeps from one request to the next. */
import { createHmac } from 'node:crypto';
import { parse } from 'graphql';
import { minted } from '../secrets.ts';
import { statements } from '../statements.ts';
import { env } from '../world.ts';

type Collection = Map<unknown, unknown> | Set<unknown>;

/** The tests' own. */
const notes = new Set<Collection>([minted, statements]);

const { set } = Map.prototype;
const { add } = Set.prototype;

/** Looks at every map and set that something is put into, until its end. */
export class Census {
  readonly #noted = new Map<Collection, { keys: Set<unknown>; requests: Set<number> }>();
  #request = 0;
  #isOpen = false;

  constructor() {
    const note = (collection: Collection, key: unknown) => this.#note(collection, key);
    Map.prototype.set = function (key, value) {
      note(this, key);
      return set.call(this, key, value);
    };
    Set.prototype.add = function (value) {
      note(this, value);
      return add.call(this, value);
    };
  }

  #note(collection: Collection, key: unknown): void {
    if (!this.#isOpen || notes.has(collection)) return;
    // Its own notes are none to note.
    this.#isOpen = false;
    const noted = this.#noted.get(collection) ?? { keys: new Set(), requests: new Set() };
    noted.keys.add(key);
    noted.requests.add(this.#request);
    this.#noted.set(collection, noted);
    this.#isOpen = true;
  }

  /** What is done for one request. */
  async during<Value>(act: () => Promise<Value>): Promise<Value> {
    this.#request++;
    this.#isOpen = true;
    return act().finally(() => {
      this.#isOpen = false;
    });
  }

  end(): void {
    Object.assign(Map.prototype, { set });
    Object.assign(Set.prototype, { add });
  }

  /**
   * The keys that are still in what more than one request had a hand in, and which outlives them.
   */
  shared(): unknown[] {
    return [...this.#noted]
      .filter(([, { requests }]) => requests.size > 1)
      .flatMap(([collection, { keys }]) => [...keys].filter((key) => collection.has(key)));
  }
}

const isGenuine = (token: string): boolean =>
  createHmac('sha256', env.TOKEN_SECRETS)
    .update(token.slice(0, -20))
    .digest('hex')
    .startsWith(token.slice(-20));

function succeeds(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** In characters. */
const SHORT = 4_000;

/**
 * What the refusal of a credential adds by its looks: one of some twenty sentences of ours, which
 * repeat nothing of it.
 */
const ADVICE = /^ (Is|It|Our|Put|The|There|This)\b[^\n]{10,120}[.?]$/;

/** The refusal of a call from elsewhere, or with two credentials: by its face, in words of ours. */
const AT_THE_DOOR = /^(rest|graphql) (application\/[\w.+-]+)? (Only|The) [^\n]{80,120}\.$/;

/** A module that the test runner loads while requests are under way. */
const RUNNER = /^ssr\W.*\.[jt]s$/s;

/**
 * Tokens and ids that were issued here, companies, short documents that can be read, time zones
 * that there are, advice.
 */
export const isWorthKeeping = (key: unknown, issued: ReadonlySet<string>): boolean =>
  typeof key === 'string' &&
  (issued.has(key) ||
    ADVICE.test(key) ||
    AT_THE_DOOR.test(key) ||
    RUNNER.test(key) ||
    (/^lk_/.test(key) && isGenuine(key)) ||
    (key.length <= SHORT && succeeds(() => parse(key))) ||
    succeeds(() => new Intl.DateTimeFormat('en', { timeZone: key })));
