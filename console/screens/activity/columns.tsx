/** The columns of lists of events. */
import { graphql } from '../../api/graphql.ts';
import type { Column } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Time } from '../../parts/time.tsx';
import type { AuditEvent } from './events.ts';
import { ActorName } from './names.tsx';
import { Told } from './sentences.tsx';

export const eventColumns: Column<AuditEvent>[] = [
  {
    name: 'What',
    cell: (event) => (
      <span class="entry told">
        <span>
          <Told event={event} />
        </span>
        <small class="phone-only">
          <ActorName event={event} />
        </small>
      </span>
    ),
  },
  { name: 'Who', wide: true, cell: (event) => <ActorName event={event} /> },
  { name: 'When', end: true, cell: ({ at }) => <Time at={at} near /> },
];

/** Without them, keys are shown without a name. */
export function useKeyNames(): ReadonlyMap<string, string> {
  const { value } = useLoad('key names', (signal) =>
    graphql<{ apiKeys: { id: string; name: string }[] }>('{ apiKeys { id name } }', {}, signal),
  );
  return new Map(value?.apiKeys.map(({ id, name }) => [id, name]));
}
