/** Importing end users: many lines in one round trip. Each takes effect whole or not at all. */
import { sql } from 'drizzle-orm';
import { Fault, Refusal } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import type { Permit } from '../permit.ts';
import { readShare } from '../usage/usage.ts';
import { type Effect, given, isGrowth, keepWithin, type Row, selectEffects } from './given.ts';
import { importLine } from './line.ts';
import type { Imported } from './outcome.ts';
import { writeLines } from './write.ts';

/**
 * Others may use up what is left while a slice is decided about: it is decided about anew, so often
 * at most.
 */
const ATTEMPTS = 3;

/**
 * What became of each of `raws`, values as JSON has them, none of which names a user twice. The
 * sessions of users whom a line changes have their copies written behind the answer: `room` is for
 * how many of them. From the first line on that there is no room for, lines are left, without an
 * answer. `copies` is how many there will be.
 */
export async function importUsers(
  permit: Permit<'user.import'>,
  raws: readonly unknown[],
  room: number,
): Promise<{ imported: Imported[]; copies: number }> {
  const schema = importLine(permit.now);
  const imported: Imported[] = [];
  const rows: Row[] = [];
  raws.forEach((raw, n) => {
    try {
      // A list counts as an object otherwise.
      const line = parse(schema, Array.isArray(raw) ? null : raw);
      rows.push({ n, id: randomId(), line });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      imported[n] = { complaints: refusal.complaints };
    }
  });
  if (rows.length === 0) return { imported, copies: 0 };
  const done = await importRows(permit, rows, raws.length, room);
  for (const [n, outcome] of done.outcomes) imported[n] = outcome;
  return { imported: imported.slice(0, done.end), copies: done.copies };
}

interface Bounds {
  /** The place of the first line that there is no room for. */
  end: number;
  copies: number;
}

/** How far `room` reaches, of `many` lines. */
function boundsOf(effects: Effect[], many: number, room: number): Bounds {
  let copies = 0;
  for (const { n, sessions } of effects) {
    if (copies + sessions > room) return { end: n, copies };
    copies += sessions;
  }
  return { end: many, copies };
}

/**
 * Where an attempt fails, the next one is at the lines that have no outcome: what is done is told
 * as done. Throws a Fault that nothing was done before; one behind the first part is told to each
 * line of the second.
 */
async function importRows(
  permit: Permit<'user.import'>,
  rows: Row[],
  many: number,
  room: number,
): Promise<Bounds & { outcomes: Map<number, Imported> }> {
  const { db, call } = permit;
  const outcomes = new Map<number, Imported>();
  let todo = rows;
  let bounds: Bounds | undefined;

  async function writePart(isEnding: 0 | 1, part: Row[]): Promise<void> {
    if (part.length === 0) return;
    const written = await writeLines(permit, permit.endingIf(sql`${isEnding}`), part);
    for (const [n, outcome] of written) outcomes.set(n, outcome);
    todo = todo.filter(({ n }) => !outcomes.has(n));
  }

  for (let attempt = 1; ; attempt++) {
    let isBehind = attempt > 1;
    try {
      const [share, effects] = await Promise.all([
        readShare(permit),
        db.read(selectEffects(permit, given(permit, todo))),
      ]);
      const { refused, isTight } = keepWithin(effects, share);
      for (const [n, one] of refused) outcomes.set(n, { complaints: [one] });
      const sound = effects.filter(({ n, faulty }) => !faulty && !refused.has(n));
      bounds ??= boundsOf(sound, many, room);
      const { end } = bounds;
      todo = todo.filter(({ n }) => n < end && !refused.has(n));
      // What ends something goes by itself, and first, where not all can go.
      if (isTight || attempt > 1 || call.isolate.size.room !== 'plenty') {
        const growing = new Set(sound.filter(isGrowth).map(({ n }) => n));
        const ending = todo.filter(({ n }) => !growing.has(n));
        await writePart(1, ending);
        isBehind = true;
      }
      await writePart(0, todo);
      return { ...bounds, outcomes };
    } catch (problem) {
      const isRefusal = problem instanceof Refusal;
      if (isRefusal && attempt < ATTEMPTS) continue;
      if (!bounds || !(isRefusal || (problem instanceof Fault && isBehind))) throw problem;
      const outcome = isRefusal ? { complaints: problem.complaints } : { fault: problem };
      for (const { n } of todo) outcomes.set(n, outcome);
      return { ...bounds, outcomes };
    }
  }
}
