/** The type of an intermediary. */
import type { Removal, Tenant } from '../domain/entities/tenant.ts';
import { tenantById } from '../domain/tenants/tenants.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { guarded } from './guarded.ts';

const RemovalType = builder.objectRef<Removal>('Removal').implement({
  description:
    'The progress of an intermediary’s removal. Its credentials stop working when the ' +
    'removal begins. Its data is erased in the background.',
  fields: (t) => ({
    removedAt: t.expose('removedAt', { type: 'DateTime', description: 'When it was removed.' }),
    erasedUsers: t.exposeInt('erasedUsers', {
      description: 'The number of its users that are erased.',
    }),
    erasedAt: t.expose('erasedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When everything was erased, and all its devices were in stock. Null until then.',
    }),
  }),
});

export const Intermediary = builder.objectRef<Tenant>('Intermediary').implement({
  description: 'A company that manages its users here.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Never reused.' }),
    name: t.exposeString('name', { description: 'For people.' }),
    companyId: t.exposeID('id', {
      description: 'What the REST API calls `company_id`: the same number.',
    }),
    removal: t.field({
      type: RemovalType,
      nullable: true,
      description: 'For a removed intermediary. Null for others.',
      resolve: ({ removal }) => removal,
    }),
  }),
});

/** A field with the owner of something. */
export const whose = <Thing extends { tenantId: number | null }>(
  t: FieldBuilder<Thing>,
  description: string,
) =>
  guarded(t, {
    action: 'intermediary.tell',
    type: Intermediary,
    nullable: true,
    description,
    verb: (permit, _, { tenantId }) => (tenantId === null ? null : tenantById(permit, tenantId)),
  });
