/** Values for fields: those that mean something there, and those that nobody honest sends. */
import fc from 'fast-check';
import type { Stage } from './stage.ts';

export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'a\udfffb',
    '\u202eabc',
    '\ufeff',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'toString',
    'null',
    'undefined',
    'NaN',
    '-0',
    '1e309',
    '0x10',
    '٣',
    '１２',
    '9007199254740991',
    '9007199254740993',
    '1'.repeat(400),
    'a'.repeat(64),
    'a'.repeat(256),
    '😀'.repeat(255),
    'e\u0301',
    'İ',
    'ß',
    '%',
    '%00',
    '%ff',
    '%ED%A0%80',
    '%0d%0aX-Injected: 1',
    '\r\nX-Injected: 1\r\n\r\n',
    "' OR 1=1 --",
    "'); DROP TABLE users; --",
    '%_%',
    '*',
    '"a" OR b*',
    '../../etc/passwd',
    '<script>alert(1)</script>',
    'javascript:alert(1)',
    'https://',
    'http://[::1]:99999/',
    '{}',
    '[',
    '2026-02-30T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '9999-12-31T23:59:60Z',
    'a@b',
    `${'a'.repeat(250)}@example.com`,
    'a@[127.0.0.1]',
    'Etc/../UTC',
    'europe/berlin',
    'lk_ses_',
    `lk_key_${'0'.repeat(60)}`,
    `lk_ses_${'A'.repeat(10_000)}`,
  ),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);

export const oddNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    -1,
    0,
    -0,
    1,
    0.1,
    101,
    2 ** 31,
    -(2 ** 31),
    2 ** 53,
    2 ** 63,
    1e21,
    1e308,
    5e-324,
  ),
  fc.integer(),
  fc.double(),
);

const deep = fc
  .tuple(fc.constantFrom('[', '{"a":'), fc.constantFrom(5, 60, 500))
  .map(([open, times]) =>
    JSON.parse(open.repeat(times) + 1 + (open === '[' ? ']' : '}').repeat(times)),
  );

export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: oddText },
  { weight: 2, arbitrary: oddNumber },
  fc.constantFrom(null, true, false, [], {}),
  fc.constant(JSON.parse('{"__proto__":{"id":1},"constructor":{"prototype":1}}')),
  deep,
  fc.jsonValue(),
  fc.array(fc.oneof(oddText, oddNumber), { maxLength: 5 }),
  fc.tuple(oddText, fc.constantFrom(101, 600)).map(([one, times]) => Array(times).fill(one)),
);

/**
 * What a field of this name takes: most often something known, now and then an id of another kind
 * or anything.
 */
export const valueFor = ({ known, ids }: Stage, name: string): fc.Arbitrary<unknown> => {
  const fitting = known[name];
  return fc.oneof(
    { weight: 30, arbitrary: fitting ? fc.constantFrom(...fitting) : oddText },
    { weight: 1, arbitrary: fc.constantFrom(...ids) },
    { weight: 2, arbitrary: oddValue },
  );
};

/** As it stands in a form or a query. */
export const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

export const textFor = (stage: Stage, name: string): fc.Arbitrary<string> =>
  valueFor(stage, name).map(textOf);
