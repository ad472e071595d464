/** What was done about a customer, and by whom. */

import type { OrderStatus, PermissionKind } from '../../api/access.ts';
import { ACTOR, type Actor, type KeyName } from '../../api/actors.ts';
import { graphql } from '../../api/graphql.ts';
import { ActorName } from '../../parts/actor.tsx';
import { Empty } from '../../parts/empty.tsx';
import { List } from '../../parts/list.tsx';
import { STATUS_WORDS } from '../../parts/orders.tsx';
import { Section } from '../../parts/page.tsx';
import { type Connection, cursorPage, PAGE_INFO, usePages } from '../../parts/pages.ts';
import { kindWords } from '../../parts/permission-words.tsx';
import { Time } from '../../parts/time.tsx';
import type { Customer } from './read.ts';

interface Happened {
  id: string;
  action: string;
  at: string;
  actor: Actor;
  deviceIds: string[];
  sessionIds: string[];
  permission: PermissionKind | null;
  expiresAt: string | null;
  orderId: string | null;
  orderStatus: OrderStatus | null;
  suspended: boolean | null;
  externalIdChanged: boolean | null;
  keys: KeyName[];
}

const FIELDS = `id action at ${ACTOR} deviceIds sessionIds permission expiresAt orderId orderStatus
  suspended externalIdChanged`;

const QUERY = `query ($userId: ID!, $after: String) {
  auditEvents(first: 10, after: $after, userId: $userId) { nodes { ${FIELDS} } ${PAGE_INFO} }
  apiKeys { id name }
}`;

const sessions = ({ sessionIds: { length } }: Happened) =>
  length === 1 ? 'A session' : `${length} sessions`;

const permission = ({ permission, deviceIds }: Happened) =>
  `“${permission ? kindWords[permission] : 'Everything'}” of ${deviceIds.join(', ')}`;

const order = ({ orderId, orderStatus }: Happened) =>
  `Order ${orderId}: ${orderStatus ? STATUS_WORDS[orderStatus].toLowerCase() : 'changed'}`;

function changed({ suspended, externalIdChanged }: Happened): string {
  if (externalIdChanged) return 'ID changed';
  return suspended ? 'Suspended' : 'Active again';
}

const WORDS: Record<string, (event: Happened) => string> = {
  'user.add': () => 'Customer added',
  'user.update': changed,
  'user.remove': () => 'Customer removed',
  'user.export': () => 'Data exported',
  'permission.add': (event) => `${permission(event)} granted`,
  'permission.remove': (event) => `${permission(event)} withdrawn`,
  'permission.removeAll': (event) =>
    `${permission(event)} withdrawn, with all access to the device`,
  'permission.end': (event) => `${permission(event)} ended, as was set`,
  'session.add': (event) => `${sessions(event)} opened`,
  'session.remove': (event) => `${sessions(event)} ended`,
  'session.removeAll': (event) => `${sessions(event)} ended`,
  'session.removeOwn': (event) => `${sessions(event)} ended: signed out`,
  'session.expire': (event) => `${sessions(event)} ended, unused for 30 days`,
  'order.add': order,
  'order.cancel': order,
  'order.update': order,
};

async function readActivity({ id }: Customer, after: string | null, signal?: AbortSignal) {
  const { auditEvents, apiKeys } = await graphql<{
    auditEvents: Connection<Omit<Happened, 'keys'>>;
    apiKeys: KeyName[];
  }>(QUERY, { userId: id, after }, signal);
  const { rows, next } = cursorPage(auditEvents);
  return { rows: rows.map((row): Happened => ({ ...row, keys: apiKeys })), next };
}

export function CustomerActivity({ customer }: { customer: Customer }) {
  const events = usePages(`${customer.id} ${customer.readAt}`, (after, signal) =>
    readActivity(customer, after, signal),
  );
  return (
    <Section title="Activity" about="What was done about this customer, the last first.">
      <List
        caption="Activity"
        pages={events}
        keyOf={({ id }) => id}
        columns={[
          {
            name: 'What',
            cell: (event) => (
              <span class="entry">
                <bdi>{WORDS[event.action]?.(event) ?? event.action}</bdi>
                <small class="phone-only">
                  <ActorName {...event} />
                </small>
              </span>
            ),
          },
          { name: 'By', wide: true, cell: (event) => <ActorName {...event} /> },
          { name: 'When', cell: ({ at }) => <Time at={at} near /> },
        ]}
        empty={<Empty title="Nothing was done yet." />}
      />
    </Section>
  );
}
