/** What a month costs, reckoned by hand for a few cases at the prices in `test/bench/prices.ts`. */
import { expect, it } from 'vitest';
import { bill, partlyCold, total } from '../bench/money.ts';

/** 1,000,000 users × 50 checks × 30 days. */
const CHECKS = 1_500e6;

it('counts what is beyond the included', () => {
  const { requests, cpuMilliseconds, kvReads } = bill(
    { requests: 1, cpuMilliseconds: 0.1, kvReads: 1 },
    {},
  );
  expect(requests).toBeCloseTo(((CHECKS - 10e6) / 1e6) * 0.3);
  expect(cpuMilliseconds).toBeCloseTo(((CHECKS * 0.1 - 30e6) / 1e6) * 0.02);
  expect(kvReads).toBeCloseTo(((CHECKS - 10e6) / 1e6) * 0.5);
});

it('charges the subscription alone for what is included', () => {
  expect(total(bill({ rowsRead: 2 }, {}))).toBe(5);
});

it('counts openings, renewals and changes of grants as often as they happen', () => {
  const once = { kvWrites: 1 };
  const { kvWrites } = bill({}, { opening: once, renewal: once, grantChange: once });
  const writes = 30e6 * (0.1 + 1.1 + 0.05);
  expect(kvWrites).toBeCloseTo(((writes - 1e6) / 1e6) * 5);
});

it('adds to a warm check the share of what makes a cold one dearer', () => {
  const warm = { requests: 1, cpuMilliseconds: 0.1, kvReads: 0 };
  const cold = { requests: 1, cpuMilliseconds: 0.2, kvReads: 1 };
  expect(partlyCold(0.5, warm, warm, cold)).toMatchObject({
    requests: 1,
    cpuMilliseconds: expect.closeTo(0.15),
    kvReads: 0.5,
  });
  expect(partlyCold(1, warm, warm, cold)).toMatchObject(cold);
});
