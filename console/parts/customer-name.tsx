/** Customers: links to them, and their names where they may be removed or colleagues. */
import type { Named } from '../api/access.ts';

/** In the query, not in the path: an externalId may be anything, even "..". */
export const customerLink = (externalId: string): string =>
  `/console/customers/one?${new URLSearchParams({ externalId })}`;

export function CustomerName({ user }: { user: Named | null | undefined }) {
  const externalId = user?.userIdentifier.externalUser?.externalId;
  if (externalId !== undefined) {
    return (
      <a href={customerLink(externalId)}>
        <bdi class="long">{externalId}</bdi>
      </a>
    );
  }
  if (!user?.email) return <span class="faint">Removed</span>;
  return (
    <a href={`/console/people/${user.id}`}>
      <bdi>{user.name ?? user.email}</bdi>
    </a>
  );
}
