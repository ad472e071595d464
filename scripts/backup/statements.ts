/** Reads the statements of an SQL file, as `wrangler d1 export` and `sqlite3 .dump` write it. */
import { createReadStream } from 'node:fs';

/** Parts in which a semicolon does not end the statement: strings, names and comments. */
const QUOTED = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--.*|\/\*[\s\S]*?\*\//g;

const TRIGGER = /^\s*CREATE\s+TRIGGER\b/i;

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith(';')) return false;
  const bare = text.replace(QUOTED, '');
  if (/['"`]/.test(bare)) return false;
  return (TRIGGER.test(bare) ? /;\s*END\s*;\s*$/i : /;\s*$/).test(bare);
}

/** Not with `readline`, which also ends a line at U+2028. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

/**
 * Streams the statements, so that the file can have any size. Throws if the file ends inside a
 * statement.
 */
export async function* readStatements(file: string): AsyncGenerator<string> {
  let text = '';
  for await (const line of linesOf(file)) {
    text = text ? `${text}\n${line}` : line;
    if (!isWhole(text)) continue;
    yield text.trim();
    text = '';
  }
  if (text.trim()) throw new Error('it ends inside a statement');
}
