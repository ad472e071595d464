/** Opens a file of users: detects NDJSON or CSV, and whether it can be read. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { quote } from '../local.ts';
import { readCsv } from './csv.ts';
import { linesOf, readNdjson } from './ndjson.ts';
import { BadFile, type UsersFile } from './source.ts';

/** In bytes. Enough for the first line of any file of users. */
const HEAD = 10_000;

const convert = (path: string, encoding: string): string =>
  `Convert it first, for example: iconv -f ${encoding} -t UTF-8 ${quote(path)} > utf8.txt`;

const WORKBOOK =
  'This is a workbook or an archive. Open it, and save the sheet with the users as "CSV UTF-8".';

/** Other kinds of files, by their first bytes in hexadecimal. */
const OTHERS: Record<string, string> = {
  '504b0304': WORKBOOK,
  d0cf11e0: WORKBOOK,
  '1f8b': 'This is compressed with gzip. Run gunzip first.',
  '25504446': 'This is a PDF.',
};

/** The beginning of a file, as text. Throws BadFile if it is not a file of users. */
async function readHead(path: string): Promise<string> {
  const is = await stat(path);
  if (is.isDirectory()) throw new BadFile('This is a folder.');
  // The file is read more than once.
  if (!is.isFile()) throw new BadFile('This is a pipe or a device. Save its output to a file.');
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const hex = bytes.toString('hex', 0, 4);
    const other = Object.keys(OTHERS).find((beginning) => hex.startsWith(beginning));
    if (other) throw new BadFile(OTHERS[other]);
    if (bytes.includes(0)) {
      throw new BadFile(`This file is not UTF-8, but probably UTF-16. ${convert(path, 'UTF-16')}`);
    }
    const head = bytes
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trimStart();
    if (head === '') throw new BadFile('It is empty.');
    if (head.startsWith('<')) throw new BadFile('This is HTML or XML, not NDJSON or CSV.');
    return head;
  } finally {
    await file.close();
  }
}

/**
 * Throws BadFile for the first line that is not UTF-8. Runs before anything is sent, so that no
 * import stops halfway.
 */
async function assertUtf8(path: string): Promise<void> {
  let number = 0;
  for await (const bytes of linesOf(createReadStream(path))) {
    number++;
    if (isUtf8(bytes)) continue;
    throw new BadFile(
      `This file is not UTF-8: line ${number} has other bytes. ${convert(path, 'WINDOWS-1252')}`,
    );
  }
}

/**
 * Opens a file of users. Its first line tells the format, whatever its name says.
 *
 * @throws BadFile if it is not UTF-8, or neither NDJSON nor CSV.
 */
export async function openUsers(path: string): Promise<UsersFile> {
  const head = await readHead(path);
  if (head.startsWith('[')) {
    throw new BadFile(
      "This file is one JSON list. NDJSON has one object per line: jq -c '.[]' " +
        `${quote(path)} > users.ndjson`,
    );
  }
  if (/^\{(?:[^\n]*[,{[])?[ \t\r]*\n/.test(head)) {
    throw new BadFile(
      'This file has JSON over several lines. NDJSON has one object per line: jq -c . ' +
        `${quote(path)} > users.ndjson`,
    );
  }
  await assertUtf8(path);
  return head.startsWith('{') || /\.(ndjson|jsonl)$/i.test(path)
    ? readNdjson(path)
    : readCsv(path, head);
}
