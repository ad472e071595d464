/** Who may do what: one table, from each action to the callers it is open to. */
import type { Caller } from '../domain/credentials.ts';
import type { Scope } from '../domain/entities/key.ts';
import type { Level } from '../domain/entities/user.ts';

export interface Rule {
  /** The scopes that an API key needs, all of them. Absent: no key may. */
  key?: readonly Scope[];
  /**
   * The operator may. `named`: on a tenant that the call names. `either`: on all, or on one that it
   * names.
   */
  operator?: 'untenanted' | 'named' | 'either';
  /** A session may, for its own user. */
  session?: true;
  /** A member may, of this level or one with more rights: 1 has the most. */
  member?: Level;
  /** Everybody may, without a credential: it is what makes or mends one. */
  guest?: true;
  /**
   * It only tells, and decides about nobody's access: a replica of the database near the caller may
   * answer.
   */
  near?: true;
  /**
   * It changes something. `less`: it ends something, and no limit stands in its way. `mends`: it
   * gives back access, and may when others may not any more. `more`: all else; where it may end
   * something as well, its verb says when.
   */
  writes?: 'more' | 'mends' | 'less';
}

/**
 * A member can do all of this, so whoever makes one, or opens a session of one, must be able to as
 * well.
 */
const MEMBER = ['users:read', 'users:write', 'stations:read', 'stations:write'] as const;
/** The company API answers a change with all that it changed. */
const USERS = ['users:read', 'users:write'] as const;
const STATIONS = ['stations:read', 'stations:write'] as const;

export const rules = {
  'caller.read': { key: [], operator: 'untenanted' },
  'usage.read': { key: [], operator: 'untenanted', near: true },

  'user.read': { key: ['users:read'], near: true },
  /** What a user is besides an id: a key that only changes users is told no more than it named. */
  'user.describe': { key: ['users:read'], session: true },
  'user.list': { key: ['users:read'], near: true },
  'user.add': { key: ['users:write'], writes: 'more' },
  'user.update': { key: ['users:write'], writes: 'more' },
  'user.restoreMember': { key: ['users:write', ...MEMBER], writes: 'more' },
  'user.remove': { key: ['users:write'], writes: 'less' },
  'user.import': { key: ['users:read', 'users:write', 'permissions:write'], writes: 'more' },
  'user.export': { key: ['users:read'], near: true },
  'user.beginExport': { key: ['users:read'], writes: 'more' },

  'permission.add': { key: ['permissions:write'], writes: 'more' },
  'permission.remove': { key: ['permissions:write'], writes: 'less' },
  'permission.removeAll': { key: ['permissions:write'], writes: 'less' },

  'session.list': { key: ['users:read'], near: true },
  'session.add': { key: ['sessions:write'], writes: 'more' },
  'session.addForMember': { key: ['sessions:write', ...MEMBER], writes: 'more' },
  'session.remove': { key: ['sessions:write'], writes: 'less' },
  'session.removeAll': { key: ['sessions:write'], writes: 'less' },
  'session.removeOwn': { session: true, writes: 'less' },
  'session.introspect': { key: ['introspect'] },

  'access.check': { key: ['users:read'] },
  'access.ensure': { key: ['users:write', 'permissions:write', 'sessions:write'], writes: 'more' },
  'access.ensureForMember': {
    key: ['permissions:write', 'sessions:write', ...MEMBER],
    writes: 'more',
  },

  'device.read': { key: ['users:read'], near: true },
  'device.list': { key: ['users:read'], near: true },
  'device.listAll': { operator: 'untenanted', near: true },
  'device.add': { operator: 'either', writes: 'more' },
  'device.remove': { operator: 'named', writes: 'less' },

  'order.list': { key: ['orders:read'], near: true },
  'order.listAll': { key: ['orders:read'], operator: 'either', near: true },
  'order.add': { key: ['orders:write'], writes: 'more' },
  'order.cancel': { key: ['orders:write'], writes: 'less' },
  'order.update': { operator: 'named', writes: 'more' },

  'apiKey.list': { key: ['keys:write'] },
  'apiKey.add': { key: ['keys:write'], operator: 'named', writes: 'more' },
  'apiKey.rotate': { key: ['keys:write'], writes: 'mends' },
  'apiKey.remove': { key: ['keys:write'], writes: 'less' },

  'audit.list': { key: ['audit:read'], near: true },

  'intermediary.read': { operator: 'named' },
  /** Whose an order or a device is. */
  'intermediary.tell': { key: [], operator: 'untenanted', near: true },
  'intermediary.list': { operator: 'untenanted', near: true },
  'intermediary.add': { operator: 'untenanted', writes: 'more' },
  'intermediary.update': { operator: 'named', writes: 'mends' },
  'intermediary.remove': { operator: 'named', writes: 'less' },

  'viewer.read': { session: true },
  /**
   * What the viewer has been given: who that is, and what they may see of their company, is never
   * for a replica to say.
   */
  'viewer.list': { session: true, near: true },

  'member.signIn': { guest: true, writes: 'mends' },
  'member.setPassword': { guest: true, writes: 'mends' },
  'member.list': { key: ['users:read'], member: 4 },
  'member.read': { key: ['users:read'], member: 4 },
  'member.add': { key: MEMBER, member: 2, writes: 'more' },
  'member.update': { key: USERS, member: 2, writes: 'more' },
  /** To raise the level of a member, or change the stations of a user. */
  'member.empower': { key: MEMBER, member: 2 },
  'member.resetPassword': { key: MEMBER, member: 2, writes: 'mends' },
  'member.remove': { key: USERS, member: 2, writes: 'less' },
  'member.readOwn': { member: 4 },
  'member.updateOwn': { member: 4, writes: 'more' },

  'project.list': { key: ['stations:read'], member: 4 },
  'project.read': { key: ['stations:read'], member: 4 },
  'project.add': { key: STATIONS, member: 2, writes: 'more' },
  'project.update': { key: STATIONS, member: 2, writes: 'more' },
  'project.remove': { key: STATIONS, member: 2, writes: 'less' },

  'station.list': { key: ['stations:read'], member: 4 },
  'station.read': { key: ['stations:read'], member: 4 },
  'station.add': { key: STATIONS, member: 3, writes: 'more' },
  'station.update': { key: STATIONS, member: 3, writes: 'more' },
  'station.remove': { key: STATIONS, member: 3, writes: 'less' },
  'station.listRecipients': { key: ['users:read'], member: 2 },

  'sensor.read': { key: ['stations:read'], member: 4 },
  'sensor.add': { key: STATIONS, member: 3, writes: 'more' },
  'sensor.update': { key: STATIONS, member: 3, writes: 'more' },
  'sensor.remove': { key: STATIONS, member: 3, writes: 'less' },
  'channel.read': { key: ['stations:read'], member: 4 },
  'channel.add': { key: STATIONS, member: 3, writes: 'more' },
  'channel.update': { key: STATIONS, member: 3, writes: 'more' },
  'channel.remove': { key: STATIONS, member: 3, writes: 'less' },

  'config.read': { key: ['stations:read'], member: 4 },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof rules;

/**
 * What a caller lacks for an action; null when nothing. Pure: decided from the caller alone, before
 * anything runs.
 */
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
