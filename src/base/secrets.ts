/** Hashes of secrets, and their comparison. */

const encoder = new TextEncoder();

/** A text as UTF-8. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** SHA-256, base64url. Fit for random secrets, which need no slow hash; not for passwords. */
export async function hashSecret(secret: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytesOf(secret))).toString('base64url');
}

/**
 * Compares hashes in a time that depends on their length only. By hand: `timingSafeEqual` wants both as buffers, and
 * making these takes longer than all else that a check does from memory.
 */
export function sameHash(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
