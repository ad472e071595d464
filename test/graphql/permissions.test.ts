/** Permissions: granted all or none, with or without an end, each kind separately. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Device,
  endGrants,
  external,
  freshDeviceId,
  type Json,
  newDevice,
  newDevices,
  newTenant,
  newUser,
  newWorld,
  snapshot,
  succeed,
  type Tenant,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let device: Device;
let foreign: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  device = await newDevice(world, tenant);
  foreign = await newDevice(world, await newTenant(world, 'Other'));
});

type Call =
  | 'addDevicePermissions'
  | 'removeDevicePermissions'
  | 'addChargingPermission'
  | 'removeChargingPermission';

const send = (call: Call, userIdentifier: object, deviceIdentifiers: object[], rest = {}) =>
  world.ask(
    tenant.key,
    `mutation ($input: ${call[0]?.toUpperCase()}${call.slice(1)}Input!) { ${call}(input: $input) {
      success errors { code message path } modifiedPermissions { deviceId permission expiresAt } }
      }`,
    { input: { userIdentifier, deviceIdentifiers, ...rest } },
  );

const held = async (userIdentifier: object) =>
  (
    await world.ask(
      tenant.key,
      `query ($u: UserIdentifierInput!) { user(userIdentifier: $u) {
        devices(first: 100) { nodes { deviceId permissions { permission expiresAt } } } } }`,
      { u: userIdentifier },
    )
  ).devices.nodes;

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe('a list is granted whole or not at all', () => {
  it('names every device that is unknown or another tenant’s, alike, and grants none', async () => {
    const { identifier } = await newUser(world, tenant);
    const before = await snapshot();
    const answer = await send('addDevicePermissions', identifier, [
      { deviceId: device.deviceId },
      { deviceId: foreign.deviceId },
      { meterId: 'nothing' },
      { deviceId: freshDeviceId() },
    ]);
    const message = 'No such device is assigned to you. Check the id.';
    const at = (position: number, field: string) => ({
      code: 'NOT_FOUND',
      message,
      path: ['input', 'deviceIdentifiers', String(position), field],
    });
    expect(answer).toEqual({
      success: false,
      errors: [at(1, 'deviceId'), at(2, 'meterId'), at(3, 'deviceId')],
      modifiedPermissions: null,
    });
    expect(await snapshot()).toBe(before);
  });

  it.each([
    ['a malformed deviceId', [{ deviceId: 'short' }], ['0', 'deviceId']],
    ['a deviceId with an accent', [{ deviceId: 'DEVICÉ01' }], ['0', 'deviceId']],
    ['a meterId that is too long', [{ meterId: 'x'.repeat(65) }], ['0', 'meterId']],
    ['an empty list', [], []],
    ['501 devices', Array.from({ length: 501 }, () => ({ meterId: 'x' })), []],
  ])('%s is INVALID, with its path', async (_, deviceIdentifiers, path) => {
    const { identifier } = await newUser(world, tenant);
    const before = await snapshot();
    for (const call of ['addDevicePermissions', 'removeChargingPermission'] as const) {
      expect(await send(call, identifier, deviceIdentifiers)).toMatchObject({
        success: false,
        errors: [{ code: 'INVALID', path: ['input', 'deviceIdentifiers', ...path] }],
      });
    }
    expect(await snapshot()).toBe(before);
  });

  it('takes 500 devices', async () => {
    const company = await newTenant(world, 'Large');
    const devices = await newDevices(world, company, 500);
    const user = await newUser(world, company);
    const { modifiedPermissions } = await succeed(
      world.ask(
        company.key,
        'mutation ($input: AddDevicePermissionsInput!) { addDevicePermissions(input: $input) ' +
          '{ success modifiedPermissions { deviceId } } }',
        {
          input: {
            userIdentifier: user.identifier,
            deviceIdentifiers: devices.map(({ meterId }) => ({ meterId })),
          },
        },
      ),
    );
    expect(modifiedPermissions).toHaveLength(500);
  });

  it('counts a device that is named by both its ids once', async () => {
    const { identifier } = await newUser(world, tenant);
    const { modifiedPermissions } = await succeed(
      send('addDevicePermissions', identifier, [
        { deviceId: device.deviceId },
        { meterId: device.meterId },
        { deviceId: device.deviceId },
      ]),
    );
    expect(modifiedPermissions).toHaveLength(1);
  });

  it('of an unknown user is NOT_FOUND', async () => {
    expect(
      await send('addDevicePermissions', external('nobody'), [{ deviceId: device.deviceId }]),
    ).toMatchObject({
      success: false,
      errors: [
        { code: 'NOT_FOUND', path: ['input', 'userIdentifier', 'externalUser', 'externalId'] },
      ],
    });
  });
});

describe('VIEW and CHARGE are each for themselves', () => {
  it('neither call touches the other kind', async () => {
    const { identifier } = await newUser(world, tenant);
    const one = [{ deviceId: device.deviceId }];
    await succeed(send('addChargingPermission', identifier, one));
    expect((await held(identifier))[0].permissions).toEqual([
      { permission: 'CHARGE', expiresAt: null },
    ]);
    await succeed(send('removeDevicePermissions', identifier, one));
    await succeed(send('addDevicePermissions', identifier, one));
    await succeed(send('removeChargingPermission', identifier, one));
    expect((await held(identifier))[0].permissions).toEqual([
      { permission: 'VIEW', expiresAt: null },
    ]);
  });
});

describe('the end of a grant', () => {
  const granting = (identifier: object, rest: object) =>
    succeed(send('addDevicePermissions', identifier, [{ deviceId: device.deviceId }], rest));
  const ends = (answer: Json) => answer.modifiedPermissions.map(({ expiresAt }: Json) => expiresAt);

  it('absent keeps a running grant’s end, null takes it away, a new one replaces it', async () => {
    const { identifier } = await newUser(world, tenant);
    const [first, second] = [inDays(1), inDays(2)];
    expect(ends(await granting(identifier, { expiresAt: first }))).toEqual([first]);
    expect(ends(await granting(identifier, {}))).toEqual([]);
    expect(ends(await granting(identifier, { expiresAt: first }))).toEqual([]);
    expect(ends(await granting(identifier, { expiresAt: second }))).toEqual([second]);
    expect(ends(await granting(identifier, { expiresAt: null }))).toEqual([null]);
    expect(ends(await granting(identifier, { expiresAt: null }))).toEqual([]);
  });

  it('in the past is INVALID', async () => {
    const { identifier } = await newUser(world, tenant);
    expect(
      await send('addDevicePermissions', identifier, [{ deviceId: device.deviceId }], {
        expiresAt: inDays(-1),
      }),
    ).toMatchObject({
      success: false,
      errors: [{ code: 'INVALID', path: ['input', 'expiresAt'] }],
    });
  });

  it('ends it: it is no grant any more, is not removed again, and can be made anew', async () => {
    const { id, identifier } = await newUser(world, tenant);
    await granting(identifier, { expiresAt: inDays(1) });
    await endGrants(id);
    expect(await held(identifier)).toEqual([]);
    const one = [{ deviceId: device.deviceId }];
    expect(
      (await succeed(send('removeDevicePermissions', identifier, one))).modifiedPermissions,
    ).toEqual([]);
    expect(ends(await granting(identifier, {}))).toEqual([null]);
  });

  it('once it has come, is no end to keep: the grant is made anew, without one', async () => {
    const { id, identifier } = await newUser(world, tenant);
    await granting(identifier, { expiresAt: inDays(1) });
    await endGrants(id);
    expect(ends(await granting(identifier, {}))).toEqual([null]);
    expect((await held(identifier))[0].permissions).toEqual([
      { permission: 'VIEW', expiresAt: null },
    ]);
  });

  it.each([
    '2026-13-01T00:00:00Z',
    '2027-02-30T00:00:00Z',
    '2027-01-01T24:00:00Z',
    '9999-12-31T23:59:59-14:00',
    '2026-11-23',
    'soon',
    '',
  ])('that is no RFC 3339 time (%j) makes the document a bad one', async (expiresAt) => {
    const { status, errors } = await world.graphql(
      tenant.key,
      'mutation ($input: AddDevicePermissionsInput!) { addDevicePermissions(input: $input) { ' +
        'success } }',
      { input: { userIdentifier: external('x'), deviceIdentifiers: [], expiresAt } },
    );
    expect({ status, code: errors?.[0].extensions.code }).toEqual({
      status: 400,
      code: 'BAD_REQUEST',
    });
  });
});

describe('removing', () => {
  it('succeeds and changes nothing for what is unknown, gone or another tenant’s', async () => {
    const { identifier } = await newUser(world, tenant);
    for (const [who, what] of [
      [external('nobody'), { deviceId: device.deviceId }],
      [identifier, { deviceId: foreign.deviceId }],
      [identifier, { meterId: 'nothing' }],
    ]) {
      const before = await snapshot();
      expect(await send('removeDevicePermissions', who ?? {}, [what ?? {}])).toEqual({
        success: true,
        errors: [],
        modifiedPermissions: [],
      });
      expect(await snapshot()).toBe(before);
    }
  });
});
