/**
 * Users over the company API: the calls of the specification, and the effects of level and
 * visibility.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../secrets.ts';
import {
  expectNoChange,
  fresh,
  type Json,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
} from '../world.ts';
import { done, memberFields, newProject, newStaff, newStation, rest } from './company.ts';

const world = newWorld();
let tenant: Tenant;
let head: { id: number; token: string };
let project: Json;
let stations: number[];

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

beforeAll(async () => {
  tenant = await newTenant(world);
  head = await newStaff(world, tenant, 1);
  project = await newProject(world, head.token);
  stations = [];
  for (let n = 0; n < 3; n++) stations.push((await newStation(world, head.token, project.id)).id);
});

describe('the given calls, as their examples have them', () => {
  it('creates, updates and deletes a user by forms', async () => {
    const email = `${fresh('User')}@Example.com`;
    const [one, other] = stations;
    const created = await rest(
      world,
      head.token,
      'POST /user',
      new URLSearchParams(
        `name=UserName&alarm_email=0&alarm_sms=0&company_id=${tenant.id}&email=${email}` +
          `&station_ids[]=${one}&station_ids[]=${other}&status=1&member_level_id=2`,
      ),
    );
    expect(created.body).toMatchObject({
      errors: false,
      data: {
        user: {
          id: expect.any(Number),
          name: 'UserName',
          alarm_email: 0,
          alarm_sms: 0,
          company_id: Number(tenant.id),
          email: email.toLowerCase(),
          status: 1,
          member_level_id: 2,
          sms: null,
          phone: null,
          require_password_reset: 1,
        },
      },
    });
    const { user } = created.data;
    expect(user.user_stations).toHaveLength(2);
    expect(user.user_stations.map((assigned: Json) => assigned.station_id).sort()).toEqual(
      [one, other].sort(),
    );
    for (const assigned of user.user_stations) {
      expect(assigned).toEqual({
        id: expect.any(Number),
        user_id: user.id,
        station_id: expect.any(Number),
        station_name: expect.any(String),
        created_at: expect.stringMatching(TIME),
        updated_at: expect.stringMatching(TIME),
      });
    }

    const updated = await done(
      rest(
        world,
        head.token,
        `PATCH /user/${user.id}`,
        new URLSearchParams(
          `name=UpdatedUserName&company_id=${tenant.id}&email=${email}&member_level_id=`,
        ),
      ),
    );
    expect(updated.user).toEqual({ ...user, name: 'UpdatedUserName' });

    const deleted = await done(rest(world, head.token, `DELETE /user/${user.id}`));
    expect(deleted.user.id).toBe(user.id);
    expect((await rest(world, head.token, `GET /user/${user.id}`)).status).toBe(404);
  });
});

describe('the last active member of level 1', () => {
  it('is kept by members, whatever they try', async () => {
    const other = await newTenant(world);
    const only = await newStaff(world, other, 1);
    for (const [call, body] of [
      [`PATCH /user/${only.id}`, { status: 0 }],
      [`PATCH /user/${only.id}`, { member_level_id: 2 }],
      [`DELETE /user/${only.id}`, undefined],
    ] as const) {
      await expectNoChange(() => rest(world, only.token, call, body), { status: 403 });
    }
    const second = await newStaff(world, other, 1);
    await done(rest(world, only.token, `PATCH /user/${only.id}`, { member_level_id: 2 }));
    expect((await rest(world, only.token, `DELETE /user/${second.id}`)).status).toBe(403);
  });

  it('is the last with a password, while others of level 1 have none yet', async () => {
    const other = await newTenant(world);
    const [only, second] = [await newStaff(world, other, 1), await newStaff(world, other, 1)];
    const setPassword = async ({ id }: { id: number }) => {
      const { reset_token } = await done(rest(world, other.key, `POST /user/${id}/password-reset`));
      await done(rest(world, null, 'POST /password', { reset_token, password: PASSWORD }));
    };
    const signIn = async ({ email }: { email: string }): Promise<string> =>
      (await done(rest(world, null, 'POST /authenticate', { email, password: PASSWORD }))).token;
    await setPassword(only);
    const token = await signIn(only);
    // An invitation does not count: it ends with its maker.
    await done(rest(world, token, `POST /user/${second.id}/password-reset`));
    for (const by of [token, second.token]) {
      for (const [call, body, field] of [
        [`PATCH /user/${only.id}`, { status: 0 }, 'status'],
        [`PATCH /user/${only.id}`, { member_level_id: 2 }, 'member_level_id'],
        [`PATCH /user/${only.id}`, { email: 'new@example.com' }, 'email'],
        [`DELETE /user/${only.id}`, undefined, 'id'],
      ] as const) {
        await expectNoChange(() => rest(world, by, call, body), {
          status: 403,
          errors: { [field]: expect.stringContaining('the last who has a password') },
        });
      }
    }
    await setPassword(second);
    const next = await signIn(second);
    await done(rest(world, token, `PATCH /user/${only.id}`, { status: 0 }));
    expect((await rest(world, next, `DELETE /user/${second.id}`)).status).toBe(403);
    // Who has no password yet goes at any time.
    const third = await newStaff(world, other, 1);
    await done(rest(world, third.token, `DELETE /user/${third.id}`));
    await done(rest(world, other.key, `DELETE /user/${second.id}`));
  });
});

describe('an end user', () => {
  it('can be assigned stations and be disabled, and has no e-mail address or level', async () => {
    const user = await newUser(world, tenant);
    const id = Number(user.id);
    const { user: assigned } = await done(
      rest(world, head.token, `PATCH /user/${id}`, { station_ids: [stations[0]] }),
    );
    expect(assigned).toMatchObject({ id, email: null, member_level_id: null, status: 1 });
    expect(assigned.user_stations).toHaveLength(1);
    for (const [field, value] of [
      ['email', 'a@example.com'],
      ['member_level_id', 3],
      ['alarm_email', 1],
    ]) {
      const { status, errors } = await rest(world, head.token, `PATCH /user/${id}`, {
        [field as string]: value,
      });
      expect(status).toBe(422);
      expect(Object.keys(errors ?? {})).toEqual([field]);
    }
  });
});

it('creates a member whom an e-mail address of another company tells nothing about', async () => {
  const fields = memberFields(tenant);
  await done(rest(world, head.token, 'POST /user', fields));
  expect((await rest(world, head.token, 'POST /user', fields)).status).toBe(409);
  const other = await newTenant(world);
  await done(rest(world, other.key, 'POST /user', { ...fields, company_id: Number(other.id) }));
});
