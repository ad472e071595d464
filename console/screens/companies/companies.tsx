/** The companies that this service is for. */
import { useState } from 'preact/hooks';
import { type CompanyRow, readCompanies } from '../../api/companies.ts';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { Page } from '../../parts/page.tsx';
import { usePages } from '../../parts/pages.ts';
import { Search } from '../../parts/search.tsx';
import { useQuery } from '../../parts/url.ts';
import type { ScreenProps } from '../../screens.ts';
import { AddCompany } from './add-company.tsx';
import { CompanyPage } from './company.tsx';

const COUNT = new Intl.NumberFormat();

const columns: Column<CompanyRow>[] = [
  {
    name: 'Name',
    cell: ({ id, name, usage }) => (
      <span class="entry">
        <a href={`/console/companies/${id}`}>
          <bdi>{name}</bdi>
        </a>
        <small class="phone-only">
          {COUNT.format(usage.users)} customers, {COUNT.format(usage.devices)} devices
        </small>
      </span>
    ),
  },
  { name: 'Number', wide: true, cell: ({ id }) => <span class="number soft">{id}</span> },
  {
    ...{ name: 'Customers', wide: true, end: true },
    cell: ({ usage }) => <span class="number">{COUNT.format(usage.users)}</span>,
  },
  {
    ...{ name: 'Devices', wide: true, end: true },
    cell: ({ usage }) => <span class="number">{COUNT.format(usage.devices)}</span>,
  },
];

function Companies() {
  const [{ search = '' }] = useQuery();
  const [isAdding, setAdding] = useState(false);
  const companies = usePages(search, (after, signal) => readCompanies({ search, after, signal }));
  return (
    <Page
      title="Companies"
      about="Each has its own people, customers, devices and API keys."
      actions={
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          Add company
        </button>
      }
    >
      <div class="filters">
        <Search label="Search companies" hint="Name" />
      </div>
      <List
        caption="Companies"
        columns={columns}
        pages={companies}
        keyOf={({ id }) => id}
        empty={
          search ? (
            <Empty title="No company fits this search.">
              <p>It finds names that begin with it.</p>
            </Empty>
          ) : (
            <Empty title="There is no company yet.">
              <p>Add one. You get its first API key to hand over.</p>
            </Empty>
          )
        }
      />
      {isAdding && <AddCompany onClose={() => setAdding(false)} onAdded={companies.reload} />}
    </Page>
  );
}

export const Screen = ({ rest: [id] }: ScreenProps) =>
  id === undefined ? <Companies /> : <CompanyPage key={id} id={id} />;
