/**
 * What an invocation does behind its answer, and how a test waits for it. It does what
 * `cloudflare:test` does, without a timer and a look at the stack for each of thousands of calls.
 */

const behind = new WeakMap<ExecutionContext, Promise<unknown>[]>();

export function createExecutionContext(): ExecutionContext {
  const works: Promise<unknown>[] = [];
  const context: ExecutionContext = {
    ...({ props: {}, passThroughOnException() {} } as ExecutionContext),
    waitUntil: (work) => works.push(work),
  };
  behind.set(context, works);
  return context;
}

/** Waits until nothing is under way. Throws what failed first. */
export async function waitOnExecutionContext(context: ExecutionContext): Promise<void> {
  const works = behind.get(context) ?? [];
  const failed: unknown[] = [];
  while (works.length > 0) {
    const settled = await Promise.allSettled(works.splice(0));
    failed.push(...settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])));
  }
  if (failed.length > 0) throw failed[0];
}
