/**
 * Recovery codes: each lets somebody in once who has lost the authenticator. They are random enough
 * to be stored as a plain hash.
 */
import { type SQL, sql } from 'drizzle-orm';
import { base32, FOR_PEOPLE } from '../../base/base32.ts';
import { hashSecret } from '../../base/secrets.ts';
import { rc } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { recoveryCodes } from '../../db/schema.ts';
import { insert, remove, returning } from '../../db/statements.ts';
import { countFactors, hasFactor } from '../entities/factor.ts';

const CODES = 10;
/** 80 bits: 16 letters and digits. */
const BYTES = 10;
const SHAPE = new RegExp(`^[${FOR_PEOPLE}]{16}$`);
/** What people take for another character (Crockford’s base 32). */
const MEANT: Record<string, string> = { O: '0', I: '1', L: '1' };

/** The recovery code in a text without spaces and dashes, if it is one. */
export function recoveryCodeIn(text: string): string | null {
  const code = text.toUpperCase().replace(/[OIL]/g, (one) => MEANT[one] ?? one);
  return SHAPE.test(code) ? code : null;
}

/** What is stored of a code. The user id keeps codes of different users apart. */
export const hashOfCode = (userId: number, code: string): Promise<string> =>
  hashSecret(`${userId} ${code}`);

/** Ten new codes of a user, as they are shown once, and what stores them. */
export async function newRecoveryCodes(userId: number) {
  const codes = Array.from({ length: CODES }, () =>
    base32(crypto.getRandomValues(new Uint8Array(BYTES)), FOR_PEOPLE),
  );
  const hashes = await Promise.all(codes.map((code) => hashOfCode(userId, code)));
  const store = (when: SQL): Statement<{ hash: string }> =>
    returning(
      insert(
        recoveryCodes,
        { userId, hash: sql`j.value` },
        sql`FROM json_each(${JSON.stringify(hashes)}) j WHERE ${when}`,
      ),
      { hash: rc.hash },
    );
  return {
    codes: codes.map((code) => code.replace(/.{4}(?=.)/g, '$&-')),
    /** Stores them if `when` holds. Returns rows if it did. */
    store,
    /** Whether a code `rc` is one of them. */
    isNew: sql`${rc.hash} IN (SELECT value FROM json_each(${JSON.stringify(hashes)}))`,
    /** The same with the first factor, right behind what `isAdded`: none with another. */
    storeWithFirst: (isAdded: SQL) => store(sql`${isAdded} AND ${countFactors(userId)} = 1`),
  };
}

/** Removes the codes of those users in `ids`, a query in brackets, who have no factor any more. */
export const removeNeedlessCodes = (ids: SQL): Statement =>
  remove(rc, sql`WHERE ${rc.userId} IN ${ids} AND NOT ${hasFactor(rc.userId)}`);
