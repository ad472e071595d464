/**
 * A mail as text and as HTML. Its subject is one of our sentences, so that no header has words of
 * others. Names of people and companies are others’ words: they stand in the body alone, cleaned.
 */

/** Our words, somebody’s name, or a link of ours. */
export type Part = string | { name: string } | { link: string };

export interface Letter {
  subject: string;
  paragraphs: Part[][];
}

/** Characters of a name that a mail shows. */
const MOST = 100;
/** Control characters, line ends, and what turns the direction of the text around it. */
const UNSEEN = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
/** Where programs that read mail see a part of an address or a link. Some dots are Chinese. */
const LINKING = /[.:/@\u3002\uff0e\uff61](?=\S)/g;
/** Invisible. Behind it nothing belongs to a link. */
const BREAK = '\u200b';

/** A name on one line, of which no program makes a link. */
export function plainName(name: string): string {
  const letters = [...name.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim()];
  const shown = letters.length > MOST ? `${letters.slice(0, MOST).join('')}…` : letters.join('');
  return shown.replace(LINKING, `$&${BREAK}`);
}

const ENTITIES: Record<string, string> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);

const asText = (part: Part): string =>
  typeof part === 'string' ? part : 'link' in part ? part.link : plainName(part.name);

function asHtml(part: Part): string {
  const text = escaped(asText(part));
  if (typeof part === 'string') return text;
  return 'link' in part ? `<a href="${text}">${text}</a>` : `<bdi>${text}</bdi>`;
}

/** The two bodies of a mail. */
export const bodiesOf = ({ subject, paragraphs }: Letter): { text: string; html: string } => ({
  text: `${paragraphs.map((parts) => parts.map(asText).join('')).join('\n\n')}\n`,
  html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>
<body style="font: 16px/1.5 sans-serif; max-width: 36em; overflow-wrap: anywhere">
${paragraphs.map((parts) => `<p>${parts.map(asHtml).join('')}</p>`).join('\n')}
</body></html>
`,
});
