/** Checks user, session and permissions in one call. */
import { type AccessAnswer, checkAccess, type DeviceAnswer } from '../domain/access/check.ts';
import type { Reason } from '../domain/access/reasons.ts';
import { builder } from './builder.ts';
import { maxItems, perInputItem } from './cost.ts';
import { guarded } from './guarded.ts';
import { namesDevices, namesUser } from './identifiers.ts';
import { inInput, input, inputOf, underInput } from './payload.ts';
import { PermissionKindEnum } from './permissions.ts';
import { hint } from './refusals.ts';
import { below, namesBelow } from './selections.ts';

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

const AccessReason = builder.enumType('AccessReason', {
  description:
    'Why a user may use a device, or may not. A permission is the only source: neither orders ' +
    'nor stations nor the level of a member give access to a device.',
  values: {
    GRANTED: { description: 'The user has the permission.' },
    UNKNOWN_USER: { description: 'There is no such user.' },
    SUSPENDED: { description: 'The user is suspended.' },
    UNKNOWN_DEVICE: { description: 'No such device is assigned to you.' },
    ENDED: { description: 'The user had the permission, and it has ended by itself.' },
    WITHDRAWN: { description: 'The user had the permission, and it was withdrawn.' },
    OTHER_PERMISSION: {
      description:
        'The user only has the other permission. VIEW and CHARGE do not imply each other.',
    },
    NOT_GRANTED: {
      description: 'It was not granted, or that is not among the last 200 events of the user.',
    },
  } satisfies Record<Reason, { description: string }>,
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
    reason: t.expose('reason', {
      type: AccessReason,
      description: 'Why the user may use it with this permission, or why not.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the permission ends. Null: it has no end, or the reason is another.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the permission ended, if the reason is ENDED or WITHDRAWN.',
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
        'The result: the user exists and is not suspended, the session is not invalid, every ' +
        'device is granted, and the token is of no support session that may not do it.',
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
      const asked = new Set(
        namesBelow(below(info.fieldNodes), 'devices', (name) => info.fragments[name]),
      );
      const isExplained = asked.has('reason') || asked.has('endedAt');
      const answer = await underInput(() => checkAccess(permit, args.input, isExplained));
      hint(context, info, answer.hints.map(inInput));
      return answer;
    },
  }),
);
