/** The limits and the usage of an intermediary. */
import { type Figures, LIMITS, type Limit, quotaUsageOf } from '../domain/usage/usage.ts';
import { builder } from './builder.ts';
import { guarded } from './guarded.ts';
import { Intermediary } from './intermediary.ts';

const things: Record<Limit, string> = {
  users: 'end users',
  members: 'members',
  devices: 'devices',
  stations: 'stations',
  projects: 'projects',
  sensors: 'sensors',
  channels: 'channels',
  assignments: 'stations assigned to users',
  grants: 'permissions, ended ones for a week more',
  orders: 'orders',
  apiKeys: 'API keys, those in their grace left out',
  liveSessions: 'live sessions; those that ran out leave the count within an hour',
  eventsPerDay: 'audit events of one day (UTC) that its own credentials caused',
};

const figures = (name: string, description: string) =>
  builder.objectRef<Figures>(name).implement({
    description,
    fields: (t) =>
      Object.fromEntries(
        LIMITS.map((limit) => [limit, t.exposeInt(limit, { description: `Of ${things[limit]}.` })]),
      ),
  });

const LimitsType = figures('Limits', 'The most that an intermediary may hold of each.');
const UsageType = figures('Usage', 'What an intermediary holds of each.');

builder.objectFields(Intermediary, (t) => ({
  limits: guarded(t, {
    action: 'usage.read',
    type: LimitsType,
    description: 'Its limits. A call that would exceed one is refused with QUOTA.',
    verb: async (permit, _, { id }) => (await quotaUsageOf(permit, id)).limits,
  }),
  usage: guarded(t, {
    action: 'usage.read',
    type: UsageType,
    description: 'Its usage.',
    verb: async (permit, _, { id }) => (await quotaUsageOf(permit, id)).usage,
  }),
}));

export const LimitsInput = builder.inputType('LimitsInput', {
  description:
    'Limits to set. Left out: unchanged. Null: the deployment’s default. A limit below the ' +
    'current usage removes nothing.',
  fields: (t) =>
    Object.fromEntries(
      LIMITS.map((limit) => [limit, t.int({ description: `Of ${things[limit]}.` })]),
    ) as { [name in Limit]: ReturnType<typeof t.int> },
});
