/** What a company decides for itself. */
import { companyRules, updateCompany } from '../domain/tenants/company.ts';
import { builder } from './builder.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { Intermediary } from './intermediary.ts';
import { mutation } from './mutation.ts';
import { input } from './payload.ts';
import { PermissionKindEnum } from './permissions.ts';

builder.objectField(Intermediary, 'requireSecondFactor', (t) =>
  guarded(t, {
    action: 'intermediary.tell',
    type: 'Boolean',
    description: 'Whether its members need a second factor to sign in.',
    verb: async (permit, _, company) => (await companyRules(permit, company)).requireSecondFactor,
  }),
);

builder.objectField(Intermediary, 'supportPermissions', (t) =>
  guarded(t, {
    action: 'intermediary.tell',
    extensions: maxItems(2),
    type: [PermissionKindEnum],
    description: 'What support sessions may do on the devices of its users.',
    verb: async (permit, _, company) => [
      ...(await companyRules(permit, company)).supportPermissions,
    ],
  }),
);

mutation('updateCompany', {
  action: 'company.update',
  description:
    'For members of level 1. Requiring second factors ends all sessions of members that were ' +
    'opened without one, and no API key opens one from then on.',
  input: input('What changes. What is left out stays.', (t) => ({
    requireSecondFactor: t.boolean({
      description: 'An active member of level 1 must have a factor first.',
    }),
    supportPermissions: t.field({
      type: [PermissionKindEnum],
      description: 'At first `VIEW` alone.',
    }),
  })),
  verb: updateCompany,
  payload: (t) => ({
    intermediary: t.expose('intermediary', {
      type: Intermediary,
      nullable: true,
      description: 'Your company as it is now.',
    }),
  }),
});
