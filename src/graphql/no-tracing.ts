/**
 * Stands for graphql's channels of `node:diagnostics_channel`, to which nobody listens here: to open
 * them took a fifth of the Worker's start. See `[alias]` in `wrangler.toml`.
 */
export const parseChannel = undefined;
export const validateChannel = undefined;
export const executeChannel = undefined;
export const executeVariableCoercionChannel = undefined;
export const executeRootSelectionSetChannel = undefined;
export const subscribeChannel = undefined;
export const resolveChannel = undefined;

export const shouldTrace = (): boolean => false;

/** What is not traced is done as it is. */
export const traceMixed = <Result>(_channel: unknown, _input: unknown, work: () => Result) =>
  work();
