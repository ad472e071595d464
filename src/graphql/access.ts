/** User, session and permissions in one call: to check them, or to ensure them. */
import { type AccessAnswer, checkAccess, type DeviceAnswer } from '../domain/access/check.ts';
import { ensureAccess } from '../domain/access/ensure.ts';
import { builder } from './builder.ts';
import { maxItems, perInputItem } from './cost.ts';
import { guarded } from './guarded.ts';
import { type NamingUser, namesDevices, namesMember, namesUser } from './identifiers.ts';
import { mutation } from './mutation.ts';
import { inInput, input, inputOf, underInput } from './payload.ts';
import { Permission, PermissionKindEnum } from './permissions.ts';
import { hint } from './refusals.ts';
import { Session } from './sessions.ts';
import { User } from './user.ts';

const Consistency = builder.enumType('Consistency', {
  description: 'Where the answer comes from.',
  values: {
    FAST: {
      description:
        'From the nearest copy. A yes may be up to 90 seconds old, in the worst case 24 ' +
        'hours. A no is confirmed in the database.',
    },
    STRICT: { description: 'From the database, which takes longer.' },
  } as const,
});

const DeviceAccess = builder.objectRef<DeviceAnswer>('DeviceAccess').implement({
  description: 'The answer for one device.',
  fields: (t) => ({
    deviceId: t.exposeString('deviceId', {
      nullable: true,
      description: 'The device’s id. Null if the input has a meterId that you do not have.',
    }),
    meterId: t.exposeString('meterId', {
      nullable: true,
      description: 'The serial number of its power meter, if it is known.',
    }),
    granted: t.exposeBoolean('granted', {
      description: 'Whether the user has the permission on it.',
    }),
  }),
});

const UserAccess = builder.objectRef<AccessAnswer>('UserAccess').implement({
  description: 'What `checkUserAccess` found.',
  fields: (t) => ({
    userExists: t.exposeBoolean('userExists', { description: 'Whether the user exists.' }),
    sessionValid: t.exposeBoolean('sessionValid', {
      nullable: true,
      description:
        'Whether the token belongs to a live session of this user. Null if no token was given.',
    }),
    sessionExpiresAt: t.expose('sessionExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the session ends unless it is used again.',
    }),
    devices: t.expose('devices', {
      extensions: maxItems(perInputItem),
      type: [DeviceAccess],
      description: 'An answer for each device, in the order of the input.',
    }),
    allowed: t.exposeBoolean('allowed', {
      description:
        'The result: the user exists and is not suspended, the session is not invalid, and ' +
        'every device is granted.',
    }),
  }),
});

const question = inputOf(
  'checkUserAccess',
  input('The question.', (t) => ({
    userIdentifier: t.field(namesUser('Whose access.')),
    accessToken: t.string({
      description:
        'The token that the user’s app sent. Left out or null: no session is checked, and ' +
        '`allowed` does not depend on one.',
    }),
    deviceIdentifiers: t.field({ ...namesDevices('0 to 500 devices.'), defaultValue: [] }),
    permission: t.field({
      type: PermissionKindEnum,
      required: true,
      defaultValue: 'VIEW',
      description: 'The permission to check.',
    }),
    consistency: t.field({
      type: Consistency,
      required: true,
      defaultValue: 'FAST',
      description: 'Where the answer comes from.',
    }),
  })),
);

builder.queryField('checkUserAccess', (t) =>
  guarded(t, {
    action: 'access.check',
    type: UserAccess,
    description:
      'Does this user exist, is this token valid and theirs, and do they have this ' +
      'permission on these devices? This call does not count as activity of the session.',
    args: { input: t.arg(question) },
    async verb(permit, args, _, context, info) {
      const answer = await underInput(() => checkAccess(permit, args.input));
      hint(context, info, answer.hints.map(inInput));
      return answer;
    },
  }),
);

/** Opening a member's session needs everything that a member can do. */
const ensuring = (args: { input: NamingUser }) =>
  namesMember(args.input) ? 'access.ensureForMember' : 'access.ensure';

mutation('ensureUserAccess', {
  action: ensuring,
  description:
    'For the start of an app: creates the user, the permissions and a session if they are ' +
    'missing, in one transaction. It never changes the end of a running permission. It ' +
    'restores an expired or removed permission, without an end. So name only devices that ' +
    'the user is to keep. Grant permissions that end with `addDevicePermissions` or ' +
    '`addChargingPermission` and an `expiresAt`.',
  input: input('Who, and what they are to have.', (t) => ({
    userIdentifier: t.field(
      namesUser('Whose access. A missing end user is created, a member never is.'),
    ),
    deviceIdentifiers: t.field({
      ...namesDevices(
        '0 to 500 devices that the user is to read. For each device that the user cannot ' +
          'read now, a permission without an end is granted, even if an earlier one expired.',
      ),
      defaultValue: [],
    }),
    chargingDeviceIdentifiers: t.field({
      ...namesDevices('0 to 500 devices on which the user is to control charging, likewise.'),
      defaultValue: [],
    }),
    accessToken: t.string({
      description:
        'The token that the app has. It is returned if it belongs to a live session of this ' +
        'user. Otherwise a new session is opened.',
    }),
  })),
  verb: ensureAccess,
  payload: (t) => ({
    user: t.expose('user', { type: User, nullable: true, description: 'The user.' }),
    session: t.expose('session', {
      type: Session,
      nullable: true,
      description: 'A live session of the user, with its token.',
    }),
    userCreated: t.exposeBoolean('userCreated', {
      nullable: true,
      description: 'Whether this call created the user.',
    }),
    sessionCreated: t.exposeBoolean('sessionCreated', {
      nullable: true,
      description: 'Whether this call opened the session.',
    }),
    modifiedPermissions: t.expose('modifiedPermissions', {
      extensions: maxItems(perInputItem),
      type: [Permission],
      nullable: true,
      description: 'The permissions that this call granted.',
    }),
  }),
});
