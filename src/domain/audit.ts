/** Reading the audit trail; it is written beside each change, by `db/commit.ts`. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { timePrefix } from '../base/ids.ts';
import { idText, parse } from '../base/text.ts';
import { statement } from '../db/connect.ts';
import { closePage, openPage, type Page, type PageInput } from '../db/paging.ts';
import type { OrderStatus } from './orders/order.ts';
import type { ActorKind, Permit } from './permit.ts';

/** What an event concerned, besides a user. */
export interface Subject {
  deviceIds?: string[];
  permission?: 'VIEW' | 'CHARGE';
  expiresAt?: number | null;
  orderId?: string;
  orderStatus?: OrderStatus;
  sessionIds?: string[];
  apiKeyId?: string;
  replacedApiKeyId?: string;
  suspended?: boolean;
  externalIdChanged?: boolean;
  stationIds?: number[];
  projectId?: number;
  fields?: string[];
  count?: number;
}

export interface AuditEvent extends Subject {
  id: string;
  at: number;
  actorKind: ActorKind;
  actorId: string | null;
  action: string;
  userId: number | null;
  requestId: string;
}

const input = v.object({
  userId: v.nullish(idText),
  from: v.nullish(v.number()),
  to: v.nullish(v.number()),
});

export interface AuditFilter extends PageInput {
  userId?: string | null | undefined;
  /** Epoch milliseconds, inclusive. */
  from?: number | null | undefined;
  /** Epoch milliseconds, exclusive. */
  to?: number | null | undefined;
}

/** Newest first. An event's id begins with its time, so that a span of time is a range of the primary key. */
export async function listAuditEvents(
  permit: Permit<'audit.list'>,
  filter: AuditFilter,
): Promise<Page<AuditEvent>> {
  const { limit, after } = openPage(filter, v.tuple([v.string()]));
  const { userId, from, to } = parse(input, filter);
  const { tenantId, db } = permit;
  // Without the plus, SQLite may read the tenant's whole trail by the primary key for the events of one user.
  const rows = await db.read(
    statement<Omit<AuditEvent, keyof Subject> & { subject: string }>(sql`
      SELECT id, at, actor_kind AS actorKind, actor_id AS actorId, action, user_id AS userId, subject, request_id AS requestId
      FROM audit_events
      WHERE ${userId == null ? sql`tenant_id = ${tenantId}` : sql`user_id = ${userId} AND +tenant_id = ${tenantId}`}
        AND ${from == null ? sql`1` : sql`id >= ${timePrefix(Math.max(0, from))}`}
        AND ${to == null ? sql`1` : sql`id < ${timePrefix(Math.max(0, to))}`}
        AND ${after === undefined ? sql`1` : sql`id < ${after[0]}`}
      ORDER BY id DESC LIMIT ${limit}`),
  );
  const events = rows.map(
    ({ subject, ...event }): AuditEvent => ({
      ...event,
      ...(JSON.parse(subject) as Subject),
    }),
  );
  return closePage(events, limit, ({ id }) => [id]);
}
