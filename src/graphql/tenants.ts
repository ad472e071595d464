/** The operator's calls about intermediaries. */
import type { ApiKey as ApiKeyFact } from '../domain/keys/key.ts';
import type { Tenant } from '../domain/tenant.ts';
import { addTenant, findTenant, listTenants, removeTenant } from '../domain/tenants.ts';
import { updateTenant } from '../domain/update-tenant.ts';
import { action, builder, permit } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { Intermediary } from './intermediary.ts';
import { ApiKey } from './keys.ts';
import { LimitsInput } from './limits.ts';
import { outcome, payload } from './payload.ts';

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
    description: 'Operator: the intermediaries, by name.',
    extensions: action('intermediary.list'),
    args: {
      ...pageArgs,
      search: t.arg.string({
        description: 'Only those whose name begins with this, letter case and accents aside.',
      }),
    },
    resolve: (_, args, context) => listTenants(permit(context, 'intermediary.list'), args),
  }),
);

const AddIntermediaryInput = builder.inputType('AddIntermediaryInput', {
  description: 'The input of `addIntermediary`.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'For people: 1 to 100 characters.' }),
  }),
});

const UpdateIntermediaryInput = builder.inputType('UpdateIntermediaryInput', {
  description: 'The input of `updateIntermediary`.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which intermediary.' }),
    name: t.string({ description: 'For people: 1 to 100 characters; left out: it stays.' }),
    limits: t.field({ type: LimitsInput, description: 'What it may hold.' }),
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

const UpdateIntermediaryPayload = payload<{ intermediary: Tenant }>('updateIntermediary', (t) => ({
  intermediary: t.field({
    type: Intermediary,
    nullable: true,
    description: 'The intermediary as it is now.',
    resolve: ({ facts }) => facts?.intermediary,
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
  updateIntermediary: t.field({
    type: UpdateIntermediaryPayload,
    nullable: true,
    description: 'Operator: renames an intermediary, and sets what it may hold.',
    extensions: action('intermediary.update'),
    args: {
      input: t.arg({
        type: UpdateIntermediaryInput,
        required: true,
        description: 'Which one, and what.',
      }),
    },
    resolve: (_, { input: { id, ...update } }, context) =>
      outcome(() =>
        updateTenant(permit(context, 'intermediary.update', { field: 'id', id }), update),
      ),
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
