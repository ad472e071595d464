/** Waiting no longer than is worth it. */

/** What `promise` comes to, or `late` when that takes more than `ms` milliseconds. The promise itself goes on. */
export const within = <Value, Late>(
  ms: number,
  promise: Promise<Value>,
  late: Late,
): Promise<Value | Late> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
