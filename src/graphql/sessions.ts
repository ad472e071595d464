/** Opening, listing and ending sessions. */
import { removeSession, removeSessions, type SessionIdentifier } from '../domain/sessions/end.ts';
import { listSessions, type Session as SessionFact } from '../domain/sessions/list.ts';
import {
  MAX_SESSIONS,
  type OpenedSession as OpenedSessionFact,
  openSession,
} from '../domain/sessions/open.ts';
import type { User as UserFact } from '../domain/users/user.ts';
import { action, builder, permit } from './builder.ts';
import { holds } from './cost.ts';
import { UserIdentifierInput } from './identifiers.ts';
import { outcome, payload } from './payload.ts';
import { User } from './user.ts';

export const Session = builder.objectRef<SessionFact | OpenedSessionFact>('Session').implement({
  description: 'What an access token stands for.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the session; not secret.' }),
    accessToken: t.string({
      nullable: true,
      description:
        'The bearer token for the user’s app, in the answer that opens the session or was given the token. We keep a hash only: everywhere else it is null.',
      resolve: (session) => ('accessToken' in session ? session.accessToken : null),
    }),
    label: t.exposeString('label', {
      nullable: true,
      description: 'What the session was labelled when it was opened.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was opened.' }),
    lastActiveAt: t.expose('lastActiveAt', {
      type: 'DateTime',
      description: 'When it was last active; kept to within a day.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description:
        'When it ends if nothing more happens: 30 to 31 days after the last activity, which moves it on.',
    }),
  }),
});

/** Whoever opens a member's session needs all that a member can do. */
export const namesMember = ({ input }: Record<string, unknown>): boolean => {
  const { userIdentifier } = input as { userIdentifier: { companyUser?: unknown } };
  return userIdentifier.companyUser != null;
};

const opening = (args: Record<string, unknown>) =>
  namesMember(args) ? 'session.addForMember' : 'session.add';

builder.queryField('sessions', (t) =>
  t.field({
    type: [Session],
    description:
      'The live sessions of a user, most recently active first; empty when there is no such user.',
    extensions: { ...action('session.list'), ...holds(MAX_SESSIONS) },
    args: {
      userIdentifier: t.arg({
        type: UserIdentifierInput,
        required: true,
        description: 'Whose sessions.',
      }),
    },
    resolve: (_, args, context) => listSessions(permit(context, 'session.list'), args),
  }),
);

const AddUserSessionInput = builder.inputType('AddUserSessionInput', {
  description: 'The input of `addUserSession`.',
  fields: (t) => ({
    userIdentifier: t.field({
      type: UserIdentifierInput,
      required: true,
      description: 'Whose session to open. For a member, your key needs what a member can do.',
    }),
    label: t.string({
      description: 'For people, such as the name of a phone: 1 to 100 characters.',
    }),
  }),
});

const AddUserSessionPayload = payload<{ user: UserFact; session: OpenedSessionFact }>(
  'addUserSession',
  (t) => ({
    user: t.field({
      type: User,
      nullable: true,
      description: 'The user whose session it is.',
      resolve: ({ facts }) => facts?.user,
    }),
    session: t.field({
      type: Session,
      nullable: true,
      description: 'The new session.',
      resolve: ({ facts }) => facts?.session,
    }),
  }),
);

const RemoveUserSessionInput = builder.inputType('RemoveUserSessionInput', {
  description: 'The input of `removeUserSession`: the session, in exactly one way.',
  isOneOf: true,
  fields: (t) => ({
    sessionId: t.id({ description: 'The session’s id.' }),
    accessToken: t.string({ description: 'The session’s access token.' }),
  }),
});

const RemoveUserSessionsInput = builder.inputType('RemoveUserSessionsInput', {
  description: 'The input of `removeUserSessions`.',
  fields: (t) => ({
    userIdentifier: t.field({
      type: UserIdentifierInput,
      required: true,
      description: 'Whose sessions to end.',
    }),
  }),
});

const endedPayload = (mutation: string) =>
  payload<{ sessionIds: string[] }>(mutation, (t) => ({
    removedSessionIds: t.field({
      extensions: holds(MAX_SESSIONS),
      type: ['ID'],
      nullable: true,
      description: 'The sessions that this very call ended.',
      resolve: ({ facts }) => facts?.sessionIds,
    }),
  }));

const RemoveUserSessionPayload = endedPayload('removeUserSession');
const RemoveUserSessionsPayload = endedPayload('removeUserSessions');

builder.mutationFields((t) => ({
  addUserSession: t.field({
    type: AddUserSessionPayload,
    nullable: true,
    description:
      'Opens a session and gives its access token, anew at each call. A user holds at most 50: one more ends the least recently active.',
    extensions: action(opening),
    args: {
      input: t.arg({ type: AddUserSessionInput, required: true, description: 'Whose session.' }),
    },
    resolve: (_, args, context) =>
      outcome(() => openSession(permit(context, opening(args)), args.input)),
  }),
  removeUserSession: t.field({
    type: RemoveUserSessionPayload,
    nullable: true,
    description: 'Ends one session.',
    extensions: action('session.remove'),
    args: {
      input: t.arg({
        type: RemoveUserSessionInput,
        required: true,
        description: 'Which session.',
      }),
    },
    resolve: (_, { input }, context) =>
      outcome(() => removeSession(permit(context, 'session.remove'), input as SessionIdentifier)),
  }),
  removeUserSessions: t.field({
    type: RemoveUserSessionsPayload,
    nullable: true,
    description: 'Ends all sessions of a user.',
    extensions: action('session.removeAll'),
    args: {
      input: t.arg({
        type: RemoveUserSessionsInput,
        required: true,
        description: 'Whose sessions.',
      }),
    },
    resolve: (_, { input }, context) =>
      outcome(() => removeSessions(permit(context, 'session.removeAll'), input)),
  }),
}));
