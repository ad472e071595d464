/** A company with something of everything, and each call that changes something, made there. */
import { scryptSync } from 'node:crypto';
import { SCOPES } from '../../src/domain/entities/key.ts';
import { unlimited } from '../doubles/limits.ts';
import { type Case, requestOf as requestFor, sentBy } from '../operations/cases.ts';
import type { Ids, On, Thing, Things } from '../operations/operation.ts';
import { newReceivers } from '../receiver.ts';
import { done, memberFields, newProject, newStaff, newStation, rest } from '../rest/company.ts';
import {
  env,
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
  type World,
} from '../world.ts';

const PASSWORD = 'a lamp in the fourth window';
const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
const OTHER = 'a chair by the open stove';

/** A key that made one of everything: a key, a member, a password and a session. */
async function newLeaked(world: World, tenant: Tenant, userIdentifier: object, hash: string) {
  const leaked = await newKey(world, tenant, [...SCOPES]);
  const key = { name: 'made', scopes: ['users:read'] };
  await succeed(world.call(leaked.secret, 'addApiKey', key));
  await succeed(world.call(leaked.secret, 'addUserSession', { userIdentifier }));
  await newWebhook(world, leaked.secret);
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
      `UPDATE passwords SET hash = ?1, first_set_at = 1, reset_required = 0,
        set_by = (SELECT id FROM reset_tokens WHERE user_id = ?2) WHERE user_id = ?2`,
    ).bind(hash, member.id),
    env.DB.prepare(
      'UPDATE reset_tokens SET used_at = 1, hash = NULL, email = NULL WHERE user_id = ?',
    ).bind(member.id),
  ]);
  return leaked;
}

/** Of events that no call writes. */
async function newWebhook(world: World, key: string): Promise<{ id: string }> {
  const input = { url: 'https://hooks.example.com/', types: ['user.export'] };
  return (await succeed(world.call(key, 'addWebhook', input, 'webhook { id }'))).webhook;
}

/** What the calls are about: a company with something of everything. */
export async function newBase() {
  newReceivers();
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
  const { id: otherStationId } = await newStation(world, key, projectId);
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
  await env.DB.prepare(
    `INSERT INTO totps (user_id, secret, created_at, confirmed_at, change_id)
      VALUES (?, 'sealed', 1, 1, '')`,
  )
    .bind(reader.id)
    .run();
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
      `INSERT INTO passwords (user_id, hash, first_set_at, reset_required, change_id)
        VALUES (?, ?, 1, 0, '')`,
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
    ...{ projectId, emptyProjectId, stationId, otherStationId },
    ...{ sensorId: sensor.id, channelId: channel.id },
    webhook: await newWebhook(world, key),
    spare: await newKey(world, tenant, ['users:read']),
    // Its first use is to be recorded.
    service: await newKey(world, tenant, [...SCOPES]),
    unknownDeviceId: freshDeviceId(),
  };
}
export type Base = Awaited<ReturnType<typeof newBase>>;

/** What the calls name. */
export const idsOf = (base: Base): Ids & On => ({
  ...{ tenantId: base.tenant.id, userId: base.user.id, externalId: base.user.externalId },
  ...base.held,
  freeDeviceId: base.free.deviceId,
  stockDeviceId: base.stock.deviceId,
  newDeviceId: base.unknownDeviceId,
  ...{ orderId: 'placed', processingOrderId: 'processing' },
  ...{ sessionId: base.session.id, accessToken: base.session.accessToken },
  ...{ keyId: base.spare.id, leakedKeyId: base.leaked.id },
  ...{ webhookId: base.webhook.id, eventCursor: '' },
  ...{ email: base.head.email, password: PASSWORD, resetToken: base.reset },
  stationId: base.otherStationId,
  callerPassword: PASSWORD,
  label: 'anew',
});

/** What a route is about: who or what is there already, and can go where the call takes it away. */
const things: { [Name in Thing]: (base: Base, isToGo: boolean) => Partial<Things[Name]> } = {
  login: () => ({}),
  reset: () => ({}),
  member: ({ reader }) => ({ id: reader.id }),
  officer: ({ officer }) => ({ id: officer.id }),
  maker: ({ guest }) => ({ id: guest.id }),
  project: ({ projectId, emptyProjectId }, isToGo) => ({
    id: isToGo ? emptyProjectId : projectId,
  }),
  station: ({ stationId }) => ({ id: stationId }),
  sensor: ({ sensorId }) => ({ id: sensorId }),
  channel: ({ channelId }) => ({ id: channelId }),
};

/** What a case names: the ids of what is there, and that of what it is about. */
export function namedBy(base: Base, one: Case): Ids & On & { id?: number } {
  if (one.face !== 'rest' || !one.about) return idsOf(base);
  return { ...idsOf(base), ...things[one.about](base, one.operation.startsWith('DELETE')) };
}

/** The request of a case, by whoever may make it. */
export function requestOf(base: Base, one: Case): Request {
  const credentials = {
    // Beside the APIs, the first use of a key is recorded.
    key: one.face === 'edge' ? base.service.secret : base.key,
    operator,
    session: base.session.accessToken,
    member: base.head.token,
    guest: null,
  };
  return requestFor(sentBy(one, namedBy(base, one)), credentials[one.by[0]]);
}
