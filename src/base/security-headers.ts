/** Security headers: what a browser may do with a response. */
import { NO_STORE } from './response-headers.ts';

const CSP = 'Content-Security-Policy';

/** For every response: no framing, no plug-ins, no form targets, no other base URL. */
const ALWAYS =
  "object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors " +
  "'none'";

/**
 * For pages with scripts: everything comes from this origin, and goes nowhere else. The scripts
 * compile code and start workers.
 */
export const SAME_ORIGIN_ONLY = {
  [CSP]:
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; " +
    `style-src 'self' 'unsafe-inline'; ${ALWAYS}`,
};

/**
 * For the pages of the console: scripts and styles are files of this origin, and nothing is inline.
 * No text becomes a script (Trusted Types). Their forms are sent by script alone.
 */
export const CONSOLE_PAGE = {
  [CSP]:
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
    "connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; " +
    ALWAYS,
};

/** For a page without scripts, whose style and icon are inline. */
export const NO_SCRIPTS = {
  [CSP]: `default-src 'none'; img-src data:; style-src 'unsafe-inline'; ${ALWAYS}`,
};

/** For responses that are not pages, in case a browser shows one. */
const NO_PAGE = { [CSP]: `default-src 'none'; ${ALWAYS}` };

/** Hardening headers (OWASP, HTTP Security Response Headers). */
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

/** For private responses that are not pages. */
const PRIVATE = Object.entries({ ...NO_STORE, ...NO_PAGE });

/**
 * Adds the headers that every response has. Responses are private and not pages unless a handler
 * says otherwise. `/verify` does without them: proxies do not need them.
 */
export function setSecurityHeaders(headers: Headers): void {
  for (const [name, value] of SECURE) headers.set(name, value);
  for (const [name, value] of PRIVATE) {
    if (!headers.has(name)) headers.set(name, value);
  }
}
