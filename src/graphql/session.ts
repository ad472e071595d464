/** The type of a session. */
import type { Session as SessionFact } from '../domain/sessions/list.ts';
import type { OpenedSession as OpenedSessionFact } from '../domain/sessions/open.ts';
import { supportIn } from '../domain/sessions/support.ts';
import { builder } from './builder.ts';
import { SupportAccess } from './support.ts';

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
        'activity extends it, unless it is for support.',
    }),
    support: t.field({
      type: SupportAccess,
      nullable: true,
      description: 'Who acts, and why. Null unless it is a support session.',
      resolve: supportIn,
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
