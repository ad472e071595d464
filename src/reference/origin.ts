/** The origin of the service, which is not known at build time. */

/** The placeholder in the reference. No host has this name (RFC 2606). */
export const ORIGIN = 'https://latchkey.invalid';

/** The reference, as JSON, for clients that reach the service at `origin`. */
export const placeAt = (reference: string, origin: string): string =>
  reference.replaceAll(ORIGIN, () => origin);
