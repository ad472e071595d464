/** Opens, lists and ends sessions. */
import type { FieldMap } from '@pothos/core';
import { listSessions, type Session as SessionFact } from '../domain/sessions/list.ts';
import {
  MAX_SESSIONS,
  type OpenedSession as OpenedSessionFact,
  openSession,
} from '../domain/sessions/open.ts';
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
import { User } from './user.ts';

const SessionOrigin = builder.enumType('SessionOrigin', {
  description: 'What proved who opens a session.',
  values: {
    KEY: { description: 'An API key opened it, for the user.' },
    PASSWORD: { description: 'The user’s password.' },
    CODE: { description: 'The password, and a code.' },
    PASSKEY: { description: 'A passkey.' },
    SUPPORT: { description: 'Support opened it, to see what the user sees.' },
  } as const,
});

export const Session = builder.objectRef<SessionFact | OpenedSessionFact>('Session').implement({
  description: 'What an access token stands for.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the session; not secret.' }),
    accessToken: t.string({
      nullable: true,
      description:
        'The bearer token for the user’s app. It is present only in the response that opens ' +
        'the session, or to a call that sent the token. We only store a hash, so elsewhere ' +
        'it is null.',
      resolve: (session) => ('accessToken' in session ? session.accessToken : null),
    }),
    label: t.exposeString('label', {
      nullable: true,
      description: 'The label that the session was opened with.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was opened.' }),
    lastActiveAt: t.expose('lastActiveAt', {
      type: 'DateTime',
      description: 'When it was last active, to within a day.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description:
        'When it ends unless it is used again: 30 to 31 days after the last activity. Each ' +
        'activity extends it.',
    }),
    openedBy: t.expose('openedBy', {
      type: SessionOrigin,
      nullable: true,
      description: 'How it was opened. Null: before we kept that.',
    }),
    client: t.exposeString('client', {
      nullable: true,
      description:
        'The browser and the system that the user opened it with, such as `Firefox on Windows`. ' +
        'Null: unknown, or it was not opened by the user.',
    }),
  }),
});

builder.queryField('sessions', (t) =>
  guarded(t, {
    action: 'session.list',
    type: [Session],
    description:
      'The live sessions of a user, the most recently active first. Empty if there is no ' +
      'such user.',
    extensions: maxItems(MAX_SESSIONS),
    args: { userIdentifier: t.arg(namesUser('Whose sessions.')) },
    verb: listSessions,
  }),
);

/** Opening a member's session needs everything that a member can do. */
const opening = (args: { input: NamingUser }) =>
  namesMember(args.input) ? 'session.addForMember' : 'session.add';

mutation('addUserSession', {
  action: opening,
  description:
    'Opens a new session at each call and returns its access token. A user has at most 50: ' +
    'one more ends the least recently active.',
  input: input('Whose session.', (t) => ({
    userIdentifier: t.field(
      namesUser(
        'Whose session to open. For a member, your key needs the scopes of all that members do.',
      ),
    ),
    label: t.string({
      description: 'For people, such as the name of a phone: 1 to 100 characters.',
    }),
  })),
  verb: openSession,
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
    extensions: maxItems(MAX_SESSIONS),
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
