/** One customer: whether their app works and why not, then all that they have. */
import { identifierOf } from '../../api/access.ts';
import { mutate } from '../../api/graphql.ts';
import type { LiveSession } from '../../api/types.ts';
import { Act } from '../../parts/act.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page, Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Sessions } from '../../parts/sessions.tsx';
import { Time } from '../../parts/time.tsx';
import { useLevel } from '../../session.tsx';
import { CheckAccess } from './check-access.tsx';
import { CustomerActions } from './customer-actions.tsx';
import { CustomerActivity } from './customer-activity.tsx';
import { CustomerDevices } from './customer-devices.tsx';
import { CustomerOrders } from './customer-orders.tsx';
import { type Customer, readCustomer } from './read.ts';
import { Standing } from './standing.tsx';

const TRAIL = [['/console/customers', 'Customers']] as const;

export interface CustomerProps {
  customer: Customer;
  onChange(): void;
}

function LiveSessions({ customer, onChange }: CustomerProps) {
  const { externalId, sessions } = customer;
  const end = async ({ id }: LiveSession) => {
    await mutate('removeUserSession', '', { sessionId: id });
    onChange();
  };
  const endAll = async () => {
    await mutate('removeUserSessions', '', { userIdentifier: identifierOf(externalId) });
    onChange();
    return 'All sessions have ended.';
  };
  return (
    <Section
      title="Sessions"
      about="Where the customer’s app is signed in, and who of you views as the customer."
      actions={
        sessions.length > 1 && (
          <Act small warns onAct={endAll} acting="Ending …">
            End all sessions
          </Act>
        )
      }
    >
      <Sessions sessions={sessions} onEnd={end} />
    </Section>
  );
}

const Missing = ({ externalId }: { externalId: string }) => (
  <Page title="No such customer" trail={TRAIL}>
    <Empty title="There is no customer with this ID.">
      {externalId && (
        <p>
          You looked for <bdi class="typed">{externalId}</bdi>. An app that uses this ID shows
          nothing. Capital and small letters differ; a removed customer is gone for good.
        </p>
      )}
      <a href="/console/customers">Search customers</a>
    </Empty>
  </Page>
);

export function CustomerPage({ externalId }: { externalId: string }) {
  const level = useLevel();
  const { value, failure, reload } = useLoad(externalId, (signal) =>
    externalId === '' ? Promise.resolve(null) : readCustomer(externalId, signal),
  );
  if (value === null) return <Missing externalId={externalId} />;
  if (!value) {
    return (
      <Page title="Customer" trail={TRAIL}>
        {failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton />}
      </Page>
    );
  }
  const parts = { customer: value, onChange: reload };
  return (
    <Page
      title={externalId}
      trail={TRAIL}
      badges={
        value.suspended ? <Badge tone="bad">Suspended</Badge> : <Badge tone="good">Active</Badge>
      }
      about={
        <>
          Customer since <Time at={value.createdAt} />
        </>
      }
      actions={<CustomerActions {...parts} />}
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      <Standing customer={value} />
      <CustomerDevices {...parts} />
      <CheckAccess customer={value} />
      <LiveSessions {...parts} />
      <CustomerOrders {...parts} />
      {level === 1 && <CustomerActivity customer={value} />}
    </Page>
  );
}
