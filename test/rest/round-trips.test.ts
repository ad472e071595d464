/** The D1 round trips of each call of the company API. */
import { beforeAll, expect, it } from 'vitest';
import { watchD1 } from '../watch.ts';
import { newTenant, newWorld, type Tenant } from '../world.ts';
import { done, memberFields, newProject, newStaff, rest } from './company.ts';

const world = newWorld();
const d1 = watchD1();
const watched = newWorld({ DB: d1.DB });
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

it('asks D1 twice for a member’s call, once who it is, and once for a key’s', async () => {
  const { token } = await newStaff(world, tenant, 1);
  const count = async (credential: string, call: string, body?: object) => {
    d1.trips = 0;
    await done(rest(watched, credential, call, body));
    return d1.trips;
  };
  await count(tenant.key, 'GET /project');
  const { id } = await newProject(world, tenant.key);
  for (const [call, body] of [
    ['GET /user'],
    ['POST /user', memberFields(tenant)],
    ['GET /config-packet'],
    [`PATCH /project/${id}`, { name: 'z' }],
  ] as [string, object?][]) {
    expect(await count(token, call, body), call).toBe(2);
    const again = call === 'POST /user' ? memberFields(tenant) : body;
    expect(await count(tenant.key, call, again), call).toBe(1);
  }
});
