/** Limits of calls: none, one that refuses all, one that is exact, and one that cannot be asked. */

const asked = (limit: (key: string) => boolean | Promise<boolean>): RateLimit =>
  ({ limit: async ({ key }: RateLimitOptions) => ({ success: await limit(key) }) }) as RateLimit;

export const unlimited = asked(() => true);

export const refusing = asked(() => false);

export const limitAway = asked(() => Promise.reject(new Error('away')));

export interface Limit {
  binding: RateLimit;
  /** How often each key was asked about. */
  keys: Map<string, number>;
}

/** So many of a key, in all the time that there is. */
export function limitOf(most: number): Limit {
  const keys = new Map<string, number>();
  const binding = asked((key) => {
    const many = (keys.get(key) ?? 0) + 1;
    keys.set(key, many);
    return many <= most;
  });
  return { binding, keys };
}
