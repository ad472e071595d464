/** Names as they are searched: whoever types plain letters finds those with accents too. */

/** Letters that Unicode does not take apart, by what people type for them. */
const PLAIN: Record<string, string> = {
  ...{ æ: 'ae', œ: 'oe', ß: 'ss', þ: 'th', ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't' },
  ...{ ı: 'i', ŋ: 'n', ς: 'σ', '’': "'", ʼ: "'" },
};
const SPECIAL = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g');

/**
 * In lower case and without accents, in letters of all alphabets. A vowel that a script writes as a
 * mark, as those of India do, stays: only what is put on letters of any script goes.
 */
export const foldName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{Script=Inherited}/gu, '')
    .toLowerCase()
    .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter);

/** The folded name, where it is more than the name in lower case: SQL can do that much. */
export const storedFold = (name: string): string | null =>
  /^[ -~]*$/.test(name) ? null : foldName(name);
