/** For whom passkeys are: WebAuthn calls a service that takes them a relying party. */

export interface RelyingParty {
  /** The host, which authenticators keep with each passkey. */
  id: string;
  /** The one origin whose pages may ask for a passkey. */
  origin: string;
}

/** Browsers have no passkeys for addresses (WebAuthn, section 5.1.3). */
const ADDRESS = /^[\d.]+$|^\[/;

/**
 * The relying party at an origin. Null: there are no passkeys. Without the setting `PUBLIC_URL`,
 * only `localhost` has them: a passkey is for one host for ever, and a request says any.
 */
export function relyingPartyAt(origin: string, publicUrl?: string): RelyingParty | null {
  if (!URL.canParse(origin)) return null;
  const { hostname: id } = new URL(origin);
  const fits = publicUrl === undefined ? id === 'localhost' : !ADDRESS.test(id);
  return fits ? { id, origin } : null;
}
