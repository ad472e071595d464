/** Authorization rules: one table from each action to the callers that may do it. */
import { MEMBER_SCOPES as MEMBER, type Scope } from '../domain/entities/key.ts';
import { SUPPORT_LEVEL } from '../domain/entities/support.ts';
import type { Level } from '../domain/entities/user.ts';

export interface Rule {
  /** The scopes that an API key needs, all of them. Absent: no key may do it. */
  key?: readonly Scope[];
  /**
   * Whether the operator may do it. `named`: for a tenant that the call names. `either`: for all,
   * or for a named one.
   */
  operator?: 'untenanted' | 'named' | 'either';
  /** A session may do it for its own user. */
  session?: true;
  /** A support session may do it too: it only reads, and ends itself. */
  support?: true;
  /**
   * A member of this level may do it, or one with more rights. Level 1 has the most. One that comes
   * of an API key needs the scopes of `key` besides. What no key may do, it may if all members may.
   */
  member?: Level;
  /** Somebody who must add a second factor may do it before a session opens, by the cookie. */
  enrolling?: true;
  /** A session of the console needs fresh proof of who uses it. */
  grave?: true;
  /** Anyone may do it without a credential: it creates or restores one. */
  guest?: true;
  /** It only reads, and decides about no access: a replica near the caller may answer. */
  near?: true;
  /**
   * It changes something. `less`: it ends something, and no limit refuses it. `mends`: it restores
   * access, and has limits of its own. `more`: everything else; if it may end something too, its
   * verb says when.
   */
  writes?: 'more' | 'mends' | 'less';
}

/** The company API returns everything that a change affected, so writing needs reading too. */
const USERS = ['users:read', 'users:write'] as const;
const STATIONS = ['stations:read', 'stations:write'] as const;

export const rules = {
  'caller.read': { key: [], member: 2, operator: 'untenanted' },
  'usage.read': { key: [], member: 2, operator: 'untenanted', near: true },

  'user.read': { key: ['users:read'], member: 2, near: true },
  /**
   * Everything about a user besides the id. A key that can only change users learns no more than it
   * sent.
   */
  'user.describe': { key: ['users:read'], session: true, support: true },
  'user.list': { key: ['users:read'], member: 2, near: true },
  'user.add': { key: ['users:write'], member: 2, writes: 'more' },
  'user.update': { key: ['users:write'], member: 2, writes: 'more' },
  'user.restoreMember': { key: ['users:write', ...MEMBER], member: 2, writes: 'more' },
  'user.remove': { key: ['users:write'], member: 2, grave: true, writes: 'less' },
  'user.import': { key: ['users:read', 'users:write', 'permissions:write'], writes: 'more' },
  'user.export': { key: ['users:read'], near: true },
  'user.beginExport': { key: ['users:read'], writes: 'more' },

  'permission.add': { key: ['permissions:write'], member: 2, writes: 'more' },
  'permission.remove': { key: ['permissions:write'], member: 2, writes: 'less' },
  'permission.removeAll': { key: ['permissions:write'], member: 2, writes: 'less' },

  'session.list': { key: ['users:read'], member: 2, near: true },
  'session.add': { key: ['sessions:write'], writes: 'more' },
  /** For somebody who acts for the user. */
  'session.addSupport': { key: ['sessions:write'], member: SUPPORT_LEVEL, writes: 'more' },
  'session.addForMember': { key: ['sessions:write', ...MEMBER], writes: 'more' },
  'session.remove': { key: ['sessions:write'], member: 2, writes: 'less' },
  'session.removeAll': { key: ['sessions:write'], member: 2, writes: 'less' },
  'session.removeOwn': { session: true, writes: 'less' },
  /** The calling session ends itself, and no other. */
  'session.signOut': { session: true, support: true, writes: 'less' },
  'session.introspect': { key: ['introspect'] },

  'access.check': { key: ['users:read'], member: 2 },
  'access.ensure': { key: ['users:write', 'permissions:write', 'sessions:write'], writes: 'more' },
  'access.ensureForMember': {
    key: ['permissions:write', 'sessions:write', ...MEMBER],
    writes: 'more',
  },

  'device.read': { key: ['users:read'], member: 2, near: true },
  'device.list': { key: ['users:read'], member: 2, near: true },
  'device.listAll': { operator: 'untenanted', near: true },
  'device.add': { operator: 'either', writes: 'more' },
  'device.remove': { operator: 'named', writes: 'less' },

  'order.list': { key: ['orders:read'], member: 2, near: true },
  'order.listAll': { key: ['orders:read'], member: 2, operator: 'either', near: true },
  'order.add': { key: ['orders:write'], member: 2, writes: 'more' },
  'order.cancel': { key: ['orders:write'], member: 2, writes: 'less' },
  'order.update': { operator: 'named', writes: 'more' },

  'apiKey.list': { key: ['keys:write'], member: 1 },
  'apiKey.add': { key: ['keys:write'], member: 1, operator: 'named', grave: true, writes: 'more' },
  'apiKey.rotate': { key: ['keys:write'], member: 1, grave: true, writes: 'mends' },
  'apiKey.remove': { key: ['keys:write'], member: 1, grave: true, writes: 'less' },

  'webhook.list': { key: ['webhooks:write'], member: 1, near: true },
  'webhook.add': { key: ['webhooks:write'], member: 1, grave: true, writes: 'more' },
  'webhook.update': { key: ['webhooks:write'], member: 1, grave: true, writes: 'more' },
  'webhook.rotate': { key: ['webhooks:write'], member: 1, grave: true, writes: 'mends' },
  'webhook.replay': { key: ['webhooks:write'], member: 1, grave: true, writes: 'mends' },
  'webhook.test': { key: ['webhooks:write'], member: 1, writes: 'mends' },
  'webhook.remove': { key: ['webhooks:write'], member: 1, grave: true, writes: 'less' },

  'audit.list': { key: ['audit:read'], member: 1, near: true },

  'intermediary.read': { operator: 'named' },
  /** The owner of an order or a device. */
  'intermediary.tell': { key: [], member: 2, operator: 'untenanted', near: true },
  /** The company that a member works for. */
  'intermediary.tellOwn': { member: 4, near: true },
  'intermediary.list': { operator: 'untenanted', near: true },
  'intermediary.add': { operator: 'untenanted', grave: true, writes: 'more' },
  'intermediary.update': { operator: 'named', writes: 'mends' },
  'intermediary.remove': { operator: 'named', grave: true, writes: 'less' },

  'system.read': { operator: 'untenanted' },

  'viewer.read': { session: true, support: true },
  /**
   * The viewer's devices and orders. Who the viewer is, and which stations they see, must come from
   * the primary.
   */
  'viewer.list': { session: true, support: true, near: true },

  /** It ends nothing itself, but what does may need it first: no limit stands in its way. */
  'session.prove': { member: 4, operator: 'untenanted', writes: 'less' },

  'member.signIn': { guest: true, writes: 'mends' },
  'member.askReset': { guest: true, writes: 'mends' },
  'member.setPassword': { guest: true, writes: 'mends' },
  'member.list': { key: ['users:read'], member: 4 },
  'member.read': { key: ['users:read'], member: 4 },
  'member.add': { key: MEMBER, member: 2, grave: true, writes: 'more' },
  'member.update': { key: USERS, member: 2, writes: 'more' },
  /**
   * Besides, to set the level or the address of a member, since whoever reads the mails of an
   * address can set a password; and to end what a member made, such as keys and webhooks.
   */
  'member.setAccess': { key: USERS, member: 2, grave: true },
  /** To raise the level of a member, or to change the stations of a user. */
  'member.empower': { key: MEMBER, member: 2 },
  'member.resetPassword': { key: MEMBER, member: 2, grave: true, writes: 'mends' },
  'member.remove': { key: USERS, member: 2, grave: true, writes: 'less' },
  'member.readOwn': { member: 4 },
  'member.updateOwn': { member: 4, writes: 'more' },

  /** How a user signs in: counts, and nothing to sign in with. */
  'member.readFactors': { key: ['users:read'], member: 2 },
  'member.removeFactors': { key: MEMBER, member: 2, grave: true, writes: 'less' },
  'member.readOwnFactors': { member: 4, enrolling: true },
  'member.addFactor': { member: 4, enrolling: true, grave: true, writes: 'mends' },
  'member.removeFactor': { member: 4, writes: 'less' },
  'member.renamePasskey': { member: 4, writes: 'more' },
  'member.removePasskey': { member: 4, grave: true, writes: 'less' },
  'member.renewRecoveryCodes': { member: 4, writes: 'mends' },

  'company.update': { member: 1, grave: true, writes: 'more' },

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

  'sensor.list': { key: ['stations:read'], member: 4 },
  'sensor.read': { key: ['stations:read'], member: 4 },
  'sensor.add': { key: STATIONS, member: 3, writes: 'more' },
  'sensor.update': { key: STATIONS, member: 3, writes: 'more' },
  'sensor.remove': { key: STATIONS, member: 3, writes: 'less' },
  'channel.list': { key: ['stations:read'], member: 4 },
  'channel.read': { key: ['stations:read'], member: 4 },
  'channel.add': { key: STATIONS, member: 3, writes: 'more' },
  'channel.update': { key: STATIONS, member: 3, writes: 'more' },
  'channel.remove': { key: STATIONS, member: 3, writes: 'less' },

  'config.read': { key: ['stations:read'], member: 4 },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof rules;
