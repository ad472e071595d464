/** The D1 round trips of each call of the company API. */
import { beforeAll, expect, it } from 'vitest';
import { watchD1 } from '../doubles/d1.ts';
import { newTenant, newWorld, type Tenant } from '../world.ts';
import { done, memberFields, newProject, rest } from './company.ts';

const world = newWorld();
const d1 = watchD1();
const watched = newWorld({ DB: d1.DB });
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

it('asks D1 once for a key’s call', async () => {
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
    expect(await count(tenant.key, call, body), call).toBe(1);
  }
});
