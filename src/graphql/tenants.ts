/** The operator's calls about intermediaries. */
import type { ApiKey as ApiKeyFact } from '../domain/keys/key.ts';
import type { Removal, Tenant } from '../domain/tenant.ts';
import { addTenant, findTenant, listTenants, removeTenant } from '../domain/tenants.ts';
import { action, builder, permit } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { ApiKey } from './keys.ts';
import { outcome, payload } from './payload.ts';

const RemovalType = builder.objectRef<Removal>('Removal').implement({
  description:
    'How far the removal of an intermediary is. Nothing of it works any more from its beginning on; what is left is erased in the background.',
  fields: (t) => ({
    removedAt: t.expose('removedAt', { type: 'DateTime', description: 'When it was removed.' }),
    erasedUsers: t.exposeInt('erasedUsers', { description: 'How many of its users are erased.' }),
    erasedAt: t.expose('erasedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the last of it was: from then on all its devices are in stock. Null until then.',
    }),
  }),
});

export const Intermediary = builder.objectRef<Tenant>('Intermediary').implement({
  description: 'A company that administers its users here.',
  fields: (t) => ({
    id: t.id({ description: 'Never reused.', resolve: ({ id }) => String(id) }),
    name: t.exposeString('name', { description: 'For people.' }),
    companyId: t.id({
      description: 'What the REST API calls `company_id`: the same number.',
      resolve: ({ id }) => String(id),
    }),
    removal: t.field({
      type: RemovalType,
      nullable: true,
      description: 'Of a removed one; null for all others.',
      resolve: ({ removal }) => removal,
    }),
  }),
});

const IntermediaryConnection = connection('intermediaries', Intermediary);

builder.queryField('intermediary', (t) =>
  t.field({
    type: Intermediary,
    nullable: true,
    description: 'Operator: one intermediary, be it removed; null when there never was one.',
    extensions: action('intermediary.read'),
    args: { id: t.arg.id({ required: true, description: 'Which one.' }) },
    resolve: (_, { id }, context) =>
      findTenant(permit(context, 'intermediary.read', { field: 'id', id })),
  }),
);

builder.queryField('intermediaries', (t) =>
  t.field({
    type: IntermediaryConnection,
    description: 'Operator: the intermediaries, by id.',
    extensions: action('intermediary.list'),
    args: pageArgs,
    resolve: (_, args, context) => listTenants(permit(context, 'intermediary.list'), args),
  }),
);

const AddIntermediaryInput = builder.inputType('AddIntermediaryInput', {
  description: 'The input of `addIntermediary`.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'For people: 1 to 100 characters.' }),
  }),
});

const RemoveIntermediaryInput = builder.inputType('RemoveIntermediaryInput', {
  description: 'The input of `removeIntermediary`.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The intermediary to remove.' }),
  }),
});

const AddIntermediaryPayload = payload<{
  intermediary: Tenant;
  apiKey: ApiKeyFact;
  secret: string;
}>('addIntermediary', (t) => ({
  intermediary: t.field({
    type: Intermediary,
    nullable: true,
    description: 'The new intermediary.',
    resolve: ({ facts }) => facts?.intermediary,
  }),
  apiKey: t.field({
    type: ApiKey,
    nullable: true,
    description: 'Its first key, with every scope.',
    resolve: ({ facts }) => facts?.apiKey,
  }),
  secret: t.string({
    nullable: true,
    description: 'The key itself. We keep a hash only: it is not shown again.',
    resolve: ({ facts }) => facts?.secret,
  }),
}));

const RemoveIntermediaryPayload = payload<{ intermediary: Tenant | null }>(
  'removeIntermediary',
  (t) => ({
    intermediary: t.field({
      type: Intermediary,
      nullable: true,
      description: 'The intermediary that this very call removed; null when there was none.',
      resolve: ({ facts }) => facts?.intermediary,
    }),
  }),
);

builder.mutationFields((t) => ({
  addIntermediary: t.field({
    type: AddIntermediaryPayload,
    nullable: true,
    description: 'Operator: adds an intermediary and its first API key, anew at each call.',
    extensions: action('intermediary.add'),
    args: {
      input: t.arg({ type: AddIntermediaryInput, required: true, description: 'Which company.' }),
    },
    resolve: (_, { input }, context) =>
      outcome(() => addTenant(permit(context, 'intermediary.add'), input)),
  }),
  removeIntermediary: t.field({
    type: RemoveIntermediaryPayload,
    nullable: true,
    description:
      'Operator: removes an intermediary. Its keys and sessions end at once; its users are erased and its devices go back into stock, a hundred and more with this call, the rest in the background: see `removal`. Its orders and audit events stay.',
    extensions: action('intermediary.remove'),
    args: {
      input: t.arg({ type: RemoveIntermediaryInput, required: true, description: 'Which one.' }),
    },
    resolve: (_, { input: { id } }, context) =>
      outcome(() => removeTenant(permit(context, 'intermediary.remove', { field: 'id', id }))),
  }),
}));
