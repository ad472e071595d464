/** The members of the company. */
import { useState } from 'preact/hooks';
import { rest } from '../../api/rest.ts';
import type { Paging, User } from '../../api/types.ts';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { Page } from '../../parts/page.tsx';
import { offsetPage, PAGE_SIZE, usePages } from '../../parts/pages.ts';
import { Search } from '../../parts/search.tsx';
import { useQuery } from '../../parts/url.ts';
import { alarmWords } from '../../parts/words.ts';
import type { ScreenProps } from '../../screens.ts';
import { AddPerson } from './add-person.tsx';
import { PersonPage } from './person.tsx';
import { Standing } from './standing.tsx';

const columns: Column<User>[] = [
  {
    name: 'Name',
    cell: (user) => (
      <span class="entry">
        <a href={`/console/people/${user.id}`}>
          <bdi>{user.name}</bdi>
        </a>
        <small>
          <bdi>{user.email}</bdi>
        </small>
        <small class="phone-only">Level {user.member_level_id}</small>
      </span>
    ),
  },
  { name: 'Level', wide: true, cell: (user) => user.member_level_id },
  { name: 'Alarms by', wide: true, cell: (user) => alarmWords(user) },
  { name: 'Status', cell: (user) => <Standing user={user} /> },
];

const readPeople = async (search: string, after: string | null, signal?: AbortSignal) => {
  const query = new URLSearchParams({
    ...{ page: after ?? '1', per_page: String(PAGE_SIZE), sort: 'name' },
    ...(search ? { search } : {}),
  });
  const { users, paging } = await rest<{ users: User[]; paging: Paging }>(
    `GET /user?${query}`,
    undefined,
    signal,
  );
  return offsetPage(users, paging);
};

function People() {
  const [{ search = '' }] = useQuery();
  const [isAdding, setAdding] = useState(false);
  const people = usePages(search, (after, signal) => readPeople(search, after, signal));
  const isAlone = !search && people.total === 1;
  return (
    <Page
      title="People"
      about="Those who sign in here for your company."
      actions={
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          Add person
        </button>
      }
    >
      <div class="filters">
        <Search label="Search people" hint="Name or e-mail" />
      </div>
      <List
        caption="People"
        columns={columns}
        pages={people}
        keyOf={({ id }) => id}
        empty={
          <Empty title={search ? 'Nobody fits this search.' : 'Nobody is here yet.'}>
            {search && <p>It finds names and e-mail addresses that begin with it.</p>}
          </Empty>
        }
      />
      {isAlone && (
        <Empty title="You are the only one here.">
          <p>Choose “Add person” to invite a colleague.</p>
        </Empty>
      )}
      {isAdding && <AddPerson onClose={() => setAdding(false)} onAdded={people.reload} />}
    </Page>
  );
}

export const Screen = ({ rest: [id] }: ScreenProps) =>
  id === undefined ? <People /> : <PersonPage key={id} id={id} />;
