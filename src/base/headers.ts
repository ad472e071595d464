/** Headers that more than one place speaks of. */

/** What a client has seen of the database, in both directions. */
export const BOOKMARK = 'X-Latchkey-Bookmark';

/** The names of the fields that were sent and that the call does not know. */
export const IGNORED = 'X-Latchkey-Ignored';
