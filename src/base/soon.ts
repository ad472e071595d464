/** Answers that may be there already: who waits for such a one anyway gives its turn away. */

export type Soon<Value> = Value | Promise<Value>;

/** What `next` makes of a value: at once where that is there. */
export const when = <Value, Next>(
  value: Soon<Value>,
  next: (value: Value) => Soon<Next>,
): Soon<Next> => (value instanceof Promise ? value.then(next) : next(value));
