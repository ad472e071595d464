/** Password hashes in the PHC string format, with salt and parameters. They are slow on purpose. */
import { randomBytes } from 'node:crypto';
import { type Cost, type Pause, scrypt } from './scrypt.ts';
import { sameHash } from './secrets.ts';

/**
 * One of the equivalent settings in OWASP's Password Storage Cheat Sheet: 16 MiB, parallelism 5.
 */
const COST: Cost = { N: 2 ** 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const SHAPE =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

const write = ({ N, r, p }: Cost, salt: Buffer, key: Buffer): string =>
  `$scrypt$ln=${Math.log2(N)},r=${r},p=${p}$${base64(salt)}$${base64(key)}`;

function read(hash: string): { cost: Cost; salt: Buffer; length: number } {
  const [, ln, r, p, salt = '', key = ''] = SHAPE.exec(hash) ?? [];
  if (ln === undefined) throw new Error('a stored password hash has no known form');
  return {
    cost: { N: 2 ** Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    length: Buffer.from(key, 'base64').length,
  };
}

/** A hash that no password has. It stands for a missing hash, so that the work is the same. */
export const DUMMY_HASH = write(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES));

const turnEventLoop: Pause = () => scheduler.wait(0);

/**
 * Hashes a password with the salt and parameters of `like`; without it, with a new salt and today's
 * parameters.
 */
export async function hashPassword(
  password: string,
  like: string | null = null,
  pause = turnEventLoop,
): Promise<string> {
  const { cost, salt, length } =
    like === null ? { cost: COST, salt: randomBytes(SALT_BYTES), length: KEY_BYTES } : read(like);
  // The same characters may be typed in more than one way (RFC 8265, section 4).
  const key = await scrypt(password.normalize('NFC'), salt, length, cost, pause);
  return write(cost, salt, key);
}

/**
 * Whether the password belongs to the hash. Without a hash the work is the same, and the answer is
 * no.
 */
export async function isPassword(
  password: string,
  hash: string | null,
  pause = turnEventLoop,
): Promise<boolean> {
  const found = await hashPassword(password, hash ?? DUMMY_HASH, pause);
  return hash !== null && sameHash(found, hash);
}

/** The part of a hash that names its salt and parameters. */
export const saltAndParametersOf = (hash: string): string =>
  hash.slice(0, hash.lastIndexOf('$') + 1);

/** Whether a hash was made with other parameters than today's. */
export const needsRehash = (hash: string): boolean =>
  !hash.startsWith(DUMMY_HASH.slice(0, DUMMY_HASH.indexOf('$', '$scrypt$'.length) + 1));
