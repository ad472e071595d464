/** The name of the company that somebody works for. Levels 3 and 4 may not ask for it. */
import { graphql } from './api/graphql.ts';
import { useLoad } from './parts/load.ts';

interface Answer {
  caller: { intermediary: { name: string } | null };
}

export function CompanyName() {
  const { value } = useLoad('company', (signal) =>
    graphql<Answer>('{ caller { intermediary { name } } }', {}, signal),
  );
  const name = value?.caller.intermediary?.name;
  return name ? (
    <p class="company">
      <bdi>{name}</bdi>
    </p>
  ) : null;
}
