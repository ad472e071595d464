/** `POST /import`: end users in, a line each, and what became of each out, as it goes. */
import { type Complaint, Fault, MASK } from '../../base/faults.ts';
import { importUsers } from '../../domain/bulk/import.ts';
import type { Permit } from '../../domain/permit.ts';
import { encodeLines, type Line, linesOf } from './lines.ts';

/** Of one call. */
const MAX_LINES = 100_000;
/** In bytes: 500 devices of each kind take some 80 KB. */
const MAX_LINE = 100_000;
/** Of one round trip: a bound value may have 2 MB, and says a line's devices at greater length. */
const SLICE_LINES = 2_000;
const SLICE_BYTES = 500_000;
/** Round trips of one call. Each is some 13 statements, of the 1,000 that D1 grants an invocation. */
const MAX_SLICES = 70;
/** KV operations of one call, of the 1,000 that an invocation has. */
const MAX_COPIES = 800;
/** Of one line: the answers to all lines may have to wait in memory until the client reads. */
const MAX_COMPLAINTS = 3;

interface Answer {
  line: number;
  [field: string]: unknown;
}

const refused = (line: number, errors: readonly Partial<Complaint>[]): Answer => ({
  line,
  errors: errors.slice(0, MAX_COMPLAINTS),
});

const USED_UP = new Fault(
  'LIMITED',
  'This call has done what one call can. Send this line in another one.',
);

/** Lines that go into one round trip: none names a user that another one names. */
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

async function importSlice(permit: Permit<'user.import'>, slice: Line[]) {
  const readable = slice.flatMap((line) => ('value' in line ? [line] : []));
  const { imported, copies } = await importUsers(
    permit,
    readable.map(({ value }) => value),
  );
  const answers = new Map(
    readable.map(({ number }, at): [number, Answer] => {
      const done = imported[at] ?? { complaints: [] };
      return [
        number,
        'complaints' in done ? refused(number, done.complaints) : { line: number, ...done },
      ];
    }),
  );
  for (const line of slice) {
    if ('fault' in line) {
      answers.set(
        line.number,
        refused(line.number, [{ code: 'INVALID', message: line.fault, path: [] }]),
      );
    }
  }
  return { answers: slice.map(({ number }) => answers.get(number) ?? { line: number }), copies };
}

/**
 * The answers to the lines of a body, in their order. What stands in the way of one slice, such as a key that was
 * removed meanwhile, is the answer to all lines from there on: nothing more is tried.
 */
export async function* importLines(
  body: ReadableStream<Uint8Array>,
  allowSlice: () => Promise<Permit<'user.import'>>,
  log: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  let obstacle: { code: string; message: string } | undefined;
  let lines = 0;
  let slices = 0;
  let copies = 0;
  for await (const slice of slicesOf(linesOf(body, MAX_LINE))) {
    lines += slice.length;
    slices++;
    if (lines > MAX_LINES || slices > MAX_SLICES || copies > MAX_COPIES) obstacle ??= USED_UP;
    if (!obstacle) {
      try {
        const done = await importSlice(await allowSlice(), slice);
        copies += done.copies;
        yield encodeLines(done.answers);
        continue;
      } catch (error) {
        if (!(error instanceof Fault) || error.cause !== undefined) log(error);
        obstacle = error instanceof Fault ? error : { code: 'INTERNAL', message: MASK };
      }
    }
    const { code, message } = obstacle;
    yield encodeLines(
      slice.map(({ number }) => ({ line: number, errors: [{ code, message, path: [] }] })),
    );
  }
}
