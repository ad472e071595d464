/** What the hand-made contenders answer to a good token: as many headers as Latchkey's, so that only the check differs. */

export const TENANT = '1016089423381460';
export const LIFETIME_MS = 30 * 24 * 3_600_000;

export interface Holder {
  user: string;
  tenant: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

export const accepted = ({ user, tenant, expiresAt }: Holder): Response =>
  new Response(null, {
    status: 204,
    headers: {
      'Cache-Control': 'no-store',
      'X-User': user,
      'X-External-Id': `external-${user}`,
      'X-Tenant': tenant,
      'X-Expires-At': new Date(expiresAt).toISOString(),
    },
  });

export const refused = (): Response =>
  new Response(null, { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });

const BEARER = /^bearer +(\S+)$/i;

export const bearer = (header: string | undefined): string => BEARER.exec(header ?? '')?.[1] ?? '';

/** The `n`th user's id, of the size of Latchkey's. */
export const userId = (n: number): number => 452773855000000 + n;

export const randomToken = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');

export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('base64url');
}
