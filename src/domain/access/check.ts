/**
 * Checks user, session and permissions in one call. A clear yes comes from the session's copy,
 * anything else from D1.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { addressKey } from '../../base/address.ts';
import { anyToken } from '../../base/credential-advice.ts';
import type { Complaint } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { d, s, source } from '../../db/aliases.ts';
import { type RowOf, select } from '../../db/statements.ts';
import {
  type DeviceIdentifier,
  deviceIdentifiers,
  deviceItems,
  hintsAt,
  meantInstead,
  type ParsedDeviceIdentifier,
  resolveDevices,
} from '../entities/device.ts';
import { grantFor, type SessionRecord } from '../entities/session.ts';
import { mayUse } from '../entities/support.ts';
import {
  idOfUser,
  isUser,
  type ParsedUserIdentifier,
  selectUser,
  type UserIdentifier,
  userIdentifier,
} from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { hasToken, isLive } from '../sessions/live.ts';
import { type Consistency, resolveToken } from '../sessions/resolve.ts';
import {
  type Explanation,
  explain,
  heldOn,
  readHeld,
  runningEnd,
  selectEndings,
} from './reasons.ts';

const input = v.object({
  userIdentifier,
  accessToken: v.nullish(anyToken),
  deviceIdentifiers: v.optional(deviceIdentifiers, []),
  permission: v.picklist(['VIEW', 'CHARGE']),
  consistency: v.picklist(['FAST', 'STRICT']),
});
type CheckInput = v.InferOutput<typeof input>;

export interface AccessQuestion {
  userIdentifier: UserIdentifier;
  accessToken?: string | null | undefined;
  deviceIdentifiers?: DeviceIdentifier[] | undefined;
  permission: 'VIEW' | 'CHARGE';
  consistency: Consistency;
}

export interface DeviceAnswer extends Explanation {
  deviceId: string | null;
  meterId: string | null;
  granted: boolean;
}

export interface AccessAnswer {
  userExists: boolean;
  /** Null if no token was given. */
  sessionValid: boolean | null;
  sessionExpiresAt: number | null;
  devices: DeviceAnswer[];
  allowed: boolean;
  /** Suggestions for unknown devices. */
  hints: Complaint[];
}

function belongsTo(record: SessionRecord, { externalUser, companyUser }: ParsedUserIdentifier) {
  if (externalUser) return record.externalId === externalUser.externalId;
  if (record.email === null) return false;
  return companyUser?.id
    ? record.userId === companyUser.id
    : addressKey(record.email) === companyUser?.email;
}

/** The answer of the session's copy if it is a clear yes. Null otherwise: D1 decides. */
async function fromCopy(
  { call, tenantId, now }: Permit<'access.check'>,
  question: CheckInput,
): Promise<AccessAnswer | null> {
  const { accessToken, consistency, permission } = question;
  if (accessToken == null || consistency === 'STRICT') return null;
  const resolved = await resolveToken(call, accessToken, {
    consistency,
    activity: false,
    tenantId,
  });
  if (!resolved) return null;
  const { record } = resolved.known;
  if (!belongsTo(record, question.userIdentifier)) return null;
  const devices: DeviceAnswer[] = [];
  for (const identifier of question.deviceIdentifiers) {
    const grant = grantFor(record, { ...identifier, permission }, now);
    if (!grant) return null;
    const { deviceId, meterId, expiresAt } = grant;
    const explanation = { reason: 'GRANTED' as const, expiresAt, endedAt: null };
    devices.push({ deviceId, meterId, granted: true, ...explanation });
  }
  return {
    userExists: true,
    sessionValid: true,
    sessionExpiresAt: record.expiresAt,
    devices,
    allowed: true,
    hints: [],
  };
}

/** Columns of the rows `r` of `resolveDevices`, joined with their devices `d`. */
const deviceColumns = (tenantId: number, userId: SQL) => ({
  item: sql<number>`r.item`,
  deviceId: sql<string | null>`${d.deviceId}`,
  meterId: d.meterId,
  meant: meantInstead(tenantId),
  held: heldOn(userId, sql`r.dev`),
});

type DeviceRow = RowOf<ReturnType<typeof deviceColumns>>;

async function fromD1(
  permit: Permit<'access.check'>,
  { userIdentifier: identifier, accessToken, deviceIdentifiers, permission }: CheckInput,
  isExplained: boolean,
): Promise<AccessAnswer> {
  const { call, tenantId, now, db } = permit;
  const picked = isUser(tenantId, identifier);
  const userId = idOfUser(picked);
  const credential = accessToken == null ? null : await call.issuer.verifyCached(accessToken, now);
  const {
    user: [user],
    session: [session],
    rows,
    endings = [],
  } = await db.batch({
    user: selectUser(picked),
    session: select(
      { expiresAt: s.expiresAt, mayUse: sql<0 | 1>`${mayUse(sql`${permission}`)}` },
      sql`FROM ${source(s)}
        WHERE ${hasToken(credential)} AND ${s.userId} = ${userId} AND ${isLive(now)}`,
    ),
    rows: select(
      deviceColumns(tenantId, userId),
      sql`FROM (${resolveDevices(tenantId, deviceItems(deviceIdentifiers))}) r
        LEFT JOIN ${source(d)} ON ${d.deviceId} = r.dev ORDER BY r.item`,
    ),
    ...(isExplained ? { endings: selectEndings(permit, userId) } : {}),
  });
  const sessionValid = accessToken == null ? null : session !== undefined;
  const asked = { user, kind: permission, now, endings };
  const devices = rows.map((row) => {
    const held = readHeld(row.held);
    return {
      ...shownIds(row, deviceIdentifiers[row.item] ?? {}),
      granted: row.deviceId !== null && runningEnd(held, permission, now) !== undefined,
      ...explain(row.deviceId, held, asked),
    };
  });
  return {
    userExists: user !== undefined,
    sessionValid,
    sessionExpiresAt: session?.expiresAt ?? null,
    devices,
    allowed:
      user !== undefined &&
      user.suspendedAt === null &&
      sessionValid !== false &&
      devices.every(({ granted }) => granted && session?.mayUse !== 0),
    hints: rows.flatMap((row) =>
      hintsAt(['deviceIdentifiers', String(row.item)], deviceIdentifiers[row.item] ?? {}, row),
    ),
  };
}

/** The ids of one device. For a device of another tenant: only the id from the input. */
const shownIds = ({ deviceId, meterId }: DeviceRow, asked: ParsedDeviceIdentifier) =>
  deviceId === null
    ? { deviceId: asked.deviceId ?? null, meterId: asked.meterId ?? null }
    : { deviceId, meterId };

/**
 * Whether a user has a session and may use devices. The answers for devices are about the user: a
 * support session may be allowed less. A copy of the session may confirm it. A denial always comes
 * from D1. `isExplained`: whether it is told how permissions ended, which D1 has to look up.
 */
export async function checkAccess(
  permit: Permit<'access.check'>,
  raw: AccessQuestion,
  isExplained: boolean,
): Promise<AccessAnswer> {
  const question = parse(input, raw);
  return (await fromCopy(permit, question)) ?? fromD1(permit, question, isExplained);
}
