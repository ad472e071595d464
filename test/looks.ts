/**
 * Credentials by their form, as their sender sees them. Those of the same form get the same
 * refusal.
 */

/** The same for good ones and bad ones. */
export function looksOf(credential: string | null): string {
  const [, kind, rest = ''] = /^lk_(key|ses|con|rst|op)_([\w-]*)$/.exec(credential ?? '') ?? [];
  if (kind === undefined) return String(credential);
  const isWhole = kind === 'op' || /^[0-9A-Za-z]{40}[0-9a-f]{20}$/.test(rest);
  return isWhole ? kind : `${kind}, not whole`;
}
