/** The paths of the console. */

/** The APIs, with the cookie as the credential. */
export const API = '/console/api';
export const SESSION = '/console/session';
export const FACTORS = '/console/factors';
/** Static files, which are served without the Worker. It sees those that are missing. */
export const ASSETS = '/console/assets';

/** Whether a path is this place, or below it. */
export const isAt = (path: string, place: string): boolean =>
  path === place || path.startsWith(`${place}/`);

/** Whether the credential for a path is in the cookie. */
export const isConsolePath = (path: string): boolean => isAt(path, '/console');
