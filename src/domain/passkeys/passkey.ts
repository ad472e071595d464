/** Passkeys: their fields, as the console names them, and their rows. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuse } from '../../base/faults.ts';
import { nested } from '../../base/fields.ts';
import type { RelyingParty } from '../../base/relying-party.ts';
import { nameText } from '../../base/text.ts';
import { pk, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';
import type { Call } from '../permit.ts';

/** The most passkeys of a member. */
export const MAX_PASSKEYS = 20;

const columns = {
  ...{ id: pk.id, name: pk.name, createdAt: pk.createdAt, lastUsedAt: pk.lastUsedAt },
};
export type Passkey = RowOf<typeof columns>;

/** The passkeys `pk` that fit, the oldest first. */
export const selectPasskeys = (fits: SQL): Statement<Passkey> =>
  select(columns, sql`FROM ${source(pk)} WHERE ${fits} ORDER BY ${pk.createdAt}, ${pk.id}`);

/** What authenticators keep beside a passkey: whose it is. It tells nothing about the person. */
export const userHandle = (userId: number): string =>
  Buffer.from(String(userId)).toString('base64url');

/** What a member calls a passkey. */
export const passkeyName = nameText(100);

/** Bytes in base64url, of at most so many characters. */
const encoded = (most: number) =>
  v.pipe(
    v.string('Must be a text in base64url.'),
    v.check((text) => /^[\w-]+$/.test(text), 'Must be a text in base64url.'),
    v.check((text) => text.length <= most, `Must be at most ${most} characters long.`),
  );

/** The longest credential id has 1,023 bytes (WebAuthn, section 4). */
export const credentialId = encoded(1_364);

/** What a browser’s `PublicKeyCredential.toJSON()` gives, as far as it is of use. */
const credential = <Response extends v.ObjectEntries>(response: Response) =>
  nested(v.object({ id: credentialId, response: v.object(response) }));

const clientDataJSON = encoded(8_192);

export const attestation = credential({ clientDataJSON, attestationObject: encoded(65_536) });
export const assertion = credential({
  clientDataJSON,
  authenticatorData: encoded(8_192),
  signature: encoded(2_048),
  userHandle: encoded(88),
});

/** The field in which a passkey signs in, or proves who is there. */
export const passkeyInput = v.object({ passkey: assertion });

/** The relying party. Throws FORBIDDEN if this service has no passkeys. */
export function relyingPartyOf({ relyingParty }: Call, field: string): RelyingParty {
  if (relyingParty) return relyingParty;
  throw refuse(
    'FORBIDDEN',
    [field],
    'This service has no passkeys at this address. The operator sets PUBLIC_URL, or opens the ' +
      'console at http://localhost.',
  );
}
