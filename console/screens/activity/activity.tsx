/** What was changed, by whom. */
import { Empty } from '../../parts/empty.tsx';
import { List } from '../../parts/list.tsx';
import { Page } from '../../parts/page.tsx';
import { usePages } from '../../parts/pages.ts';
import { useQuery } from '../../parts/url.ts';
import { eventColumns, useKeyNames } from './columns.tsx';
import { Download } from './download.tsx';
import { readEvents } from './events.ts';
import { Filters } from './filters.tsx';
import { KeyNames } from './names.tsx';
import { ThingNames, useThingNames } from './things.tsx';

export function Screen() {
  const [query, change] = useQuery();
  const keys = useKeyNames();
  const { byName: _, aboutName: __, ...filters } = query;
  const events = usePages(JSON.stringify(filters), (after, signal) =>
    readEvents(filters, after, signal),
  );
  const things = useThingNames(events.rows);
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
        <ThingNames.Provider value={things}>
          <List
            caption="Activity"
            columns={eventColumns}
            pages={events}
            keyOf={({ id }) => id}
            empty={
              <Empty
                title={isFiltered ? 'Nothing fits these filters.' : 'Nothing has happened yet.'}
              >
                {isFiltered && (
                  <button type="button" onClick={all}>
                    Show everything
                  </button>
                )}
              </Empty>
            }
          />
        </ThingNames.Provider>
      </KeyNames.Provider>
    </Page>
  );
}
