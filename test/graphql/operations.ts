/** Every root field of the schema, as a document with given ids. */

/** Ids of one tenant, or of nobody. */
export interface Materials {
  tenantId: string;
  userId: string;
  externalId: string;
  deviceId: string;
  meterId: string;
  orderId: string;
  sessionId: string;
  accessToken: string;
  keyId: string;
}

interface Operation {
  /** Whose credential it takes. */
  by: 'key' | 'operator' | 'session';
  /** The scopes without any one of which a key is refused. */
  scopes?: string[];
  document(ids: Materials): string;
}

const user = ({ externalId }: Materials) =>
  `userIdentifier: { externalUser: { externalId: ${JSON.stringify(externalId)} } }`;
const device = ({ deviceId }: Materials) => `{ deviceId: "${deviceId}" }`;
const meter = ({ meterId }: Materials) => `{ meterId: "${meterId}" }`;
const told = 'success errors { code message path }';
const grants = (ids: Materials) =>
  `${user(ids)}, deviceIdentifiers: [${device(ids)}, ${meter(ids)}]`;
const modified = 'modifiedPermissions { deviceId meterId permission expiresAt }';

export const operations: Record<string, Operation> = {
  caller: {
    by: 'key',
    document: () =>
      '{ caller { id kind intermediary { id name limits { users } usage { users } } scopes } }',
  },
  user: {
    by: 'key',
    scopes: ['users:read'],
    document: (ids) =>
      `{ user(${user(ids)}) { id name devices(first: 5) { nodes { deviceId } } } }`,
  },
  users: {
    by: 'key',
    scopes: ['users:read'],
    document: ({ externalId }) =>
      `{ users(first: 5, search: ${JSON.stringify(externalId)}) { nodes { id } edges { ` +
      'cursor } } }',
  },
  sessions: {
    by: 'key',
    scopes: ['users:read'],
    document: (ids) => `{ sessions(${user(ids)}) { id label } }`,
  },
  checkUserAccess: {
    by: 'key',
    scopes: ['users:read'],
    document: (ids) => `{ checkUserAccess(input: { ${user(ids)}, accessToken: "${ids.accessToken}",
      deviceIdentifiers: [${device(ids)}, ${meter(ids)}] }) {
      userExists sessionValid sessionExpiresAt devices { granted } allowed } }`,
  },
  device: {
    by: 'key',
    scopes: ['users:read'],
    document: (ids) =>
      `{ device(deviceIdentifier: ${meter(ids)}) { deviceId permissions { permission user { ` +
      'id } } } }',
  },
  devices: {
    by: 'key',
    scopes: ['users:read'],
    document: () => '{ devices(first: 1) { pageInfo { hasPreviousPage } } }',
  },
  ordersForUser: {
    by: 'key',
    scopes: ['orders:read'],
    document: ({ externalId }) =>
      `{ ordersForUser(input: { externalUserId: ${JSON.stringify(externalId)} }) { orders { ` +
      'orderId } } }',
  },
  orders: {
    by: 'key',
    scopes: ['orders:read'],
    document: () =>
      '{ orders(first: 5, status: PLACED) { nodes { orderId intermediary { id name } } edges ' +
      '{ cursor } } }',
  },
  apiKeys: { by: 'key', scopes: ['keys:write'], document: () => '{ apiKeys { name } }' },
  auditEvents: {
    by: 'key',
    scopes: ['audit:read'],
    document: ({ userId }) => `{ auditEvents(first: 5, userId: "${userId}") { nodes { action } } }`,
  },
  intermediaries: {
    by: 'operator',
    document: () => '{ intermediaries(first: 100) { nodes { id name } } }',
  },
  inventory: {
    by: 'operator',
    document: ({ deviceId }) =>
      `{ inventory(first: 5, search: "${deviceId}") { nodes { deviceId meterId intermediary ` +
      '{ id name } } } }',
  },
  viewer: {
    by: 'session',
    document: () =>
      '{ viewer { id user { id } session { id } devices(first: 5) { nodes { deviceId } } ' +
      'orders { orderId } } }',
  },
  addUser: {
    by: 'key',
    scopes: ['users:write'],
    document: (ids) =>
      `mutation { addUser(input: { ${user({ ...ids, externalId: `${ids.externalId}-new` })} ` +
      `}) { ${told} } }`,
  },
  removeUser: {
    by: 'key',
    scopes: ['users:write'],
    document: (ids) => `mutation { removeUser(input: { ${user(ids)} }) { ${told} user { id } } }`,
  },
  updateUser: {
    by: 'key',
    scopes: ['users:write'],
    document: (ids) =>
      `mutation { updateUser(input: { ${user(ids)}, suspended: true }) { ${told} user { id } } }`,
  },
  addDevicePermissions: {
    by: 'key',
    scopes: ['permissions:write'],
    document: (ids) =>
      `mutation { addDevicePermissions(input: { ${grants(ids)} }) { ${told} ${modified} } }`,
  },
  addChargingPermission: {
    by: 'key',
    scopes: ['permissions:write'],
    document: (ids) =>
      `mutation { addChargingPermission(input: { ${grants(ids)} }) { ${told} ${modified} } }`,
  },
  removeDevicePermissions: {
    by: 'key',
    scopes: ['permissions:write'],
    document: (ids) =>
      `mutation { removeDevicePermissions(input: { ${grants(ids)} }) { ${told} ${modified} } }`,
  },
  removeChargingPermission: {
    by: 'key',
    scopes: ['permissions:write'],
    document: (ids) =>
      `mutation { removeChargingPermission(input: { ${grants(ids)} }) { ${told} ${modified} } }`,
  },
  removeAllDevicePermissions: {
    by: 'key',
    scopes: ['permissions:write'],
    document: (ids) =>
      `mutation { removeAllDevicePermissions(input: { deviceIdentifier: ${device(ids)} }) { ` +
      `${told} ${modified} } }`,
  },
  addUserSession: {
    by: 'key',
    scopes: ['sessions:write'],
    document: (ids) =>
      `mutation { addUserSession(input: { ${user(ids)} }) { ${told} session { label } } }`,
  },
  removeUserSession: {
    by: 'key',
    scopes: ['sessions:write'],
    document: ({ sessionId }) =>
      `mutation { removeUserSession(input: { sessionId: "${sessionId}" }) { ${told} ` +
      'removedSessionIds } }',
  },
  removeUserSessions: {
    by: 'key',
    scopes: ['sessions:write'],
    document: (ids) =>
      `mutation { removeUserSessions(input: { ${user(ids)} }) { ${told} removedSessionIds } }`,
  },
  ensureUserAccess: {
    by: 'key',
    scopes: ['users:write', 'permissions:write', 'sessions:write'],
    document: (ids) => `mutation { ensureUserAccess(input: {
      ${grants(ids)}, chargingDeviceIdentifiers: [${device(ids)}], accessToken: "${ids.accessToken}"
      }) {
      ${told} userCreated sessionCreated ${modified} } }`,
  },
  addOrder: {
    by: 'key',
    scopes: ['orders:write'],
    document: (ids) => `mutation { addOrder(input: { ${user(ids)} }) { ${told} } }`,
  },
  cancelOrder: {
    by: 'key',
    scopes: ['orders:write'],
    document: ({ orderId }) =>
      `mutation { cancelOrder(input: { orderId: "${orderId}" }) { ${told} order { ` +
      'orderStatus } } }',
  },
  updateOrder: {
    by: 'operator',
    document: ({ tenantId, orderId }) =>
      `mutation { updateOrder(input: { intermediaryId: "${tenantId}", orderId: "${orderId}", ` +
      `orderStatus: PROCESSING }) { ${told} } }`,
  },
  addDevices: {
    by: 'operator',
    document: ({ tenantId, deviceId, meterId }) =>
      `mutation { addDevices(input: { intermediaryId: "${tenantId}", devices: [{ deviceId: ` +
      `"${deviceId}", meterId: "${meterId}x" }] }) { ${told} } }`,
  },
  removeDevices: {
    by: 'operator',
    document: (ids) =>
      `mutation { removeDevices(input: { intermediaryId: "${ids.tenantId}", ` +
      `deviceIdentifiers: [${device(ids)}] }) { ${told} } }`,
  },
  addApiKey: {
    by: 'key',
    scopes: ['keys:write'],
    document: () =>
      `mutation { addApiKey(input: { name: "more", scopes: ["keys:write"] }) { ${told} } }`,
  },
  rotateApiKey: {
    by: 'key',
    scopes: ['keys:write'],
    document: ({ keyId }) =>
      `mutation { rotateApiKey(input: { id: "${keyId}" }) { ${told} apiKey { name } } }`,
  },
  removeApiKey: {
    by: 'key',
    scopes: ['keys:write'],
    document: ({ keyId }) =>
      `mutation { removeApiKey(input: { id: "${keyId}", endMinted: true }) {
        ${told} modified { sessions keys members webhooks } } }`,
  },
  addIntermediary: {
    by: 'operator',
    document: () => `mutation { addIntermediary(input: { name: "Another" }) { ${told} } }`,
  },
  intermediary: {
    by: 'operator',
    document: ({ tenantId }) =>
      `{ intermediary(id: "${tenantId}") { id name limits { users } usage { users } } }`,
  },
  updateIntermediary: {
    by: 'operator',
    document: ({ tenantId }) =>
      `mutation { updateIntermediary(input: { id: "${tenantId}", name: "Renamed", limits: { users:
        1000000, grants: null } }) {
        ${told} intermediary { name limits { users } usage { users } } } }`,
  },
  removeIntermediary: {
    by: 'operator',
    document: ({ tenantId }) =>
      `mutation { removeIntermediary(input: { id: "${tenantId}" }) { ${told} } }`,
  },
};
