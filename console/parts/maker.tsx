/** Who made something, by name. */
import type { KeyName, Maker } from '../api/makers.ts';
import { CustomerName } from './customer-name.tsx';

interface MakerNameProps {
  maker: Maker | null;
  /** The keys that there are: those that are gone have no name any more. */
  keys: readonly KeyName[];
}

export function MakerName({ maker, keys }: MakerNameProps) {
  if (!maker) return <>The operator</>;
  if (maker.user) return <CustomerName user={maker.user} />;
  const key = keys.find(({ id }) => id === maker.apiKeyId);
  return key ? (
    <>
      Key “<bdi>{key.name}</bdi>”
    </>
  ) : (
    <>A key that is gone</>
  );
}
