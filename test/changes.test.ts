/** Tests read the whole database again once something was written, and not before. */
import { beforeAll, expect, it } from 'vitest';
import { untilWritten } from './changes.ts';
import { env, newTenant, newWorld, type Tenant } from './world.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant(newWorld());
});

let reads = 0;
const read = untilWritten(async () => {
  reads++;
  return env.DB.prepare('SELECT name FROM tenants').all();
});

/** How often all is read again after `act`. */
async function readsAfter(act: () => Promise<unknown>): Promise<number> {
  await read();
  const before = reads;
  await act();
  await read();
  await read();
  return reads - before;
}

const select = () => env.DB.prepare('SELECT * FROM tenants').all();
const rename = (name: string) =>
  env.DB.prepare('UPDATE tenants SET name = ? WHERE id = ?').bind(name, tenant.id).run();
const fail = () =>
  env.DB.batch([env.DB.prepare('SELECT 1'), env.DB.prepare('INSERT INTO tenants (id) VALUES (1)')])
    .then(() => expect.unreachable())
    .catch(() => {});

it.each<[string, number, () => Promise<unknown>]>([
  ['nothing', 0, async () => {}],
  [
    'reads of every form',
    0,
    async () => {
      await Promise.all([select(), select(), env.DB.exec('SELECT 1')]);
      await env.DB.batch([env.DB.prepare('SELECT 1'), env.DB.prepare('SELECT 2')]);
      await env.DB.prepare('SELECT 1').raw();
    },
  ],
  ['a change of nothing', 0, () => env.DB.prepare('DELETE FROM tenants WHERE id = 0').run()],
  ['a change of one row', 1, () => rename('A')],
  [
    'a change among reads',
    1,
    async () => {
      await select();
      await rename('B');
      await select();
    },
  ],
  [
    'failures and a change',
    1,
    async () => {
      await fail();
      await rename('C');
      await fail();
    },
  ],
])('%s: %i times', async (_, times, act) => {
  expect(await readsAfter(act)).toBe(times);
});

it('not after failures alone', async () => {
  expect(await readsAfter(fail)).toBe(0);
});
