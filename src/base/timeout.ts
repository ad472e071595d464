/** Waiting with a time limit. */

/**
 * The result of `promise`, or `late` if it takes more than `ms` milliseconds. The promise itself
 * goes on.
 */
export const withTimeout = <Value, Late>(
  ms: number,
  promise: Promise<Value>,
  late: Late,
): Promise<Value | Late> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, late);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (fault) => {
        clearTimeout(timer);
        reject(fault);
      },
    );
  });
