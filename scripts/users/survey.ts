/**
 * Reads a file of users once before anything is sent, to check that it is complete and to give
 * warnings.
 */
import type { UsersFile } from './source.ts';

/** The most warnings to print. */
const SHOWN = 10;

/** Invisible differences between externalIds. */
const ODD: Record<string, (id: string) => boolean> = {
  'spaces around it': (id) => id !== id.trim(),
  // Format characters, which come with text copied from pages and dialogs.
  'invisible characters': (id) => /\p{Cf}/u.test(id),
  'accents as separate characters (NFD)': (id) => id !== id.normalize('NFC'),
};

/** Writes invisible characters as escapes. */
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

/** What is unusual about an externalId, which is imported as it is. */
const oddnessOf = (id: string): string[] =>
  Object.keys(ODD).filter((oddness) => ODD[oddness]?.(id));

const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count} ${many}`;

/**
 * Warnings about what is imported differently than it looks, or not at all. Throws BadFile if the
 * file is incomplete.
 */
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
          'They are imported as they are: "a " and "a" are two users. Correct them if they ' +
            'should be one.',
        ]
      : []),
    ...(skipped.empty > 0
      ? [`${counted(skipped.empty, 'row', 'rows')} of empty cells skipped.`]
      : []),
    ...(skipped.headers.length > 0
      ? [
          `The first row is repeated in line ${skipped.headers.slice(0, SHOWN).join(', ')}: ` +
            'skipped.',
        ]
      : []),
  ];
}
