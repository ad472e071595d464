/** The console's door: its page, its session, and the APIs by its cookie. */
import { beforeAll, describe, expect, it } from 'vitest';
import { cookieOf, fromPage, newConsoleMember, sessionIn } from '../console.ts';
import { newTenant, newWorld, operator, type Tenant } from '../world.ts';

const world = newWorld();

let tenant: Tenant;
let ada: Awaited<ReturnType<typeof newConsoleMember>>;

beforeAll(async () => {
  tenant = await newTenant(world);
  ada = await newConsoleMember(world, tenant, 2);
});

const me = (cookie: string | null, from = world, headers?: Record<string, string>) =>
  fromPage(from, cookie, 'GET /console/api/user/me', undefined, headers);

const whoCalls = (cookie: string | null, from = world) =>
  fromPage(from, cookie, 'POST /console/api/graphql', { query: '{ caller { kind } }' });

describe('signing in to the console', () => {
  it('gives a member a cookie that no script reads, and no token', async () => {
    const answer = await fromPage(world, null, 'POST /console/session', ada.proof);
    expect(answer).toMatchObject({
      status: 200,
      body: { errors: false, data: { kind: 'member', user: { id: Number(ada.id) } } },
    });
    expect(answer.headers.get('Set-Cookie')).toMatch(
      /^__Host-latchkey=lk_con_\w{60}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
    const { token } = sessionIn(cookieOf(answer));
    expect(
      JSON.stringify([answer.body, [...answer.headers].filter(([name]) => name !== 'set-cookie')]),
    ).not.toContain(token);
    expect((await me(cookieOf(answer))).data.user.email).toBe(ada.email);
  });

  it('gives an operator a cookie for 12 hours', async () => {
    const answer = await fromPage(world, null, 'POST /console/session', { operatorKey: operator });
    expect(answer).toMatchObject({ status: 200, body: { data: { kind: 'operator' } } });
    expect(answer.headers.get('Set-Cookie')).toMatch(/=lk_ops_\w+; Max-Age=43200; Path=\/; Http/);
    expect((await whoCalls(cookieOf(answer))).data).toEqual({ caller: { kind: 'OPERATOR' } });
    expect((await me(cookieOf(answer))).status).toBe(403);
  });
});
