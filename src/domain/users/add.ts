/** Creates an end user by the tenant's own id. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { unauthenticated } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { source, t, u } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import { users } from '../../db/schema.ts';
import { insert, onConflict } from '../../db/statements.ts';
import {
  externalIdOf,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  userIdentifier,
} from '../entities/user.ts';
import type { Permit } from '../permit.ts';

const input = v.object({ userIdentifier });

/** Inserts a user if `condition` holds and the externalId is free, with its event. */
export function insertUser(origin: Origin, id: number, externalId: string, condition = sql`1`) {
  const { tenantId, now } = origin;
  return {
    userInsertion: insert(
      users,
      { id, tenantId: t.id, externalId, createdAt: now },
      sql`FROM ${source(t)} WHERE ${t.id} = ${tenantId} AND ${t.removedAt} IS NULL AND ${condition}
        ${onConflict(users.tenantId, users.externalId)} DO NOTHING`,
    ),
    userEvent: event(
      origin,
      { action: 'user.add', user: id },
      sql`FROM ${source(u)} WHERE ${u.id} = ${id}`,
    ),
  };
}

/**
 * Creates the user, or returns the existing one. Throws INVALID for an identifier that names a
 * member.
 */
export async function addUser(
  permit: Permit<'user.add'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<{ user: User }> {
  const identifier = parse(input, raw).userIdentifier;
  const externalId = externalIdOf(identifier);
  const {
    user: [user],
  } = await permit.db.batch({
    ...insertUser(permit, randomId(), externalId),
    user: selectUser(isUser(permit.tenantId, identifier)),
  });
  // Only a removed tenant accepts no users. Its key stays cached for some seconds.
  if (!user) throw unauthenticated(true);
  return { user };
}
