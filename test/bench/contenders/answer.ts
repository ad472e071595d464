/**
 * What the hand-made contenders check of a token and answer to it. They have Latchkey's duties: the
 * hash, the end, the tenant that the path names, a device if one is asked about, and as many
 * headers, so that only the way to all that differs.
 */
import type { HonoRequest } from 'hono';
import type { Session } from '../stage.ts';

export const TENANT = '1016089423381460';
export const LIFETIME_MS = 30 * 24 * 3_600_000;

export interface Holder {
  user: string;
  tenant: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** A session at rest. */
export interface Kept extends Holder {
  /** Of the whole token. */
  hash: string;
  /** What the user may see. */
  devices: string[];
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
      'X-Request-Id': crypto.randomUUID(),
    },
  });

export const refused = (): Response =>
  new Response(null, { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });

const forbidden = (): Response =>
  new Response(null, { status: 403, headers: { 'WWW-Authenticate': 'Bearer' } });

/** The answer to a request with a token whose session is `kept`. */
export function judge(
  request: HonoRequest<'/verify/:tenant'>,
  hash: string,
  kept: Kept | null,
): Response {
  if (!kept || kept.hash !== hash || kept.expiresAt <= Date.now()) return refused();
  if (kept.tenant !== request.param('tenant')) return refused();
  const device = request.query('device');
  return device === undefined || kept.devices.includes(device) ? accepted(kept) : forbidden();
}

const BEARER = /^bearer +(\S+)$/i;

export const bearer = (header: string | undefined): string => BEARER.exec(header ?? '')?.[1] ?? '';

/** The `n`th user's id, of the size of Latchkey's. */
export const userId = (n: number): number => 452773855000000 + n;

export const deviceId = (n: number): string => `BE${String(n).padStart(6, '0')}`;

export const randomToken = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');

const ID = 16;

/** A token begins with the id that its session is found by. */
export const idOf = (token: string): string => token.slice(0, ID);

export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('base64url');
}

/** The `n`th session, as it is given out and as it is kept. */
export async function newSession(n: number): Promise<{ session: Session; kept: Kept }> {
  const token = randomToken();
  const user = String(userId(n));
  const expiresAt = Date.now() + LIFETIME_MS;
  const devices = [deviceId(n)];
  return {
    session: { token, user, deviceId: deviceId(n) },
    kept: { user, tenant: TENANT, expiresAt, hash: await sha256(token), devices },
  };
}
