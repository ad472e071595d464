/** The calls of the specification of the intermediaries' API, as clients send them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Device, fresh, newDevice, newTenant, newWorld, type Tenant } from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let device: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  device = await newDevice(world, tenant);
});

const send = (query: string) => world.graphql(tenant.key, query);

describe('the given calls answer as given, the second time as well as the first', () => {
  const id = fresh('END_USER_ID');
  const identifier = `userIdentifier: { externalUser: { externalId: "${id}" } }`;

  it('addUser, twice the same user', async () => {
    const add = `mutation { addUser(input: { ${identifier} }) {
      success user { id userIdentifier { externalUser { externalId } } } } }`;
    const first = await send(add);
    expect(first).toMatchObject({
      status: 200,
      data: {
        addUser: {
          success: true,
          user: { id: expect.any(String), userIdentifier: { externalUser: { externalId: id } } },
        },
      },
    });
    expect((await send(add)).data).toEqual(first.data);
  });

  it('addDevicePermissions, modifying at the first time only', async () => {
    const add = `mutation { addDevicePermissions(input: {
      deviceIdentifiers: [{ meterId: "${device.meterId}" }]
      ${identifier} }) {
      success modifiedPermissions { deviceId meterId permission expiresAt } user { id } } }`;
    const { data } = await send(add);
    expect(data.addDevicePermissions).toEqual({
      success: true,
      modifiedPermissions: [{ ...device, permission: 'VIEW', expiresAt: null }],
      user: { id: expect.any(String) },
    });
    expect((await send(add)).data.addDevicePermissions).toMatchObject({
      success: true,
      modifiedPermissions: [],
    });
  });

  it('addUserSession, a new session each time', async () => {
    const add = `mutation { addUserSession(input: { ${identifier} }) {
      success user { id } session { id accessToken expiresAt } } }`;
    const first = (await send(add)).data.addUserSession;
    expect(first).toEqual({
      success: true,
      user: { id: expect.any(String) },
      session: {
        id: expect.any(String),
        accessToken: expect.stringMatching(/^lk_ses_[0-9A-Za-z]{40}[0-9a-f]{20}$/),
        expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    });
    const days = (Date.parse(first.session.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(30.9);
    expect(days).toBeLessThanOrEqual(31);
    const second = (await send(add)).data.addUserSession;
    expect(second.success).toBe(true);
    expect(second.session.id).not.toBe(first.session.id);
  });

  it('ordersForUser', async () => {
    await send(`mutation { addOrder(input: { ${identifier}, orderId: "given-1" }) { success } }`);
    const query = `query { ordersForUser(input: { externalUserId: "${id}" }) {
      orders { orderId orderStatus deviceId trackingLink createdAt updatedAt } } }`;
    const { data } = await send(query);
    expect(data.ordersForUser.orders).toEqual([
      {
        orderId: 'given-1',
        orderStatus: 'PLACED',
        deviceId: null,
        trackingLink: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ]);
    expect((await send(query)).data).toEqual(data);
  });

  it('ordersForUser of an unknown user is an empty list', async () => {
    const { data } = await send(
      `query { ordersForUser(input: { externalUserId: "nobody" }) { orders { orderId } } }`,
    );
    expect(data.ordersForUser.orders).toEqual([]);
  });

  it.each([
    ['removeDevicePermissions', 'VIEW', 1],
    ['addChargingPermission', 'CHARGE', 1],
    ['removeChargingPermission', 'CHARGE', 1],
  ])('%s', async (call, permission, many) => {
    const document = `mutation { ${call}(input: {
      deviceIdentifiers: [{ deviceId: "${device.deviceId}" }], ${identifier} }) {
      success modifiedPermissions { deviceId meterId permission expiresAt } user { id } } }`;
    const { data } = await send(document);
    expect(data[call]).toMatchObject({ success: true, user: { id: expect.any(String) } });
    expect(data[call].modifiedPermissions).toEqual(
      Array.from({ length: many }, () => ({ ...device, permission, expiresAt: null })),
    );
    expect((await send(document)).data[call]).toMatchObject({
      success: true,
      modifiedPermissions: [],
    });
  });

  it('removeUser, and removing nobody is a success as well', async () => {
    const remove = `mutation { removeUser(input: { ${identifier} }) { success user { id } } }`;
    expect((await send(remove)).data.removeUser).toEqual({
      success: true,
      user: { id: expect.any(String) },
    });
    expect((await send(remove)).data.removeUser).toEqual({ success: true, user: null });
  });

  it('POST / is served as POST /graphql is', async () => {
    const response = await world.fetch(
      new Request('http://latchkey.test/', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `bearer ${tenant.key}` },
        body: JSON.stringify({ query: '{ caller { kind } }' }),
      }),
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ data: { caller: { kind: 'API_KEY' } } });
  });

  it('GET /graphql?query= serves queries', async () => {
    const response = await world.fetch(
      new Request(
        `http://latchkey.test/graphql?query=${encodeURIComponent('{ caller { kind } }')}`,
        {
          headers: { Authorization: `Bearer ${tenant.key}` },
        },
      ),
    );
    expect(await response.json()).toMatchObject({ data: { caller: { kind: 'API_KEY' } } });
  });
});
