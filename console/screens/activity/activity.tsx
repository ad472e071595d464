/** What was changed, by whom. */
import { graphql } from '../../api/graphql.ts';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { usePages } from '../../parts/pages.ts';
import { Time } from '../../parts/time.tsx';
import { useQuery } from '../../parts/url.ts';
import { Download } from './download.tsx';
import { type AuditEvent, readEvents } from './events.ts';
import { Filters } from './filters.tsx';
import { ActorName, KeyNames } from './names.tsx';
import { Told } from './sentences.tsx';

const columns: Column<AuditEvent>[] = [
  {
    name: 'What',
    cell: (event) => (
      <span class="entry told">
        <span>
          <Told event={event} />
        </span>
        <small class="phone-only">
          <ActorName actor={event.actor} />
        </small>
      </span>
    ),
  },
  { name: 'Who', wide: true, cell: ({ actor }) => <ActorName actor={actor} /> },
  { name: 'When', end: true, cell: ({ at }) => <Time at={at} near /> },
];

/** Without them, keys are shown without a name. */
function useKeyNames(): ReadonlyMap<string, string> {
  const { value } = useLoad('key names', (signal) =>
    graphql<{ apiKeys: { id: string; name: string }[] }>('{ apiKeys { id name } }', {}, signal),
  );
  return new Map(value?.apiKeys.map(({ id, name }) => [id, name]));
}

export function Screen() {
  const [query, change] = useQuery();
  const keys = useKeyNames();
  const { byName: _, aboutName: __, ...filters } = query;
  const events = usePages(JSON.stringify(filters), (after, signal) =>
    readEvents(filters, after, signal),
  );
  const isFiltered = Object.keys(filters).length > 0;
  const all = () => change(Object.fromEntries(Object.keys(query).map((name) => [name, ''])));
  return (
    <Page
      title="Activity"
      about="What was changed in your company, the newest first."
      actions={<Download filters={filters} />}
    >
      <Filters />
      <KeyNames.Provider value={keys}>
        <List
          caption="Activity"
          columns={columns}
          pages={events}
          keyOf={({ id }) => id}
          empty={
            <Empty title={isFiltered ? 'Nothing fits these filters.' : 'Nothing has happened yet.'}>
              {isFiltered && (
                <button type="button" onClick={all}>
                  Show everything
                </button>
              )}
            </Empty>
          }
        />
      </KeyNames.Provider>
    </Page>
  );
}
