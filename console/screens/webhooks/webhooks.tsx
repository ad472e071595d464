/** Where events are sent. */
import { useState } from 'preact/hooks';
import { readWebhooks, type Webhook } from '../../api/webhooks.ts';
import { Empty } from '../../parts/empty.tsx';
import { type Column, Skeleton, Table } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import type { ScreenProps } from '../../screens.ts';
import { LastDelivery, pendingWords, StateBadge } from './state.tsx';
import { typeWords } from './types.tsx';
import { WebhookPage } from './webhook.tsx';
import { AddWebhook } from './webhook-form.tsx';

const columns: Column<Webhook>[] = [
  {
    name: 'Webhook',
    cell: (webhook) => (
      <span class="entry">
        <a href={`/console/webhooks/${encodeURIComponent(webhook.id)}`}>
          <bdi>{webhook.description ?? webhook.url}</bdi>
        </a>
        {webhook.description !== null && (
          <small>
            <bdi>{webhook.url}</bdi>
          </small>
        )}
        <small>{typeWords(webhook.types)}</small>
      </span>
    ),
  },
  { name: 'State', cell: (webhook) => <StateBadge webhook={webhook} /> },
  { name: 'Waiting', wide: true, cell: pendingWords },
  { name: 'Sent last', wide: true, cell: (webhook) => <LastDelivery webhook={webhook} /> },
];

function Webhooks() {
  const { value, failure, reload } = useLoad('webhooks', readWebhooks);
  const [isAdding, setAdding] = useState(false);
  return (
    <Page
      title="Webhooks"
      about="Latchkey tells your programs of each change, at an address of yours."
      actions={
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          Add webhook
        </button>
      }
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      {value && value.length > 0 && (
        <Table caption="Webhooks" columns={columns} rows={value} keyOf={({ id }) => id} />
      )}
      {value?.length === 0 && (
        <Empty title="Nothing is sent anywhere yet.">
          <p>
            Choose “Add webhook” if a program of yours should hear at once when an order moves or
            access ends.
          </p>
        </Empty>
      )}
      {!value && !failure && <Skeleton />}
      {isAdding && <AddWebhook onAdded={reload} onClose={() => setAdding(false)} />}
    </Page>
  );
}

export const Screen = ({ rest: [id] }: ScreenProps) =>
  id === undefined ? <Webhooks /> : <WebhookPage key={id} id={id} />;
