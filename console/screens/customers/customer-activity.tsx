/** What was done about a customer, and by whom. */
import { Empty } from '../../parts/empty.tsx';
import { List } from '../../parts/list.tsx';
import { Section } from '../../parts/page.tsx';
import { usePages } from '../../parts/pages.ts';
import { eventColumns, useKeyNames } from '../activity/columns.tsx';
import { readEvents } from '../activity/events.ts';
import { KeyNames } from '../activity/names.tsx';
import type { Customer } from './read.ts';

/** So many have room at the end of the page. */
const FIRST = 10;

export function CustomerActivity({ customer }: { customer: Customer }) {
  const { id, readAt } = customer;
  const keys = useKeyNames();
  const events = usePages(`${id} ${readAt}`, (after, signal) =>
    readEvents({ about: id }, after, signal, FIRST),
  );
  return (
    <Section title="Activity" about="What was done about this customer, the newest first.">
      <KeyNames.Provider value={keys}>
        <List
          caption="Activity"
          pages={events}
          columns={eventColumns}
          keyOf={(event) => event.id}
          empty={<Empty title="Nothing has happened yet." />}
        />
      </KeyNames.Provider>
    </Section>
  );
}
