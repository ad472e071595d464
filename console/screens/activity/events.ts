/** Audit events, as the GraphQL API tells them. */
import { graphql } from '../../api/graphql.ts';
import { cursorPage, PAGE_INFO, type Page } from '../../parts/pages.ts';

/** Somebody: a member, a customer, or what is left of one who was removed. */
export interface Somebody {
  id: string;
  name: string | null;
  email: string | null;
  userIdentifier: { externalUser: { externalId: string } | null };
}

export interface AuditEvent {
  id: string;
  at: string;
  action: string;
  actor: {
    kind: 'API_KEY' | 'END_USER' | 'MEMBER' | 'OPERATOR' | 'SUPPORT' | 'SYSTEM';
    credentialId: string | null;
    user: Somebody | null;
  };
  user: Somebody | null;
  deviceIds: string[];
  permission: 'VIEW' | 'CHARGE' | null;
  expiresAt: string | null;
  orderId: string | null;
  orderStatus: string | null;
  sessionIds: string[];
  apiKeyId: string | null;
  suspended: boolean | null;
  externalIdChanged: boolean | null;
  stationIds: string[];
  projectId: string | null;
  sensorId: string | null;
  fields: string[];
  count: number | null;
  /** Of a support session: who acts, and why. */
  support: {
    actor: string;
    reason: string | null;
    user: Somebody | null;
  } | null;
}

const SOMEBODY = 'id name email userIdentifier { externalUser { externalId } }';

const SHOWN = `
  id at action actor { kind credentialId user { ${SOMEBODY} } } user { ${SOMEBODY} }
  deviceIds permission expiresAt orderId orderStatus sessionIds apiKeyId suspended
  externalIdChanged stationIds projectId sensorId fields count
  support { actor reason user { ${SOMEBODY} } }`;

/** The filters, as the URL has them. Left out or empty: all. */
export interface Filters {
  by?: string;
  about?: string;
  device?: string;
  actions?: string;
  from?: string;
  to?: string;
}

/** When a day begins by the reader's clock, or the one `later` days after it. Null: no day. */
export function startOf(day: string | undefined, later = 0): string | null {
  const date = new Date(`${day}T00:00`);
  if (Number.isNaN(date.getTime())) return null;
  date.setDate(date.getDate() + later);
  return date.toISOString();
}

const variablesOf = ({ by, about, device, actions, from, to }: Filters) => ({
  actorUserId: by || null,
  userId: about || null,
  deviceIdentifier: device ? { deviceId: device } : null,
  actions: actions ? actions.split(',') : [],
  ...{ from: startOf(from), to: startOf(to, 1) },
});

const DOCUMENT = `
  query ($first: Int!, $after: String, $actions: [String!], $actorUserId: ID, $userId: ID,
    $deviceIdentifier: DeviceIdentifierInput, $from: DateTime, $to: DateTime) {
    auditEvents(first: $first, after: $after, actions: $actions, actorUserId: $actorUserId,
      userId: $userId, deviceIdentifier: $deviceIdentifier, from: $from, to: $to) {
      nodes { ${SHOWN} } ${PAGE_INFO}
    }
  }`;

interface Answer {
  auditEvents: Parameters<typeof cursorPage<AuditEvent>>[0];
}

/** How many on a page: an event may name 500 devices, and what a page may hold is paid for. */
const SHOWN_AT_ONCE = 25;

/** Events with the names of those concerned, the newest first. */
export async function readEvents(
  filters: Filters,
  after: string | null,
  signal?: AbortSignal,
  first = SHOWN_AT_ONCE,
): Promise<Page<AuditEvent>> {
  const variables = { ...variablesOf(filters), first, after };
  return cursorPage((await graphql<Answer>(DOCUMENT, variables, signal)).auditEvents);
}
