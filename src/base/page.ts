/** Pages for people. */

/** Nothing on a page of ours comes from elsewhere, or goes there. Its scripts compile code and start workers. */
export const FROM_HERE = {
  'Content-Security-Policy':
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
};
