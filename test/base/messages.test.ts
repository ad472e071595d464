/** The limits on the messages of a refusal. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Complaint } from '../../src/base/faults.ts';
import { complaintsThatFit, sizeOf, truncate } from '../../src/base/messages.ts';
import { shortenMessage } from '../../src/graphql/shorten-message.ts';

const text = fc.string({ unit: 'binary', maxLength: 400 });
const complaint = fc.record<Complaint>({
  code: fc.constantFrom('INVALID', 'NOT_FOUND'),
  message: text,
  path: fc.array(text, { maxLength: 3 }),
});

describe('a text', () => {
  it('is cut between characters, and no longer than it may be', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 90 }), (whole, most) => {
        const part = truncate(whole, most);
        expect(part.length).toBeLessThanOrEqual(most);
        expect(part.isWellFormed()).toBe(true);
        expect(part === whole || whole.startsWith(part.slice(0, -1))).toBe(true);
      }),
    );
    expect(truncate('😀😀', 3)).toBe('😀…');
    expect(truncate('a😀', 2)).toBe('a…');
  });
});

describe('complaints', () => {
  it('are told in order as far as they fit, the last one saying how many are left out', () => {
    fc.assert(
      fc.property(
        fc.array(complaint, { maxLength: 40 }),
        fc.integer({ min: 0, max: 6_000 }),
        (all, room) => {
          const told = complaintsThatFit(all, room);
          expect(told.reduce((sum, one) => sum + sizeOf(one), 0)).toBeLessThanOrEqual(room);
          if (told.length === 0 || told.length === all.length) return;
          const [, left] =
            /^(\d+) more errors? (?:is|are) omitted\.$/.exec(told.at(-1)?.message ?? '') ?? [];
          expect(Number(left)).toBe(all.length - told.length + 1);
          expect(told.slice(0, -1).map(({ code }) => code)).toEqual(
            all.slice(0, told.length - 1).map(({ code }) => code),
          );
        },
      ),
    );
  });

  it('are not written if they do not fit, however many there are', () => {
    let written = 0;
    const all = Array.from({ length: 10_000 }, () => ({
      code: 'INVALID' as const,
      path: ['name'],
      get message() {
        written++;
        return 'Must be a text.';
      },
    }));
    expect(complaintsThatFit(all, 1_000).at(-1)?.message).toMatch(/^99\d\d more errors are/);
    expect(written).toBeLessThan(100);
  });
});

describe('a sentence of GraphQL’s', () => {
  const isOurs = (name: string) => name === 'Query';
  const long = 'x'.repeat(500);

  it.each([
    [
      `Cannot query field "${long}" on type "Query".`,
      /^Cannot query field "x{77}…" on type "Query"\.$/,
    ],
    [
      `Fields "${long}" conflict because "${long}" and "a" are different fields.`,
      /x{77}…" conflict because "…" and "…" are/,
    ],
    [
      `Expected value of type "Query" to be an object, found: { a: "${long}" }.`,
      /^Expected value of type "Query" to be an object, found: \{ a: "x{71}…$/,
    ],
    [
      `Syntax Error: Unexpected String "" ${long} "".`,
      /^Syntax Error: Unexpected String "" x{75}…$/,
    ],
    [
      'Unknown type "Qery". Did you mean "Query"?',
      /^Unknown type "Qery"\. Did you mean "Query"\?$/,
    ],
  ])('repeats at most 80 characters of what was sent: %s', (message, wanted) => {
    expect(shortenMessage(message, isOurs)).toMatch(wanted);
  });
});
