/** The pages of the documentation as text: what tests of the project and of the Worker read. */
/// <reference types="vite/types/importMeta.d.ts" />

const FRONT = 'README.md';

const texts = import.meta.glob<string>(['../README.md', '../CHANGELOG.md', '../docs/*.md'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Every page by its path in the project: the front page first, then the others by name. */
export const pages: ReadonlyMap<string, string> = new Map(
  Object.entries(texts)
    .map(([path, text]): [string, string] => [path.slice('../'.length), text])
    .sort(([one], [other]) =>
      one === FRONT ? -1 : other === FRONT ? 1 : one.localeCompare(other, 'en'),
    ),
);

export interface Block {
  page: string;
  language: string;
  text: string;
}

const FENCED = /^```(\w*)\n(.*?)^```$/gms;

const blocksIn = (page: string, text: string): Block[] =>
  [...text.matchAll(FENCED)].map(([, language = '', inner = '']) => ({
    page,
    language,
    text: inner,
  }));

/** The blocks of code of all pages, in order. */
export const blocks: readonly Block[] = [...pages].flatMap(([page, text]) => blocksIn(page, text));

/** The first block of a language; `part`: the first that has this. Throws if there is none. */
export function example(language: string, part = ''): string {
  const found = blocks.find((one) => one.language === language && one.text.includes(part));
  if (!found) throw new Error(`No page has ${language} with "${part}".`);
  return found.text;
}

/** A page without its blocks of code. Throws if there is no such page. */
export function proseOf(page: string): string {
  const text = pages.get(page);
  if (text === undefined) throw new Error(`There is no page ${page}.`);
  return text.replace(FENCED, '');
}

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');

/** The text below each heading, down to the next of its rank or above, by the heading's anchor. */
export function sectionsOf(page: string): Map<string, string> {
  // What begins with # in a block is a comment, so that each block is kept out while headings are
  // found.
  const kept: string[] = [];
  const text = (pages.get(page) ?? '').replace(FENCED, (block) => `\0${kept.push(block) - 1}\0`);
  const headings = [...text.matchAll(/^(#{1,6}) (.+)$/gm)];
  return new Map(
    headings.map((heading, at) => {
      const [, rank = '', title = ''] = heading;
      const next = headings.slice(at + 1).find(([, other = '']) => other.length <= rank.length);
      const section = text.slice(heading.index, next?.index);
      return [
        anchorOf(title),
        section.replace(/\0(\d+)\0/g, (_, index) => kept[Number(index)] ?? ''),
      ];
    }),
  );
}

/** The blocks of one section. Throws if there is no such section. */
export function blocksOf(page: string, anchor: string): Block[] {
  const section = sectionsOf(page).get(anchor);
  if (section === undefined) throw new Error(`${page} has no section #${anchor}.`);
  return blocksIn(page, section);
}
