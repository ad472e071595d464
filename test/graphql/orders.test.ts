/** Orders: placed and cancelled by the tenant, moved on by the operator. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Device,
  env,
  expectNoChange,
  fresh,
  freshDeviceId,
  newDevice,
  newTenant,
  newUser,
  newWorld,
  operator,
  refused,
  succeed,
  type Tenant,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let neighbour: Tenant;
let user: Awaited<ReturnType<typeof newUser>>;
let device: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  neighbour = await newTenant(world, 'Neighbour');
  user = await newUser(world, tenant);
  device = await newDevice(world, tenant);
});

const trackingLink = 'https://parcels.example/1';

const ORDER = 'order { orderId orderStatus deviceId trackingLink createdAt updatedAt }';
const add = (input: object, key = tenant.key) => world.call(key, 'addOrder', input, ORDER);
const cancel = (orderId: string, key = tenant.key) =>
  world.call(key, 'cancelOrder', { orderId }, ORDER);
const update = (input: object) =>
  world.call(operator, 'updateOrder', { intermediaryId: tenant.id, ...input }, ORDER);

const refusedOrder = (code: string, ...fields: string[]) => ({
  ...refused(...fields.map((field) => `${code} ${field}`)),
  order: null,
});

/** For each status the moves by which an order comes there, and those that it may make next. */
const MOVES = {
  PLACED: { by: [], to: ['PROCESSING', 'CANCELLED'] },
  PROCESSING: { by: ['PROCESSING'], to: ['SHIPPED', 'CANCELLED'] },
  SHIPPED: { by: ['PROCESSING', 'SHIPPED'], to: ['DELIVERED', 'RETURNED'] },
  DELIVERED: { by: ['PROCESSING', 'SHIPPED', 'DELIVERED'], to: ['RETURNED'] },
  CANCELLED: { by: ['CANCELLED'], to: [] },
  RETURNED: { by: ['PROCESSING', 'SHIPPED', 'RETURNED'], to: [] },
} as const;
type Status = keyof typeof MOVES;
const STATUSES = Object.keys(MOVES) as Status[];

const shipment = (orderStatus: string) =>
  orderStatus === 'SHIPPED' ? { deviceId: device.deviceId, trackingLink } : {};

/** The id of a new order in this status. */
async function orderIn(status: Status): Promise<string> {
  const { order } = await succeed(add({ userIdentifier: user.identifier }));
  for (const orderStatus of MOVES[status].by) {
    await succeed(update({ orderId: order.orderId, orderStatus, ...shipment(orderStatus) }));
  }
  return order.orderId;
}

describe('addOrder', () => {
  it('places a new order at each call that names none', async () => {
    const first = await succeed(add({ userIdentifier: user.identifier }));
    expect(first.order).toEqual({
      orderId: expect.stringMatching(/./),
      orderStatus: 'PLACED',
      deviceId: null,
      trackingLink: null,
      createdAt: expect.any(String),
      updatedAt: first.order.createdAt,
    });
    const second = await succeed(add({ userIdentifier: user.identifier }));
    expect(second.order.orderId).not.toBe(first.order.orderId);
  });

  it('gives the same order to the same user again, as it is by then', async () => {
    const input = { userIdentifier: user.identifier, orderId: fresh('order') };
    const { order } = await succeed(add(input));
    expect(order.orderId).toBe(input.orderId);
    await expectNoChange(() => add(input), { success: true, order });
    const { order: moved } = await succeed(
      update({ orderId: input.orderId, orderStatus: 'PROCESSING' }),
    );
    await expectNoChange(() => add(input), { success: true, order: moved });
  });

  it('refuses an orderId that another user has, or a removed one had', async () => {
    const gone = await newUser(world, tenant);
    const input = { userIdentifier: gone.identifier, orderId: fresh('order') };
    await succeed(add(input));
    const other = { ...input, userIdentifier: user.identifier };
    await expectNoChange(() => add(other), refusedOrder('CONFLICT', 'orderId'));
    const remove = `mutation ($u: UserIdentifierInput!) { removeUser(input: { userIdentifier: $u }) { success } }`;
    await succeed(world.ask(tenant.key, remove, { u: gone.identifier }));
    await newUser(world, tenant, gone.externalId);
    await expectNoChange(() => add(input), refusedOrder('CONFLICT', 'orderId'));
  });

  it('takes an orderId that another tenant has', async () => {
    const orderId = await orderIn('PROCESSING');
    const { identifier } = await newUser(world, neighbour);
    const { order } = await succeed(add({ userIdentifier: identifier, orderId }, neighbour.key));
    expect(order).toMatchObject({ orderId, orderStatus: 'PLACED' });
  });

  it.each([
    ['externalUser.externalId', { externalUser: { externalId: 'nobody' } }],
    ['companyUser.id', { companyUser: { id: '1' } }],
    ['companyUser.email', { companyUser: { email: 'nobody@example.com' } }],
  ])('does not find a user by an unknown %s', (field, userIdentifier) =>
    expectNoChange(
      () => add({ userIdentifier }),
      refusedOrder('NOT_FOUND', `userIdentifier.${field}`),
    ),
  );

  it.each(['', 'x'.repeat(65), 'a\nb'])('refuses the orderId %j', (orderId) =>
    expectNoChange(
      () => add({ userIdentifier: user.identifier, orderId }),
      refusedOrder('INVALID', 'orderId'),
    ),
  );
});

describe('cancelOrder', () => {
  it.each(['PLACED', 'PROCESSING'] as const)('cancels an order that is %s, once', async (from) => {
    const orderId = await orderIn(from);
    const { order } = await succeed(cancel(orderId));
    expect(order).toMatchObject({ orderId, orderStatus: 'CANCELLED' });
    await expectNoChange(() => cancel(orderId), { success: true, order });
  });

  it.each(['SHIPPED', 'DELIVERED', 'RETURNED'] as const)('refuses one that is %s', async (from) => {
    const orderId = await orderIn(from);
    await expectNoChange(() => cancel(orderId), refusedOrder('CONFLICT', 'orderId'));
  });

  it('does not find an unknown order, nor another tenant’s', async () => {
    const orderId = await orderIn('PLACED');
    await expectNoChange(() => cancel('no-such-order'), refusedOrder('NOT_FOUND', 'orderId'));
    await expectNoChange(
      () => cancel(orderId, neighbour.key),
      refusedOrder('NOT_FOUND', 'orderId'),
    );
  });
});

describe('updateOrder moves an order', () => {
  const pairs = STATUSES.flatMap((from) => STATUSES.map((to) => [from, to] as const));
  const legal = pairs.filter(([from, to]) => MOVES[from].to.some((next) => next === to));
  const illegal = pairs.filter((pair) => !legal.includes(pair) && pair[0] !== pair[1]);

  it.each(legal)('from %s to %s', async (from, to) => {
    const orderId = await orderIn(from);
    const { order } = await succeed(update({ orderId, orderStatus: to, ...shipment(to) }));
    const shipped = to === 'SHIPPED' || from === 'SHIPPED' || from === 'DELIVERED';
    expect(order).toMatchObject({
      orderStatus: to,
      deviceId: shipped ? device.deviceId : null,
      trackingLink: shipped ? trackingLink : null,
    });
  });

  it.each(illegal)('never from %s to %s', async (from, to) => {
    const orderId = await orderIn(from);
    await expectNoChange(
      () => update({ orderId, orderStatus: to, ...shipment(to) }),
      refusedOrder('CONFLICT', 'orderStatus'),
    );
  });

  it.each(STATUSES)('not at all when it is %s already: a success', async (status) => {
    const orderId = await orderIn(status);
    await expectNoChange(() => update({ orderId, orderStatus: status, ...shipment(status) }), {
      success: true,
      errors: [],
      order: { orderId, orderStatus: status },
    });
  });

  it('not to SHIPPED with other values than it was shipped with', async () => {
    const orderId = await orderIn('SHIPPED');
    const again = { orderId, orderStatus: 'SHIPPED', ...shipment('SHIPPED') };
    const { deviceId } = await newDevice(world, tenant);
    for (const other of [{ deviceId }, { trackingLink: 'https://parcels.example/2' }]) {
      await expectNoChange(
        () => update({ ...again, ...other }),
        refusedOrder('CONFLICT', 'orderStatus'),
      );
    }
  });

  it('neither an unknown one nor another tenant’s', async () => {
    const orderId = await orderIn('PLACED');
    for (const input of [{ orderId: 'no-such-order' }, { orderId, intermediaryId: neighbour.id }]) {
      await expectNoChange(
        () => update({ ...input, orderStatus: 'PROCESSING' }),
        refusedOrder('NOT_FOUND', 'orderId'),
      );
    }
  });
});

describe('updateOrder ships', () => {
  const toShip = async () => ({
    orderId: await orderIn('PROCESSING'),
    orderStatus: 'SHIPPED',
    ...shipment('SHIPPED'),
  });

  it.each([
    ['without a device', { deviceId: null }, ['deviceId']],
    ['without a link', { trackingLink: undefined }, ['trackingLink']],
    ['without either', { deviceId: null, trackingLink: null }, ['deviceId', 'trackingLink']],
    ['with a javascript: link', { trackingLink: 'javascript:alert(1)' }, ['trackingLink']],
    ['with a link that is none', { trackingLink: 'parcels.example/1' }, ['trackingLink']],
    ['with no deviceId of ours', { deviceId: 'DEV-0001' }, ['deviceId']],
  ])('never %s', async (_, values, fields) => {
    const input = await toShip();
    await expectNoChange(() => update({ ...input, ...values }), refusedOrder('INVALID', ...fields));
  });

  it.each(STATUSES.filter((status) => status !== 'SHIPPED'))(
    'only: %s takes neither device nor link',
    async (orderStatus) => {
      const { orderId } = await toShip();
      await expectNoChange(
        () => update({ orderId, orderStatus, ...shipment('SHIPPED') }),
        refusedOrder('INVALID', 'deviceId', 'trackingLink'),
      );
    },
  );

  it('neither an unknown device nor one of another tenant', async () => {
    const input = await toShip();
    const { deviceId: theirs } = await newDevice(world, neighbour);
    for (const deviceId of [freshDeviceId(), theirs]) {
      await expectNoChange(
        () => update({ ...input, deviceId }),
        refusedOrder('NOT_FOUND', 'deviceId'),
      );
    }
  });

  it('a device in stock, which becomes the tenant’s; not so when the order cannot be shipped', async () => {
    const { deviceId } = await newDevice(world, neighbour);
    await succeed(
      world.ask(
        operator,
        `mutation ($input: RemoveDevicesInput!) { removeDevices(input: $input) { success } }`,
        { input: { intermediaryId: neighbour.id, deviceIdentifiers: [{ deviceId }] } },
      ),
    );
    const input = { ...(await toShip()), deviceId };
    const placed = await orderIn('PLACED');
    await expectNoChange(
      () => update({ ...input, orderId: placed }),
      refusedOrder('CONFLICT', 'orderStatus'),
    );
    expect(await succeed(update(input))).toMatchObject({ order: { deviceId } });
    const { results } = await env.DB.prepare(
      'SELECT tenant_id AS tenantId, meter_id AS meterId FROM devices WHERE device_id = ?',
    )
      .bind(deviceId)
      .all();
    expect(results).toEqual([{ tenantId: Number(tenant.id), meterId: null }]);
  });
});
