/**
 * Replaces graphql's channels of `node:diagnostics_channel`. Nobody listens to them here, and
 * opening them took a fifth of the Worker's start. See `[alias]` in `wrangler.toml`.
 */
export const parseChannel = undefined;
export const validateChannel = undefined;
export const executeChannel = undefined;
export const executeVariableCoercionChannel = undefined;
export const executeRootSelectionSetChannel = undefined;
export const subscribeChannel = undefined;
export const resolveChannel = undefined;

export const shouldTrace = (): boolean => false;

/** Runs a function without tracing. */
export const traceMixed = <Result>(_channel: unknown, _input: unknown, work: () => Result) =>
  work();
