/** What is done by, for and with end users, and what each call must answer. */
import type { Client } from './client.ts';
import {
  expectSame,
  isRefused,
  type Order,
  pick,
  STATUSES,
  statusesOf,
  type User,
} from './ledger.ts';

const sorted = (names: string[]): string[] => names.sort();
const names = (permissions: { permission: string; deviceId: string }[]): string[] =>
  sorted(permissions.map(({ permission, deviceId }) => `${permission} ${deviceId}`));
const byDeviceId = (deviceIds: string[]) => deviceIds.map((deviceId) => ({ deviceId }));
const some = (items: string[]): string[] => {
  const start = Math.floor(Math.random() * items.length);
  return items.slice(start, start + 3);
};
export const meterOf = (deviceId: string): string => `meter-${deviceId}`;
const MODIFIED = 'modifiedPermissions { deviceId permission }';

export const isThere = ({ id }: User) => id !== null;
export const isSignedIn = ({ live }: User) => live.length > 0;
export const hasOpenOrder = ({ orders }: User) => orders.some(mayMove);

/** Mostly about what is granted: an app does not show what it may not. */
export async function verifyDevice(client: Client, user: User): Promise<void> {
  const { granted } = user;
  const isUsual = granted.length > 0 && Math.random() < 0.95;
  const name = isUsual ? pick(granted) : `VIEW ${pick(user.deviceIds)}`;
  const [permission, deviceId = ''] = name.split(' ');
  const device = pick([`device=${deviceId}`, `meter=${meterOf(deviceId)}`]);
  const question = `?${device}&permission=${permission}`;
  const statuses = statusesOf(user, name);
  await client.verify(`/${user.tenant.id}${question}`, pick(user.live).token, statuses);
}

export const verifyToken = (client: Client, user: User): Promise<void> =>
  client.verify(`/${user.tenant.id}/api/readings`, pick(user.live).token, [200], {
    'X-Latchkey-Verify': user.tenant.id,
  });

/** A token that has ended, or that never was one. */
export async function verifyRefused(client: Client, user: User): Promise<void> {
  const session = pick(user.sessions);
  if (session.endedAt !== null) {
    const statuses = isRefused(session.endedAt) ? [401] : [204, 401];
    return client.verify(`/${user.tenant.id}`, session.token, statuses);
  }
  const twin = session.token.slice(0, -1) + (session.token.endsWith('0') ? '1' : '0');
  return client.verify(`/${user.tenant.id}`, twin, [401]);
}

/** What a user has is told from D1: as it was acknowledged last. */
export async function view(client: Client, user: User): Promise<void> {
  const session = pick(user.live);
  const { viewer } = await client.graphql(
    session.token,
    `query { viewer { user { id } session { id } orders { orderId orderStatus }
      devices(first: 20) { nodes { permissions { deviceId permission } } } } }`,
    {},
  );
  expectSame('viewer.user', viewer.user.id, user.id);
  expectSame('viewer.session', viewer.session.id, session.id);
  expectDevices(user, viewer.devices.nodes);
  expectOrders(user, viewer.orders);
}

interface Node {
  permissions: { permission: string; deviceId: string }[];
}

export function expectDevices(user: User, nodes: Node[]): void {
  const held = names(nodes.flatMap(({ permissions }) => permissions));
  expectSame(`grants of ${user.externalId}`, held, sorted(user.granted));
}

export function expectOrders(user: User, orders: { orderId: string; orderStatus: string }[]): void {
  expectSame(
    `orders of ${user.externalId}`,
    sorted(orders.map(({ orderId, orderStatus }) => `${orderId} ${orderStatus}`)),
    sorted(user.orders.map(({ id, status }) => `${id} ${status}`)),
  );
}

/** An app starts: four times of five with a token that it has. */
export async function ensure(client: Client, user: User): Promise<void> {
  const { live, tenant, identifier } = user;
  const deviceIds = user.deviceIds.slice(0, 3);
  const shown = live.length > 40 || Math.random() < 0.8 ? pick(live) : undefined;
  const answer = await client.change(
    pick(tenant.keys),
    'ensureUserAccess',
    {
      userIdentifier: identifier,
      deviceIdentifiers: byDeviceId(deviceIds),
      chargingDeviceIdentifiers: byDeviceId(deviceIds.slice(0, 1)),
      ...(shown && { accessToken: shown.token }),
    },
    `user { id } session { id accessToken } userCreated sessionCreated ${MODIFIED}`,
  );
  const wanted = [...deviceIds.map((id) => `VIEW ${id}`), `CHARGE ${deviceIds[0]}`];
  const missing = wanted.filter((name) => !user.grants.get(name)?.granted);
  const { id, accessToken: token } = answer.session;
  expectSame('userCreated', answer.userCreated, user.id === null);
  expectSame('the session', answer.sessionCreated ? null : id, shown?.id ?? null);
  expectSame('modifiedPermissions', names(answer.modifiedPermissions), sorted(missing));
  user.id = answer.user.id;
  user.set(missing, true);
  if (!shown) user.sessions.push({ id, token, endedAt: null });
}

export const permitting =
  (granted: boolean) =>
  async (client: Client, user: User): Promise<void> => {
    const permission = pick(['VIEW', 'CHARGE']);
    const what = permission === 'VIEW' ? 'DevicePermissions' : 'ChargingPermission';
    const mutation = `${granted ? 'add' : 'remove'}${what}`;
    const deviceIds = some(user.deviceIds);
    const input = {
      userIdentifier: user.identifier,
      deviceIdentifiers: byDeviceId(deviceIds),
    };
    const answer = await client.change(pick(user.tenant.keys), mutation, input, MODIFIED);
    const changed = deviceIds
      .map((deviceId) => `${permission} ${deviceId}`)
      .filter((name) => (user.grants.get(name)?.granted ?? false) !== granted);
    expectSame('modifiedPermissions', names(answer.modifiedPermissions), sorted(changed));
    user.set(changed, granted);
  };

let ordered = 0;

export async function placeOrder(client: Client, user: User): Promise<void> {
  const id = `order-${ordered++}`;
  const input = { userIdentifier: user.identifier, orderId: id };
  await client.change(pick(user.tenant.keys), 'addOrder', input, 'order { orderId }');
  const trackingLink = `https://parcels.example/${id}`;
  user.orders.push({ id, status: 'PLACED', deviceId: pick(user.deviceIds), trackingLink });
}

const mayMove = ({ status }: Order) => status !== 'RETURNED' && status !== 'CANCELLED';

/** The operator's call that an order's status comes from, or repeats. */
export const moveOf = (tenantId: string, { id, deviceId, trackingLink }: Order, to: string) => ({
  intermediaryId: tenantId,
  orderId: id,
  orderStatus: to,
  ...(to === 'SHIPPED' && { deviceId, trackingLink }),
});

export async function moveOrder(client: Client, user: User, operator: string): Promise<void> {
  const { tenant } = user;
  const moved = pick(user.orders.filter(mayMove));
  if (moved.status === 'PLACED' && Math.random() < 0.2) {
    await client.change(pick(tenant.keys), 'cancelOrder', { orderId: moved.id });
    moved.status = 'CANCELLED';
    return;
  }
  const to = STATUSES[STATUSES.indexOf(moved.status as 'PLACED') + 1] ?? 'RETURNED';
  if (to === 'SHIPPED') {
    const free = tenant.deviceIds.find((id) => !tenant.underWay.has(id));
    if (!free) return;
    tenant.underWay.add(free);
    moved.deviceId = free;
  }
  const input = moveOf(tenant.id, moved, to);
  const { order } = await client.change(operator, 'updateOrder', input, 'order { orderStatus }');
  expectSame('orderStatus', order.orderStatus, to);
  if (moved.status === 'SHIPPED') tenant.underWay.delete(moved.deviceId);
  moved.status = to;
}

export async function signOut(client: Client, user: User): Promise<void> {
  const session = pick(user.live);
  const input = { accessToken: session.token };
  const fields = 'removedSessionIds';
  const answer = await client.change(pick(user.tenant.keys), 'removeUserSession', input, fields);
  expectSame(fields, answer.removedSessionIds, [session.id]);
  session.endedAt = Date.now();
}

/** Who was there goes; who was not comes. */
export async function comeOrGo(client: Client, user: User): Promise<void> {
  const { tenant, identifier, id } = user;
  const mutation = id === null ? 'addUser' : 'removeUser';
  const input = { userIdentifier: identifier };
  const answer = await client.change(pick(tenant.keys), mutation, input, 'user { id }');
  if (id === null) {
    user.id = answer.user.id;
    return;
  }
  expectSame('who was removed', answer.user.id, id);
  user.id = null;
  user.set(user.granted, false);
  for (const session of user.live) session.endedAt = Date.now();
  tenant.orphans.push(...user.orders);
  user.orders = [];
}
