/** What a browser may do with what it is given. */
import { NO_STORE } from './response-headers.ts';

const CSP = 'Content-Security-Policy';

/** No answer is framed, frames anything, holds plug-ins, sends a form or moves its own links. */
const ALWAYS =
  "object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Nothing on a page of ours comes from elsewhere, or goes there. Its scripts compile code and start workers. */
export const SAME_ORIGIN_ONLY = {
  [CSP]: `default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; ${ALWAYS}`,
};

/** A page without scripts, whose style and icon stand in it. */
export const NO_SCRIPTS = {
  [CSP]: `default-src 'none'; img-src data:; style-src 'unsafe-inline'; ${ALWAYS}`,
};

/** What is no page, should a browser be led to show it. */
const NO_PAGE = { [CSP]: `default-src 'none'; ${ALWAYS}` };

/** What browsers are kept from (OWASP, HTTP Security Response Headers). */
const SECURE = Object.entries({
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=15552000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-DNS-Prefetch-Control': 'off',
  'X-Download-Options': 'noopen',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'X-XSS-Protection': '0',
});

/** What is told to one caller, and is no page. */
const PRIVATE = Object.entries({ ...NO_STORE, ...NO_PAGE });

/** Puts into an answer what every one says, but those to proxies, and of what is private what it does not say otherwise. */
export function setSecurityHeaders(headers: Headers): void {
  for (const [name, value] of SECURE) headers.set(name, value);
  for (const [name, value] of PRIVATE) {
    if (!headers.has(name)) headers.set(name, value);
  }
}
