/** API keys. */
import { addApiKey } from '../domain/keys/add.ts';
import { listApiKeys } from '../domain/keys/find.ts';
import { type ApiKey as ApiKeyFact, MAX_IN_GRACE, USUAL_MOST_KEYS } from '../domain/keys/key.ts';
import { removeApiKey } from '../domain/keys/remove.ts';
import { rotateApiKey } from '../domain/keys/rotate.ts';
import type { Ended } from '../domain/made/end.ts';
import { SCOPES, type Scope as ScopeName } from '../domain/permit.ts';
import { action, builder, permit } from './builder.ts';
import { holds } from './cost.ts';
import { outcome, payload } from './payload.ts';

const scopeMeanings: Record<ScopeName, string> = {
  'users:read': 'Read users, devices, permissions and sessions, and check access.',
  'users:write': 'Create, change and remove users.',
  'permissions:write': 'Grant and withdraw permissions on devices.',
  'sessions:write': 'Open and end sessions.',
  'orders:read': 'Read orders.',
  'orders:write': 'Place and cancel orders.',
  'stations:read': 'Read stations and projects.',
  'stations:write': 'Create, change and remove stations and projects.',
  'audit:read': 'Read the audit trail.',
  'keys:write': 'List, add, rotate and remove API keys.',
  introspect: 'Ask about tokens at the introspection endpoint.',
};

/** Text, since GraphQL's enum values have no colon. */
const scopesMeaning = `What the key may do, any of:\n\n${SCOPES.map((scope) => `- \`${scope}\`: ${scopeMeanings[scope]}`).join('\n')}`;

export const ApiKey = builder.objectRef<ApiKeyFact>('ApiKey').implement({
  description: 'A credential of your programs. Its secret was shown once, when it was made.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the key; not secret.' }),
    name: t.exposeString('name', { description: 'For people.' }),
    scopes: t.exposeStringList('scopes', {
      extensions: holds(SCOPES.length),
      description: scopesMeaning,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself: for a rotated key the end of its grace. Null: never.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to within an hour; null if never.',
    }),
  }),
});

builder.queryField('apiKeys', (t) =>
  t.field({
    type: [ApiKey],
    description:
      'Your keys that work, those in their grace included, newest first: at most 100 of each.',
    // As many that work, and as many in their grace.
    extensions: { ...action('apiKey.list'), ...holds(USUAL_MOST_KEYS + MAX_IN_GRACE) },
    resolve: (_, __, context) => listApiKeys(permit(context, 'apiKey.list')),
  }),
);

const AddApiKeyInput = builder.inputType('AddApiKeyInput', {
  description: 'The input of `addApiKey`.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'For people: 1 to 100 characters.' }),
    scopes: t.stringList({
      required: true,
      description: `${scopesMeaning}\n\nA key can give only what it has itself.`,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the key ends by itself; not after the key that makes it.',
    }),
    intermediaryId: t.id({
      description: 'Operator only, who must give it: whose key it becomes.',
    }),
  }),
});

const RotateApiKeyInput = builder.inputType('RotateApiKeyInput', {
  description: 'The input of `rotateApiKey`.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The key to replace; it may be the calling one.' }),
    graceSeconds: t.int({
      required: true,
      defaultValue: 86_400,
      description: 'How long the old key works on, from 0 to 604800 (7 days).',
    }),
  }),
});

const RemoveApiKeyInput = builder.inputType('RemoveApiKeyInput', {
  description: 'The input of `removeApiKey`.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The key to remove.' }),
    endMinted: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'Whether all ends that the key has made, and what that made: for a key that has leaked. It may be gone already. What its rotations are and made counts as the same key’s.',
    }),
  }),
});

const secretPayload = (mutation: string) =>
  payload<{ apiKey: ApiKeyFact; secret: string }>(mutation, (t) => ({
    apiKey: t.field({
      type: ApiKey,
      nullable: true,
      description: 'The new key.',
      resolve: ({ facts }) => facts?.apiKey,
    }),
    secret: t.string({
      nullable: true,
      description: 'The credential itself. We keep a hash only: it is not shown again.',
      resolve: ({ facts }) => facts?.secret,
    }),
  }));

const AddApiKeyPayload = secretPayload('addApiKey');
const RotateApiKeyPayload = secretPayload('rotateApiKey');

const EndedMinted = builder.objectRef<Ended>('EndedMinted').implement({
  description: 'How much of what a credential made a call has ended, as far as it is known yet.',
  fields: (t) => ({
    sessions: t.exposeInt('sessions', {
      description:
        'Sessions. More than 1,000 go on ending behind the answer, and are refused by whoever asks the database.',
    }),
    keys: t.exposeInt('keys', { description: 'Keys that it made, not its own rotations.' }),
    members: t.exposeInt('members', { description: 'Members whom it added: they are disabled.' }),
    webhooks: t.exposeInt('webhooks', {
      description: 'Webhooks that it added: they are disabled.',
    }),
  }),
});

const RemoveApiKeyPayload = payload<{ modified: Ended }>('removeApiKey', (t) => ({
  modified: t.field({
    type: EndedMinted,
    nullable: true,
    description: 'What ended with the key, where `endMinted` asked for it.',
    resolve: ({ facts }) => facts?.modified,
  }),
}));

builder.mutationFields((t) => ({
  addApiKey: t.field({
    type: AddApiKeyPayload,
    nullable: true,
    description: 'Makes a key, anew at each call.',
    extensions: action('apiKey.add'),
    args: { input: t.arg({ type: AddApiKeyInput, required: true, description: 'The key.' }) },
    resolve: (_, { input: { intermediaryId, ...input } }, context) =>
      outcome(() =>
        addApiKey(
          permit(context, 'apiKey.add', { field: 'intermediaryId', id: intermediaryId }),
          input,
        ),
      ),
  }),
  rotateApiKey: t.field({
    type: RotateApiKeyPayload,
    nullable: true,
    description:
      'Makes a successor with the same scopes and expiry, under a new id, anew at each call, while the old key works on for its grace.',
    extensions: action('apiKey.rotate'),
    args: { input: t.arg({ type: RotateApiKeyInput, required: true, description: 'Which key.' }) },
    resolve: (_, { input }, context) =>
      outcome(() => rotateApiKey(permit(context, 'apiKey.rotate'), input)),
  }),
  removeApiKey: t.field({
    type: RemoveApiKeyPayload,
    nullable: true,
    description:
      'Removes a key: it changes nothing from then on, and stops working within 30 seconds everywhere.',
    extensions: action('apiKey.remove'),
    args: { input: t.arg({ type: RemoveApiKeyInput, required: true, description: 'Which key.' }) },
    resolve: (_, { input }, context) =>
      outcome(() => removeApiKey(permit(context, 'apiKey.remove'), input)),
  }),
}));
