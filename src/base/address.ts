/** E-mail addresses, by RFC 5321 and RFC 6531. */

export interface Address {
  /**
   * The form used to compare addresses: the domain in ASCII, the local part in lower case and
   * without needless quotes (RFC 5321, section 4.1.2).
   */
  key: string;
  /** The address as it was entered, in lower case. Null if that is the same as `key`. */
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
/**
 * A host name with at least one dot. The last label is not a number, so an IPv4 address does not
 * match.
 */
const HOST = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`);

const bytesOf = (text: string): number => Buffer.byteLength(text);

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);

/**
 * Spaces and invisible characters. Two addresses that differ only in these would look the same. The
 * joiners that some scripts use count too.
 */
const hasInvisible = (text: string): boolean =>
  /[\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u.test(text.replaceAll(' ', ''));

/**
 * A character such as the Kelvin sign or a full-width letter: it is not ASCII, but normalizes to
 * ASCII.
 */
const passesForAscii = (character: string): boolean =>
  !isAscii(character) && isAscii(character.normalize('NFKC').toLowerCase());

/**
 * Folds a letter to one case. Letters that share a capital, such as `ς` and `σ`, or `ϐ` and `β`,
 * become the same. A letter whose capital has two letters (`ß`) or that would turn into ASCII (`ı`)
 * is only lower-cased.
 */
function foldLetter(letter: string): string {
  const small = letter.toUpperCase().toLowerCase();
  return [...small].length > 1 || isAscii(small) ? letter.toLowerCase() : small;
}

/** Folds letter case, and Unicode's two ways to write `é`, into one form. */
const fold = (text: string): string =>
  [...text.normalize('NFC')].map(foldLetter).join('').normalize('NFC');

function keyOfLocal(local: string): string | null {
  if (bytesOf(local) > MAX_LOCAL || [...local].some(passesForAscii)) return null;
  if (DOT_STRING.test(local)) return fold(local);
  if (!QUOTED.test(local)) return null;
  const bare = local.slice(1, -1).replace(/\\(.)/gu, '$1');
  return fold(DOT_STRING.test(bare) ? bare : `"${bare.replace(/["\\]/g, '\\$&')}"`);
}

/** The host in its ASCII form, as a URL has it. Undefined for an invalid host. */
const hostOf = (host: string): string | undefined => URL.parse(`http://${host}`)?.hostname;

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]`. */
function keyOfLiteral(domain: string): string | null {
  const [, ipv4, ipv6] = /^\[(?:([\d.]+)|ipv6:([\da-f:.]+))\]$/i.exec(domain) ?? [];
  if (ipv4 !== undefined) return hostOf(ipv4) === ipv4 ? domain : null;
  return (ipv6 && hostOf(`[${ipv6}]`)?.replace('[', '[ipv6:')) ?? null;
}

function keyOfDomain(domain: string): string | null {
  if (domain.startsWith('[')) return keyOfLiteral(domain);
  // A port, a path or percent-escapes are valid in a URL but not in an e-mail domain.
  const host = DOMAIN.test(domain) ? hostOf(domain) : undefined;
  return host !== undefined && HOST.test(host) ? host : null;
}

/** Parses an e-mail address. Null if the text is not one. */
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

const partsOf = (address: string): string[] => {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1)];
};

/**
 * The mailbox of an address, as a mail service takes it: the local part as entered, the domain in
 * ASCII. Null for a quoted local part and for the number of a host: what mail services read in them
 * differs, so no mail is sent there.
 */
export function mailboxOf({ key, given }: Address): string | null {
  const [local = '', domain = ''] = partsOf(key);
  const [entered = ''] = partsOf(given ?? key);
  if (local.startsWith('"') || domain.startsWith('[')) return null;
  return `${entered.startsWith('"') ? local : entered}@${domain}`;
}

/**
 * The inbox behind an address, by its key: without a tag after "+" and without dots, which many
 * services ignore. For limits only, since elsewhere two people may have these addresses.
 */
export function inboxOf(key: string): string {
  const [local = '', domain = ''] = partsOf(key);
  const plain = local.replace(/(?!^)\+.*/su, '').replaceAll('.', '');
  return `${plain}@${domain}`;
}

/**
 * The hint for a text that is not an address, with a leading space. It is for a "+" that a form
 * decoded as a space. Empty if the text does not look like that.
 */
export const adviceOnAddress = (text: string): string =>
  /^[^@]* [^@]*@/.test(text) && readAddress(text.trim().replaceAll(' ', '+'))
    ? ' In a form, write "+" as "%2B": otherwise it becomes a space.'
    : '';

/**
 * The start of the key of every address that begins with `text`. `isAll` is false if the domain has
 * letters outside ASCII: then `start` ends before that label. Null if no address begins with
 * `text`.
 */
export function startOfKey(text: string): { start: string; isAll: boolean } | null {
  const isAll = !/@.*[^ -~]/su.test(text);
  const start = isAll ? text : (/^[^@]*@(?:[ -~]*\.)?/u.exec(text)?.[0] ?? '');
  return [...start].some(passesForAscii) ? null : { start: fold(start), isAll };
}

/**
 * The key to look an address up by. A text that is not an address is returned unchanged: no user
 * has it.
 */
export const addressKey = (text: string): string => readAddress(text)?.key ?? text;
