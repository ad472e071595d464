/** API keys. */
import type { FieldMap } from '@pothos/core';
import { DAY_SECONDS } from '../base/time.ts';
import type { Ended } from '../domain/endings/end.ts';
import { SCOPES, type Scope as ScopeName } from '../domain/entities/key.ts';
import { addApiKey } from '../domain/keys/add.ts';
import { type ApiKey as ApiKeyFact, MAX_IN_GRACE, USUAL_MOST_KEYS } from '../domain/keys/key.ts';
import { listApiKeys } from '../domain/keys/list.ts';
import { removeApiKey } from '../domain/keys/remove.ts';
import { rotateApiKey } from '../domain/keys/rotate.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { madeBy } from './made-by.ts';
import { mutation } from './mutation.ts';
import { input } from './payload.ts';

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
  'webhooks:write': 'List, add, change, replay, test and remove webhooks.',
  introspect: 'Ask about tokens at the introspection endpoint.',
};

/** Scopes are texts, since GraphQL's enum values have no colon. */
const scopesMeaning =
  'What the key may do, any ' +
  `of:\n\n${SCOPES.map((scope) => `- \`${scope}\`: ${scopeMeanings[scope]}`).join('\n')}`;

export const ApiKey = builder.objectRef<ApiKeyFact>('ApiKey').implement({
  description: 'A credential of your programs. Its secret was shown once, when it was made.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the key; not secret.' }),
    name: t.exposeString('name', { description: 'For people.' }),
    scopes: t.exposeStringList('scopes', {
      extensions: maxItems(SCOPES.length),
      description: scopesMeaning,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it expires. For a rotated key: the end of its grace period. Null: never.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to within an hour; null if never.',
    }),
    madeBy: madeBy(t),
  }),
});

builder.queryField('apiKeys', (t) =>
  guarded(t, {
    action: 'apiKey.list',
    type: [ApiKey],
    description:
      'Your valid keys, including those in their grace period, newest first: at most 100 of each.',
    // Valid keys, and those in their grace period.
    extensions: maxItems(USUAL_MOST_KEYS + MAX_IN_GRACE),
    verb: listApiKeys,
  }),
);

const newKey = (t: FieldBuilder<{ apiKey?: ApiKeyFact; secret?: string }>): FieldMap => ({
  apiKey: t.expose('apiKey', { type: ApiKey, nullable: true, description: 'The new key.' }),
  secret: t.exposeString('secret', {
    nullable: true,
    description: 'The credential itself. We only store a hash, so it is not shown again.',
  }),
});

mutation('addApiKey', {
  action: 'apiKey.add',
  tenant: 'intermediaryId',
  description: 'Makes a new key at each call.',
  input: input('The key.', (t) => ({
    name: t.string({ required: true, description: 'For people: 1 to 100 characters.' }),
    scopes: t.stringList({
      required: true,
      description: `${scopesMeaning}\n\nA key can only create keys with the same or fewer scopes.`,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the key expires. Not later than the key that makes it.',
    }),
    intermediaryId: t.id({
      description:
        'The intermediary that gets the key. The operator must give it, others must not.',
    }),
  })),
  verb: addApiKey,
  payload: newKey,
});

mutation('rotateApiKey', {
  action: 'apiKey.rotate',
  description:
    'Makes a new key with the same scopes and expiry, under a new id, at each call. The old ' +
    'key works on for its grace period.',
  input: input('Which key.', (t) => ({
    id: t.id({ required: true, description: 'The key to replace. It may be the calling key.' }),
    graceSeconds: t.int({
      required: true,
      defaultValue: DAY_SECONDS,
      description: 'How long the old key works on, from 0 to 604800 (7 days).',
    }),
  })),
  verb: rotateApiKey,
  payload: newKey,
});

const EndedMinted = builder.objectRef<Ended>('EndedMinted').implement({
  description: 'How much of what a credential made a call has ended, as far as is known by then.',
  fields: (t) => ({
    sessions: t.exposeInt('sessions', {
      description:
        'Sessions. Beyond 1,000 they end after the response. Meanwhile, checks that ask the ' +
        'database refuse them.',
    }),
    keys: t.exposeInt('keys', { description: 'Keys that it made, without its own rotations.' }),
    members: t.exposeInt('members', { description: 'Members that it added. They are disabled.' }),
    webhooks: t.exposeInt('webhooks', {
      description: 'Webhooks that it added. They are disabled.',
    }),
  }),
});

mutation('removeApiKey', {
  action: 'apiKey.remove',
  description:
    'Removes a key. It can change nothing from then on, and stops working within 30 seconds ' +
    'everywhere.',
  input: input('Which key.', (t) => ({
    id: t.id({ required: true, description: 'The key to remove.' }),
    endMinted: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'Whether to end everything that the key made, and everything that those made. For a ' +
        'key that has leaked, even if it is already removed. Its rotations count as the same ' +
        'key.',
    }),
  })),
  verb: removeApiKey,
  payload: (t) => ({
    modified: t.expose('modified', {
      type: EndedMinted,
      nullable: true,
      description: 'What ended with the key, if `endMinted` was true.',
    }),
  }),
});
