/** The tables of a session that is looked up in D1 at each check. */
export const SCHEMA = [
  'CREATE TABLE users (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL)',
  'CREATE TABLE sessions (id TEXT PRIMARY KEY, hash TEXT NOT NULL, user_id INTEGER NOT NULL, ' +
    'expires_at INTEGER NOT NULL)',
  'CREATE TABLE grants (user_id INTEGER NOT NULL, device TEXT NOT NULL, PRIMARY KEY ' +
    '(user_id, device))',
];
