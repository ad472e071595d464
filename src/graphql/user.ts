/** The user, as other nouns refer to it. */
import type { User as UserFact } from '../domain/entities/user.ts';
import { action, builder } from './builder.ts';

const ExternalUser = builder.objectRef<{ externalId: string }>('ExternalUser').implement({
  description: 'An end user, by your own id for them.',
  fields: (t) => ({
    externalId: t.exposeString('externalId', { description: 'Your id for the user.' }),
  }),
});

export const User = builder.objectRef<UserFact>('User');

const UserIdentifier = builder.objectRef<UserFact>('UserIdentifier').implement({
  description: 'How you name a user. One of the two is present, unless the user was removed.',
  fields: (t) => ({
    externalUser: t.field({
      type: ExternalUser,
      nullable: true,
      description: 'For an end user.',
      resolve: ({ externalId }) => (externalId === null ? null : { externalId }),
    }),
    companyUser: t.field({
      type: User,
      nullable: true,
      description: 'For a member of your company: the user itself.',
      resolve: (user) => (user.email === null ? null : user),
    }),
  }),
});

User.implement({
  description: 'A person: an end user of yours, or a member of your company.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Our id for the user: never reused, the same everywhere.',
    }),
    userIdentifier: t.field({
      type: UserIdentifier,
      description: 'Your name for the user.',
      resolve: (user) => user,
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The e-mail address that a member signs in with. Needs `users:read`.',
      extensions: action('user.describe'),
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'A member’s name. Needs `users:read`.',
      extensions: action('user.describe'),
    }),
    suspended: t.boolean({
      description:
        'Whether the user is suspended, and so cannot have a session. Needs `users:read`.',
      extensions: action('user.describe'),
      resolve: ({ suspendedAt }) => suspendedAt !== null,
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was created. Needs `users:read`.',
      extensions: action('user.describe'),
    }),
  }),
});
