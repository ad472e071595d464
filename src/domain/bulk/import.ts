/**
 * Imports end users: many lines in one round trip. Each line takes effect completely or not at all.
 */
import { sql } from 'drizzle-orm';
import { Fault, Refusal } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import type { Permit } from '../permit.ts';
import { readQuotaUsage } from '../usage/usage.ts';
import { importLine } from './line.ts';
import type { Imported } from './outcome.ts';
import { applyQuotas, type Effect, isGrowth, linesAsSql, type Row, selectEffects } from './plan.ts';
import { writeLines } from './write.ts';

/**
 * The most attempts to write a slice. Other calls may use up a limit between the check and the
 * write; then the slice is checked again.
 */
const ATTEMPTS = 3;

/**
 * Imports `raws`, parsed JSON values, and returns the outcome of each. No two may name the same
 * user. `room` is how many copies of sessions may be written after the response. Lines from the
 * first one without room have no outcome. `copies` is how many will be written.
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
      // Otherwise a list would count as an object.
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
  /** The position of the first line without room. */
  end: number;
  copies: number;
}

/** How many of `many` lines have room. */
function boundsOf(effects: Effect[], many: number, room: number): Bounds {
  let copies = 0;
  for (const { n, sessions } of effects) {
    if (copies + sessions > room) return { end: n, copies };
    copies += sessions;
  }
  return { end: many, copies };
}

/**
 * Writes the lines in one or more attempts. Each attempt covers the lines that have no outcome yet,
 * so that what is done is reported as done. Throws a Fault if nothing was done before it. A later
 * Fault is the outcome of each remaining line.
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
        readQuotaUsage(permit),
        db.read(selectEffects(permit, linesAsSql(permit, todo))),
      ]);
      const { refused, isTight } = applyQuotas(effects, share);
      for (const [n, one] of refused) outcomes.set(n, { complaints: [one] });
      const sound = effects.filter(({ n, faulty }) => !faulty && !refused.has(n));
      bounds ??= boundsOf(sound, many, room);
      const { end } = bounds;
      todo = todo.filter(({ n }) => n < end && !refused.has(n));
      // If not everything can be done, lines that only end something go first, in a batch of their
      // own.
      if (isTight || attempt > 1 || call.isolate.size.space !== 'plenty') {
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
