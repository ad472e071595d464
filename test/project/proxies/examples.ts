/** The code blocks of the README, as they stand. */
import { readFileSync } from 'node:fs';

const readme = readFileSync('README.md', 'utf8');

/** The first code block of a language; `after` a heading or a phrase. */
export function example(language: string, after = ''): string {
  const block = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(
    readme.slice(readme.indexOf(after)),
  )?.[1];
  if (!block) throw new Error(`The README has no ${language} after "${after}".`);
  return block;
}

/** With each placeholder, which must stand in it once, replaced. */
export function filled(text: string, places: Record<string, string>): string {
  return Object.entries(places).reduce((rest, [place, value]) => {
    if (rest.split(place).length !== 2) throw new Error(`"${place}" must stand there once.`);
    return rest.replace(place, () => value);
  }, text);
}
