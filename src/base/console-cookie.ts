/** The cookie that holds the console's session. */

import { isLoopback } from './loopback.ts';
import { DAY } from './time.ts';

/**
 * Browsers keep a cookie for 400 days at most (RFC 6265bis, section 5.5). D1 knows when the session
 * ends.
 */
export const LONGEST_MS = 400 * DAY;

interface Kind {
  name: string;
  attributes: string;
}

/**
 * The cookie of an origin. `__Host-` makes browsers refuse one that is not `Secure`, is from
 * another host, or is for a part of the site (RFC 6265bis, section 4.1.3.2). Without TLS, which
 * only this machine does without, the name has the port: cookies of all ports are sent to each.
 */
function kindFor(origin: string): Kind {
  const { protocol, hostname, port } = new URL(origin);
  const attributes = 'Path=/; HttpOnly; SameSite=Strict';
  return protocol === 'http:' && isLoopback(hostname)
    ? { name: `latchkey-${port || 80}`, attributes }
    : { name: '__Host-latchkey', attributes: `${attributes}; Secure` };
}

/** The header that sets the cookie for so many milliseconds. */
export function setCookie(origin: string, value: string, lifetime: number) {
  const { name, attributes } = kindFor(origin);
  const seconds = Math.floor(lifetime / 1_000);
  return { 'Set-Cookie': `${name}=${value}; Max-Age=${seconds}; ${attributes}` };
}

/** The header that takes the cookie away. */
export const clearCookie = (origin: string) => setCookie(origin, '', 0);

/**
 * The value of the cookie. Null if there is none, or more than one: then a browser has been given
 * another by somebody else.
 */
export function readCookie(header: string | null, origin: string): string | null {
  if (header === null) return null;
  const start = `${kindFor(origin).name}=`;
  const [found, ...others] = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start));
  return found === undefined || others.length > 0 ? null : found.slice(start.length);
}
