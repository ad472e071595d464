/** Who did something, by name. */
import type { Actor, KeyName, Maker } from '../api/actors.ts';
import { CustomerName } from './customer-name.tsx';

/** The keys that there are: those that are gone have no name any more. */
type Keys = readonly KeyName[];

function KeyWords({ id, keys }: { id: string | null; keys: Keys }) {
  const key = keys.find((one) => one.id === id);
  return key ? (
    <>
      Key “<bdi>{key.name}</bdi>”
    </>
  ) : (
    <>A key that is gone</>
  );
}

export function ActorName({ actor, keys }: { actor: Actor; keys: Keys }) {
  const { kind, credentialId, user } = actor;
  if (kind === 'OPERATOR') return <>The operator</>;
  if (kind === 'SYSTEM') return <>Nobody: by itself</>;
  if (kind === 'API_KEY') return <KeyWords id={credentialId} keys={keys} />;
  return <CustomerName user={user} />;
}

export function MakerName({ maker, keys }: { maker: Maker | null; keys: Keys }) {
  if (!maker) return <>The operator</>;
  if (maker.user) return <CustomerName user={maker.user} />;
  return <KeyWords id={maker.apiKeyId} keys={keys} />;
}
