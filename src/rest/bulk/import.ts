/** `POST /import`: reads end users, one per line, and streams an outcome for each. */
import { type Complaint, Fault, INTERNAL_MESSAGE } from '../../base/faults.ts';
import { complaintsThatFit } from '../../base/messages.ts';
import { importUsers } from '../../domain/bulk/import.ts';
import type { Permit } from '../../domain/permit.ts';
import { encodeLines, type Line, linesOf } from './lines.ts';

/** The most lines of one call. */
const MAX_LINES = 100_000;
/** In bytes. 500 devices of each kind take some 80 KB. */
const MAX_LINE = 100_000;
/**
 * The size of one round trip. A bound value may have 2 MB, and devices take more space in it than
 * in a line.
 */
const SLICE_LINES = 2_000;
const SLICE_BYTES = 350_000;
/**
 * The most round trips of one call. Each has some 14 statements, of the 1,000 that D1 grants an
 * invocation.
 */
const MAX_SLICES = 55;
/** The most KV operations of one call, of the 1,000 of an invocation. */
const MAX_COPIES = 800;
/**
 * In bytes, for the errors of one line. All outcomes may have to wait in memory until the client
 * reads them.
 */
const ROOM = 1_000;

interface Answer {
  line: number;
  [field: string]: unknown;
}

const refused = ({ number }: Line, complaints: readonly Complaint[]): Answer => ({
  line: number,
  errors: complaintsThatFit(complaints, ROOM),
});

/** The outcome of a valid line that was not done. */
const failed = ({ number }: Line, code: string, message: string): Answer => ({
  line: number,
  errors: [{ code, path: [], message }],
});

const USED_UP = new Fault(
  'LIMITED',
  'This call has reached the maximum for one call. Send this line in another call.',
);

/** So many lines, or bytes, cost one unit. */
const LINES_A_UNIT = 20;
const BYTES_A_UNIT = 2_000;

const unitsOf = (slice: Line[]): number =>
  Math.ceil(
    Math.max(
      slice.length / LINES_A_UNIT,
      slice.reduce((sum, { bytes }) => sum + bytes, 0) / BYTES_A_UNIT,
    ),
  );

/** Splits lines into slices for one round trip each. No two lines of a slice name the same user. */
async function* slicesOf(lines: AsyncIterable<Line>): AsyncGenerator<Line[]> {
  let slice: Line[] = [];
  let bytes = 0;
  const named = new Set<unknown>();
  for await (const line of lines) {
    const name =
      'value' in line && line.value
        ? (line.value as Record<string, unknown>).externalId
        : undefined;
    const isFull = slice.length === SLICE_LINES || bytes + line.bytes > SLICE_BYTES;
    if (slice.length > 0 && (isFull || (name !== undefined && named.has(name)))) {
      yield slice;
      slice = [];
      bytes = 0;
      named.clear();
    }
    slice.push(line);
    bytes += line.bytes;
    named.add(name);
  }
  if (slice.length > 0) yield slice;
}

/** The outcomes of the lines of a slice, up to the first line without room. */
async function importSlice(
  permit: Permit<'user.import'>,
  slice: Line[],
  room: number,
  log: (error: unknown) => void,
) {
  const readable = slice.flatMap((line) => ('value' in line ? [line] : []));
  const { imported, copies } = await importUsers(
    permit,
    readable.map(({ value }) => value),
    room,
  );
  const left = readable[imported.length];
  const outcomes = new Map(readable.map(({ number }, at) => [number, imported[at]]));
  const faults = imported.flatMap((one) => (one && 'fault' in one ? [one.fault] : []));
  for (const fault of new Set(faults)) if (fault.cause !== undefined) log(fault);
  const answers = slice
    .filter((line) => !left || line.number < left.number)
    .map((line): Answer => {
      if ('fault' in line) {
        return refused(line, [{ code: 'INVALID', path: [], message: line.fault }]);
      }
      const done = outcomes.get(line.number);
      if (!done) throw new Error('a line has no outcome');
      if ('fault' in done) return failed(line, done.fault.code, done.fault.message);
      return 'complaints' in done ? refused(line, done.complaints) : { line: line.number, ...done };
    });
  return { answers, copies, left };
}

/**
 * Streams the outcomes of the lines of a body, in order. If only lines that end something can be
 * done, such as with a nearly full database, the other lines say so. An error that affects
 * everything, such as a key that was removed meanwhile, is the last outcome. Nothing from that line
 * on is done or read.
 */
export async function* importLines(
  body: ReadableStream<Uint8Array>,
  allowSlice: (units: number) => Promise<Permit<'user.import'>>,
  log: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  let [lines, slices, copies] = [0, 0, 0];
  for await (const slice of slicesOf(linesOf(body, MAX_LINE))) {
    lines += slice.length;
    slices++;
    let [first] = slice;
    try {
      if (lines > MAX_LINES || slices > MAX_SLICES) throw USED_UP;
      const permit = await allowSlice(unitsOf(slice));
      const done = await importSlice(permit, slice, MAX_COPIES - copies, log);
      copies += done.copies;
      yield encodeLines(done.answers);
      if (!done.left) continue;
      first = done.left;
      throw USED_UP;
    } catch (error) {
      if (!(error instanceof Fault) || error.cause !== undefined) log(error);
      const { code, message } =
        error instanceof Fault ? error : { code: 'INTERNAL', message: INTERNAL_MESSAGE };
      if (first) yield encodeLines([failed(first, code, message)]);
      return;
    }
  }
}
