/** The operator's calls about intermediaries. */
import type { FieldMap } from '@pothos/core';
import type { Tenant } from '../domain/entities/tenant.ts';
import { addTenant, findTenant, listTenants, removeTenant } from '../domain/tenants/tenants.ts';
import { updateTenant } from '../domain/tenants/update.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { guarded } from './guarded.ts';
import { Intermediary } from './intermediary.ts';
import { ApiKey } from './keys.ts';
import { LimitsInput } from './limits.ts';
import { mutation } from './mutation.ts';
import { input } from './payload.ts';

const IntermediaryConnection = connection('intermediaries', Intermediary);

builder.queryField('intermediary', (t) =>
  guarded(t, {
    action: 'intermediary.read',
    tenant: 'id',
    type: Intermediary,
    nullable: true,
    description: 'Operator: one intermediary, even if it is removed. Null if there never was one.',
    args: { id: t.arg.id({ required: true, description: 'Which one.' }) },
    verb: findTenant,
  }),
);

builder.queryField('intermediaries', (t) =>
  guarded(t, {
    action: 'intermediary.list',
    type: IntermediaryConnection,
    description: 'Operator: the intermediaries, by name.',
    args: {
      ...pageArgs,
      search: t.arg.string({
        description: 'Only those whose name begins with this, ignoring case and accents.',
      }),
    },
    verb: listTenants,
  }),
);

const concerned =
  (description: string) =>
  (t: FieldBuilder<{ intermediary?: Tenant | null }>): FieldMap => ({
    intermediary: t.expose('intermediary', { type: Intermediary, nullable: true, description }),
  });

mutation('addIntermediary', {
  action: 'intermediary.add',
  description: 'Operator: adds a new intermediary with its first API key at each call.',
  input: input('Which company.', (t) => ({
    name: t.string({ required: true, description: 'For people: 1 to 100 characters.' }),
  })),
  verb: addTenant,
  payload: (t) => ({
    ...concerned('The new intermediary.')(t),
    apiKey: t.expose('apiKey', {
      type: ApiKey,
      nullable: true,
      description: 'Its first key, with every scope.',
    }),
    secret: t.exposeString('secret', {
      nullable: true,
      description: 'The key itself. We only store a hash, so it is not shown again.',
    }),
  }),
});

mutation('updateIntermediary', {
  action: 'intermediary.update',
  tenant: 'id',
  description: 'Operator: renames an intermediary and sets its limits.',
  input: input('Which one, and what.', (t) => ({
    id: t.id({ required: true, description: 'Which intermediary.' }),
    name: t.string({ description: 'For people: 1 to 100 characters. Left out: it stays.' }),
    limits: t.field({ type: LimitsInput, description: 'Its limits.' }),
  })),
  verb: updateTenant,
  payload: concerned('The intermediary as it is now.'),
});

mutation('removeIntermediary', {
  action: 'intermediary.remove',
  tenant: 'id',
  description:
    'Operator: removes an intermediary. Its keys and sessions end at once. Its users are ' +
    'erased and its devices go back into stock: some with this call, the rest in the ' +
    'background (see `removal`). Its orders and audit events stay.',
  input: input('Which one.', (t) => ({
    id: t.id({ required: true, description: 'The intermediary to remove.' }),
  })),
  verb: removeTenant,
  payload: concerned('The intermediary that this call removed. Null if there was none.'),
});
