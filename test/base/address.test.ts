/** E-mail addresses, names and time zones as they are compared. */
import { describe, expect, it } from 'vitest';
import { addressKey, readAddress } from '../../src/base/address.ts';
import { foldName } from '../../src/base/fold.ts';
import { readTimeZone } from '../../src/base/time-zone.ts';

describe('an e-mail address', () => {
  it.each([
    ["o'brien@example.com"],
    ['a&b@example.com'],
    ["!#$%&'*+-/=?^_`{|}~@example.com"],
    ['user@my--shop.example'],
    ['user@sub.1-2-3.example'],
    ['müller@example.com'],
    ['Müller@Example.COM', 'müller@example.com'],
    ['user@bücher.example', 'user@xn--bcher-kva.example'],
    ['user@BÜCHER.example', 'user@xn--bcher-kva.example'],
    ['user@XN--BCHER-KVA.example', 'user@xn--bcher-kva.example'],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    ['संपर्क@डाटामेल.भारत', 'संपर्क@xn--c2bd4bq1db8d.xn--h2brj9c'],
    ['"john doe"@example.com'],
    ['"a@b"@example.com'],
    ['"joe"@example.com', 'joe@example.com'],
    ['"j\\oe"@example.com', 'joe@example.com'],
    ['user@[192.0.2.1]'],
    ['user@[IPv6:2001:DB8:0::1]', 'user@[ipv6:2001:db8::1]'],
    ['ΝΊΚΟΣ@example.com', 'νίκοσ@example.com'],
    ['νίκος@example.com', 'νίκοσ@example.com'],
    // They look alike, or do so in capitals.
    ['\u00b5m@example.com', '\u03bcm@example.com'],
    [
      '\u03d0\u03d1\u03d5\u03d6\u03f0\u03f1\u03f5@example.com',
      '\u03b2\u03b8\u03c6\u03c0\u03ba\u03c1\u03b5@example.com',
    ],
    ['\u1e9b\u0323@example.com', '\u1e69@example.com'],
    ['\u01c5\u00fc@example.com', '\u01c6\u00fc@example.com'],
    ['user@\u00b5.example', 'user@xn--xxa.example'],
    // They do not.
    ['stra\u00dfe@example.com'],
    ['STRA\u1e9eE@example.com', 'stra\u00dfe@example.com'],
    ['\u0131\u015f\u0131k@example.com'],
    // Two ways to write one letter.
    ['rene\u0301@example.com', 'ren\u00e9@example.com'],
    [`${'x'.repeat(64)}@example.com`],
  ])('is %s, compared as %s', (address, key = address) => {
    expect(readAddress(address)?.key).toBe(key);
  });

  it.each([
    'nobody',
    '@example.com',
    'user@',
    'user@example',
    'user@.example',
    'user@example.com.',
    'user@exam ple.com',
    'us er@example.com',
    'us\u00a0er@example.com',
    'us\u200ber@example.com',
    // Nobody sees these.
    ...[0x00ad, 0x034f, 0x061c, 0x115f, 0x17b4, 0x180e, 0x200c, 0x200d, 0x200e, 0x202e].map(
      (hidden) => `\u0645\u06cc${String.fromCodePoint(hidden)}\u062e@example.com`,
    ),
    ...[0x2060, 0x2067, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0x1d173, 0xe0001, 0xe0100].map(
      (hidden) => `us${String.fromCodePoint(hidden)}er@example.com`,
    ),
    'user@ex\ufe0fample.com',
    'user@ex\u200dample.com',
    'user@ex\u034fample.com',
    '.user@example.com',
    'us..er@example.com',
    'a@b@example.com',
    '"user@example.com',
    '"us"er"@example.com',
    'user@-example.com',
    'user@example-.com',
    'user@my_shop.example',
    'user@ex%61mple.com',
    'user@example.com:25',
    'user@example.com/x',
    'user@example.com#x',
    'user@x\\example.com',
    'user@exam\u00adple.com',
    'user@example\uff0fcom.org',
    'user@192.0.2.1',
    'user@0x7f.1',
    'user@[192.0.2.256]',
    'user@[0300.0.2.1]',
    'user@[IPv6:1]',
    'user@[example.com]',
    // They would pass for bok@, user@ and ss@.
    'bo\u212a@example.com',
    'ｕｓｅｒ@example.com',
    '\u017f\u017f@example.com',
    'mü\u212a@example.com',
    `${'x'.repeat(65)}@example.com`,
    `${'ü'.repeat(33)}@example.com`,
    `user@${'x'.repeat(64)}.com`,
    `user@${'abcdefghi.'.repeat(25)}com`,
  ])('is not %j, which finds nobody', (text) => {
    expect(readAddress(text)).toBe(null);
    expect(addressKey(text)).toBe(text);
  });

  it('is kept as it was given, in lower case', () => {
    const given = (text: string) => readAddress(text)?.given;
    expect(given('User@Bücher.example')).toBe('user@bücher.example');
    expect(given('User@xn--bcher-kva.example')).toBe(null);
    expect(given('"Joe"@example.com')).toBe('"joe"@example.com');
  });
});

it.each([
  ['Øyvind', 'oyvind'],
  ['Özil', 'ozil'],
  ['O\u0308zil', 'ozil'],
  ['Étienne', 'etienne'],
  ['İbrahim', 'ibrahim'],
  ['Işıl', 'isil'],
  ['STRAẞE', 'strasse'],
  ['Æthelred', 'aethelred'],
  ['Łukasz', 'lukasz'],
  ['Þórr', 'thorr'],
  ['Nguyễn', 'nguyen'],
  ['O’Brien', "o'brien"],
  ['ΟΔΥΣΣΕΎΣ', 'οδυσσευσ'],
  ['Ёлкина', 'елкина'],
  ['أحمد', 'احمد'],
  ['王伟', '王伟'],
  // What a script writes as a mark and means as a vowel stays.
  ['नीरज', 'नीरज'],
  ['ＡＤＡ', 'ada'],
])('the name %s is searched as %s', (name, folded) => {
  expect(foldName(name)).toBe(folded);
});

it.each([
  ['europe/london', 'Europe/London'],
  ['EUROPE/LONDON', 'Europe/London'],
  ['GB', 'Europe/London'],
  ['utc', 'UTC'],
  ['Etc/UTC', 'UTC'],
  ['etc/gmt+5', 'Etc/GMT+5'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['asia/calcutta', 'Asia/Kolkata'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['america/argentina/buenos_aires', 'America/Argentina/Buenos_Aires'],
  ['US/Eastern', 'America/New_York'],
  ['EST5EDT', 'America/New_York'],
  ['Factory', null],
  ['factory', null],
  ['SystemV/AST4', null],
  ['+01:00', null],
  ['Nowhere/City', null],
  ['', null],
])('the time zone %j is %s', (name, canonical) => {
  expect(readTimeZone(name)).toBe(canonical);
});
