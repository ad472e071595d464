/** Values that may be there already. Awaiting such a value would cost a turn of the event loop. */

export type MaybePromise<Value> = Value | Promise<Value>;

/** Applies `next` to a value: at once if the value is there, else when it comes. */
export const chain = <Value, Next>(
  value: MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Next>,
): MaybePromise<Next> => (value instanceof Promise ? value.then(next) : next(value));
