/** Orders: the tenant adds and cancels them, the operator updates them. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  env,
  expectNoChange,
  fresh,
  freshDeviceId,
  type Json,
  newDevice,
  newKey,
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
/** Of each order, the device that it ships: one is under way with one order at a time. */
const deviceOf = new Map<string, string>();

beforeAll(async () => {
  tenant = await newTenant(world);
  neighbour = await newTenant(world, 'Neighbour');
  user = await newUser(world, tenant);
});

const trackingLink = 'https://parcels.example/1';

const ORDER = 'order { orderId orderStatus deviceId trackingLink createdAt updatedAt }';
const add = (input: object, key = tenant.key) => world.call(key, 'addOrder', input, ORDER);
const cancel = (orderId: string, key = tenant.key) =>
  world.call(key, 'cancelOrder', { orderId }, ORDER);
const update = (input: object) =>
  world.call(operator, 'updateOrder', { intermediaryId: tenant.id, ...input }, ORDER);

const sentencesOf = async (input: object): Promise<string[]> => {
  const { errors } = await world.ask(
    operator,
    'mutation ($input: UpdateOrderInput!) { updateOrder(input: $input) { errors { message } } }',
    { input: { intermediaryId: tenant.id, ...input } },
  );
  return errors.map(({ message }: Json) => message);
};

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

const shipment = (orderId: string, orderStatus = 'SHIPPED') =>
  orderStatus === 'SHIPPED' ? { deviceId: deviceOf.get(orderId) ?? '', trackingLink } : {};

/** The id of a new order in this status. */
async function orderIn(status: Status): Promise<string> {
  const { orderId } = (await succeed(add({ userIdentifier: user.identifier }))).order;
  deviceOf.set(orderId, (await newDevice(world, tenant)).deviceId);
  for (const orderStatus of MOVES[status].by) {
    await succeed(update({ orderId, orderStatus, ...shipment(orderId, orderStatus) }));
  }
  return orderId;
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
    const remove =
      'mutation ($u: UserIdentifierInput!) { removeUser(input: { userIdentifier: $u }) { ' +
      'success } }';
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
    const { order } = await succeed(update({ orderId, orderStatus: to, ...shipment(orderId, to) }));
    const shipped = to === 'SHIPPED' || from === 'SHIPPED' || from === 'DELIVERED';
    expect(order).toMatchObject({
      orderStatus: to,
      deviceId: shipped ? deviceOf.get(orderId) : null,
      trackingLink: shipped ? trackingLink : null,
    });
  });

  it.each(illegal)('never from %s to %s', async (from, to) => {
    const orderId = await orderIn(from);
    await expectNoChange(
      () => update({ orderId, orderStatus: to, ...shipment(orderId, to) }),
      refusedOrder('CONFLICT', 'orderStatus'),
    );
  });

  it.each(STATUSES)('not at all when it is %s already: a success', async (status) => {
    const orderId = await orderIn(status);
    await expectNoChange(
      () => update({ orderId, orderStatus: status, ...shipment(orderId, status) }),
      {
        success: true,
        errors: [],
        order: { orderId, orderStatus: status },
      },
    );
  });

  it('not to SHIPPED with other values than it was shipped with', async () => {
    const orderId = await orderIn('SHIPPED');
    const again = { orderId, orderStatus: 'SHIPPED', ...shipment(orderId) };
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
  async function toShip() {
    const orderId = await orderIn('PROCESSING');
    return { orderId, orderStatus: 'SHIPPED', ...shipment(orderId) };
  }

  it.each([
    ['without a device', { deviceId: null }, ['deviceId']],
    ['without a link', { trackingLink: undefined }, ['trackingLink']],
    ['without either', { deviceId: null, trackingLink: null }, ['deviceId', 'trackingLink']],
    ['with a javascript: link', { trackingLink: 'javascript:alert(1)' }, ['trackingLink']],
    ['with a link that is none', { trackingLink: 'parcels.example/1' }, ['trackingLink']],
    ['with an ftp: link', { trackingLink: 'ftp://parcels.example/1' }, ['trackingLink']],
    ['with a user in it', { trackingLink: 'https://a:b@parcels.example' }, ['trackingLink']],
    ['with no host in it', { trackingLink: 'https://?' }, ['trackingLink']],
    ['with a lone surrogate', { trackingLink: 'https://parcels.example/\ud800' }, ['trackingLink']],
    [
      'with one that grows too long',
      { trackingLink: `https://parcels.example/${'ä'.repeat(1_000)}` },
      ['trackingLink'],
    ],
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
        () => update({ orderId, orderStatus, ...shipment(orderId) }),
        refusedOrder('INVALID', 'deviceId', 'trackingLink'),
      );
    },
  );

  it('neither an unknown device nor one that another tenant has', async () => {
    const input = await toShip();
    const { deviceId: theirs } = await newDevice(world, neighbour);
    for (const [deviceId, code, said] of [
      [freshDeviceId(), 'NOT_FOUND', 'Add it first.'],
      [theirs, 'CONFLICT', 'is assigned to another intermediary. Remove it there first'],
    ] as const) {
      const again = { ...input, deviceId };
      await expectNoChange(() => update(again), refusedOrder(code, 'deviceId'));
      expect(await sentencesOf(again)).toEqual([expect.stringContaining(said)]);
    }
  });

  it('and says what is missing, and what comes next', async () => {
    const { orderId } = await toShip();
    const missing = await sentencesOf({ orderId, orderStatus: 'SHIPPED' });
    expect(missing).toEqual([
      expect.stringContaining('id of the device'),
      expect.stringContaining('a link'),
    ]);
    expect(await sentencesOf({ orderId, orderStatus: 'DELIVERED' })).toEqual([
      'An order that is PROCESSING cannot become DELIVERED: next comes SHIPPED or CANCELLED.',
    ]);
    const returned = await orderIn('RETURNED');
    expect(await sentencesOf({ orderId: returned, orderStatus: 'PLACED' })).toEqual([
      'An order that is RETURNED cannot become PLACED: it is final.',
    ]);
  });

  it.each([
    ['HTTPS://Parcels.Example', 'https://parcels.example/'],
    ['https://parcels.example/a/../b?x=ä&y="<>', 'https://parcels.example/b?x=%C3%A4&y=%22%3C%3E'],
    ['http://bücher.example:80/\\x', 'http://xn--bcher-kva.example//x'],
  ])('with the link %s as browsers follow it', async (given, href) => {
    const input = { ...(await toShip()), trackingLink: given };
    expect((await succeed(update(input))).order.trackingLink).toBe(href);
    await expectNoChange(() => update(input), { success: true });
    await expectNoChange(() => update({ ...input, trackingLink: href }), { success: true });
  });

  it('with a link from before links were so kept, which it stays', async () => {
    const input = { ...(await toShip()), trackingLink: 'https://Parcels.example/ä' };
    await succeed(update(input));
    await env.DB.prepare('UPDATE orders SET tracking_link = ? WHERE order_id = ?')
      .bind(input.trackingLink, input.orderId)
      .run();
    await expectNoChange(() => update(input), { success: true });
  });

  it('a device in stock becomes the tenant’s, but not if the order cannot be shipped', async () => {
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

describe('a device that is under way', () => {
  const ship = (orderId: string, deviceId: string, intermediaryId = tenant.id) =>
    world.call(
      operator,
      'updateOrder',
      { intermediaryId, orderId, orderStatus: 'SHIPPED', deviceId, trackingLink },
      ORDER,
    );
  const sentenceOf = async (orderId: string, deviceId: string, intermediaryId = tenant.id) => {
    const input = { intermediaryId, orderId, orderStatus: 'SHIPPED', deviceId, trackingLink };
    const { errors } = await world.ask(
      operator,
      'mutation ($input: UpdateOrderInput!) { updateOrder(input: $input) { errors { message } } }',
      { input },
    );
    return errors[0].message;
  };

  it.each(['DELIVERED', 'RETURNED'])(
    'is shipped on no other order until that one is %s',
    async (then) => {
      const [first, second] = [await orderIn('SHIPPED'), await orderIn('PROCESSING')];
      const deviceId = deviceOf.get(first) ?? '';
      await expectNoChange(() => ship(second, deviceId), refusedOrder('CONFLICT', 'deviceId'));
      expect(await sentenceOf(second, deviceId)).toBe(
        `Order "${first}" is SHIPPED with this device. Move that one to DELIVERED or ` +
          'RETURNED first, or ship another device.',
      );
      // It is still a success to say again what is so.
      await expectNoChange(() => ship(first, deviceId), { success: true });
      await succeed(update({ orderId: first, orderStatus: then }));
      expect(await succeed(ship(second, deviceId))).toMatchObject({ order: { deviceId } });
    },
  );

  it('is so for other intermediaries too, and named by whose order it is', async () => {
    const first = await orderIn('SHIPPED');
    const deviceId = deviceOf.get(first) ?? '';
    const devices = { intermediaryId: tenant.id, deviceIdentifiers: [{ deviceId }] };
    await succeed(world.call(operator, 'removeDevices', devices));
    const { identifier } = await newUser(world, neighbour);
    const { order } = await succeed(add({ userIdentifier: identifier }, neighbour.key));
    const processing = { orderId: order.orderId, orderStatus: 'PROCESSING' };
    await succeed(update({ intermediaryId: neighbour.id, ...processing }));
    await expectNoChange(
      () => ship(order.orderId, deviceId, neighbour.id),
      refusedOrder('CONFLICT', 'deviceId'),
    );
    expect(await sentenceOf(order.orderId, deviceId, neighbour.id)).toContain(
      `Order "${first}" of intermediary ${tenant.id} is SHIPPED`,
    );
  });

  it('is free again once its intermediary is removed, whose orders move no more', async () => {
    const leaving = await newTenant(world, 'Leaving');
    const { identifier } = await newUser(world, leaving);
    const { deviceId } = await newDevice(world, leaving);
    const { order } = await succeed(add({ userIdentifier: identifier }, leaving.key));
    const processing = { orderId: order.orderId, orderStatus: 'PROCESSING' };
    await succeed(update({ intermediaryId: leaving.id, ...processing }));
    await succeed(ship(order.orderId, deviceId, leaving.id));
    await succeed(world.call(operator, 'removeIntermediary', { id: leaving.id }));
    await succeed(ship(await orderIn('PROCESSING'), deviceId));
  });

  it('leaves with one of two orders that are shipped at once', async () => {
    const [first, second] = [await orderIn('PROCESSING'), await orderIn('PROCESSING')];
    const { deviceId } = await newDevice(world, tenant);
    const answers = await Promise.all([first, second].map((id) => ship(id, deviceId)));
    expect(answers.map(({ success }) => success).sort()).toEqual([false, true]);
  });

  it('is told apart from one that is not there, be it in other letters', async () => {
    const orderId = await orderIn('PROCESSING');
    const { deviceId } = await newDevice(world, tenant);
    const other =
      deviceId.toLowerCase() === deviceId ? deviceId.toUpperCase() : deviceId.toLowerCase();
    expect(await sentenceOf(orderId, other)).toBe(
      `There is no such device here, but ${deviceId} is: case matters.`,
    );
  });
});

describe('orders', () => {
  const LIST = `query ($first: Int!, $after: String, $status: OrderStatus, $of: ID, $order:
    OrderOrder!) {
    orders(first: $first, after: $after, status: $status, intermediaryId: $of, order: $order) {
      nodes { orderId orderStatus intermediary { id name } } pageInfo { hasNextPage endCursor } }
      }`;
  type Asked = { first?: number; after?: string; status?: Status; of?: string; order?: string };
  const list = (credential: string, asked: Asked) =>
    world.graphql(credential, LIST, { first: 100, order: 'OLDEST_FIRST', ...asked });
  async function all(credential: string, asked: Asked = {}): Promise<string[]> {
    const seen: string[] = [];
    for (let after: string | undefined, more = true; more; ) {
      const { nodes, pageInfo }: Json = (
        await list(credential, { ...asked, ...(after && { after }) })
      ).data.orders;
      seen.push(...nodes.map(({ orderId }: Json) => orderId));
      ({ hasNextPage: more, endCursor: after } = pageInfo);
    }
    return seen;
  }

  /** A company with an order in each status, in this order. */
  async function company(name: string) {
    const owner = await newTenant(world, name);
    const { identifier, externalId } = await newUser(world, owner);
    const { identifier: another } = await newUser(world, owner);
    const ids: string[] = [];
    for (const [n, status] of STATUSES.entries()) {
      const orderId = fresh(status);
      ids.push(orderId);
      await succeed(add({ userIdentifier: n % 2 ? another : identifier, orderId }, owner.key));
      // Two at one time are told apart by their ids.
      await env.DB.prepare('UPDATE orders SET created_at = ? WHERE order_id = ?')
        .bind(1_000 + Math.floor(n / 2), orderId)
        .run();
      const { deviceId } = await newDevice(world, owner);
      for (const orderStatus of MOVES[status].by) {
        const shipped = orderStatus === 'SHIPPED' ? { deviceId, trackingLink } : {};
        await succeed(update({ intermediaryId: owner.id, orderId, orderStatus, ...shipped }));
      }
    }
    const sorted = [0, 2, 4].flatMap((n) => ids.slice(n, n + 2).sort());
    return { ...owner, ids, sorted, externalId };
  }

  it('of a tenant are those of all its users, oldest first or newest first, in pages', async () => {
    const { key, sorted } = await company('Pages');
    await company('Pages beside it');
    for (const first of [1, 2, 4, 100]) {
      expect(await all(key, { first })).toEqual(sorted);
      expect(await all(key, { first, order: 'NEWEST_FIRST' })).toEqual(sorted.toReversed());
    }
    const { secret } = await newKey(world, { id: '', key }, ['users:read']);
    expect((await list(secret, {})).status).toBe(403);
  });

  it('are asked for by status', async () => {
    const { key, ids } = await company('Statuses');
    for (const [n, status] of STATUSES.entries()) {
      expect(await all(key, { status })).toEqual([ids[n]]);
    }
  });

  it('tell for whom they are, until that user is removed', async () => {
    const { key, ids, externalId } = await company('Users');
    const users = async () =>
      (
        await world.ask(
          key,
          '{ orders(first: 100) { nodes { orderId user { userIdentifier { externalUser { ' +
            'externalId } } } } } }',
        )
      ).nodes.find(({ orderId }: Json) => orderId === ids[0]).user;
    expect(await users()).toEqual({ userIdentifier: { externalUser: { externalId } } });
    await succeed(
      world.call(key, 'removeUser', { userIdentifier: { externalUser: { externalId } } }),
    );
    expect(await users()).toBeNull();
  });

  it('of all companies tell the operator what is to ship, and for whom', async () => {
    const [one, other] = [await company('One'), await company('Other')];
    const gone = await company('Gone');
    await succeed(world.call(operator, 'removeIntermediary', { id: gone.id }));
    for (const first of [1, 3, 100]) {
      const open = await all(operator, { first, status: 'PROCESSING' });
      expect(open).toEqual(expect.arrayContaining([one.ids[1], other.ids[1]]));
      expect(open).not.toContain(gone.ids[1]);
      expect(new Set(open).size).toBe(open.length);
    }
    const { nodes } = (await list(operator, { status: 'PROCESSING' })).data.orders;
    expect(nodes.find(({ orderId }: Json) => orderId === one.ids[1]).intermediary).toEqual({
      id: one.id,
      name: 'One',
    });
    expect(await all(operator, { of: other.id, first: 2 })).toEqual(other.sorted);
    expect(await all(operator, { of: gone.id, status: 'PLACED' })).toEqual([gone.ids[0]]);
    expect(await all(operator, { of: '7' })).toEqual([]);
  });

  it('of a named company are the operator’s to ask for', async () => {
    const { errors } = await list(tenant.key, { of: neighbour.id });
    expect(errors?.[0].extensions).toEqual({ code: 'FORBIDDEN', path: ['intermediaryId'] });
  });

  it.each([
    ['another order', { order: 'NEWEST_FIRST' }],
    ['another status', { status: 'PLACED' as const }],
  ])('refuse the cursor of %s', async (_, other) => {
    const { key } = await company('Cursors');
    const { endCursor } = (await list(key, { first: 1, ...other })).data.orders.pageInfo;
    const { errors } = await list(key, { after: endCursor });
    expect(errors?.[0].extensions).toEqual({ code: 'INVALID', path: ['after'] });
  });
});
