/** Ensures user, session and permissions in one call. */
import { ensureAccess } from '../domain/access/ensure.ts';
import { maxItems, perInputItem } from './cost.ts';
import { type NamingUser, namesDevices, namesMember, namesUser } from './identifiers.ts';
import { mutation } from './mutation.ts';
import { input } from './payload.ts';
import { Permission } from './permissions.ts';
import { Session } from './session.ts';
import { User } from './user.ts';

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
