/** Who may do what: one table, from each action to the callers it is open to. */
import type { Caller, Level, Scope } from '../domain/permit.ts';

export interface Rule {
  /** The scopes that an API key needs, all of them. Absent: no key may. */
  key?: readonly Scope[];
  /** The operator may; `named`: on a tenant that the call names. */
  operator?: 'untenanted' | 'named';
  /** A session may, for its own user. */
  session?: true;
  /** A member may, of this level or one with more rights: 1 has the most. */
  member?: Level;
  /** Everybody may, without a credential: it is what makes or mends one. */
  guest?: true;
  /** It only tells, and decides about nobody's access: a replica of the database near the caller may answer. */
  near?: true;
}

/** A member can do all of this, so whoever makes one, or opens a session of one, must be able to as well. */
const MEMBER = ['users:read', 'users:write', 'stations:read', 'stations:write'] as const;
/** The company API answers a change with all that it changed. */
const USERS = ['users:read', 'users:write'] as const;
const STATIONS = ['stations:read', 'stations:write'] as const;

export const rules = {
  'caller.read': { key: [], operator: 'untenanted' },

  'user.read': { key: ['users:read'], near: true },
  /** What a user is besides an id: a key that may only change users is told no more than it named. */
  'user.describe': { key: ['users:read'], session: true },
  'user.list': { key: ['users:read'], near: true },
  'user.add': { key: ['users:write'] },
  'user.update': { key: ['users:write'] },
  'user.restoreMember': { key: ['users:write', ...MEMBER] },
  'user.remove': { key: ['users:write'] },
  'user.import': { key: ['users:read', 'users:write', 'permissions:write'] },
  'user.export': { key: ['users:read'], near: true },

  'permission.add': { key: ['permissions:write'] },
  'permission.remove': { key: ['permissions:write'] },
  'permission.removeAll': { key: ['permissions:write'] },

  'session.list': { key: ['users:read'], near: true },
  'session.add': { key: ['sessions:write'] },
  'session.addForMember': { key: ['sessions:write', ...MEMBER] },
  'session.remove': { key: ['sessions:write'] },
  'session.removeAll': { key: ['sessions:write'] },
  'session.removeOwn': { session: true },
  'session.introspect': { key: ['introspect'] },

  'access.check': { key: ['users:read'] },
  'access.ensure': { key: ['users:write', 'permissions:write', 'sessions:write'] },
  'access.ensureForMember': { key: ['permissions:write', 'sessions:write', ...MEMBER] },

  'device.read': { key: ['users:read'], near: true },
  'device.list': { key: ['users:read'], near: true },
  'device.add': { operator: 'named' },
  'device.remove': { operator: 'named' },

  'order.list': { key: ['orders:read'], near: true },
  'order.add': { key: ['orders:write'] },
  'order.cancel': { key: ['orders:write'] },
  'order.update': { operator: 'named' },

  'apiKey.list': { key: ['keys:write'] },
  'apiKey.add': { key: ['keys:write'], operator: 'named' },
  'apiKey.rotate': { key: ['keys:write'] },
  'apiKey.remove': { key: ['keys:write'] },

  'audit.list': { key: ['audit:read'], near: true },

  'intermediary.read': { operator: 'named' },
  'intermediary.list': { operator: 'untenanted', near: true },
  'intermediary.add': { operator: 'untenanted' },
  'intermediary.remove': { operator: 'named' },

  'viewer.read': { session: true },
  /** What the viewer has been given: who that is, and what they may see of their company, is never for a replica to say. */
  'viewer.list': { session: true, near: true },

  'member.signIn': { guest: true },
  'member.setPassword': { guest: true },
  'member.list': { key: ['users:read'], member: 4 },
  'member.read': { key: ['users:read'], member: 4 },
  'member.add': { key: MEMBER, member: 2 },
  'member.update': { key: USERS, member: 2 },
  /** To raise the level of a member, or change the stations of a user. */
  'member.empower': { key: MEMBER, member: 2 },
  'member.resetPassword': { key: MEMBER, member: 2 },
  'member.remove': { key: USERS, member: 2 },
  'member.readOwn': { member: 4 },
  'member.updateOwn': { member: 4 },

  'project.list': { key: ['stations:read'], member: 4 },
  'project.read': { key: ['stations:read'], member: 4 },
  'project.add': { key: STATIONS, member: 2 },
  'project.update': { key: STATIONS, member: 2 },
  'project.remove': { key: STATIONS, member: 2 },

  'station.list': { key: ['stations:read'], member: 4 },
  'station.read': { key: ['stations:read'], member: 4 },
  'station.add': { key: STATIONS, member: 3 },
  'station.update': { key: STATIONS, member: 3 },
  'station.remove': { key: STATIONS, member: 3 },
  'station.listRecipients': { key: ['users:read'], member: 2 },

  'sensor.read': { key: ['stations:read'], member: 4 },
  'sensor.add': { key: STATIONS, member: 3 },
  'sensor.update': { key: STATIONS, member: 3 },
  'sensor.remove': { key: STATIONS, member: 3 },
  'channel.read': { key: ['stations:read'], member: 4 },
  'channel.add': { key: STATIONS, member: 3 },
  'channel.update': { key: STATIONS, member: 3 },
  'channel.remove': { key: STATIONS, member: 3 },

  'config.read': { key: ['stations:read'], member: 4 },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof rules;

/** What a caller lacks for an action; null when nothing. Pure: decided from the caller alone, before anything runs. */
export function lack(
  caller: Caller,
  action: Action,
): 'credential' | 'kind' | 'level' | { scopes: Scope[] } | null {
  const rule: Rule = rules[action];
  if (rule.guest) return null;
  switch (caller.kind) {
    case 'guest':
      return 'credential';
    case 'operator':
      return rule.operator ? null : 'kind';
    case 'key': {
      if (!rule.key) return 'kind';
      const scopes = rule.key.filter((scope) => !caller.key.scopes.includes(scope));
      return scopes.length === 0 ? null : { scopes };
    }
    case 'member':
      if (rule.session) return null;
      if (rule.member === undefined) return 'kind';
      return caller.level <= rule.member ? null : 'level';
    case 'endUser':
      return rule.session ? null : 'kind';
  }
}
