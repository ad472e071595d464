/** Opens, lists and ends sessions. */
import type { FieldMap } from '@pothos/core';
import { listSessions } from '../domain/sessions/list.ts';
import { MAX_LIVE, openSession } from '../domain/sessions/open.ts';
import { openSupportSession } from '../domain/sessions/open-support.ts';
import {
  removeOwnSessions,
  removeSession,
  removeSessions,
  type SessionIdentifier,
} from '../domain/sessions/remove.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { type NamingUser, namesMember, namesUser } from './identifiers.ts';
import { mutation } from './mutation.ts';
import { input } from './payload.ts';
import { PermissionKindEnum } from './permissions.ts';
import { Session } from './session.ts';
import { User } from './user.ts';

builder.queryField('sessions', (t) =>
  guarded(t, {
    action: 'session.list',
    type: [Session],
    description:
      'The live sessions of a user, the most recently active first. Empty if there is no ' +
      'such user.',
    extensions: maxItems(MAX_LIVE),
    args: { userIdentifier: t.arg(namesUser('Whose sessions.')) },
    verb: listSessions,
  }),
);

/** What only a support session has. One of these asks for one. */
const SUPPORT = ['actor', 'reason', 'expiresInSeconds', 'permissions'] as const;
type NamingSupport = NamingUser & { [Name in (typeof SUPPORT)[number]]?: unknown };

/** Opening a member's session needs everything that a member can do. */
function opening({ input }: { input: NamingSupport }) {
  if (SUPPORT.some((name) => input[name] != null)) return 'session.addSupport';
  return namesMember(input) ? 'session.addForMember' : 'session.add';
}

mutation('addUserSession', {
  action: opening,
  description:
    'Opens a new session at each call and returns its access token. A user has at most 50: ' +
    'one more ends the least recently active.\n\nWith `actor` and `reason` it opens a *support ' +
    'session*, in which somebody of your company acts for an end user. It ends after an hour at ' +
    'most. A user has at most 5, besides. Members of levels 1 and 2 give a `reason` alone.',
  input: input('Whose session.', (t) => ({
    userIdentifier: t.field(
      namesUser(
        'Whose session to open. For a member, your key needs the scopes of all that members do.',
      ),
    ),
    label: t.string({
      description: 'For people, such as the name of a phone: 1 to 100 characters.',
    }),
    actor: t.string({
      description: 'For support: who acts, as you name them: 1 to 100 characters.',
    }),
    reason: t.string({
      description: 'For support: why, for the customer to read: 1 to 300 characters.',
    }),
    expiresInSeconds: t.int({ description: 'For support: 60 to 3600. Left out: 3600.' }),
    permissions: t.field({
      type: [PermissionKindEnum],
      description: 'For support: what the session may do. Left out: `VIEW`.',
    }),
  })),
  verb: (permit, session) =>
    permit.action === 'session.addSupport'
      ? openSupportSession(permit, session)
      : openSession(permit, session),
  payload: (t) => ({
    user: t.expose('user', {
      type: User,
      nullable: true,
      description: 'The user whose session it is.',
    }),
    session: t.expose('session', {
      type: Session,
      nullable: true,
      description: 'The new session.',
    }),
  }),
});

const ended = (t: FieldBuilder<{ sessionIds?: string[] }>): FieldMap => ({
  removedSessionIds: t.expose('sessionIds', {
    extensions: maxItems(MAX_LIVE),
    type: ['ID'],
    nullable: true,
    description: 'The sessions that this call ended.',
  }),
});

mutation('removeUserSession', {
  action: 'session.remove',
  description: 'Ends one session.',
  input: input(
    'Which session.',
    (t) => ({
      sessionId: t.id({ description: 'The session’s id.' }),
      accessToken: t.string({ description: 'The session’s access token.' }),
    }),
    'the session, in exactly one way',
  ),
  verb: (permit, one) => removeSession(permit, one as SessionIdentifier),
  payload: ended,
});

mutation('removeUserSessions', {
  action: 'session.removeAll',
  description: 'Ends all sessions of a user.',
  input: input('Whose sessions.', (t) => ({
    userIdentifier: t.field(namesUser('Whose sessions to end.')),
  })),
  verb: removeSessions,
  payload: ended,
});

mutation('removeOwnSessions', {
  action: 'session.removeOwn',
  description:
    'Signs the user of the calling session out everywhere: ends all their sessions. Reset tokens ' +
    'that these sessions issued become void.',
  input: input('Which of your sessions.', (t) => ({
    keepCurrent: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether the calling session goes on. Then only the others end.',
    }),
    sessionId: t.id({ description: 'Only this one of your sessions. Left out or null: all.' }),
  })),
  verb: removeOwnSessions,
  payload: ended,
});
