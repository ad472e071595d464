/** Headers that all faces set in the same way. */

/** For responses that no cache may keep. */
export const NO_STORE = { 'Cache-Control': 'no-store' };

/**
 * How many seconds to wait: the period of the rate limits, and about the time that a store is away.
 */
export const RETRY_SECONDS = { LIMITED: 60, UNAVAILABLE: 5 };

/** The header that says in how many seconds to try again (RFC 9110, section 10.2.3). */
export const retryAfter = (seconds: number) => ({ 'Retry-After': String(seconds) });

const REALM = 'realm="latchkey"';

/**
 * RFC 6750, section 3: `error` is for a credential that was sent, and names what is wrong with it.
 */
export const challengeBearer = (error?: 'invalid_token' | 'insufficient_scope') => ({
  'WWW-Authenticate': `Bearer ${REALM}${error === undefined ? '' : `, error="${error}"`}`,
});

/** RFC 7617, section 2.1. */
export const CHALLENGE_BASIC = { 'WWW-Authenticate': `Basic ${REALM}, charset="UTF-8"` };
