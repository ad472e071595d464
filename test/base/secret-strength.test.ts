/** Which secrets a deployment is not begun with. */
import { describe, expect, it } from 'vitest';
import { isGuessable, isKnownFrom } from '../../src/base/secret-strength.ts';

const random = (bytes: number): Buffer =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes)));

describe('a random secret', () => {
  it.each(['base64url', 'base64', 'hex'] as const)(
    'is never taken for one that can be guessed: 32 bytes in %s',
    (encoding) => {
      for (let n = 0; n < 1_000; n++) {
        const secret = random(32).toString(encoding);
        expect(isGuessable(secret), secret).toBe(false);
        expect(isGuessable(`lk_op_${secret}`), secret).toBe(false);
      }
    },
  );

  it('is none either where it has 16 bytes, as hex or as a UUID', () => {
    for (let n = 0; n < 300; n++) {
      for (const secret of [random(16).toString('hex'), crypto.randomUUID()]) {
        expect(isGuessable(secret), secret).toBe(false);
      }
    }
  });

  it('can be guessed by whoever knows another that holds it, or that it holds', () => {
    const [one, other] = [random(32).toString('base64url'), random(32).toString('base64url')];
    expect(isKnownFrom(one, [other])).toBe(false);
    for (const alike of [one, `lk_op_${one}`, `x${one}1`, one.slice(0, 36), `${one}${one}`]) {
      expect(isKnownFrom(alike, [other, one]), alike).toBe(true);
    }
  });
});

describe('what has order in it', () => {
  it.each([
    ['counts', '0123456789abcdef0123456789abcdef'],
    ['counts for long', '0123456789abcdef'.repeat(4)],
    ['counts in tens', '12345678901234567890123456789012'],
    ['counts backward', 'zyxwvutsrqponmlkjihgfedcba9876543210zyx'],
    ['is an alphabet twice', 'abcdefghijklmnopqrstuvwxyz'.repeat(2)],
    ['is that of base64', 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'],
    ['begins an alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJK'],
    ['leaves out every other letter', 'acegikmoqsuwybdfhjlnprtvxzacegik'],
    ['is braided of two', 'a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6'],
    ['is braided of two that go apart', 'f0e1d2c3b4a5968778695a4b3c2d1e0f'],
    ['says everything twice', '00112233445566778899aabbccddeeff'],
    ['says everything four times', 'aaaaaaaabbbbbbbbccccccccdddddddd'],
    ['is put together of small pieces', 'abcd1234efgh5678ijkl9012mnop3456'],
    ['runs along a keyboard', 'qwertyuiopasdfghjklzxcvbnm1234567890'],
    ['runs along it backward', 'mnbvcxzlkjhgfdsapoiuytrewq0987654321'],
    ['runs down a keyboard', '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9'],
    ['zigzags over it', 'zaq12wsxcde34rfvbgt56yhnmju78ik,'],
    ['hides it in letter case', 'QwErTyUiOpAsDfGhJkLzXcVbNm123456'],
    ['hides it in groups', '0123-4567-89ab-cdef-0123-4567-89ab-cdef'],
    ['is one character', '0'.repeat(43)],
    ['is two characters', 'ab'.repeat(20)],
    ['is a word again and again', 'deadbeefdeadbeefdeadbeefdeadbeef'],
    ['is two words', 'cafebabedeadbeefcafebabedeadbeef'],
    ['is a date', '2026-11-25-2026-11-25-2026-11-25'],
    ['is a famous number', '3141592653589793238462643383279502884197'],
    ['is a famous sentence', 'thequickbrownfoxjumpsoverthelazydog'],
    ['says what it is', 'my-super-long-operator-key-for-latchkey-2026'],
    ['has nothing in it', '-'.repeat(43)],
  ])('can be guessed, when it %s', (_, secret) => {
    expect(isGuessable(secret)).toBe(true);
  });
});
