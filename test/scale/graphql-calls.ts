/**
 * Every root field of the schema, as the table of operations has it and again with all that can be
 * asked.
 */
import { documentOf, type GraphqlCase, graphqlCases } from '../operations/cases.ts';
import { graphql, type Json, request } from './isolate.ts';
import { type Prepare, type Scene, userOf } from './scene.ts';

/** Besides those: with all that is nested, or asked another way. */
const wide: Record<
  string,
  { by: 'key' | 'operator' | 'session'; document(ids: Scene['ids'], scene: Scene): unknown }
> = {
  'user, all of it': {
    by: 'key',
    document: (ids) =>
      `{ user(${userOf(ids)}) { name suspended devices(first: 100) { nodes { deviceId ` +
      'permissions { permission } } } orders { orderId } } }',
  },
  'users, a page with devices and orders': {
    by: 'key',
    document: () =>
      '{ users(first: 40) { nodes { id devices(first: 20) { nodes { deviceId } } orders { ' +
      'orderId } } } }',
  },
  'users, the page after': {
    by: 'key',
    document: (_, scene) => pageAfter(scene, '{ users(first: 5 AFTER) { nodes { id } CURSOR } }'),
  },
  'users by a prefix of externalId': {
    by: 'key',
    document: () => '{ users(first: 5, search: "7") { nodes { id } } }',
  },
  'users by a prefix of the e-mail address': {
    by: 'key',
    document: () => '{ users(first: 2, search: "ada.") { nodes { id } } }',
  },
  'users by a prefix of the name': {
    by: 'key',
    document: () => '{ users(first: 5, search: "MARY ") { nodes { id } } }',
  },
  'users by a prefix of e-mail address and name, past the addresses': {
    by: 'key',
    async document(_, scene) {
      const { env } = scene;
      const last = await env.DB.prepare(
        "SELECT max(email) AS email FROM users WHERE tenant_id = ? AND email >= 'ada' AND " +
          "email < 'adb'",
      )
        .bind(scene.ids.tenantId)
        .first<string>('email');
      return pageAfter(
        scene,
        '{ users(first: 5, search: "ada" AFTER) { nodes { id } CURSOR } }',
        `{ users(first: 1, search: "${last}") { CURSOR } }`,
      );
    },
  },
  'devices, the page after': {
    by: 'key',
    document: (_, scene) =>
      pageAfter(scene, '{ devices(first: 100 AFTER) { nodes { deviceId } CURSOR } }'),
  },
  'checkUserAccess, STRICT': {
    by: 'key',
    document: (ids) =>
      `{ checkUserAccess(input: { ${userOf(ids)}, accessToken: "${ids.accessToken}", ` +
      `consistency: STRICT, deviceIdentifiers: [{ deviceId: "${ids.deviceId}" }] }) { ` +
      'devices { reason } allowed } }',
  },
  'orders, all of them, newest first': {
    by: 'key',
    document: () => '{ orders(first: 20, order: NEWEST_FIRST) { nodes { orderId user { id } } } }',
  },
  'orders, the page after': {
    by: 'key',
    document: (_, scene) =>
      pageAfter(
        scene,
        '{ orders(first: 20, status: DELIVERED AFTER) { nodes { orderId } CURSOR } }',
      ),
  },
  'orders of all companies': {
    by: 'operator',
    document: () =>
      '{ orders(first: 20, status: PLACED) { nodes { orderId intermediary { name } } } }',
  },
  'orders of a company': {
    by: 'operator',
    document: ({ tenantId }) =>
      `{ orders(first: 20, intermediaryId: "${tenantId}") { nodes { orderId orderStatus } } }`,
  },
  'inventory, all of it': {
    by: 'operator',
    document: () => '{ inventory(first: 20) { nodes { deviceId intermediary { name } } } }',
  },
  'inventory in stock': {
    by: 'operator',
    document: () => '{ inventory(first: 20, assigned: false) { nodes { deviceId } } }',
  },
  'inventory by a prefix, assigned': {
    by: 'operator',
    document: ({ deviceId }) =>
      `{ inventory(first: 20, assigned: true, search: "${deviceId.slice(0, 2)}") { nodes { ` +
      'deviceId } } }',
  },
  'intermediaries by a prefix of the name': {
    by: 'operator',
    document: () => '{ intermediaries(first: 20, search: "TENANT 1") { nodes { id name } } }',
  },
  'auditEvents of the tenant': {
    by: 'key',
    document: () => '{ auditEvents(first: 20) { nodes { action userId deviceIds } } }',
  },
  'auditEvents of a day': {
    by: 'key',
    async document({ userId }, { env }) {
      const at = await env.DB.prepare('SELECT created_at FROM users WHERE id = ?')
        .bind(userId)
        .first<number>('created_at');
      const day = (days: number) => new Date((at ?? 0) + days * 86_400_000).toISOString();
      return `{ auditEvents(first: 20, from: "${day(0)}", to: "${day(1)}") { nodes { action } } }`;
    },
  },
  'auditEvents, oldest first, of actions': {
    by: 'key',
    document: () =>
      '{ auditEvents(first: 20, order: OLDEST_FIRST, actions: ["user.add", "apiKey.add"]) { ' +
      'nodes { action } } }',
  },
  'auditEvents of a device': {
    by: 'key',
    document: ({ deviceId }) =>
      `{ auditEvents(first: 20, deviceIdentifier: { deviceId: "${deviceId}" }) { nodes { ` +
      'action } } }',
  },
  'auditEvents of a device by its meter, with other filters': {
    by: 'key',
    document: ({ meterId, userId }) =>
      `{ auditEvents(first: 20, deviceIdentifier: { meterId: "${meterId}" }, userId: ` +
      `"${userId}", actions: ["permission.add"]) { nodes { action } } }`,
  },
  'auditEvents by whom': {
    by: 'key',
    document: ({ userId }) =>
      `{ auditEvents(first: 20, actorUserId: "${userId}") { nodes { action actor { user { id ` +
      '} } } } }',
  },
  'auditEvents, the page after': {
    by: 'key',
    document: (_, scene) =>
      pageAfter(scene, '{ auditEvents(first: 20 AFTER) { nodes { action } CURSOR } }'),
  },
  'viewer, all of it': {
    by: 'session',
    document: () =>
      '{ viewer { user { id } session { id expiresAt } devices(first: 20) { nodes { deviceId ' +
      'permissions { permission } } } orders { orderId } stations(first: 20) { nodes { id } ' +
      '} } }',
  },
};

/** The key that a cursor holds, behind the mark of its list. */
const partsOf = (cursor: string): unknown[] =>
  JSON.parse(Buffer.from(cursor, 'base64url').toString());

/**
 * The page of a list behind its first, or behind the row that `first`, another list with the same
 * keys, begins with.
 */
async function pageAfter(
  { isolate, key }: Scene,
  document: string,
  first = document,
): Promise<string> {
  const cursorOf = async (list: string) => {
    const opening = list.replace('AFTER', '').replace('CURSOR', 'edges { cursor }');
    const { data } = await isolate.fetch(graphql(key, opening));
    return partsOf((Object.values(data)[0] as Json).edges.at(-1).cursor);
  };
  const [mark] = await cursorOf(document);
  const [, ...place] = await cursorOf(first);
  const cursor = Buffer.from(JSON.stringify([mark, ...place])).toString('base64url');
  return document.replace('AFTER', `, after: "${cursor}"`).replace('CURSOR', '');
}

/** What must be so before a case is called. */
const before: Record<string, (scene: Scene) => Promise<unknown>> = {
  'updateOrder shipped': ({ ids, env, isolate }) =>
    isolate.fetch(
      graphql(
        env.OPERATOR_KEY,
        `mutation { updateOrder(input: { intermediaryId: "${ids.tenantId}", 
          orderId: "${ids.orderId}", orderStatus: PROCESSING }) { success } }`,
      ),
    ),
};

const credentialOf = (
  { key, env, ids, staff }: Scene,
  by: 'key' | 'operator' | 'session' | 'member',
): string =>
  ({ key, operator: env.OPERATOR_KEY, session: ids.accessToken, member: staff[1] ?? '' })[by];

const prepare =
  (one: GraphqlCase): Prepare =>
  async (scene) => {
    await before[one.name]?.(scene);
    const { ids } = scene;
    // The large one stays: its neighbours pay for it no more than for each other.
    const isRemoved = one.operation === 'removeIntermediary';
    const named = isRemoved ? { ...ids, tenantId: ids.smallTenantId } : ids;
    const [by] = one.by;
    if (by === 'guest') throw new Error(`${one.name} by a ${by}`);
    const body = documentOf(one, named);
    return { request: request(credentialOf(scene, by), 'POST /graphql', body) };
  };

export const graphqlCalls = (): Record<string, Prepare> => ({
  ...Object.fromEntries(graphqlCases().map((one) => [one.name, prepare(one)])),
  ...Object.fromEntries(
    Object.entries(wide).map(([name, { by, document }]): [string, Prepare] => [
      name,
      async (scene) => ({
        request: graphql(credentialOf(scene, by), String(await document(scene.ids, scene))),
      }),
    ]),
  ),
});
