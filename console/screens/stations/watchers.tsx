/** Who sees a station, and who is told of its alarms. */
import { rest } from '../../api/rest.ts';
import type { Paging, Recipient, User } from '../../api/types.ts';
import { Empty } from '../../parts/empty.tsx';
import { List, Skeleton, Table } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Section } from '../../parts/page.tsx';
import { offsetPage, PAGE_SIZE, usePages } from '../../parts/pages.ts';
import { Problem } from '../../parts/problem.tsx';

interface OfStation {
  stationId: number;
}

const Person = ({ id, name, email }: { id: number; name: string | null; email: string | null }) => (
  <span class="entry">
    <a href={`/console/people/${id}`}>
      <bdi>{name ?? email ?? 'Without a name'}</bdi>
    </a>
    {name && email && (
      <small>
        <bdi>{email}</bdi>
      </small>
    )}
  </span>
);

export function Watchers({ stationId }: OfStation) {
  const people = usePages(`watchers ${stationId}`, async (after, signal) => {
    const query = `station_id=${stationId}&sort=name&page=${after ?? 1}&per_page=${PAGE_SIZE}`;
    const { users, paging } = await rest<{ users: User[]; paging: Paging }>(
      `GET /user?${query}`,
      undefined,
      signal,
    );
    return offsetPage(users, paging);
  });
  return (
    <Section
      title="Who sees it"
      about="Level 1 sees all stations. These see it besides. Assign it to somebody under People."
    >
      <List
        caption="Who sees it"
        pages={people}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Name', cell: (user) => <Person {...user} /> },
          { name: 'Level', end: true, cell: ({ member_level_id }) => member_level_id },
        ]}
        empty={<Empty title="Nobody besides level 1." />}
      />
    </Section>
  );
}

export function ToldOfAlarms({ stationId }: OfStation) {
  const { value, failure, reload } = useLoad(`told ${stationId}`, (signal) =>
    rest<{ alarm_recipients: Recipient[] }>(
      `GET /station/${stationId}/alarm-recipients`,
      undefined,
      signal,
    ),
  );
  const told = value?.alarm_recipients;
  return (
    <Section title="Who is told of alarms" about="Those who see it and want alarms.">
      {!told && (failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton lines={2} />)}
      {told?.length === 0 && (
        <Empty title="Nobody is told of alarms here.">
          <p>Switch alarms on for somebody who sees this station, under People.</p>
        </Empty>
      )}
      {told && told.length > 0 && (
        <Table
          caption="Who is told of alarms"
          rows={told}
          keyOf={({ user_id }) => user_id}
          columns={[
            {
              name: 'Name',
              cell: (one) => <Person id={one.user_id} name={one.name} email={null} />,
            },
            { name: 'How', cell: ({ email, sms, phone }) => <Ways ways={{ email, sms, phone }} /> },
          ]}
        />
      )}
    </Section>
  );
}

const WAYS = { email: 'E-mail', sms: 'SMS', phone: 'Call' } as const;

const Ways = ({ ways }: { ways: Pick<Recipient, keyof typeof WAYS> }) => (
  <ul>
    {(Object.keys(WAYS) as (keyof typeof WAYS)[])
      .filter((way) => ways[way] !== null)
      .map((way) => (
        <li key={way}>
          <span class="soft">{WAYS[way]}</span> <bdi>{ways[way]}</bdi>
        </li>
      ))}
  </ul>
);
