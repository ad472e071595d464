/** Stand-ins for D1. */

/** What has two of its methods, in a session as well as without one. */
export function inSessions(db: {
  prepare(sql: string): unknown;
  batch(statements: never[]): Promise<unknown>;
}): D1Database {
  const session = { ...db, getBookmark: () => null };
  return { ...db, withSession: () => session } as unknown as D1Database;
}
