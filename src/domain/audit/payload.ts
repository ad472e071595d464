/**
 * Events as clients get them: `GET /events` and webhooks carry the same objects. They name things
 * by public ids and closed words alone, so that whoever receives them learns no name, no address,
 * no externalId and no secret.
 */
import { sql } from 'drizzle-orm';
import { writeTime } from '../../base/time.ts';
import { e } from '../../db/aliases.ts';
import { type AuditAction, EVENTS, type Subject } from '../../db/events.ts';
import type { RowOf } from '../../db/statements.ts';
import type { ActorKind } from '../credentials.ts';

/** What is read of an event `e`. */
export const eventColumns = {
  /** Its place in the trail: greater than that of each event that was committed before. */
  number: e.number,
  tenantId: e.tenantId,
  at: sql<number>`${e.at}`,
  actorKind: sql<ActorKind>`${e.actorKind}`,
  /** The public id of the API key or session. */
  credentialId: e.actorId,
  actorUserId: e.actorUserId,
  action: sql<AuditAction>`${e.action}`,
  userId: e.userId,
  subject: e.subject,
  requestId: e.requestId,
};
export type EventRow = RowOf<typeof eventColumns>;

const asItIs = <Value>(value: Value): Value => value;
const textOf = (id: number): string => String(id);
const textsOf = (ids: number[]): string[] => ids.map(String);

/** How each fact of an event is written: ids are texts, as in GraphQL, and times are RFC 3339. */
const WRITERS = {
  deviceIds: asItIs,
  permission: asItIs,
  expiresAt: (time) => (time === null ? null : writeTime(time)),
  orderId: asItIs,
  orderStatus: asItIs,
  sessionIds: asItIs,
  forSupport: asItIs,
  apiKeyId: asItIs,
  replacedApiKeyId: asItIs,
  suspended: asItIs,
  externalIdChanged: asItIs,
  projectId: textOf,
  stationIds: textsOf,
  sensorId: textOf,
  channelId: textOf,
  webhookId: asItIs,
  fields: asItIs,
  count: asItIs,
} satisfies { [Name in keyof Subject]-?: (value: Required<Subject>[Name]) => unknown };

/** What an id of ours is outside: numbers above 2^53 do not pass every JSON parser. */
const idOf = (id: number | null): string | null => (id === null ? null : String(id));

/** What every event tells. */
interface Always {
  intermediaryId: string;
  /** The user concerned. Absent: none is. */
  userId?: string;
  /** By which credential, as its public id, and by which user; null: by none. */
  actor: { kind: ActorKind; credentialId: string | null; userId: string | null };
  requestId: string;
}

/** Each fact as `WRITERS` writes it. */
type Facts = {
  [Name in keyof Subject]: (typeof WRITERS)[Name & keyof typeof WRITERS] extends typeof asItIs
    ? Subject[Name]
    : ReturnType<(typeof WRITERS)[Name & keyof typeof WRITERS]>;
};

/** An event of one of these types, with what `EVENTS` says of each. */
export type PublicEvent<Type extends AuditAction = AuditAction> = Type extends AuditAction
  ? {
      id: string;
      type: Type;
      timestamp: string;
      data: Always & Pick<Facts, (typeof EVENTS)[Type][number]>;
    }
  : never;

/** The event that a row of the audit trail is. What `EVENTS` does not name is left out. */
export function eventOf(row: EventRow): PublicEvent {
  const subject = JSON.parse(row.subject) as Record<string, never>;
  // An earlier version of the Worker, that was gone back to, may not know the type.
  const names = Object.hasOwn(EVENTS, row.action) ? EVENTS[row.action] : [];
  const facts = names
    .filter((name) => Object.hasOwn(subject, name))
    .map((name) => [name, WRITERS[name](subject[name] as never)]);
  return {
    id: String(row.number),
    type: row.action,
    timestamp: writeTime(row.at),
    data: {
      intermediaryId: String(row.tenantId),
      ...(row.userId === null ? {} : { userId: String(row.userId) }),
      ...Object.fromEntries(facts),
      actor: {
        kind: row.actorKind,
        credentialId: row.credentialId,
        userId: idOf(row.actorUserId),
      },
      requestId: row.requestId,
    },
  } as PublicEvent;
}
