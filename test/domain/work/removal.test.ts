/**
 * Removing a tenant with many users: the call does a limited amount of work, all access ends, and
 * the sweep does the rest.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, expect, it } from 'vitest';
import { createApp, newIsolate } from '../../../src/index.ts';
import { unlimited } from '../../doubles/limits.ts';
import { done, newProject, newStaff, newStation, rest } from '../../rest/company.ts';
import { PASSWORD } from '../../secrets.ts';
import {
  type Device,
  env,
  grant,
  type Json,
  newDevices,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  snapshot,
  succeed,
  type Tenant,
} from '../../world.ts';

const bindings = { TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited };
const world = newWorld(bindings);
const USERS = 450;

let leaving: Tenant;
let staying: Tenant;
let token: string;
let staff: Json;
let reset: string;
let others: string;
let removal: Json;

const count = (sql: string): Promise<number | null> =>
  env.DB.prepare(sql).bind(Number(leaving.id)).first<number>('n');

async function sweep(times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const context = createExecutionContext();
    await createApp(newIsolate()).sweep(env, context);
    await waitOnExecutionContext(context);
  }
}

const removalOf = (id: string): Promise<Json> =>
  world.ask(
    operator,
    `{ intermediary(id: "${id}") { name removal { removedAt erasedUsers erasedAt } } }`,
  );

beforeAll(async () => {
  [leaving, staying] = [await newTenant(world, 'Large'), await newTenant(world, 'Small')];
  const devices: Device[] = [];
  for (const many of [400, 300]) devices.push(...(await newDevices(world, leaving, many)));
  const lines = Array.from({ length: USERS }, (_, n) => ({
    externalId: `user ${n}`,
    devicePermissions: [{ deviceId: devices[n]?.deviceId }],
  }));
  const imported = await world.send('/import', leaving.key, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  });
  expect((await imported.text()).match(/created/g)).toHaveLength(USERS);
  token = (await newSession(world, leaving, { externalUser: { externalId: 'user 449' } }))
    .accessToken;
  staff = await newStaff(world, leaving, 1);
  const resetPath = `POST /user/${staff.id}/password-reset`;
  const first = (await done(rest(world, leaving.key, resetPath))).reset_token;
  await done(rest(world, null, 'POST /password', { reset_token: first, password: PASSWORD }));
  staff.token = (
    await newSession(world, leaving, { companyUser: { email: staff.email } })
  ).accessToken;
  reset = (await done(rest(world, leaving.key, resetPath))).reset_token;
  for (let n = 0; n < 3; n++) {
    const project = await newProject(world, leaving.key);
    await newStation(world, leaving.key, project.id);
  }
  const user = await newUser(world, staying);
  await grant(world, staying, user.identifier, await newDevices(world, staying));
  others = (await newSession(world, staying, user.identifier)).accessToken;

  removal = await succeed(
    world.call(
      operator,
      'removeIntermediary',
      { id: leaving.id },
      'intermediary { id removal { removedAt erasedUsers erasedAt } }',
    ),
  );
});

it('is some work for the call, which says how far it came', async () => {
  expect(removal.intermediary).toEqual({
    id: leaving.id,
    removal: { removedAt: expect.any(String), erasedUsers: 101, erasedAt: null },
  });
  expect(await removalOf(leaving.id)).toEqual({
    name: 'Large',
    removal: removal.intermediary.removal,
  });
  expect(await removalOf(staying.id)).toEqual({ name: 'Small', removal: null });
  expect(await removalOf('7')).toBeNull();
});

it('ends what its people and programs could use, though their rows are still there', async () => {
  expect(
    await count('SELECT count(*) AS n FROM users WHERE tenant_id = ? AND external_id IS NOT NULL'),
  ).toBe(350);
  const elsewhere = newWorld(bindings);
  for (const isolate of [world, elsewhere]) {
    expect((await isolate.graphql(leaving.key, '{ caller { kind } }')).status).toBe(401);
    expect((await isolate.graphql(token, '{ viewer { session { id } } }')).status).toBe(401);
    expect((await rest(isolate, staff.token, 'GET /project')).status).toBe(401);
    const strict = await isolate.send(`/verify/${leaving.id}?consistency=strict`, token);
    expect(strict.status).toBe(401);
    const signIn = { email: staff.email, password: PASSWORD };
    expect((await rest(isolate, null, 'POST /authenticate', signIn)).status).toBe(400);
    const change = { reset_token: reset, password: 'another lamp in the window' };
    expect((await rest(isolate, null, 'POST /password', change)).status).toBe(422);
  }
});

it('does not stand in the way of whoever signs in elsewhere with the same address', async () => {
  const { user } = await done(
    rest(world, staying.key, 'POST /user', {
      ...{ name: 'Same', email: staff.email, member_level_id: 1, status: 1, station_ids: [] },
      ...{ alarm_email: 0, alarm_sms: 0, company_id: Number(staying.id) },
    }),
  );
  const path = `POST /user/${user.id}/password-reset`;
  const { reset_token } = await done(rest(world, staying.key, path));
  await done(rest(world, null, 'POST /password', { reset_token, password: PASSWORD }));
  const signIn = { email: staff.email, password: PASSWORD };
  const signedIn = await done(rest(world, null, 'POST /authenticate', signIn));
  expect(signedIn.user.company_id).toBe(Number(staying.id));
});

it('is finished by the sweep, once, with nothing of anybody else’s', async () => {
  await sweep(1);
  const { removal } = await removalOf(leaving.id);
  expect(removal).toMatchObject({ erasedUsers: USERS + 1, erasedAt: expect.any(String) });
  const identified = 'external_id IS NOT NULL OR email IS NOT NULL OR name IS NOT NULL';
  for (const [what, left] of Object.entries({
    users: `users WHERE tenant_id = ? AND (${identified})`,
    permissions: 'permissions p JOIN users u ON u.id = p.user_id WHERE u.tenant_id = ?',
    passwords: 'passwords p JOIN users u ON u.id = p.user_id WHERE u.tenant_id = ?',
    failures: 'failed_sign_ins f JOIN users u ON u.id = f.user_id WHERE u.tenant_id = ?',
    sessions: 'sessions WHERE tenant_id = ? AND revoked_at IS NULL',
    devices: 'devices WHERE tenant_id = ?',
    stations: 'stations WHERE tenant_id = ?',
    projects: 'projects WHERE tenant_id = ?',
  })) {
    expect([what, await count(`SELECT count(*) AS n FROM ${left}`)]).toEqual([what, 0]);
  }
  expect(await env.SESSIONS.get(`ses:${token.slice(7, 23)}`)).toBeNull();
  expect((await newWorld().send(`/verify/${staying.id}`, others)).status).toBe(204);
  const before = await snapshot();
  await sweep(1);
  const again = { success: true, errors: [], intermediary: null };
  const more = () =>
    world.call(operator, 'removeIntermediary', { id: leaving.id }, 'intermediary { id }');
  expect(await more()).toEqual(again);
  expect(await snapshot()).toBe(before);
});
