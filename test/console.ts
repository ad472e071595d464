/** Calls the console's paths as its pages do, with the cookie that a browser would keep. */
import { PASSWORD } from './secrets.ts';
import { env, fresh, type Json, macOf, newMember, seal, type Tenant, type World } from './world.ts';

const ORIGIN = 'http://latchkey.test';

/** What a browser says of a call by a page of the same origin. */
export const OURS = { 'Sec-Fetch-Site': 'same-origin' };

export interface ConsoleAnswer {
  status: number;
  headers: Headers;
  body: Json;
  /** What REST answers, and its fields at fault. */
  data: Json;
  errors: Record<string, string> | undefined;
}

/** Sends what a page sends. `cookie`: the whole header. An object is sent as JSON. */
export async function fromPage(
  world: World,
  cookie: string | null,
  call: string,
  body?: object | string,
  headers: Record<string, string> = OURS,
): Promise<ConsoleAnswer> {
  const [method = '', path = ''] = call.split(' ');
  const response = await world.fetch(
    new Request(ORIGIN + path, {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(cookie !== null && { Cookie: cookie }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    }),
  );
  const text = await response.text();
  const answer = text.startsWith('{') ? JSON.parse(text) : text;
  return {
    status: response.status,
    headers: response.headers,
    body: answer,
    data: answer.data,
    errors: answer.message?.errors,
  };
}

/** The cookie that an answer sets, as it is sent from then on. */
export const cookieOf = ({ headers }: { headers: Headers }): string =>
  headers.get('Set-Cookie')?.split(';', 1)[0] ?? '';

/** Signs in. Throws if that is refused. */
export async function enter(world: World, proof: object): Promise<string> {
  // Each from its own address, or a limit would be in the way.
  const headers = { ...OURS, 'CF-Connecting-IP': fresh('address') };
  const answer = await fromPage(world, null, 'POST /console/session', proof, headers);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return cookieOf(answer);
}

/** A member with a password: the cookie of a session in the console, and who it is. */
export async function newConsoleMember(world: World, tenant: Tenant, level: 1 | 2 | 3 | 4 = 2) {
  const member = await newMember(tenant, level);
  const path = `/user/${member.id}/password-reset`;
  const made = await world.send(path, tenant.key, { method: 'POST' });
  const { data } = (await made.json()) as Json;
  await world.send('/password', null, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ reset_token: data.reset_token, password: PASSWORD }),
  });
  const proof = { email: member.email, password: PASSWORD, company_id: Number(tenant.id) };
  return { ...member, proof, cookie: await enter(world, proof) };
}

/** The session in a cookie: its id, and what it would be as a token. */
export function sessionIn(cookie: string): { id: string; token: string } {
  const token = cookie.slice(cookie.indexOf('=') + 1);
  return { id: token.slice(7, 23), token };
}

/**
 * The cookie of a session in the console that the member of this session has besides: as signing in
 * would open it, without its work.
 */
export async function cookieBeside(accessToken: string): Promise<string> {
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex');
  const token = seal(`lk_con_${id}${'S'.repeat(24)}`);
  const hash = macOf(token.slice(0, 47)).slice(20);
  await env.DB.prepare(
    `INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
        expires_at, revoked_at)
      SELECT ?, tenant_id, user_id, ?, created_at, renewed_at, renew_after, expires_at, revoked_at
      FROM sessions WHERE id = ?`,
  )
    .bind(id, hash, accessToken.slice(7, 23))
    .run();
  return `__Host-latchkey=${token}`;
}

/** The row of a session. */
export const rowOf = (id: string): Promise<Json> =>
  env.DB.prepare('SELECT * FROM sessions WHERE id = ?').bind(id).first();
