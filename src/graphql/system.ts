/** How the deployment does, for the operator. */
import {
  MOST_EVENTS_OF_EACH,
  MOST_TO_PUBLISH,
  readSystem,
  type System as SystemFact,
} from '../domain/usage/system.ts';
import { builder, FOR_CACHES } from './builder.ts';
import { guarded } from './guarded.ts';

const System = builder.objectRef<SystemFact>('System').implement({
  description: 'How this deployment does.',
  fields: (t) => ({
    id: t.id({ description: FOR_CACHES, resolve: () => 'system' }),
    databaseBytes: t.exposeFloat('databaseBytes', {
      description: 'The size of the database, in bytes.',
    }),
    databaseBytesMost: t.exposeFloat('databaseBytesMost', {
      description: 'The largest size that it may have. At 95 % nothing more can be added.',
    }),
    toPublish: t.exposeInt('toPublish', {
      description:
        'Withdrawals whose copies are yet to be rewritten, each of up to 200 sessions: normally ' +
        `0. ${MOST_TO_PUBLISH} stands for so many or more.`,
    }),
    toDeliver: t.exposeInt('toDeliver', {
      description: `Events that wait for webhooks: up to ${MOST_EVENTS_OF_EACH} of each.`,
    }),
  }),
});

builder.queryField('system', (t) =>
  guarded(t, {
    action: 'system.read',
    type: System,
    description: 'Operator: how this deployment does.',
    verb: readSystem,
  }),
);
