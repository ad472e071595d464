/** E-mail addresses, as RFC 5321 and RFC 6531 have them. */

export interface Address {
  /**
   * What it is compared by: the domain in its ASCII form, the local part without case and without
   * quotes that it does not need (RFC 5321, section 4.1.2).
   */
  key: string;
  /** As it was given, in lower case; null: that is the key. */
  given: string | null;
}

/** In bytes: RFC 5321, section 4.5.3.1. */
const MAX_LOCAL = 64;
const MAX = 254;

const ATOM = "[\\w!#$%&'*+\\-/=?^`{|}~\\u{80}-\\u{10ffff}]+";
const DOT_STRING = new RegExp(`^${ATOM}(\\.${ATOM})*$`, 'u');
const QUOTED = /^"(?:[^"\\]|\\.)*"$/u;
const DOMAIN = /^[\w.\-\u{80}-\u{10ffff}]+$/u;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** A name with a dot, whose last label is no number, as in an address of IPv4. */
const HOST = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`);

const bytesOf = (text: string): number => Buffer.byteLength(text);

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);

/**
 * Blanks, and what nobody sees: with it and without it would be two addresses that look the same. So
 * are the joiners that some scripts write.
 */
const hasInvisible = (text: string): boolean =>
  /[\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u.test(text.replaceAll(' ', ''));

/** Such as the Kelvin sign, or a full-width letter: it is not ASCII, and becomes so. */
const passesForAscii = (character: string): boolean =>
  !isAscii(character) && isAscii(character.normalize('NFKC').toLowerCase());

/**
 * Of a letter's cases, one: letters that are written alike in capitals, as `ς`, `σ` and `ϐ`, `β` are,
 * become the same. Not what would be two letters then, as `ß`, nor what would pass for ASCII, as `ı`.
 */
function foldLetter(letter: string): string {
  const small = letter.toUpperCase().toLowerCase();
  return [...small].length > 1 || isAscii(small) ? letter.toLowerCase() : small;
}

/** Of Unicode's two ways to write `é`, and of all letter cases, one. */
const fold = (text: string): string =>
  [...text.normalize('NFC')].map(foldLetter).join('').normalize('NFC');

function keyOfLocal(local: string): string | null {
  if (bytesOf(local) > MAX_LOCAL || [...local].some(passesForAscii)) return null;
  if (DOT_STRING.test(local)) return fold(local);
  if (!QUOTED.test(local)) return null;
  const bare = local.slice(1, -1).replace(/\\(.)/gu, '$1');
  return fold(DOT_STRING.test(bare) ? bare : `"${bare.replace(/["\\]/g, '\\$&')}"`);
}

/** The host of a URL is in its ASCII form; undefined for what is no host. */
const hostOf = (host: string): string | undefined => URL.parse(`http://${host}`)?.hostname;

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]`. */
function keyOfLiteral(domain: string): string | null {
  const [, ipv4, ipv6] = /^\[(?:([\d.]+)|ipv6:([\da-f:.]+))\]$/i.exec(domain) ?? [];
  if (ipv4 !== undefined) return hostOf(ipv4) === ipv4 ? domain : null;
  return (ipv6 && hostOf(`[${ipv6}]`)?.replace('[', '[ipv6:')) ?? null;
}

function keyOfDomain(domain: string): string | null {
  if (domain.startsWith('[')) return keyOfLiteral(domain);
  // What else a URL may have (a port, a path, escapes) is none of a domain's.
  const host = DOMAIN.test(domain) ? hostOf(domain) : undefined;
  return host !== undefined && HOST.test(host) ? host : null;
}

/** An e-mail address; null for what is none. */
export function readAddress(text: string): Address | null {
  const at = text.lastIndexOf('@');
  if (at < 1 || bytesOf(text) > MAX || hasInvisible(text)) return null;
  const local = keyOfLocal(text.slice(0, at));
  const domain = local === null ? null : keyOfDomain(text.slice(at + 1));
  if (domain === null) return null;
  const key = `${local}@${domain}`;
  const given = text.toLowerCase();
  return { key, given: given === key ? null : given };
}

/**
 * What the refusal of a text that is no address adds, with a blank before it, where it seems to have
 * been one before a form took its "+" for a blank.
 */
export const adviceOnAddress = (text: string): string =>
  /^[^@]* [^@]*@/.test(text) && readAddress(text.trim().replaceAll(' ', '+'))
    ? ' In a form, "+" is written "%2B": as it is, it comes to be a blank.'
    : '';

/**
 * What the key of each address begins with that begins with `text`: all of that, or, where its domain
 * has letters that are not ASCII, what comes before that label. Null: no address begins so.
 */
export function startOfKey(text: string): { start: string; isAll: boolean } | null {
  const isAll = !/@.*[^ -~]/su.test(text);
  const start = isAll ? text : (/^[^@]*@(?:[ -~]*\.)?/u.exec(text)?.[0] ?? '');
  return [...start].some(passesForAscii) ? null : { start: fold(start), isAll };
}

/**
 * What an address that somebody is looked for by is compared with. What is no address is looked for
 * as it is: nobody has it.
 */
export const addressKey = (text: string): string => readAddress(text)?.key ?? text;
