/** Every operation that changes something, as one call that does. */
import { scryptSync } from 'node:crypto';
import { SCOPES } from '../../src/domain/entities/key.ts';
import { done, memberFields, newProject, newStaff, newStation, rest } from '../rest/company.ts';
import {
  env,
  external,
  freshDeviceId,
  grant,
  newDevice,
  newKey,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  succeed,
  type Tenant,
  unlimited,
  type World,
} from '../world.ts';

const PASSWORD = 'a lamp in the fourth window';
const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
const OTHER = 'a door that nobody painted';

/** A key that made one of everything: a key, a member, a password and a session. */
async function newLeaked(world: World, tenant: Tenant, userIdentifier: object, hash: string) {
  const leaked = await newKey(world, tenant, [...SCOPES]);
  const key = { name: 'made', scopes: ['users:read'] };
  await succeed(world.call(leaked.secret, 'addApiKey', key));
  await succeed(world.call(leaked.secret, 'addUserSession', { userIdentifier }));
  const { user } = await done(
    rest(world, leaked.secret, 'POST /user', memberFields(tenant, { member_level_id: 4 })),
  );
  const member = await newStaff(world, tenant, 4);
  for (const { id } of [user, member]) {
    await done(rest(world, leaked.secret, `POST /user/${id}/password-reset`));
  }
  // As setting it would, without its work.
  await env.DB.batch([
    env.DB.prepare(
      'UPDATE passwords SET hash = ?1, first_set_at = 1, reset_required = 0, set_by = ' +
        '(SELECT id FROM reset_tokens WHERE user_id = ?2) WHERE user_id = ?2',
    ).bind(hash, member.id),
    env.DB.prepare(
      'UPDATE reset_tokens SET used_at = 1, hash = NULL, email = NULL WHERE user_id = ?',
    ).bind(member.id),
  ]);
  return leaked;
}

/** What the calls are about: a company with something of everything. */
export async function newBase() {
  const world = newWorld({ TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited });
  const tenant = await newTenant(world);
  const { key } = tenant;
  const ours = { intermediaryId: tenant.id };

  const [held, free, stock] = [
    await newDevice(world, tenant),
    await newDevice(world, tenant),
    await newDevice(world, tenant),
  ];
  const deviceIdentifiers = [{ deviceId: stock.deviceId }];
  await succeed(world.call(operator, 'removeDevices', { ...ours, deviceIdentifiers }));

  const user = await newUser(world, tenant, 'resident');
  const session = await newSession(world, tenant, user.identifier);
  await newSession(world, tenant, user.identifier);
  await grant(world, tenant, user.identifier, [held]);
  await grant(world, tenant, user.identifier, [held], 'addChargingPermission');
  for (const orderId of ['placed', 'processing']) {
    await succeed(world.call(key, 'addOrder', { userIdentifier: user.identifier, orderId }));
  }
  const processing = { ...ours, orderId: 'processing' };
  await succeed(world.call(operator, 'updateOrder', { ...processing, orderStatus: 'PROCESSING' }));

  const { id: projectId } = await newProject(world, key);
  const { id: emptyProjectId } = await newProject(world, key);
  const { id: stationId } = await newStation(world, key, projectId);
  const { sensor } = await done(
    rest(world, key, `POST /station/${stationId}/sensor`, { name: 'A probe' }),
  );
  const { channel } = await done(
    rest(world, key, `POST /sensor/${sensor.id}/channel`, { name: 'Level', unit_id: 18 }),
  );

  const head = await newStaff(world, tenant, 1);
  await newSession(world, tenant, { companyUser: { id: String(head.id) } });
  const reader = await newStaff(world, tenant, 4, [stationId]);
  const officer = await newStaff(world, tenant, 1);
  const { reset_token: reset } = await done(
    rest(world, key, `POST /user/${reader.id}/password-reset`),
  );
  // As cheap as a hash can be, and so it stays: another company has a password under the same
  // address.
  const elsewhere = await newMember(await newTenant(world), 1);
  await env.DB.prepare('UPDATE users SET email = ? WHERE id = ?')
    .bind(head.email, Number(elsewhere.id))
    .run();
  const salt = Buffer.alloc(16);
  const hashOf = (password: string): string => {
    const hash = scryptSync(password, salt, 32, { N: 2, r: 1, p: 1 });
    return `$scrypt$ln=1,r=1,p=1$${base64(salt)}$${base64(hash)}`;
  };
  for (const [id, password] of [
    [head.id, PASSWORD],
    [Number(elsewhere.id), OTHER],
  ] as const) {
    await env.DB.prepare(
      'INSERT INTO passwords (user_id, hash, first_set_at, reset_required, change_id) VALUES ' +
        "(?, ?, 1, 0, '')",
    )
      .bind(id, hashOf(password))
      .run();
  }

  const leaked = await newLeaked(world, tenant, user.identifier, hashOf(PASSWORD));
  const guest = await newStaff(world, tenant, 2);
  await done(rest(world, guest.token, 'POST /user', memberFields(tenant)));

  return {
    ...{
      leaked,
      guest,
      tenant,
      key,
      ours,
      held,
      free,
      stock,
      user,
      session,
      head,
      officer,
      reader,
      reset,
    },
    ...{ projectId, emptyProjectId, stationId, sensorId: sensor.id, channelId: channel.id },
    spare: await newKey(world, tenant, ['users:read']),
    // Its first use is to be recorded.
    service: await newKey(world, tenant, ['sessions:write']),
    unknownDeviceId: freshDeviceId(),
  };
}
export type Base = Awaited<ReturnType<typeof newBase>>;

export interface Prepared {
  /** Whose credential; if left out, the company's key over GraphQL, and its head over REST. */
  by?: string | null;
  /** In the place of `:id`. */
  id?: number;
  /** GraphQL's input, or a body. */
  body?: object;
  /** The actions of the events that it writes; if left out, one of its own action. */
  events?: string[];
}

const END = { expiresAt: '2100-01-01T00:00:00.000Z' };
const RENAMED = { name: 'Another name' };
const who = ({ user }: Base) => ({ userIdentifier: user.identifier });
const holds = (base: Base) => ({
  ...who(base),
  deviceIdentifiers: [{ deviceId: base.held.deviceId }],
});
const wants = (base: Base) => ({
  ...who(base),
  deviceIdentifiers: [{ deviceId: base.free.deviceId }],
});
const form = (token: string) => new URLSearchParams({ token });

/** More words than the operation's own tell calls of one operation apart. */
export const calls: Record<string, (base: Base) => Prepared> = {
  addUser: () => ({ body: { userIdentifier: external('a stranger') } }),
  'updateUser suspended': (base) => ({ body: { ...who(base), suspended: true } }),
  'updateUser renamed': (base) => ({ body: { ...who(base), newExternalId: 'new resident' } }),
  removeUser: (base) => ({ body: who(base) }),
  addDevicePermissions: (base) => ({ body: { ...wants(base), ...END } }),
  'addDevicePermissions shortened': (base) => ({ body: { ...holds(base), ...END } }),
  addChargingPermission: (base) => ({ body: wants(base) }),
  removeDevicePermissions: (base) => ({ body: holds(base) }),
  removeChargingPermission: (base) => ({ body: holds(base) }),
  removeAllDevicePermissions: ({ held }) => ({
    body: { deviceIdentifier: { deviceId: held.deviceId } },
    events: ['permission.removeAll', 'permission.removeAll'],
  }),
  addUserSession: (base) => ({ body: { ...who(base), label: 'A phone' } }),
  removeUserSession: ({ session }) => ({ body: { sessionId: session.id } }),
  removeUserSessions: (base) => ({ body: who(base) }),
  ensureUserAccess: (base) => ({
    body: {
      ...wants(base),
      chargingDeviceIdentifiers: wants(base).deviceIdentifiers,
      accessToken: base.session.accessToken,
    },
    events: ['permission.add', 'permission.add'],
  }),
  'ensureUserAccess of a stranger': (base) => ({
    body: { ...wants(base), userIdentifier: external('a stranger') },
    events: ['permission.add', 'session.add', 'user.add'],
  }),
  addOrder: (base) => ({ body: { ...who(base), orderId: 'one more' } }),
  cancelOrder: () => ({ body: { orderId: 'placed' } }),
  updateOrder: ({ ours, stock }) => ({
    by: operator,
    body: {
      ...{ ...ours, orderId: 'processing', orderStatus: 'SHIPPED', deviceId: stock.deviceId },
      trackingLink: 'https://parcels.example/1',
    },
  }),
  addDevices: ({ ours, unknownDeviceId: deviceId, stock }) => ({
    by: operator,
    body: { ...ours, devices: [{ deviceId, meterId: 'a meter' }, { deviceId: stock.deviceId }] },
  }),
  'addDevices into stock': ({ unknownDeviceId: deviceId }) => ({
    by: operator,
    body: { devices: [{ deviceId }] },
    events: [],
  }),
  'addDevices with another meter': ({ ours, held: { deviceId } }) => ({
    by: operator,
    body: { ...ours, devices: [{ deviceId, meterId: 'a meter' }] },
  }),
  removeDevices: ({ ours, held: { deviceId } }) => ({
    by: operator,
    body: { ...ours, deviceIdentifiers: [{ deviceId }] },
  }),
  addApiKey: () => ({ body: { name: 'one more', scopes: ['users:read'] } }),
  rotateApiKey: ({ spare: { id } }) => ({ body: { id } }),
  removeApiKey: ({ spare: { id } }) => ({ body: { id } }),
  'removeApiKey endMinted': ({ leaked: { id } }) => ({
    body: { id, endMinted: true },
    events: [
      ...['apiKey.remove', 'apiKey.remove', 'member.update', 'member.update'],
      ...['session.removeAll', 'session.removeAll'],
    ],
  }),
  addIntermediary: () => ({ by: operator, body: { name: 'Another' } }),
  updateIntermediary: ({ tenant: { id } }) => ({
    by: operator,
    body: { id, name: 'Another', limits: { users: 5, grants: null } },
  }),
  removeIntermediary: ({ tenant: { id } }) => ({ by: operator, body: { id } }),

  'POST /authenticate': ({ head: { email } }) => ({
    by: null,
    body: { email, password: PASSWORD },
    events: ['session.add'],
  }),
  'POST /password': ({ reset }) => ({
    by: null,
    body: { reset_token: reset, password: OTHER },
  }),
  'POST /user': ({ tenant, stationId }) => ({
    body: memberFields(tenant, {
      ...{ email: 'new@example.com', member_level_id: 4, station_ids: [stationId] },
      sms: '+1 555 555 5555',
    }),
  }),
  'PATCH /user/me': () => ({
    body: { ...RENAMED, phone: '+1 555 555 5555', password: OTHER, old_password: PASSWORD },
  }),
  'PATCH /user/:id stations': ({ reader: { id } }) => ({ id, body: { station_ids: [] } }),
  'PATCH /user/:id demoted': ({ officer: { id } }) => ({
    id,
    body: { member_level_id: 4, station_ids: [] },
  }),
  'PATCH /user/:id address': ({ reader: { id } }) => ({ id, body: { email: 'moved@example.com' } }),
  'PATCH /user/:id disabled': ({ reader: { id } }) => ({ id, body: { status: 0 } }),
  'DELETE /user/:id': ({ reader: { id } }) => ({ id }),
  'DELETE /user/:id end_minted': ({ guest: { id } }) => ({
    id,
    body: { end_minted: 1 },
    events: ['member.remove', 'member.update'],
  }),
  'PATCH /user/:id end_minted': ({ guest: { id } }) => ({
    id,
    body: { status: 0, end_minted: 1 },
    events: ['member.update', 'member.update'],
  }),
  'POST /user/:id/password-reset': ({ reader: { id } }) => ({ id }),
  'POST /project': () => ({ body: RENAMED }),
  'PATCH /project/:id': ({ projectId: id }) => ({ id, body: RENAMED }),
  'DELETE /project/:id': ({ emptyProjectId: id }) => ({ id }),
  'POST /project/:id/station': ({ projectId: id }) => ({
    id,
    body: { ...RENAMED, code: 'ANEW', reporting: 900, ref_logger_id: 12 },
  }),
  'PATCH /station/:id': ({ stationId: id }) => ({ id, body: RENAMED }),
  'DELETE /station/:id': ({ stationId: id }) => ({ id }),
  'POST /station/:id/sensor': ({ stationId: id }) => ({ id, body: RENAMED }),
  'PATCH /sensor/:id': ({ sensorId: id }) => ({ id, body: RENAMED }),
  'DELETE /sensor/:id': ({ sensorId: id }) => ({ id }),
  'POST /sensor/:id/channel': ({ sensorId: id }) => ({ id, body: { ...RENAMED, unit_id: 18 } }),
  'PATCH /channel/:id': ({ channelId: id }) => ({ id, body: RENAMED }),
  'DELETE /channel/:id': ({ channelId: id }) => ({ id }),

  'POST /revoke': ({ service, session }) => ({
    by: service.secret,
    body: form(session.accessToken),
    events: ['session.remove'],
  }),
  'POST /revoke by itself': ({ session: { accessToken } }) => ({
    by: accessToken,
    body: form(accessToken),
    events: ['session.removeOwn'],
  }),
  'DELETE /session': ({ session }) => ({
    by: session.accessToken,
    events: ['session.removeOwn'],
  }),
};

/** The operation that a call is one of. */
export const operationOf = (name: string): string =>
  /^[A-Z]/.test(name) ? name.split(' ', 2).join(' ') : (name.split(' ')[0] ?? '');
