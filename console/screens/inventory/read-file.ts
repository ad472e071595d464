/** The text of a file that somebody chose or dropped. */
import { Failure } from '../../api/failure.ts';

const MOST_BYTES = 2_000_000;

const AS_UTF8 = 'Open it where it was made, and save it as "CSV UTF-8".';

const refuse = (sentence: string) => new Failure('refused', sentence, { list: sentence });

/** Other kinds of files, by their first bytes. */
const OTHERS: [bytes: number[], sentence: string][] = [
  [[0x50, 0x4b, 3, 4], `This is a workbook or an archive. ${AS_UTF8}`],
  [[0xd0, 0xcf, 0x11, 0xe0], `This is a workbook. ${AS_UTF8}`],
  [[0xff, 0xfe], `This file is not UTF-8 but UTF-16. ${AS_UTF8}`],
  [[0xfe, 0xff], `This file is not UTF-8 but UTF-16. ${AS_UTF8}`],
];

/** Throws a Failure of the field `list` for a file that is not UTF-8 text, or too large. */
export async function textOfFile(file: File): Promise<string> {
  if (file.size > MOST_BYTES) throw refuse('This file is larger than 2 MB. Divide it.');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const other = OTHERS.find(([beginning]) => beginning.every((byte, at) => bytes[at] === byte));
  if (other) throw refuse(other[1]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse(`This file is not UTF-8. ${AS_UTF8}`);
  }
}
