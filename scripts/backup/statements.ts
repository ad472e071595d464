/** The statements of an SQL file, as `wrangler d1 export` and `sqlite3 .dump` write them. */
import { createReadStream } from 'node:fs';

/** What may hold a semicolon that ends nothing: strings, names and comments. */
const QUOTED = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--.*|\/\*[\s\S]*?\*\//g;

const TRIGGER = /^\s*CREATE\s+TRIGGER\b/i;

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith(';')) return false;
  const bare = text.replace(QUOTED, '');
  if (/['"`]/.test(bare)) return false;
  return (TRIGGER.test(bare) ? /;\s*END\s*;\s*$/i : /;\s*$/).test(bare);
}

/** Not by `readline`, for which a line of text ends at U+2028 too. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

/** One after the other, however large the file. Throws where the file ends inside of a statement. */
export async function* readStatements(file: string): AsyncGenerator<string> {
  let text = '';
  for await (const line of linesOf(file)) {
    text = text ? `${text}\n${line}` : line;
    if (!isWhole(text)) continue;
    yield text.trim();
    text = '';
  }
  if (text.trim()) throw new Error('it ends inside of a statement');
}
