/** What each fact of an event looks like. */
import type { Subject } from '../../db/events.ts';
import { MAX_DEVICES } from '../../domain/entities/device.ts';
import { MAX_STATIONS } from '../../domain/members/member.ts';
import { MAX_LIVE } from '../../domain/sessions/open.ts';
import type { Json } from '../schema.ts';

export const text = { type: 'string' };
export const time = { ...text, format: 'date-time' };
export const id = (description: string): Json => ({
  ...text,
  pattern: '^[1-9][0-9]{0,15}$',
  description,
});
/** Of what has no number: a session, a key. */
export const publicId = (description: string): Json => ({
  ...text,
  pattern: '^[0-9A-Za-z]{16}$',
  description,
});
const listOf = (items: Json, maxItems: number, description: string): Json => ({
  type: 'array',
  items,
  maxItems,
  description,
});

/** What each fact of an event looks like: closed words, ids, counts and times. */
export const FACTS = {
  deviceIds: listOf(
    { ...text, pattern: '^[0-9A-Za-z]{8}$' },
    MAX_DEVICES,
    'The devices concerned.',
  ),
  permission: {
    ...text,
    enum: ['VIEW', 'CHARGE'],
    description: 'The kind of permission that was granted or withdrawn.',
  },
  expiresAt: {
    type: ['string', 'null'],
    format: 'date-time',
    description: 'The end that was given to the permission; null: it has none.',
  },
  orderId: { ...text, minLength: 1, maxLength: 64, description: 'The order concerned.' },
  orderStatus: {
    ...text,
    enum: ['PLACED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'RETURNED'],
    description: 'Where the order moved.',
  },
  sessionIds: listOf(publicId('Of a session.'), MAX_LIVE, 'The sessions concerned.'),
  forSupport: {
    type: 'boolean',
    description: 'Whether it is a support session: somebody of the company acts for the user.',
  },
  apiKeyId: publicId('The API key concerned; of a rotation, the successor.'),
  replacedApiKeyId: publicId('Of a rotation, the API key that was replaced.'),
  suspended: { type: 'boolean', description: 'Whether the user is suspended since.' },
  externalIdChanged: { type: 'boolean', description: 'Whether its externalId is another since.' },
  projectId: id('The project concerned.'),
  stationIds: listOf(
    id('Of a station.'),
    MAX_STATIONS,
    'The stations concerned; of a changed user, those assigned afterwards.',
  ),
  sensorId: id('The sensor concerned; of a channel, the one that it is of.'),
  channelId: id('The channel concerned.'),
  webhookId: publicId('The webhook concerned.'),
  fields: listOf(
    { ...text, pattern: '^[A-Za-z_.]{1,40}$' },
    50,
    'The names of the fields that were sent. It may be absent.',
  ),
  count: {
    type: 'integer',
    minimum: 1,
    description: 'How often signing in as this user failed since the event of it before.',
  },
} satisfies Record<keyof Subject, Json>;

export const actor: Json = {
  type: 'object',
  description: 'Who did it.',
  required: ['kind', 'credentialId', 'userId'],
  additionalProperties: false,
  properties: {
    kind: {
      ...text,
      enum: ['OPERATOR', 'API_KEY', 'MEMBER', 'END_USER', 'SUPPORT', 'SYSTEM'],
      description:
        'The kind of credential. `SUPPORT`: a support session, by itself. `SYSTEM`: it ended by ' +
        'itself.',
    },
    credentialId: {
      type: ['string', 'null'],
      pattern: '^[0-9A-Za-z]{16}$',
      description: 'The public id of the API key or session.',
    },
    userId: {
      type: ['string', 'null'],
      pattern: '^[1-9][0-9]{0,15}$',
      description: 'Whose session it was. Of a support session: the member who acts, if it is one.',
    },
  },
};
