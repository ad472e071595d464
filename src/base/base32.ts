/** Bytes as letters and digits, five bits each. Nothing pads: whoever calls has whole groups. */

/** As RFC 4648 has it, section 6: what authenticator apps read. */
export const RFC_4648 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Crockford’s, for people: without I, L, O and U. */
export const FOR_PEOPLE = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `bytes` in an alphabet of 32. Their number must be a multiple of five. */
export function base32(bytes: Uint8Array, alphabet: string): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 5; ) {
      held -= 5;
      text += alphabet[(bits >> held) & 31];
    }
    bits &= (1 << held) - 1;
  }
  return text;
}
