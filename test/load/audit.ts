/**
 * Afterwards: is all that was acknowledged there, and nothing else? Asked of D1, not of the copies.
 */
import type { Client } from './client.ts';
import { expectSame, type Member, type Tenant, type User } from './ledger.ts';
import type { Stage } from './mix.ts';
import { forEach } from './population.ts';
import { expectStations, listStations } from './staff.ts';
import { expectDevices, expectOrders, moveOf } from './users.ts';

export interface Audit {
  /** How much was looked for, of each kind. */
  looked: Record<string, number>;
  /** What is not as it was acknowledged, a sentence each. */
  lost: string[];
}

const USER = `query ($user: UserIdentifierInput!, $externalUserId: String!) {
  user(userIdentifier: $user) { id devices(first: 20) { nodes { permissions { deviceId permission }
  } } }
  sessions(userIdentifier: $user) { id }
  ordersForUser(input: { externalUserId: $externalUserId }) { orders { orderId orderStatus } } }`;

async function auditUser(client: Client, user: User, key: string): Promise<void> {
  const { identifier, externalId, id } = user;
  const variables = { user: identifier, externalUserId: externalId };
  const found = await client.graphql(key, USER, variables);
  expectSame(`user ${externalId}`, found.user?.id ?? null, id);
  expectDevices(user, found.user?.devices.nodes ?? []);
  const ids = (sessions: { id: string }[]) => sessions.map((session) => session.id).sort();
  expectSame(`sessions of ${externalId}`, ids(found.sessions), ids(user.live));
  expectOrders(user, found.ordersForUser.orders);
}

/** A status that is repeated changes nothing and is a success; any other is refused. */
async function auditOrphans(client: Client, tenant: Tenant, operatorKey: string): Promise<void> {
  for (const order of tenant.orphans) {
    await client.change(operatorKey, 'updateOrder', moveOf(tenant.id, order, order.status));
  }
}

async function auditMember(client: Client, member: Member): Promise<void> {
  expectStations(member, await listStations(client, member));
  const { user } = await client.rest(member.token, 'GET /user/me');
  expectSame(`member ${member.id}`, user.name, member.name);
  for (const id of member.removedStations) {
    const { status } = await client.send('GET', `/station/${id}`, member.token);
    expectSame(`station ${id}, which was removed`, status, 404);
  }
}

export async function audit({ client, operatorKey, ...stage }: Stage): Promise<Audit> {
  const lost: string[] = [];
  const users = stage.users.all.filter((user) => !stage.users.doubtful.has(user));
  const members = stage.members.all.filter((member) => !stage.members.doubtful.has(member));
  const tenants = [...new Set(stage.users.all.map(({ tenant }) => tenant))];
  const sessions = users.flatMap((user) => user.sessions.map((session) => ({ user, session })));
  const look = <Item>(items: Item[], act: (item: Item) => Promise<void>) =>
    forEach(items, (item) =>
      act(item).catch((error) => {
        lost.push(String(error.message));
      }),
    );
  let asked = 0;
  await look(users, (user) => {
    const { keys } = user.tenant;
    return auditUser(client, user, keys[asked++ % keys.length] ?? '');
  });
  await look(sessions, async ({ user, session }) => {
    const path = `/verify/${user.tenant.id}?consistency=strict`;
    const { status } = await client.send('GET', path, session.token);
    const known = session.endedAt === null ? 204 : 401;
    expectSame(`session ${session.id} of ${user.externalId}`, status, known);
  });
  await look(members, (member) => auditMember(client, member));
  await look(tenants, (tenant) => auditOrphans(client, tenant, operatorKey));
  const sum = <Item>(items: Item[], of: (item: Item) => number) =>
    items.reduce((total, item) => total + of(item), 0);
  const looked = {
    users: users.length,
    grants: sum(users, ({ grants }) => grants.size),
    sessions: sessions.length,
    orders:
      sum(users, ({ orders }) => orders.length) + sum(tenants, ({ orphans }) => orphans.length),
    members: members.length,
    stations: sum(
      members,
      ({ stations, removedStations }) => stations.size + removedStations.length,
    ),
    'in doubt': stage.users.doubtful.size + stage.members.doubtful.size,
  };
  return { looked, lost };
}
