/** The audit trail's vocabulary: each action, and what its events hold besides the user. */
import type { orders, permissions } from './schema.ts';

/**
 * What an event is about: public ids and fixed words, never names, addresses, externalIds or
 * secrets.
 */
export interface Subject {
  deviceIds?: string[];
  permission?: (typeof permissions.$inferSelect)['permission'];
  expiresAt?: number | null;
  orderId?: string;
  orderStatus?: (typeof orders.$inferSelect)['status'];
  sessionIds?: string[];
  /** Whether the session is a support session. */
  forSupport?: boolean;
  apiKeyId?: string;
  replacedApiKeyId?: string;
  suspended?: boolean;
  externalIdChanged?: boolean;
  projectId?: number;
  stationIds?: number[];
  sensorId?: number;
  channelId?: number;
  webhookId?: string;
  /** The names of the fields in the request. */
  fields?: string[];
  /** For failed sign-ins: how many since the last event. */
  count?: number;
}

const GRANT = ['permission', 'deviceIds'] as const;
const ORDER = ['orderId', 'orderStatus', 'deviceIds'] as const;
const PROJECT = ['projectId'] as const;
const STATION = ['projectId', 'stationIds'] as const;
const SENSOR = ['stationIds', 'sensorId'] as const;
const CHANNEL = [...SENSOR, 'channelId'] as const;
const WEBHOOK = ['webhookId'] as const;

export const EVENTS = {
  'user.add': [],
  'user.update': ['suspended', 'externalIdChanged'],
  'user.remove': [],
  'user.export': [],
  'permission.add': [...GRANT, 'expiresAt'],
  'permission.remove': GRANT,
  'permission.removeAll': GRANT,
  'permission.end': GRANT,
  'session.add': ['sessionIds', 'forSupport'],
  'session.remove': ['sessionIds'],
  'session.removeAll': ['sessionIds'],
  'session.removeOwn': ['sessionIds'],
  'session.expire': ['sessionIds'],
  'order.add': ORDER,
  'order.cancel': ORDER,
  'order.update': ORDER,
  'device.add': ['deviceIds'],
  'device.remove': ['deviceIds'],
  'apiKey.add': ['apiKeyId'],
  'apiKey.rotate': ['apiKeyId', 'replacedApiKeyId'],
  'apiKey.remove': ['apiKeyId'],
  'intermediary.add': ['apiKeyId'],
  'intermediary.update': ['fields'],
  'intermediary.remove': [],
  'member.add': ['stationIds'],
  'member.update': ['fields', 'suspended', 'stationIds'],
  'member.updateOwn': ['fields'],
  'member.remove': [],
  'member.resetPassword': [],
  'member.askReset': [],
  'member.setPassword': [],
  'member.signInFailed': ['count'],
  'member.addFactor': [],
  'member.removeFactor': [],
  'member.removeFactors': [],
  'member.renamePasskey': [],
  'member.renewRecoveryCodes': [],
  'company.update': ['fields'],
  'project.add': [...PROJECT, 'fields'],
  'project.update': [...PROJECT, 'fields'],
  'project.remove': PROJECT,
  'station.add': [...STATION, 'fields'],
  'station.update': [...STATION, 'fields'],
  'station.remove': STATION,
  'sensor.add': [...SENSOR, 'fields'],
  'sensor.update': [...SENSOR, 'fields'],
  'sensor.remove': SENSOR,
  'channel.add': [...CHANNEL, 'fields'],
  'channel.update': [...CHANNEL, 'fields'],
  'channel.remove': CHANNEL,
  'webhook.add': WEBHOOK,
  'webhook.update': [...WEBHOOK, 'fields'],
  'webhook.rotate': WEBHOOK,
  'webhook.replay': WEBHOOK,
  'webhook.disable': WEBHOOK,
  'webhook.remove': WEBHOOK,
} as const satisfies Record<string, readonly (keyof Subject)[]>;

export type AuditAction = keyof typeof EVENTS;

/** All actions: a noun and a verb each. */
export const ACTIONS = Object.keys(EVENTS) as AuditAction[];

/** The noun of an action: `order` of `order.create`. */
export const nounOf = (action: string): string => action.split('.', 1)[0] ?? '';

/** The actions of each noun. */
export const NOUNS: ReadonlyMap<string, AuditAction[]> = Map.groupBy(ACTIONS, nounOf);

/** Whether events of an action name devices. Such events can be found by device. */
export const namesDevices = (action: AuditAction): boolean =>
  (EVENTS[action] as readonly string[]).includes('deviceIds');

/** Event numbers per millisecond. With more events at once the numbers run ahead of the clock. */
const A_MILLISECOND = 1024;

/**
 * The lowest number of events at a time, in epoch milliseconds. Numbers begin with the time, so a
 * time span is a range of numbers. After a restore to an earlier state, new numbers still come
 * after all old ones.
 */
export const firstNumber = (at: number): number => Math.floor(at) * A_MILLISECOND;
