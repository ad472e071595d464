/** One webhook: how it does, and what was sent last. */
import { type Delivery, readWebhook, type WebhookInFull } from '../../api/webhooks.ts';
import { Empty } from '../../parts/empty.tsx';
import { type Column, Skeleton, Table } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { MakerName } from '../../parts/maker.tsx';
import { Facts, Page, Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Time } from '../../parts/time.tsx';
import { AnswerBadge, LastDelivery, pendingWords, StateBadge } from './state.tsx';
import { typeWords } from './types.tsx';
import { WebhookActions } from './webhook-actions.tsx';

const TRAIL = [['/console/webhooks', 'Webhooks']] as const;

const MS = new Intl.NumberFormat(undefined, { style: 'unit', unit: 'millisecond' });

const columns: Column<Delivery>[] = [
  {
    name: 'Event',
    cell: ({ eventId, durationMs }) => (
      <span class="entry">
        <code>{eventId}</code>
        <small class="phone-only">{MS.format(durationMs)}</small>
      </span>
    ),
  },
  { name: 'Answer', cell: (delivery) => <AnswerBadge delivery={delivery} /> },
  { name: 'Took', wide: true, cell: ({ durationMs }) => MS.format(durationMs) },
  { name: 'Sent', cell: ({ at }) => <Time at={at} /> },
];

function Trouble({ webhook: { disabledReason, missedUntil } }: { webhook: WebhookInFull }) {
  return (
    <>
      {disabledReason !== null && <p class="warning">{disabledReason}</p>}
      {missedUntil !== null && (
        <p class="warning">
          Events before <Time at={missedUntil} /> were erased before your receiver took them. They
          cannot be sent any more.
        </p>
      )}
    </>
  );
}

export function WebhookPage({ id }: { id: string }) {
  const { value, failure, reload } = useLoad(id, (signal) => readWebhook(id, signal));
  if (value === null) {
    return (
      <Page title="No such webhook" trail={TRAIL}>
        <Empty title="There is no such webhook any more.">
          <a href="/console/webhooks">All webhooks</a>
        </Empty>
      </Page>
    );
  }
  if (!value) {
    return (
      <Page title="Webhook" trail={TRAIL}>
        {failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton />}
      </Page>
    );
  }
  return (
    <Page
      title={value.description ?? value.url}
      trail={TRAIL}
      badges={<StateBadge webhook={value} />}
      about={value.description !== null && <bdi>{value.url}</bdi>}
      actions={<WebhookActions webhook={value} onChange={reload} />}
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      <Trouble webhook={value} />
      <Section title="Details">
        <Facts
          facts={[
            ['Events', typeWords(value.types)],
            ['Waiting', pendingWords(value)],
            ['Sent last', <LastDelivery webhook={value} />],
            ['Added', <Time at={value.createdAt} />],
            ['Added by', <MakerName maker={value.madeBy} keys={value.keys} />],
          ]}
        />
      </Section>
      <Section title="Last deliveries" about="What was sent, and how your receiver answered.">
        {value.deliveries.length === 0 ? (
          <Empty title="Nothing was sent yet.">
            <p>Choose “Test” to see how your receiver answers.</p>
          </Empty>
        ) : (
          <Table
            caption="Last deliveries"
            columns={columns}
            rows={value.deliveries}
            keyOf={({ eventId, at }) => `${eventId} ${at}`}
          />
        )}
      </Section>
    </Page>
  );
}
