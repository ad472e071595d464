/** The name of the company that somebody works for. */
import { graphql } from './api/graphql.ts';
import { useLoad } from './parts/load.ts';

interface Answer {
  viewer: { intermediary: { name: string } | null };
}

export function CompanyName() {
  const { value } = useLoad('company', (signal) =>
    graphql<Answer>('{ viewer { intermediary { name } } }', {}, signal),
  );
  const name = value?.viewer.intermediary?.name;
  return name ? (
    <p class="company">
      <bdi>{name}</bdi>
    </p>
  ) : null;
}
