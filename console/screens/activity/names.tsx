/** Who did something, and whom it concerned. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { customerLink } from '../../parts/customer-name.tsx';
import type { AuditEvent, Somebody } from './events.ts';

/** The names of API keys by their ids. Those of removed keys are not known any more. */
export const KeyNames = createContext<ReadonlyMap<string, string>>(new Map());

export function SomebodyName({ user }: { user: Somebody | null }) {
  if (!user) return <>somebody</>;
  const { externalUser } = user.userIdentifier;
  if (externalUser) {
    return (
      <a href={customerLink(externalUser.externalId)}>
        <bdi>{externalUser.externalId}</bdi>
      </a>
    );
  }
  if (user.name ?? user.email) {
    return (
      <a href={`/console/people/${user.id}`}>
        <bdi>{user.name ?? user.email}</bdi>
      </a>
    );
  }
  return <span class="faint">somebody who was removed</span>;
}

export function KeyName({ id }: { id: string | null }) {
  const name = useContext(KeyNames).get(id ?? '');
  return name ? (
    <>
      API key <bdi>{name}</bdi>
    </>
  ) : (
    <>an API key</>
  );
}

/** For the column of who did it. */
export function ActorName({ event: { actor, support } }: { event: AuditEvent }) {
  if (actor.kind === 'OPERATOR') return <>The operator</>;
  if (actor.kind === 'SYSTEM') return <span class="faint">By itself</span>;
  if (actor.kind === 'API_KEY') return <KeyName id={actor.credentialId} />;
  if (actor.kind === 'SUPPORT' && !actor.user) return <bdi>{support?.actor ?? 'Support'}</bdi>;
  return <SomebodyName user={actor.user} />;
}
