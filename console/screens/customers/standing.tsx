/** Why the customer's app shows what it shows, at a glance. */

import type { ComponentChildren } from 'preact';
import type { Order } from '../../api/access.ts';
import { STATUS_WORDS } from '../../parts/orders.tsx';
import { Time } from '../../parts/time.tsx';
import type { Customer } from './read.ts';

export type Mark = 'good' | 'bad' | 'warn';

/** What stands between the customer and a meter in the app, or does not. */
interface Finding {
  mark: Mark;
  text: ComponentChildren;
}

const PENDING: ReadonlySet<string> = new Set(['PLACED', 'PROCESSING', 'SHIPPED']);

const ofAccount = ({ suspended }: Customer): Finding =>
  suspended
    ? {
        mark: 'bad',
        text: 'The customer is suspended. The app shows nothing until you choose “Unsuspend”.',
      }
    : { mark: 'good', text: 'The customer is active.' };

function ofDevices({ firstDevices: { nodes: devices, pageInfo } }: Customer): Finding {
  const readable = devices.filter(({ permissions }) =>
    permissions.some(({ permission }) => permission === 'VIEW'),
  ).length;
  const count = `${readable}${pageInfo.hasNextPage ? ' or more' : ''}`;
  if (readable > 0) {
    const noun = count === '1' ? 'device' : 'devices';
    return { mark: 'good', text: `The customer may see the readings of ${count} ${noun}.` };
  }
  if (devices.length > 0) {
    return {
      mark: 'bad',
      text:
        'The customer may control charging, but may not see readings of any device. Grant ' +
        '“See readings” as well.',
    };
  }
  return {
    mark: 'bad',
    text: 'The customer has no device, so the app has no meter to show. Grant one below.',
  };
}

function ofSessions({ sessions, suspended }: Customer): Finding {
  const latest = sessions.find(({ support }) => !support);
  if (latest) {
    return {
      mark: 'good',
      text: (
        <>
          The app is signed in. It was last active <Time at={latest.lastActiveAt} near />.
        </>
      ),
    };
  }
  return {
    mark: suspended ? 'bad' : 'warn',
    text: suspended
      ? 'The app is signed in nowhere: a suspended customer cannot sign in.'
      : 'The app is not signed in anywhere. The customer has to open it and sign in again.',
  };
}

function ofOrder(order: Order): Finding {
  return {
    mark: 'warn',
    text: (
      <>
        Order <bdi>{order.orderId}</bdi> is not there yet:{' '}
        {STATUS_WORDS[order.orderStatus].toLowerCase()}, since <Time at={order.updatedAt} near />.
      </>
    ),
  };
}

/** Devices that arrived, but that the customer may not use. */
function ofDelivered({ orders, firstDevices: { nodes, pageInfo } }: Customer): Finding[] {
  if (pageInfo.hasNextPage) return [];
  const permitted = new Set(nodes.map(({ deviceId }) => deviceId));
  const missing = orders.filter(
    ({ orderStatus, deviceId }) =>
      orderStatus === 'DELIVERED' && deviceId !== null && !permitted.has(deviceId),
  );
  return missing.map(({ deviceId }) => ({
    mark: 'warn',
    text: `Device ${deviceId} was delivered, but the customer has no access to it. Grant it below.`,
  }));
}

function findingsOf(customer: Customer): Finding[] {
  const pending = customer.orders.find(({ orderStatus }) => PENDING.has(orderStatus));
  return [
    ...[ofAccount(customer), ofDevices(customer), ofSessions(customer)],
    ...ofDelivered(customer),
    ...(pending ? [ofOrder(pending)] : []),
  ];
}

const WORDS: Record<Mark, string> = { good: 'In order', bad: 'Problem', warn: 'Note' };

const PATHS: Record<Mark, string> = {
  good: 'M3 8.5l3.2 3.2L13 4.8',
  bad: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 3.5v6M8 12.3v.2',
};

export const Sign = ({ mark }: { mark: Mark }) => (
  <span class={`sign ${mark}`} role="img" aria-label={WORDS[mark]}>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[mark]} />
    </svg>
  </span>
);

/** The worst of what counts: an order that is under way is only a note. */
function verdictOf([account, devices, sessions]: Finding[]): [Mark, string] {
  if (account?.mark === 'bad' || devices?.mark === 'bad') return ['bad', 'The app shows no meter'];
  if (sessions?.mark !== 'good') return ['warn', 'The app shows meters once it is signed in'];
  return ['good', 'The app can show meters'];
}

export function Standing({ customer }: { customer: Customer }) {
  const findings = findingsOf(customer);
  const [mark, verdict] = verdictOf(findings);
  return (
    <section class={`card standing ${mark}`}>
      <h2>{verdict}</h2>
      <ul class="findings">
        {findings.map(({ mark, text }, at) => (
          <li key={at}>
            <Sign mark={mark} />
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
