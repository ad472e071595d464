/** scrypt in slices, beside the runtime's own and the vectors of its RFC. */
import { scryptSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { scrypt } from '../../src/base/scrypt.ts';

const noPause = async () => {};

// RFC 7914, section 12, but for what takes a gigabyte, and for what the runtime's PBKDF2 does not
// give: it is for lengths of up to 8 KB, which are those of a `p` of 7 with an `r` of 8.
it.each([
  ['', '', 16, 1, 1, '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442'],
  [
    ...(['pleaseletmein', 'SodiumChloride', 16_384, 8, 1] as const),
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
  ],
])('is what the RFC has for "%s", "%s", N %i, r %i, p %i', async (password, salt, N, r, p, key) => {
  const found = await scrypt(password, Buffer.from(salt), 32, { N, r, p }, noPause);
  expect(found.toString('hex')).toBe(key);
});

it.each([
  { N: 2, r: 1, p: 1 },
  { N: 2, r: 3, p: 2 },
  { N: 64, r: 5, p: 3 },
  { N: 1_024, r: 8, p: 7 },
])('is what the runtime has, for %o, be it made at once with another', async (cost) => {
  const salt = Buffer.from('0123456789abcdef');
  const turn = () => scheduler.wait(0);
  const [one, other] = await Promise.all([
    scrypt('a lämp in the fourth window', salt, 40, cost, turn),
    scrypt('another', salt, 32, { N: 32_768, r: 1, p: 1 }, turn),
  ]);
  expect(one).toEqual(scryptSync('a lämp in the fourth window', salt, 40, cost));
  expect(other).toEqual(scryptSync('another', salt, 32, { N: 32_768, r: 1, p: 1 }));
});
