/** How a webhook does, in words. */
import type { Delivery, Webhook } from '../../api/webhooks.ts';
import { Badge } from '../../parts/badge.tsx';
import { Time } from '../../parts/time.tsx';

const COUNT = new Intl.NumberFormat();

/** So many, as the API counts them, stand for more as well. */
const MANY = 1000;

export const isSuccess = ({ status }: Delivery): boolean =>
  status !== null && status >= 200 && status < 300;

export const StateBadge = ({ webhook: { enabled, lastDelivery } }: { webhook: Webhook }) => {
  if (!enabled) return <Badge tone="bad">Disabled</Badge>;
  if (lastDelivery && !isSuccess(lastDelivery)) return <Badge tone="warn">Failing</Badge>;
  return <Badge tone="good">On</Badge>;
};

export function pendingWords({ pending }: Webhook): string {
  if (pending === 0) return 'None';
  return pending >= MANY ? `${COUNT.format(MANY)} or more` : COUNT.format(pending);
}

/** What the receiver answered. */
export const AnswerBadge = ({ delivery }: { delivery: Delivery }) => (
  <Badge tone={isSuccess(delivery) ? 'good' : 'bad'}>
    {delivery.status === null ? 'No answer' : `Answer ${delivery.status}`}
  </Badge>
);

export const LastDelivery = ({ webhook: { lastDelivery } }: { webhook: Webhook }) =>
  lastDelivery ? (
    <>
      <AnswerBadge delivery={lastDelivery} /> <Time at={lastDelivery.at} near />
    </>
  ) : (
    <span class="faint">Nothing yet</span>
  );
