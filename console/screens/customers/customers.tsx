/** The end users: found by the company's own id for them, by a device or by a meter. */
import { useState } from 'preact/hooks';
import { NAMED, type Named } from '../../api/access.ts';
import { graphql } from '../../api/graphql.ts';
import { Badge } from '../../parts/badge.tsx';
import { customerLink } from '../../parts/customer-name.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { Page } from '../../parts/page.tsx';
import { type Connection, cursorPage, PAGE_INFO, PAGE_SIZE, usePages } from '../../parts/pages.ts';
import { Search } from '../../parts/search.tsx';
import { Time } from '../../parts/time.tsx';
import { useQuery } from '../../parts/url.ts';
import type { ScreenProps } from '../../screens.ts';
import { AddCustomer } from './add-customer.tsx';
import { CustomerPage } from './customer.tsx';
import { FoundByDevice, useFound } from './found-by-device.tsx';

interface Customer extends Named {
  suspended: boolean;
  createdAt: string;
}

const externalIdOf = ({ userIdentifier }: Named): string =>
  userIdentifier.externalUser?.externalId ?? '';

const columns: Column<Customer>[] = [
  {
    name: 'Customer',
    cell: (customer) => (
      <span class="entry">
        <a href={customerLink(externalIdOf(customer))}>
          <bdi class="long">{externalIdOf(customer)}</bdi>
        </a>
      </span>
    ),
  },
  { name: 'Added', wide: true, cell: ({ createdAt }) => <Time at={createdAt} near /> },
  {
    name: 'Status',
    cell: ({ suspended }) =>
      suspended ? <Badge tone="bad">Suspended</Badge> : <Badge tone="good">Active</Badge>,
  },
];

const QUERY = `query ($first: Int!, $after: String, $search: String) {
  users(first: $first, after: $after, search: $search, kind: END_USER) {
    nodes { ${NAMED} suspended createdAt } ${PAGE_INFO}
  }
}`;

async function readCustomers(search: string, after: string | null, signal?: AbortSignal) {
  const variables = { first: PAGE_SIZE, after, search: search || null };
  const { users } = await graphql<{ users: Connection<Customer> }>(QUERY, variables, signal);
  return cursorPage(users);
}

interface NoneProps {
  search: string;
  /** Whether a device was found in their place. */
  hasDevice: boolean;
  onAdd(): void;
}

function None({ search, hasDevice, onAdd }: NoneProps) {
  if (hasDevice) return <p class="soft">No customer’s ID begins with this.</p>;
  return search ? (
    <Empty title="No customer’s ID begins with this.">
      <p>
        Capital and small letters differ. You can also enter a device, or the number of a power
        meter.
      </p>
    </Empty>
  ) : (
    <Empty title="There are no customers yet.">
      <p>Your programs add customers when an app first asks for access. You can add one as well.</p>
      <button type="button" onClick={onAdd}>
        Add the first customer
      </button>
    </Empty>
  );
}

function Customers() {
  const [{ search = '' }] = useQuery();
  const [isAdding, setAdding] = useState(false);
  const found = useFound(search);
  const customers = usePages(search, (after, signal) => readCustomers(search, after, signal));
  return (
    <Page
      title="Customers"
      about="The people whose apps show your devices."
      actions={
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          Add customer
        </button>
      }
    >
      <div class="filters">
        <Search label="Search customers" hint="Customer ID, device or meter" />
      </div>
      <FoundByDevice found={found} />
      <List
        caption="Customers"
        columns={columns}
        pages={customers}
        keyOf={({ id }) => id}
        empty={
          <None
            search={search}
            hasDevice={(found.value?.length ?? 0) > 0}
            onAdd={() => setAdding(true)}
          />
        }
      />
      {isAdding && <AddCustomer onClose={() => setAdding(false)} />}
    </Page>
  );
}

function OneCustomer() {
  const [{ externalId = '' }] = useQuery();
  return <CustomerPage key={externalId} externalId={externalId} />;
}

export const Screen = ({ rest: [part] }: ScreenProps) =>
  part === undefined ? <Customers /> : <OneCustomer />;
