/**
 * The scrypt that the tests' Worker has: what it would hash with today's parameters takes a
 * thousandth of the work. Most tests are about what comes of a hash. Those that are about its work
 * say so: `work.isTrue = true`.
 */
import { scrypt as trueScrypt } from '../src/base/scrypt.ts';

const QUICK = { N: 2 ** 6, r: 8, p: 1 };

/** Of one test file. */
export const work = { isTrue: false };

export const scrypt: typeof trueScrypt = (password, salt, length, cost, pause) =>
  trueScrypt(password, salt, length, work.isTrue || cost.N < 2 ** 14 ? cost : QUICK, pause);
