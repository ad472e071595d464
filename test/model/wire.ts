/** Each call of the model over the wire. */
import { SCOPES } from '../../src/domain/entities/key.ts';
import { rest } from '../rest/company.ts';
import { callOf, type Json, operator, type World } from '../world.ts';
import type { Args, CallName } from './calls.ts';
import type { Answer } from './model.ts';
import {
  calledBy,
  device,
  devices,
  identifier,
  idOf,
  keep,
  keyOf,
  MODIFIED,
  modified,
  namedBy,
  performed,
  type Real,
  secretOf,
  tenantId,
  USER,
} from './real.ts';

/** A GraphQL mutation by the tenant's key, by another that has a name, or by the operator. */
async function mutate(
  r: Real,
  by: number | string | 'operator',
  mutation: string,
  input: object,
  fields: string,
  tell: (payload: Json) => Answer,
): Promise<Answer> {
  const credential =
    by === 'operator' ? operator : typeof by === 'string' ? secretOf(r, by) : keyOf(r, by);
  const { status, data } = await r.world.graphql(credential, callOf(mutation, fields), { input });
  if (status === 401) return { refused: ['token'] };
  const { success, errors, ...facts } = data[mutation];
  if (!success) return { refused: [...new Set(errors.map(({ code }: Json) => code))].sort() };
  performed.add(mutation);
  return tell(facts);
}

/** A REST call by the tenant's key, by a session, or by nobody. */
async function send(
  r: Real,
  by: { tenant: number; by: string | null } | null,
  call: string,
  body: object | undefined,
  tell: (data: Json) => Answer = () => ({}),
): Promise<Answer> {
  const credential = by && (by.by === null ? keyOf(r, by.tenant) : secretOf(r, by.by));
  const { data, errors, status } = await rest(r.world, credential, call, body);
  // On a busy machine some hashes take the two seconds that anybody waits for a turn.
  if (status === 429) return send(r, by, call, body, tell);
  if (errors) return { refused: Object.keys(errors).sort() };
  performed.add(call.replace(/\d+/, ':id'));
  return tell(data);
}

/** A call beside the two APIs. */
async function plain(r: Real, credential: string, call: string, body?: BodyInit): Promise<Answer> {
  const [method = '', path = ''] = call.split(' ');
  const init = body === undefined ? { method } : { method, body };
  const { status } = await r.world.send(path, credential, init);
  if (status < 300) performed.add(call);
  return status === 401 ? { refused: ['token'] } : {};
}

const user = ({ user: one }: Json): Answer => ({ user: calledBy(one.userIdentifier) });
const member =
  (r: Real) =>
  ({ user: one }: Json): Answer => ({
    user: one.email ?? one.external_id,
    stations: one.user_stations.map(({ station_id: id }: Json) => namedBy(r, id)).sort(),
  });
const ended =
  (r: Real) =>
  ({ removedSessionIds: ids }: Json): Answer => ({
    removed: ids.map((id: string) => namedBy(r, id)).sort(),
  });
const keepKey =
  (r: Real, as: string) =>
  ({ apiKey, secret }: Json): Answer => {
    keep(r, as, apiKey.id, secret);
    return {};
  };
const fieldsOf = (r: Real, by: Args<'patchUser'> | Args<'postUser'>) => ({
  email: by.email,
  member_level_id: by.level,
  status: by.status,
  station_ids: by.stations?.map((name) => Number(idOf(r, name))),
});

export const wire: { [Name in CallName]: (r: Real, by: Args<Name>) => Promise<Answer> } = {
  addUser: (r, { tenant, who }) =>
    mutate(r, tenant, 'addUser', { userIdentifier: identifier(who) }, USER, user),
  removeUser: (r, { tenant, who }) =>
    mutate(r, tenant, 'removeUser', { userIdentifier: identifier(who) }, USER, (payload) => ({
      removed: payload.user !== null,
    })),
  updateUser: (r, { tenant, who, ...changes }) =>
    mutate(r, tenant, 'updateUser', { userIdentifier: identifier(who), ...changes }, USER, user),
  grant(r, { tenant, who, kind, devices: list, ...end }) {
    const input = { userIdentifier: identifier(who), deviceIdentifiers: devices(r, list), ...end };
    const mutation = kind === 'VIEW' ? 'addDevicePermissions' : 'addChargingPermission';
    return mutate(r, tenant, mutation, input, MODIFIED, (payload) => ({
      modified: modified(r, payload.modifiedPermissions),
    }));
  },
  withdraw(r, { tenant, who, kind, devices: list }) {
    const input = { userIdentifier: identifier(who), deviceIdentifiers: devices(r, list) };
    const mutation = kind === 'VIEW' ? 'removeDevicePermissions' : 'removeChargingPermission';
    return mutate(r, tenant, mutation, input, MODIFIED, (payload) => ({
      modified: modified(r, payload.modifiedPermissions),
    }));
  },
  removeAllDevicePermissions: (r, { tenant, device: id }) =>
    mutate(
      r,
      tenant,
      'removeAllDevicePermissions',
      { deviceIdentifier: device(r, id) },
      MODIFIED,
      (payload) => ({ modified: modified(r, payload.modifiedPermissions) }),
    ),
  addUserSession: (r, { tenant, who, as, key }) =>
    mutate(
      r,
      key ?? tenant,
      'addUserSession',
      { userIdentifier: identifier(who) },
      `${USER} session { id accessToken }`,
      (payload) => {
        keep(r, as, payload.session.id, payload.session.accessToken);
        return user(payload);
      },
    ),
  removeUserSession: (r, { tenant, session, byToken }) =>
    mutate(
      r,
      tenant,
      'removeUserSession',
      byToken ? { accessToken: secretOf(r, session) } : { sessionId: idOf(r, session) },
      'removedSessionIds',
      ended(r),
    ),
  removeUserSessions: (r, { tenant, who }) =>
    mutate(
      r,
      tenant,
      'removeUserSessions',
      { userIdentifier: identifier(who) },
      'removedSessionIds',
      ended(r),
    ),
  revoke: (r, { tenant, session }) =>
    plain(
      r,
      keyOf(r, tenant),
      'POST /revoke',
      new URLSearchParams({ token: secretOf(r, session) }),
    ),
  signOut: (r, { session }) => plain(r, secretOf(r, session), 'DELETE /session'),
  ensureUserAccess(r, { tenant, who, view, charge, session, as }) {
    const accessToken = session === null ? null : secretOf(r, session);
    const input = {
      userIdentifier: identifier(who),
      deviceIdentifiers: devices(r, view),
      chargingDeviceIdentifiers: devices(r, charge),
      accessToken,
    };
    const fields = `${USER} session { id accessToken } userCreated sessionCreated ${MODIFIED}`;
    return mutate(r, tenant, 'ensureUserAccess', input, fields, (payload) => {
      const { userCreated, sessionCreated, session: one } = payload;
      if (sessionCreated) keep(r, as, one.id, one.accessToken);
      else if (one.accessToken !== accessToken) return { changed: 'the token' };
      const list = modified(r, payload.modifiedPermissions);
      return { ...user(payload), userCreated, sessionCreated, modified: list };
    });
  },
  async checkUserAccess(r, { tenant, who, kind, devices: list, session, strict }) {
    const input = {
      userIdentifier: identifier(who),
      accessToken: session === null ? null : secretOf(r, session),
      deviceIdentifiers: devices(r, list),
      permission: kind,
      consistency: strict ? 'STRICT' : 'FAST',
    };
    const { status, data } = await r.world.graphql(
      keyOf(r, tenant),
      `query ($input: CheckUserAccessInput!) { checkUserAccess(input: $input) {
        userExists sessionValid devices { granted } allowed } }`,
      { input },
    );
    if (status === 401) return { refused: ['token'] };
    const { devices: answers, ...told } = data.checkUserAccess;
    return { ...told, granted: answers.map(({ granted }: Json) => granted) };
  },
  verify: (r, by) => verify(r, r.world, by),
  addOrder: (r, { tenant, who, order }) =>
    mutate(
      r,
      tenant,
      'addOrder',
      { userIdentifier: identifier(who), orderId: order },
      'order { orderStatus }',
      orderStatus,
    ),
  cancelOrder: (r, { tenant, order }) =>
    mutate(r, tenant, 'cancelOrder', { orderId: order }, 'order { orderStatus }', orderStatus),
  updateOrder(r, { tenant, order, status, device: id }) {
    const input = {
      intermediaryId: tenantId(r, tenant),
      orderId: order,
      orderStatus: status,
      ...(id === null ? {} : { deviceId: idOf(r, id), trackingLink: 'https://parcels.example/1' }),
    };
    return mutate(r, 'operator', 'updateOrder', input, 'order { orderStatus }', orderStatus);
  },
  addDevices(r, { tenant, devices: list }) {
    const input = {
      intermediaryId: tenantId(r, tenant),
      devices: list.map(({ device: name, meter }) => ({ deviceId: idOf(r, name), meterId: meter })),
    };
    const fields = 'devices { deviceId meterId }';
    return mutate(r, 'operator', 'addDevices', input, fields, (payload) => ({
      devices: payload.devices.map(
        ({ deviceId, meterId }: Json) => `${namedBy(r, deviceId)} ${meterId}`,
      ),
    }));
  },
  removeDevices(r, { tenant, devices: list }) {
    const input = {
      intermediaryId: tenantId(r, tenant),
      deviceIdentifiers: devices(r, list),
    };
    return mutate(r, 'operator', 'removeDevices', input, 'devices { deviceId }', (payload) => ({
      devices: payload.devices.map(({ deviceId }: Json) => namedBy(r, deviceId)).sort(),
    }));
  },
  addApiKey(r, { tenant, as, byOperator, key }) {
    const by = byOperator ? 'operator' : (key ?? tenant);
    const named = byOperator ? { intermediaryId: tenantId(r, tenant) } : {};
    const input = { name: as, scopes: SCOPES, ...named };
    return mutate(r, by, 'addApiKey', input, 'apiKey { id } secret', keepKey(r, as));
  },
  rotateApiKey: (r, { tenant, key, as }) =>
    mutate(r, tenant, 'rotateApiKey', { id: idOf(r, key) }, 'apiKey { id } secret', keepKey(r, as)),
  removeApiKey(r, { tenant, key, endMinted }) {
    const input = { id: idOf(r, key), endMinted };
    const fields = 'modified { sessions keys members }';
    return mutate(r, tenant, 'removeApiKey', input, fields, ({ modified }) => modified);
  },
  async useApiKey(r, { key }) {
    const { data } = await r.world.graphql(secretOf(r, key), '{ caller { intermediary { id } } }');
    const id = data?.caller.intermediary.id;
    return { tenant: id === undefined ? null : r.tenants.findIndex((one) => one.id === id) };
  },
  addIntermediary: (r) =>
    mutate(
      r,
      'operator',
      'addIntermediary',
      { name: 'Acme' },
      'intermediary { id } secret',
      ({ intermediary, secret }) => {
        r.tenants.push({ id: intermediary.id, key: secret });
        return {};
      },
    ),
  updateIntermediary: (r, { tenant, name, most }) =>
    mutate(
      r,
      'operator',
      'updateIntermediary',
      { id: tenantId(r, tenant), name, limits: { users: most } },
      'intermediary { name limits { users } }',
      ({ intermediary }) => ({ name: intermediary.name, most: intermediary.limits.users }),
    ),
  removeIntermediary: (r, { tenant }) =>
    mutate(
      r,
      'operator',
      'removeIntermediary',
      { id: tenantId(r, tenant) },
      'intermediary { id }',
      ({ intermediary }) => ({ removed: intermediary !== null }),
    ),
  postUser(r, by) {
    const body = {
      ...{ alarm_email: 0, alarm_sms: 0, name: 'Somebody', status: 1 },
      company_id: Number(tenantId(r, by.tenant)),
    };
    return send(r, by, 'POST /user', { ...body, ...fieldsOf(r, by) }, member(r));
  },
  patchUser: (r, by) =>
    send(
      r,
      by,
      `PATCH /user/${idOf(r, by.person)}`,
      { ...fieldsOf(r, by), end_minted: by.endMinted ? 1 : undefined },
      member(r),
    ),
  deleteUser: (r, by) =>
    send(
      r,
      by,
      `DELETE /user/${idOf(r, by.person)}`,
      by.endMinted ? { end_minted: 1 } : undefined,
      member(r),
    ),
  patchMe(r, { session, passwords }) {
    const [old_password, password] = passwords ?? [];
    const body = passwords ? { old_password, password } : { name: 'Renamed' };
    return send(r, { tenant: 0, by: session }, 'PATCH /user/me', body, member(r));
  },
  resetPassword: (r, { as, ...by }) =>
    send(r, by, `POST /user/${idOf(r, by.person)}/password-reset`, {}, ({ reset_token }) => {
      r.secrets.set(as, reset_token);
      return {};
    }),
  setPassword: (r, { reset, password }) =>
    send(r, null, 'POST /password', { reset_token: secretOf(r, reset), password }),
  authenticate(r, { login, as }) {
    const [tenant, email = 'nobody', password = 'nothing'] = login.split(' ');
    const body = { email, password, company_id: Number(tenantId(r, Number(tenant))) };
    return send(r, null, 'POST /authenticate', body, ({ token }) => {
      // The prefix, `lk_ses_`, is followed by the session's id.
      keep(r, as, token.slice(7, 23), token);
      return {};
    });
  },
  put(r, { as, kind, in: parent, code, ...by }) {
    const path = kind === 'project' ? '/project' : `/${WITHIN[kind]}/${idOf(r, parent)}/${kind}`;
    const name = { name: 'A name', unit_id: 1 };
    const body = kind === 'station' ? { ...name, code, reporting: 900, ref_logger_id: 1 } : name;
    return send(r, by, `POST ${path}`, body, ({ [kind]: made }) => {
      keep(r, as, made.id);
      return {};
    });
  },
  change: (r, { kind, thing, code, ...by }) =>
    send(r, by, `PATCH /${kind}/${idOf(r, thing)}`, kind === 'station' ? { code } : { name: code }),
  drop: (r, { kind, thing, ...by }) => send(r, by, `DELETE /${kind}/${idOf(r, thing)}`, undefined),
};

const WITHIN = { station: 'project', sensor: 'station', channel: 'sensor' };

const orderStatus = ({ order }: Json): Answer => ({ status: order.orderStatus });

/** `/verify` in an isolate. */
export async function verify(r: Real, world: World, by: Args<'verify'>): Promise<Answer> {
  const query = new URLSearchParams({
    ...(by.device ? { [by.device.startsWith('m') ? 'meter' : 'device']: by.device } : {}),
    ...(by.station ? { station: idOf(r, by.station) } : {}),
    ...(by.kind ? { permission: by.kind } : {}),
    ...(by.strict ? { consistency: 'strict' } : {}),
  });
  if (query.has('device')) query.set('device', idOf(r, by.device ?? ''));
  const path = `/verify/${tenantId(r, by.tenant)}?${query}`;
  const { status, headers } = await world.send(path, secretOf(r, by.session));
  if (status !== 204) return { status };
  const checked = headers.get('X-Latchkey-Device') ?? headers.get('X-Latchkey-Station');
  const about = checked && [namedBy(r, checked), headers.get('X-Latchkey-Permission')];
  return { status, user: headers.get('X-Latchkey-External-Id'), ...(about ? { about } : {}) };
}
