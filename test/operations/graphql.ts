/** Every root field of the GraphQL schema. */
import type { GraphqlOperation, Ids } from './operation.ts';

const external = (externalId: string) => ({ externalUser: { externalId } });
const user = ({ externalId }: Ids) => ({ userIdentifier: external(externalId) });
const stranger = ({ externalId }: Ids) => ({ userIdentifier: external(`${externalId}-new`) });
const devices = (...ids: string[]) => ids.map((deviceId) => ({ deviceId }));
const held = (ids: Ids) => ({ ...user(ids), deviceIdentifiers: devices(ids.deviceId) });
const free = (ids: Ids) => ({ ...user(ids), deviceIdentifiers: devices(ids.freeDeviceId) });
const ours = ({ tenantId }: Ids) => ({ intermediaryId: tenantId });

const END = { expiresAt: '2100-01-01T00:00:00.000Z' };
const DELIVERIES = {
  without: { model: 'webhooks have one of their own: test/model/deliveries.test.ts' },
};
const USER = 'user { id }';
const MODIFIED = 'modifiedPermissions { deviceId meterId permission expiresAt }';

/** The same in a document. */
const text = JSON.stringify;
const userIn = ({ externalId }: Ids) =>
  `userIdentifier: { externalUser: { externalId: ${text(externalId)} } }`;
const deviceIn = ({ deviceId }: Ids) => `{ deviceId: "${deviceId}" }`;
const meterIn = ({ meterId }: Ids) => `{ meterId: "${meterId}" }`;

const queries = {
  caller: {
    by: ['key', 'operator'],
    query: () =>
      'caller { id kind scopes intermediary { id name requireSecondFactor supportPermissions ' +
      'limits { users } usage { users } } }',
  },
  user: {
    by: ['key'],
    trips: 2,
    scopes: ['users:read'],
    query: (ids) => `user(${userIn(ids)}) { id name devices(first: 5) { nodes { deviceId } } }`,
  },
  users: {
    by: ['key'],
    scopes: ['users:read'],
    query: ({ externalId }) =>
      `users(first: 5, search: ${text(externalId)}) { nodes { id } edges { cursor } }`,
  },
  sessions: {
    by: ['key'],
    scopes: ['users:read'],
    query: (ids) => `sessions(${userIn(ids)}) { id label }`,
  },
  checkUserAccess: {
    by: ['key'],
    trips: 0,
    scopes: ['users:read'],
    query: (ids) => `checkUserAccess(input: { ${userIn(ids)}, accessToken: "${ids.accessToken}",
      deviceIdentifiers: [${deviceIn(ids)}, ${meterIn(ids)}] }) {
      userExists sessionValid sessionExpiresAt allowed
      devices { granted reason expiresAt endedAt } }`,
  },
  device: {
    by: ['key'],
    trips: 3,
    scopes: ['users:read'],
    query: (ids) =>
      `device(deviceIdentifier: ${meterIn(ids)}) { ` +
      'deviceId permissions { permission user { id } } }',
  },
  devices: {
    by: ['key'],
    scopes: ['users:read'],
    query: () => 'devices(first: 1) { pageInfo { hasPreviousPage } }',
  },
  ordersForUser: {
    by: ['key'],
    scopes: ['orders:read'],
    query: ({ externalId }) =>
      `ordersForUser(input: { externalUserId: ${text(externalId)} }) { orders { orderId } }`,
  },
  orders: {
    by: ['key', 'operator'],
    trips: 2,
    scopes: ['orders:read'],
    query: () => `orders(first: 5, status: PLACED) {
      nodes { orderId intermediary { id name } } edges { cursor } }`,
  },
  apiKeys: { by: ['key'], scopes: ['keys:write'], query: () => 'apiKeys { name }' },
  webhooks: {
    by: ['key'],
    trips: 2,
    scopes: ['webhooks:write'],
    query: () => `webhooks { id url types enabled disabledReason pending
      deliveries(first: 100) { status } }`,
  },
  auditEvents: {
    by: ['key'],
    scopes: ['audit:read'],
    query: ({ userId }) => `auditEvents(first: 5, userId: "${userId}") { nodes { action } }`,
  },
  intermediaries: {
    by: ['operator'],
    query: () => 'intermediaries(first: 100) { nodes { id name } }',
  },
  intermediary: {
    by: ['operator'],
    trips: 2,
    query: ({ tenantId }) =>
      `intermediary(id: "${tenantId}") { id name limits { users } usage { users } }`,
  },
  system: {
    by: ['operator'],
    query: () => 'system { databaseBytes databaseBytesMost toPublish toDeliver }',
  },
  inventory: {
    by: ['operator'],
    trips: 2,
    query: ({ deviceId }) => `inventory(first: 5, search: "${deviceId}") {
      nodes { deviceId meterId intermediary { id name } } }`,
  },
  viewer: {
    by: ['session', 'member'],
    query: () => `viewer { id user { id } session { id } sessions { id label }
      devices(first: 5) { nodes { deviceId } }
      orders { orderId } }`,
  },
} satisfies Record<string, GraphqlOperation>;

const mutations = {
  addUser: { by: ['key'], scopes: ['users:write'], input: stranger },
  updateUser: {
    by: ['key'],
    scopes: ['users:write'],
    answer: USER,
    input: (ids) => ({ ...user(ids), suspended: true }),
    withdraws: true,
    ends: true,
    ways: {
      renamed: {
        input: (ids) => ({ ...user(ids), newExternalId: `${ids.externalId}-renamed` }),
        again: { refused: 'nobody has the old id any more' },
        withdraws: true,
        waitsForSweep: true,
      },
    },
  },
  removeUser: {
    by: ['key'],
    scopes: ['users:write'],
    answer: USER,
    input: user,
    withdraws: true,
    waitsForSweep: true,
    ends: true,
  },
  addDevicePermissions: {
    by: ['key'],
    scopes: ['permissions:write'],
    answer: MODIFIED,
    input: (ids) => ({ ...free(ids), ...END }),
    waitsForSweep: true,
    ways: {
      shortened: {
        input: (ids) => ({ ...held(ids), ...END }),
        withdraws: true,
        waitsForSweep: true,
      },
    },
  },
  addChargingPermission: {
    by: ['key'],
    scopes: ['permissions:write'],
    answer: MODIFIED,
    input: free,
    waitsForSweep: true,
  },
  removeDevicePermissions: {
    by: ['key'],
    scopes: ['permissions:write'],
    answer: MODIFIED,
    input: held,
    withdraws: true,
    waitsForSweep: true,
    ends: true,
  },
  removeChargingPermission: {
    by: ['key'],
    scopes: ['permissions:write'],
    answer: MODIFIED,
    input: (ids) => ({ ...user(ids), deviceIdentifiers: [{ meterId: ids.meterId }] }),
    withdraws: true,
    waitsForSweep: true,
    ends: true,
  },
  removeAllDevicePermissions: {
    by: ['key'],
    scopes: ['permissions:write'],
    answer: MODIFIED,
    input: ({ deviceId }) => ({ deviceIdentifier: { deviceId } }),
    events: ['permission.removeAll', 'permission.removeAll'],
    withdraws: true,
    waitsForSweep: true,
    ends: true,
  },
  addUserSession: {
    by: ['key'],
    scopes: ['sessions:write'],
    answer: 'session { label }',
    input: (ids) => ({ ...user(ids), label: 'A phone' }),
    again: { makes: 'another session' },
    ways: {
      'for support': {
        input: (ids) => ({ ...user(ids), actor: 'Agent 7', reason: 'Ticket 42' }),
        again: { makes: 'another session' },
        events: ['session.add'],
      },
    },
  },
  removeUserSession: {
    by: ['key'],
    scopes: ['sessions:write'],
    answer: 'removedSessionIds',
    input: ({ sessionId }) => ({ sessionId }),
    withdraws: true,
    ends: true,
  },
  removeUserSessions: {
    by: ['key'],
    scopes: ['sessions:write'],
    answer: 'removedSessionIds',
    input: user,
    withdraws: true,
    ends: true,
  },
  removeOwnSessions: {
    by: ['session', 'member'],
    answer: 'removedSessionIds',
    input: () => ({}),
    events: ['session.removeOwn'],
    without: { model: 'it ends what DELETE /session ends, of each: test/graphql/sessions.test.ts' },
    again: { refused: 'who has signed out is nobody' },
    withdraws: true,
    waitsForSweep: true,
    ends: true,
    ways: {
      'but the calling one': {
        input: () => ({ keepCurrent: true }),
        events: ['session.removeOwn'],
        withdraws: true,
        ends: true,
      },
    },
  },
  ensureUserAccess: {
    by: ['key'],
    scopes: ['users:write', 'permissions:write', 'sessions:write'],
    answer: `userCreated sessionCreated ${MODIFIED}`,
    input: (ids) => ({
      ...free(ids),
      chargingDeviceIdentifiers: devices(ids.freeDeviceId),
      accessToken: ids.accessToken,
    }),
    events: ['permission.add', 'permission.add'],
    waitsForSweep: true,
    ways: {
      'of a stranger': {
        input: (ids) => ({ ...free(ids), ...stranger(ids) }),
        again: { makes: 'another session, having no token to show' },
        events: ['permission.add', 'session.add', 'user.add'],
      },
    },
  },
  addOrder: {
    by: ['key'],
    scopes: ['orders:write'],
    input: (ids) => ({ ...user(ids), orderId: `${ids.orderId}-new` }),
  },
  cancelOrder: {
    by: ['key'],
    scopes: ['orders:write'],
    answer: 'order { orderStatus }',
    input: ({ orderId }) => ({ orderId }),
    ends: true,
  },
  updateOrder: {
    by: ['operator'],
    input: (ids) => ({ ...ours(ids), orderId: ids.orderId, orderStatus: 'PROCESSING' }),
    ways: {
      shipped: {
        input: (ids) => ({
          ...ours(ids),
          orderId: ids.processingOrderId,
          orderStatus: 'SHIPPED',
          deviceId: ids.stockDeviceId,
          trackingLink: 'https://parcels.example/1',
        }),
      },
    },
  },
  addDevices: {
    by: ['operator'],
    input: (ids) => ({
      ...ours(ids),
      devices: [
        { deviceId: ids.newDeviceId, meterId: `${ids.newDeviceId}-meter` },
        { deviceId: ids.stockDeviceId },
      ],
    }),
    ways: {
      'into stock': {
        input: ({ newDeviceId: deviceId }) => ({ devices: [{ deviceId }] }),
        events: [],
      },
      'as a dry run': {
        input: (ids) => ({ ...ours(ids), devices: [{ deviceId: ids.newDeviceId }], dryRun: true }),
        events: [],
        onlyAsks: true,
      },
      'with another meter': {
        input: (ids) => ({
          ...ours(ids),
          devices: [{ deviceId: ids.deviceId, meterId: `${ids.deviceId}-meter` }],
        }),
        withdraws: true,
        waitsForSweep: true,
      },
    },
  },
  removeDevices: {
    by: ['operator'],
    input: (ids) => ({ ...ours(ids), deviceIdentifiers: devices(ids.deviceId) }),
    withdraws: true,
    waitsForSweep: true,
    ends: true,
    makesRoom: true,
  },
  addApiKey: {
    by: ['key', 'operator'],
    scopes: ['keys:write'],
    input: () => ({ name: 'one more', scopes: ['keys:write'] }),
    again: { makes: 'another key' },
  },
  rotateApiKey: {
    by: ['key'],
    scopes: ['keys:write'],
    answer: 'apiKey { name }',
    input: ({ keyId }) => ({ id: keyId }),
    again: { makes: 'another successor' },
    ends: true,
  },
  removeApiKey: {
    by: ['key'],
    scopes: ['keys:write'],
    answer: 'modified { sessions keys members webhooks }',
    input: ({ keyId }) => ({ id: keyId }),
    ends: true,
    ways: {
      endMinted: {
        input: ({ leakedKeyId }) => ({ id: leakedKeyId, endMinted: true }),
        events: [
          ...(['apiKey.remove', 'apiKey.remove', 'member.update', 'member.update'] as const),
          ...(['session.removeAll', 'session.removeAll', 'webhook.disable'] as const),
        ],
        withdraws: true,
        waitsForSweep: true,
        ends: true,
      },
    },
  },
  addWebhook: {
    by: ['key'],
    scopes: ['webhooks:write'],
    answer: 'webhook { url }',
    input: () => ({ url: 'https://hooks.example.com/', types: ['user.export'] }),
    again: { makes: 'another webhook' },
    ...DELIVERIES,
  },
  updateWebhook: {
    by: ['key'],
    scopes: ['webhooks:write'],
    answer: 'webhook { url }',
    input: ({ webhookId }) => ({ id: webhookId, description: 'Another' }),
    ...DELIVERIES,
    ways: {
      disabled: {
        input: ({ webhookId }) => ({ id: webhookId, enabled: false }),
        ends: true,
      },
    },
  },
  rotateWebhookSecret: {
    by: ['key'],
    scopes: ['webhooks:write'],
    answer: 'webhook { url }',
    input: ({ webhookId }) => ({ id: webhookId }),
    again: { makes: 'another secret' },
    ends: true,
    ...DELIVERIES,
  },
  replayWebhook: {
    by: ['key'],
    scopes: ['webhooks:write'],
    answer: 'webhook { url }',
    input: ({ webhookId }) => ({ id: webhookId, after: null }),
    ends: true,
    ...DELIVERIES,
  },
  testWebhook: {
    by: ['key'],
    trips: 2,
    scopes: ['webhooks:write'],
    answer: 'delivery { status }',
    input: ({ webhookId }) => ({ id: webhookId }),
    again: { makes: 'another test' },
    events: [],
    ends: true,
    ...DELIVERIES,
  },
  removeWebhook: {
    by: ['key'],
    scopes: ['webhooks:write'],
    input: ({ webhookId }) => ({ id: webhookId }),
    ends: true,
    ...DELIVERIES,
  },
  addIntermediary: {
    by: ['operator'],
    input: () => ({ name: 'Another' }),
    again: { makes: 'another tenant' },
  },
  updateCompany: {
    by: ['member'],
    trips: 3,
    answer: 'intermediary { requireSecondFactor supportPermissions }',
    input: () => ({ supportPermissions: ['CHARGE'] }),
    without: { model: 'second factors have tests of their own: test/front/second-factors.test.ts' },
    ends: true,
    ways: { 'allowing more': { input: () => ({ supportPermissions: ['VIEW', 'CHARGE'] }) } },
  },
  updateIntermediary: {
    by: ['operator'],
    trips: 2,
    answer: 'intermediary { name limits { users } usage { users } }',
    input: ({ tenantId }) => ({
      id: tenantId,
      name: 'Another',
      limits: { users: 2_000_000, grants: null },
    }),
    ends: true,
  },
  removeIntermediary: {
    by: ['operator'],
    input: ({ tenantId }) => ({ id: tenantId }),
    withdraws: true,
    waitsForSweep: true,
    ends: true,
    makesRoom: true,
  },
} satisfies Record<string, GraphqlOperation>;

export const graphqlOperations: Record<string, GraphqlOperation> = { ...queries, ...mutations };
