/** Headers that more than one place speaks of. */

/** What a client has seen of the database, in both directions. */
export const BOOKMARK = 'X-Latchkey-Bookmark';
