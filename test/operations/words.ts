/**
 * The value for each argument: an id of some kind, or any valid value. Only this file knows
 * arguments by name.
 */
import { LIMITS } from '../../src/domain/usage/usage.ts';
import { type Kind, passwordOf } from '../isolation/two.ts';

export interface IdWord {
  /** Somebody else's id of this kind is tried in its place. */
  id: Kind;
  /** What I put there myself, instead of an id of mine. */
  mine?: unknown;
  /** It is a right by itself, and nobody else's is tried. */
  isRight?: true;
  /** No other will do: with somebody else's, the call is refused. */
  isOwn?: true;
  /** The operator keeps these, and is told whether somebody has one. */
  isTold?: true;
}

/** `fill`: anything that is no id. */
export type Word = IdWord | { fill: unknown };

/** An id that I leave out unless it is somebody else's. */
const leftOut = (id: Kind): Word => ({ id, mine: undefined });
const fill = (value: unknown): Word => ({ fill: value });

/**
 * Arguments and input fields of GraphQL: by coordinate, by the type of the list that they page, or
 * by name.
 */
export const graphqlWords: Record<string, Word> = {
  externalId: { id: 'externalId' },
  externalUserId: { id: 'externalId' },
  newExternalId: leftOut('externalId'),
  search: leftOut('beginning'),
  'Query.intermediaries.search': fill(undefined),
  'Query.inventory.search': fill(undefined),
  'Query.devices.search': leftOut('deviceId'),
  kind: fill(undefined),
  'Query.inventory.after': fill(undefined),
  assigned: fill(undefined),
  status: fill(undefined),
  email: { id: 'email' },
  'CompanyUserInput.id': { id: 'memberId' },
  userId: leftOut('userId'),
  actorUserId: leftOut('userId'),
  afterUser: leftOut('userId'),
  order: fill('OLDEST_FIRST'),
  actions: fill(undefined),
  deviceId: { id: 'deviceId' },
  'DeviceInput.deviceId': { id: 'deviceId', isTold: true },
  'UpdateOrderInput.deviceId': { id: 'deviceId', isTold: true },
  meterId: { id: 'meterId' },
  orderId: { id: 'orderId' },
  'AddOrderInput.orderId': { id: 'orderId', mine: 'a-new-order' },
  sessionId: { id: 'sessionId' },
  accessToken: { id: 'accessToken' },
  'RotateApiKeyInput.id': { id: 'keyId' },
  'RemoveApiKeyInput.id': { id: 'keyId' },
  ...Object.fromEntries(
    ['Update', 'Replay', 'Test', 'Remove'].map((verb) => [
      `${verb}WebhookInput.id`,
      { id: 'webhookId' as const },
    ]),
  ),
  'RotateWebhookSecretInput.id': { id: 'webhookId' },
  'ReplayWebhookInput.after': leftOut('eventCursor'),
  url: fill('https://hooks.mine.example/'),
  types: fill(['user.export']),
  description: fill('A description'),
  enabled: fill(false),
  requireSecondFactor: fill(false),
  supportPermissions: fill(['VIEW', 'CHARGE']),
  intermediaryId: { id: 'tenantId', mine: undefined, isOwn: true },
  'RemoveIntermediaryInput.id': leftOut('tenantId'),
  'UpdateIntermediaryInput.id': leftOut('tenantId'),
  ...Object.fromEntries(LIMITS.map((name) => [`LimitsInput.${name}`, fill(1_000_000)])),
  'Query.intermediary.id': { id: 'tenantId', isTold: true },
  'UserConnection.after': leftOut('userCursor'),
  'DeviceConnection.after': leftOut('deviceCursor'),
  'PermittedDeviceConnection.after': leftOut('permittedDeviceCursor'),
  'StationConnection.after': leftOut('stationCursor'),
  'OrderConnection.after': leftOut('orderCursor'),
  'AuditEventConnection.after': leftOut('auditCursor'),
  'IntermediaryConnection.after': fill(undefined),
  first: fill(6),
  from: fill('2020-01-01T00:00:00Z'),
  to: fill('2100-01-01T00:00:00Z'),
  expiresAt: fill('2100-01-01T00:00:00Z'),
  name: fill('A name'),
  label: fill('A label'),
  // What asks for a support session: `test/domain/sessions/support.test.ts`.
  ...Object.fromEntries(
    ['actor', 'reason', 'expiresInSeconds', 'permissions'].map((name) => [
      `AddUserSessionInput.${name}`,
      fill(undefined),
    ]),
  ),
  scopes: fill(['users:read']),
  graceSeconds: fill(60),
  keepCurrent: fill(false),
  dryRun: fill(false),
  endMinted: fill(true),
  suspended: fill(true),
  trackingLink: fill('https://carrier.example/1'),
  consistency: fill('FAST'),
  permission: fill('VIEW'),
  orderStatus: fill('SHIPPED'),
};

/**
 * Fields of REST bodies and queries: by route and name, or by name. Their ids are numbers where
 * they are numbers.
 */
export const restWords: Record<string, Word> = {
  company_id: { id: 'tenantId', isOwn: true },
  email: { id: 'email', mine: 'new@mine.example' },
  'POST /authenticate.email': { id: 'email' },
  'POST /password-reset.email': { id: 'email' },
  station_ids: { id: 'stationId' },
  code: { id: 'stationCode', mine: 'a-new-code' },
  'POST /authenticate.code': fill(undefined),
  'POST /sensor/:id/channel.code': fill(undefined),
  'PATCH /channel/:id.code': fill(undefined),
  member_level_id: fill(2),
  alarm_email: fill(1),
  alarm_sms: fill(0),
  alarm_voice: fill(0),
  timezone_pref_id: fill(2),
  name: fill('A name'),
  sms: fill('+49 30 123456'),
  phone: fill(null),
  status: fill(1),
  end_minted: fill(1),
  reporting: fill(900),
  logging: fill(900),
  ref_logger_id: fill(12),
  location: fill('A place'),
  latitude: fill('1.000000'),
  longitude: fill('1.000000'),
  timezone_name: fill('UTC'),
  unit_id: fill(1),
  scale: fill(1),
  offset: fill(0),
  reset_token: { id: 'resetToken', isRight: true },
  password: fill(passwordOf('iceland')),
  'PATCH /user/me.password': fill(undefined),
  old_password: fill(undefined),
  page: fill(undefined),
  per_page: fill(undefined),
  sort: fill(undefined),
  search: leftOut('email'),
  'GET /project.search': leftOut('stationCode'),
  'GET /project/:id/station.search': leftOut('stationCode'),
  station_id: leftOut('stationId'),
};

/** What an id of a path is, by its name or by what stands before it. */
export const pathWords: Record<string, Word> = {
  ':project of a path': { id: 'placeId' },
  '/user': { id: 'userId' },
  '/project': { id: 'projectId' },
  '/station': { id: 'stationId' },
  '/sensor': { id: 'sensorId' },
  '/channel': { id: 'channelId' },
};

/** What a question at the edge is about. */
export const questionWords: Record<string, Word> = {
  device: { id: 'deviceId' },
  meter: { id: 'meterId' },
  station: { id: 'stationId' },
  permission: fill(undefined),
  consistency: fill('strict'),
};

/** The word for what has these names, the most telling first. */
export function wordOf(words: Record<string, Word>, names: string[], where: string): Word {
  for (const name of names) {
    const word = words[name];
    if (word) return word;
  }
  throw new Error(
    `The isolation matrix does not know what goes into ${names[0]}: say so in ${where} of ` +
      'test/operations/words.ts.',
  );
}
