/** Reads a file of users once before anything is sent: whether it is whole, and what is worth a warning. */
import type { UsersFile } from './source.ts';

/** Warnings on the screen. */
const SHOWN = 10;

/** What tells two externalIds apart that look alike, by what is odd about one of them. */
const ODD: Record<string, (id: string) => boolean> = {
  'blanks around it': (id) => id !== id.trim(),
  // Format characters, which come along with text from pages and dialogs.
  'characters that nobody sees': (id) => /\p{Cf}/u.test(id),
  'letters whose accents are characters of their own (NFD)': (id) => id !== id.normalize('NFC'),
};

/** What would not be seen is written by its number. */
const shown = (id: string): string =>
  JSON.stringify(id.slice(0, 80)).replace(
    /[\p{M}\p{Cf}]|(?! )\p{Z}/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

function externalIdOf(text: string): string {
  try {
    const { externalId } = JSON.parse(text) ?? {};
    return typeof externalId === 'string' ? externalId : '';
  } catch {
    return '';
  }
}

/** What is odd about one that is imported as it stands. */
const oddnessOf = (id: string): string[] =>
  Object.keys(ODD).filter((oddness) => ODD[oddness]?.(id));

const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count} ${many}`;

/** Sentences about what is imported otherwise than it looks, or not at all. Throws BadFile where the file is not whole. */
export async function survey(users: UsersFile): Promise<string[]> {
  const skipped = { empty: 0, headers: [] as number[] };
  const odd: string[] = [];
  let more = 0;
  for await (const { line, text } of users.sources(skipped)) {
    const id = externalIdOf(text);
    const oddness = oddnessOf(id);
    if (oddness.length === 0) continue;
    if (odd.length === SHOWN) more++;
    else odd.push(`line ${line}: the externalId ${shown(id)} has ${oddness.join(', and ')}.`);
  }
  return [
    ...odd,
    ...(more > 0 ? [`… and ${more} more like these.`] : []),
    ...(odd.length > 0
      ? [
          'They are imported as they stand: "a " and "a" are two users. Mend them where they should be one.',
        ]
      : []),
    ...(skipped.empty > 0
      ? [`${counted(skipped.empty, 'row', 'rows')} of empty cells skipped.`]
      : []),
    ...(skipped.headers.length > 0
      ? [
          `The first row comes again in line ${skipped.headers.slice(0, SHOWN).join(', ')}: skipped.`,
        ]
      : []),
  ];
}
