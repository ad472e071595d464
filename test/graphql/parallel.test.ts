/** Simultaneous calls: the result is the same as for one after the other. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Device,
  env,
  external,
  fresh,
  type Json,
  newDevices,
  newTenant,
  newUser,
  newWorld,
  operator,
  succeed,
  type Tenant,
} from '../world.ts';

const worlds = [newWorld(), newWorld(), newWorld()];
const [world] = worlds as [ReturnType<typeof newWorld>];
let tenant: Tenant;
let devices: Device[];

beforeAll(async () => {
  tenant = await newTenant(world);
  devices = await newDevices(world, tenant, 3);
});

/** Fifty at once, spread over three isolates. */
const fifty = (query: string, variables: object): Promise<Json[]> =>
  Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      succeed((worlds[n % worlds.length] ?? world).ask(tenant.key, query, variables)),
    ),
  );

const one = (answers: Json[], of: (answer: Json) => unknown) => new Set(answers.map(of)).size;

const events = async (action: string, userId: string) =>
  (
    await env.DB.prepare('SELECT count(*) AS n FROM audit_events WHERE action = ? AND user_id = ?')
      .bind(action, Number(userId))
      .first<{ n: number }>()
  )?.n;

describe('fifty at once', () => {
  it('of addUser make one user', async () => {
    const answers = await fifty(
      'mutation ($u: UserIdentifierInput!) { addUser(input: { userIdentifier: $u }) { ' +
        'success user { id } } }',
      { u: external(fresh('race')) },
    );
    expect(one(answers, ({ user }) => user.id)).toBe(1);
    expect(await events('user.add', answers[0].user.id)).toBe(1);
  });

  it('of ensureUserAccess make one user and one set of grants, and a session each', async () => {
    const answers = await fifty(
      `mutation ($input: EnsureUserAccessInput!) { ensureUserAccess(input: $input) {
        success user { id } session { id } userCreated modifiedPermissions { deviceId } } }`,
      {
        input: {
          userIdentifier: external(fresh('race')),
          deviceIdentifiers: devices.map(({ deviceId }) => ({ deviceId })),
        },
      },
    );
    expect(one(answers, ({ user }) => user.id)).toBe(1);
    expect(one(answers, ({ session }) => session.id)).toBe(50);
    expect(answers.filter(({ userCreated }) => userCreated)).toHaveLength(1);
    expect(answers.flatMap(({ modifiedPermissions }) => modifiedPermissions)).toHaveLength(3);
    expect(await events('permission.add', answers[0].user.id)).toBe(1);
  });

  it('of a grant make it once', async () => {
    const user = await newUser(world, tenant);
    const answers = await fifty(
      'mutation ($input: AddDevicePermissionsInput!) { addDevicePermissions(input: $input) { ' +
        'success modifiedPermissions { deviceId } } }',
      {
        input: {
          userIdentifier: user.identifier,
          deviceIdentifiers: devices.map(({ meterId }) => ({ meterId })),
        },
      },
    );
    expect(answers.flatMap(({ modifiedPermissions }) => modifiedPermissions)).toHaveLength(3);
    expect(await events('permission.add', user.id)).toBe(1);
  });

  it('of addOrder with one orderId place one order', async () => {
    const user = await newUser(world, tenant);
    const orderId = fresh('order');
    const answers = await fifty(
      'mutation ($input: AddOrderInput!) { addOrder(input: $input) { success order { orderId ' +
        'createdAt } } }',
      { input: { userIdentifier: user.identifier, orderId } },
    );
    expect(one(answers, ({ order }) => JSON.stringify(order))).toBe(1);
    expect(await events('order.add', user.id)).toBe(1);
  });

  it('of rotateApiKey make a successor each, and one grace', async () => {
    const { apiKey } = await succeed(
      world.call(
        tenant.key,
        'addApiKey',
        { name: 'raced', scopes: ['users:read'] },
        'apiKey { id }',
      ),
    );
    const answers = await fifty(
      'mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { success apiKey ' +
        '{ id } } }',
      { input: { id: apiKey.id } },
    );
    expect(one(answers, ({ apiKey: { id } }) => id)).toBe(50);
    const { results } = await env.DB.prepare(
      'SELECT grace_ends_at IS NOT NULL AS in_grace FROM api_keys WHERE name = ? AND in_grace',
    )
      .bind('raced')
      .all();
    expect(results).toHaveLength(1);
  });
});

describe('two at once', () => {
  it('of updateOrder to different states leave one legal history', async () => {
    for (let round = 0; round < 10; round++) {
      const user = await newUser(world, tenant);
      const orderId = fresh('order');
      await succeed(
        world.ask(
          tenant.key,
          `mutation ($input: AddOrderInput!) { addOrder(input: $input) { success } }`,
          { input: { userIdentifier: user.identifier, orderId } },
        ),
      );
      const move = (orderStatus: string, n: number) =>
        (worlds[n] ?? world).ask(
          operator,
          'mutation ($input: UpdateOrderInput!) { updateOrder(input: $input) { success ' +
            'errors { code } order { orderStatus } } }',
          { input: { intermediaryId: tenant.id, orderId, orderStatus } },
        );
      const [processing, cancelled] = await Promise.all([
        move('PROCESSING', 0),
        move('CANCELLED', 1),
      ]);
      const order = await env.DB.prepare('SELECT status FROM orders WHERE order_id = ?')
        .bind(orderId)
        .first<{ status: string }>();
      expect(order?.status).toBe('CANCELLED');
      expect(cancelled.success).toBe(true);
      if (!processing.success) expect(processing.errors).toEqual([{ code: 'CONFLICT' }]);
    }
  });

  it('of updateUser to the same externalId let one have it', async () => {
    const users = [await newUser(world, tenant), await newUser(world, tenant)];
    const newExternalId = fresh('wanted');
    const answers = await Promise.all(
      users.map(({ identifier }, n) =>
        (worlds[n] ?? world).ask(
          tenant.key,
          'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { success errors ' +
            '{ code } } }',
          { input: { userIdentifier: identifier, newExternalId } },
        ),
      ),
    );
    expect(answers.map(({ success }) => success).sort()).toEqual([false, true]);
    expect(answers.find(({ success }) => !success).errors).toEqual([{ code: 'CONFLICT' }]);
  });
});
