/** What the plugin keeps to itself. */
declare module 'cloudflare:test-internal' {
  /**
   * Resolves when all that was given to `waitUntil` so far has come to its end; throws what failed
   * of it.
   */
  export function waitForGlobalWaitUntil(): Promise<void>;
}
