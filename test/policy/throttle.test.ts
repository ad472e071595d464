/** The throttle of a tenant, with a clock of the test. */
import { describe, expect, it } from 'vitest';
import { isFlooded, isRefused, newThrottle, take } from '../../src/policy/throttle.ts';

const FULL = 200;
const START = 1_800_000_000_000;

/**
 * Asks for `perSecond` units a second, so many a call, for so long: how long each waited; null:
 * refused.
 */
function ask(
  perSecond: number,
  units: number,
  seconds: number,
  start = START,
  throttle = newThrottle(),
) {
  const every = (1_000 * units) / perSecond;
  return Array.from({ length: Math.floor((1_000 * seconds) / every) }, (_, n) =>
    take(throttle, units, FULL, start + n * every),
  );
}
const refused = (waits: (number | null)[]) => waits.filter((wait) => wait === null).length;

describe('one tenant’s pace', () => {
  it.each([1, 13])('waits for nothing within its rate, %s units a call', (units) => {
    expect(new Set(ask(156, units, 60))).toEqual(new Set([0]));
  });

  it('at twice its rate passes at its rate, waits up to a second, and is refused beyond', () => {
    const waits = ask(400, 1, 60);
    const passed = waits.length - refused(waits);
    // A tenth of a second's worth at once, a second's that waits, and sixty at the rate.
    expect(passed).toBeGreaterThanOrEqual(FULL * 60);
    expect(passed).toBeLessThanOrEqual(FULL * 61.1 + 1);
    expect(Math.max(...waits.map(Number))).toBeLessThanOrEqual(1_000);
  });

  it('at ten times its rate passes at a tenth of it, as long as that goes on', () => {
    const waits = ask(2_000, 1, 60);
    const passed = waits.length - refused(waits);
    expect(passed).toBeGreaterThanOrEqual((FULL / 10) * 55);
    expect(passed).toBeLessThanOrEqual((FULL / 10) * 60 + 2 * FULL);
    expect(Math.max(...waits.map(Number))).toBeLessThanOrEqual(1_000);
    // A neighbour is on a throttle of its own.
    expect(new Set(ask(50, 1, 60))).toEqual(new Set([0]));
  });

  it('has what waits refused once a flood begins, and nothing that came before or after', () => {
    const throttle = newThrottle();
    const many = 6 * FULL;
    const times = Array.from({ length: many }, (_, n) => START + (n * 500) / many);
    const taken = times.flatMap((at) =>
      take(throttle, 1, FULL, at) === null ? [] : [{ at, floods: throttle.floods }],
    );
    const [before, after] = [0, 1].map((floods) => taken.filter((one) => one.floods === floods));
    expect(before?.length).toBeGreaterThan(1);
    expect(before?.every(({ floods }) => isFlooded(throttle, floods))).toBe(true);
    // At a tenth of its rate it goes on at once.
    expect(after?.length).toBeGreaterThan(1);
    expect(after?.some(({ floods }) => isFlooded(throttle, floods))).toBe(false);
    expect(after?.[0]?.at).toBeLessThanOrEqual(START + 300);
    // It is over once less is asked for.
    take(throttle, 1, FULL, START + 10_000);
    expect(isFlooded(throttle, 0)).toBe(false);
  });

  it('goes on as before after a flood, as soon as what waits is worked off', () => {
    const throttle = newThrottle();
    ask(2_000, 1, 10, START, throttle);
    ask(156, 1, 10, START + 10_000, throttle);
    expect(refused(ask(156, 1, 10, START + 20_000, throttle))).toBe(0);
    expect(new Set(ask(156, 1, 10, START + 40_000, throttle))).toEqual(new Set([0]));
  });

  it('a tenth of a second’s worth comes at once', () => {
    const throttle = newThrottle();
    const waits = Array.from({ length: FULL / 10 + 2 }, () => take(throttle, 1, FULL, START));
    expect(waits.slice(0, -1)).toEqual(Array(FULL / 10 + 1).fill(0));
    expect(waits.at(-1)).toBe(5);
  });

  it('is known to refuse before anything is taken, and what it refuses counts as asked for', () => {
    const throttle = newThrottle();
    expect(isRefused(throttle, 1, FULL, START)).toBe(false);
    while (take(throttle, 1, FULL, START) !== null);
    expect(isRefused(throttle, 1, FULL, START)).toBe(true);
    for (let n = 0; n < 10 * FULL; n++)
      if (!isRefused(throttle, 1, FULL, START)) take(throttle, 1, FULL, START);
    const before = throttle.freeAt;
    expect(take(throttle, 1, FULL, START + 1_000)).not.toBeNull();
    expect(throttle.freeAt - before).toBeCloseTo((10 * 1_000) / FULL);
  });

  it('a clock that is put back makes nobody wait', () => {
    const throttle = newThrottle();
    ask(2_000, 1, 10, START + 3_600_000, throttle);
    expect(take(throttle, 1, FULL, START)).toBe(0);
  });
});
