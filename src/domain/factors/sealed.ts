/** Secrets of authenticator apps at rest: encrypted, and bound to their user. */
import type { Call } from '../permit.ts';

const USE = 'totp';

export const sealTotp = (
  { signer }: Pick<Call, 'signer'>,
  userId: number,
  secret: Uint8Array<ArrayBuffer>,
): Promise<string> => signer.seal(USE, secret, String(userId));

/** Null if the secret of the deployment that sealed it was dropped: the app works no longer. */
export const unsealTotp = (
  { signer }: Pick<Call, 'signer'>,
  userId: number,
  sealed: string,
): Promise<Uint8Array<ArrayBuffer> | null> => signer.unseal(USE, sealed, String(userId));
