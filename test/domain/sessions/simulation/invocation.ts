/** The platform's limits for one invocation. */

const OPERATIONS = 1_000;
const CONNECTIONS = 6;

export class Invocation {
  #operations = 0;
  #open = 0;
  readonly #waiting: (() => void)[] = [];

  /** Counts a call to a store or the queue; throws past the last. */
  count(): void {
    if (++this.#operations > OPERATIONS) {
      throw new Error('Too many API requests by single Worker invocation.');
    }
  }

  /** Counts a call, which waits for a free connection. */
  async connect<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    this.count();
    if (this.#open === CONNECTIONS) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#open++;
    try {
      return await act();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#open--;
    }
  }

  /** Every method of a store takes a connection. */
  limit<Store extends object>(store: Store): Store {
    type Methods = Record<string | symbol, (...args: unknown[]) => Promise<unknown>>;
    return new Proxy(store, {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          this.connect(async () => (store as Methods)[name]?.(...args)),
    });
  }
}
