/** Hashes of secrets, and their comparison. */

const encoder = new TextEncoder();

/** A text as UTF-8. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** SHA-256 in base64url. For random secrets, which need no slow hash. Not for passwords. */
export async function hashSecret(secret: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytesOf(secret))).toString('base64url');
}

/**
 * Compares two hashes in a time that depends on their length only. `timingSafeEqual` needs buffers,
 * and making them would take longer than the rest of a cached token check.
 */
export function sameHash(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
