/** Makes new recovery codes. */
import { sql } from 'drizzle-orm';
import { rc, source, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { remove } from '../../db/statements.ts';
import { codesRenewed } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import type { Permit } from '../permit.ts';
import { ownId, withOwnCode } from './own.ts';
import { newRecoveryCodes } from './recovery-codes.ts';

/** Makes ten new recovery codes, shown once, if a code is right. The old ones are void. */
export async function renewRecoveryCodes(
  permit: Permit<'member.renewRecoveryCodes'>,
  raw: unknown,
): Promise<{ recoveryCodes: string[] }> {
  const { call } = permit;
  const userId = ownId(permit);
  const { codes, store, isNew } = await newRecoveryCodes(userId);
  const mine = sql`${rc.userId} = ${userId}`;
  const done = sql`EXISTS (SELECT 1 FROM ${source(rc)} WHERE ${mine} AND ${isNew})`;
  const self = sql`FROM ${source(u)} WHERE ${u.id} = ${userId} AND ${done}`;
  const { recipients } = await withOwnCode(permit, raw, [], (allowed) => ({
    first: {
      stored: store(allowed),
      event: event(permit, { action: permit.action, user: sql`${u.id}` }, self),
      ...recipientsIn(call, sql`(SELECT ${u.id} ${self})`),
    },
    done,
    last: { old: remove(rc, sql`WHERE ${mine} AND NOT (${isNew}) AND ${done}`) },
  }));
  tell(call, codesRenewed, recipients);
  return { recoveryCodes: codes };
}
