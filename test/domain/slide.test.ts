/** The arithmetic of the slide: pure, with the time passed in. */
import { expect, it } from 'vitest';
import { checkBy, DAY, renewal } from '../../src/domain/sessions/slide.ts';

const HOUR = 3_600_000;

it('activity accepted from a copy keeps at least 30 days without a write', () => {
  for (const jitter of [0, 0.5, 1]) {
    const { renewedAt, renewAfter, expiresAt } = renewal(1_000_000, jitter);
    expect(renewAfter - renewedAt).toBeGreaterThanOrEqual(21 * HOUR);
    expect(renewAfter - renewedAt).toBeLessThanOrEqual(22 * HOUR);
    // The last activity that no renewal followed falls before the copy is checked.
    expect(expiresAt - checkBy(renewedAt)).toBe(30 * DAY);
    expect(renewAfter).toBeLessThan(checkBy(renewedAt));
  }
});

it('a session lives 31 days past its renewal, and is to be checked after one', () => {
  expect(renewal(0, 0)).toEqual({ renewedAt: 0, renewAfter: 22 * HOUR, expiresAt: 31 * DAY });
  expect(checkBy(0)).toBe(DAY);
});
