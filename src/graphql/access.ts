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
  description: 'Whose word to take.',
  values: {
    FAST: {
      description:
        'The nearest copy’s: a yes may be up to 90 seconds old, in the worst case 24 hours; a no is confirmed.',
    },
    STRICT: { description: 'The database’s, at the price of a longer way.' },
  } as const,
});

const DeviceAccess = builder.objectRef<DeviceAnswer>('DeviceAccess').implement({
  description: 'The answer for one device.',
  fields: (t) => ({
    deviceId: t.exposeString('deviceId', {
      nullable: true,
      description: 'The device’s id; null when it was asked by a meterId that you do not have.',
    }),
    meterId: t.exposeString('meterId', {
      nullable: true,
      description: 'The serial number of its power meter, where there is one to tell.',
    }),
    granted: t.exposeBoolean('granted', {
      description: 'Whether the user may do on it what was asked.',
    }),
  }),
});

const UserAccess = builder.objectRef<AccessAnswer>('UserAccess').implement({
  description: 'What `checkUserAccess` found.',
  fields: (t) => ({
    userExists: t.exposeBoolean('userExists', { description: 'Whether there is such a user.' }),
    sessionValid: t.exposeBoolean('sessionValid', {
      nullable: true,
      description:
        'Whether the token is that of a live session of this very user; null without one.',
    }),
    sessionExpiresAt: t.expose('sessionExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the session ends if nothing more happens.',
    }),
    devices: t.expose('devices', {
      extensions: maxItems(perInputItem),
      type: [DeviceAccess],
      description: 'An answer for each device, in the order of the input.',
    }),
    allowed: t.exposeBoolean('allowed', {
      description:
        'The sum: the user exists and is not suspended, the session is not invalid, every device is granted.',
    }),
  }),
});

const question = inputOf(
  'checkUserAccess',
  input('The question.', (t) => ({
    userIdentifier: t.field(namesUser('Whose access.')),
    accessToken: t.string({
      description:
        'The token that the user’s app presented. Left out or null: no session is judged, and `allowed` does not depend on one.',
    }),
    deviceIdentifiers: t.field({ ...namesDevices('0 to 500 devices.'), defaultValue: [] }),
    permission: t.field({
      type: PermissionKindEnum,
      required: true,
      defaultValue: 'VIEW',
      description: 'What the user is to do on them.',
    }),
    consistency: t.field({
      type: Consistency,
      required: true,
      defaultValue: 'FAST',
      description: 'Whose word to take.',
    }),
  })),
);

builder.queryField('checkUserAccess', (t) =>
  guarded(t, {
    action: 'access.check',
    type: UserAccess,
    description:
      'Is there this user, is this token theirs and good, and may they do this on these devices? Asking is no activity of the session.',
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
    'What an app does at every start, at once or not at all: the user, the permissions and a session are there afterwards. It never changes a running permission’s end. A permission that has ended, or was removed, is there again afterwards, without an end: name only devices that the user is to have from now on for good, and none whose permission is to end. Grant those with `addDevicePermissions` or `addChargingPermission` and an `expiresAt`.',
  input: input('Who, and what they are to have.', (t) => ({
    userIdentifier: t.field(
      namesUser('Whose access. An end user who is not there is created; a member never is.'),
    ),
    deviceIdentifiers: t.field({
      ...namesDevices(
        '0 to 500 devices that the user is to read. Who may not read one at the moment gets a permission without an end, also where one had ended.',
      ),
      defaultValue: [],
    }),
    chargingDeviceIdentifiers: t.field({
      ...namesDevices('0 to 500 devices on which the user is to control charging, likewise.'),
      defaultValue: [],
    }),
    accessToken: t.string({
      description:
        'The token that the app has. It comes back if it is that of a live session of this very user; otherwise, whatever else it is, a new session opens.',
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
      description: 'Whether this very call created the user.',
    }),
    sessionCreated: t.exposeBoolean('sessionCreated', {
      nullable: true,
      description: 'Whether this very call opened the session.',
    }),
    modifiedPermissions: t.expose('modifiedPermissions', {
      extensions: maxItems(perInputItem),
      type: [Permission],
      nullable: true,
      description: 'The permissions that this very call made.',
    }),
  }),
});
