/** Case- and accent-insensitive names for search: plain letters also find those with accents. */

/** Letters that Unicode normalization leaves alone, and what people type for them. */
const PLAIN: Record<string, string> = {
  ...{ æ: 'ae', œ: 'oe', ß: 'ss', þ: 'th', ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't' },
  ...{ ı: 'i', ŋ: 'n', ς: 'σ', '’': "'", ʼ: "'" },
};
const SPECIAL = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g');

/**
 * The name in lower case and without accents, for all alphabets. Vowel signs that belong to a
 * script, as in Indian scripts, stay: only marks that any script can use are dropped.
 */
export const foldName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{Script=Inherited}/gu, '')
    .toLowerCase()
    .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter);

/** The folded name. Null if it equals the name in lower case, which SQL can compute. */
export const storedFold = (name: string): string | null =>
  /^[ -~]*$/.test(name) ? null : foldName(name);
