/** Answers that may be there already: who waits for such a one anyway gives its turn away. */

export type MaybePromise<Value> = Value | Promise<Value>;

/** What `next` makes of a value: at once where that is there. */
export const chain = <Value, Next>(
  value: MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Next>,
): MaybePromise<Next> => (value instanceof Promise ? value.then(next) : next(value));
