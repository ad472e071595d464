/** A dialog with a search for a member or a customer. */
import { useState } from 'preact/hooks';
import { graphql } from '../../api/graphql.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Problem } from '../../parts/problem.tsx';
import type { Somebody } from './events.ts';

interface ChooseProps {
  title: string;
  kind: 'member' | 'customer';
  onChoose(id: string, words: string): void;
  onClose(): void;
}

const QUERY = `query ($search: String) {
  users(first: 100, search: $search) {
    nodes { id name email userIdentifier { externalUser { externalId } } }
  }
}`;

const wordsOf = ({ id, name, email, userIdentifier: { externalUser } }: Somebody): string =>
  externalUser?.externalId ?? name ?? email ?? id;

export function ChooseSomebody({ title, kind, onChoose, onClose }: ChooseProps) {
  const [search, setSearch] = useState('');
  const { value, failure, reload } = useLoad(search, (signal) =>
    graphql<{ users: { nodes: Somebody[] } }>(QUERY, { search: search.trim() || null }, signal),
  );
  const fitting = value?.users.nodes.filter(
    ({ userIdentifier: { externalUser } }) => (externalUser !== null) === (kind === 'customer'),
  );
  return (
    <Dialog title={title} onClose={onClose}>
      <input
        type="search"
        aria-label="Search"
        placeholder={
          kind === 'member' ? 'Name or e-mail begins with …' : 'Customer ID begins with …'
        }
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      {failure && <Problem failure={failure} onRetry={reload} />}
      {!fitting && !failure && <Skeleton lines={3} />}
      {fitting?.length === 0 && <p class="hint">Nobody fits. Type how it begins.</p>}
      <ul class="options">
        {fitting?.map((user) => (
          <li key={user.id}>
            <button type="button" class="plain" onClick={() => onChoose(user.id, wordsOf(user))}>
              <bdi>{wordsOf(user)}</bdi>
              {user.name && (
                <small>
                  <bdi>{user.email}</bdi>
                </small>
              )}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
