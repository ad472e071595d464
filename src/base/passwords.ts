/** Hashes of passwords: slow on purpose, with their parameters beside them. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * One of the settings that OWASP's cheat sheet on password storage holds equal: 16 MiB, five times over. Workers cap
 * PBKDF2 at 100,000 iterations and have no argon2.
 */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const SHAPE =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function derive(password: string, salt: Buffer, length: number, cost: typeof COST) {
  // The same characters may be typed in more than one way (RFC 8265, section 4).
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(password.normalize('NFC'), salt, length, cost, (fault, key) =>
    fault ? reject(fault) : resolve(key),
  );
  return promise;
}

const write = (salt: Buffer, key: Buffer): string =>
  `$scrypt$ln=${Math.log2(COST.N)},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(key)}`;

/** In the PHC string format. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return write(salt, await derive(password, salt, KEY_BYTES, COST));
}

/** What nobody's password hashes to: takes the place of a hash where there is none, so that the work is the same. */
const NOBODYS = write(Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES));

/** Whether it is the password of the hash. The work is the same without one: the answer is then no. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [, ln, r, p, salt = '', key = ''] = SHAPE.exec(hash ?? NOBODYS) ?? [];
  if (ln === undefined) throw new Error('a stored password hash has no known form');
  const wanted = Buffer.from(key, 'base64');
  const cost = { N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  const derived = await derive(password, Buffer.from(salt, 'base64'), wanted.length, cost);
  return timingSafeEqual(derived, wanted) && hash !== null;
}

/** Whether a hash was made with other parameters than today's: at sign-in it is made anew. */
export const isOutdated = (hash: string): boolean =>
  !hash.startsWith(`$scrypt$ln=${Math.log2(COST.N)},r=${COST.r},p=${COST.p}$`);
