/** Who may do what: one table, from each action to the callers it is open to. */
import type { Caller, Scope } from '../domain/permit.ts';

export interface Rule {
  /** The scopes that an API key needs, all of them. Absent: no key may. */
  key?: readonly Scope[];
  /** The operator may; `named`: on a tenant that the call names. */
  operator?: 'untenanted' | 'named';
  /** A session may, for its own user. */
  session?: true;
}

/** A member can do all of this, so whoever opens a member's session must be able to as well. */
const MEMBER = ['users:read', 'users:write', 'stations:read', 'stations:write'] as const;

export const rules = {
  'caller.read': { key: [], operator: 'untenanted' },

  'user.read': { key: ['users:read'] },
  /** What a user is besides an id: a key that may only change users is told no more than it named. */
  'user.describe': { key: ['users:read'], session: true },
  'user.list': { key: ['users:read'] },
  'user.add': { key: ['users:write'] },
  'user.update': { key: ['users:write'] },
  'user.remove': { key: ['users:write'] },

  'permission.add': { key: ['permissions:write'] },
  'permission.remove': { key: ['permissions:write'] },
  'permission.removeAll': { key: ['permissions:write'] },

  'session.list': { key: ['users:read'] },
  'session.add': { key: ['sessions:write'] },
  'session.addForMember': { key: ['sessions:write', ...MEMBER] },
  'session.remove': { key: ['sessions:write'] },
  'session.removeAll': { key: ['sessions:write'] },
  'session.removeOwn': { session: true },
  'session.introspect': { key: ['introspect'] },

  'access.check': { key: ['users:read'] },
  'access.ensure': { key: ['users:write', 'permissions:write', 'sessions:write'] },
  'access.ensureForMember': { key: ['permissions:write', 'sessions:write', ...MEMBER] },

  'device.read': { key: ['users:read'] },
  'device.list': { key: ['users:read'] },
  'device.add': { operator: 'named' },
  'device.remove': { operator: 'named' },

  'order.list': { key: ['orders:read'] },
  'order.add': { key: ['orders:write'] },
  'order.cancel': { key: ['orders:write'] },
  'order.update': { operator: 'named' },

  'apiKey.list': { key: ['keys:write'] },
  'apiKey.add': { key: ['keys:write'], operator: 'named' },
  'apiKey.rotate': { key: ['keys:write'] },
  'apiKey.remove': { key: ['keys:write'] },

  'audit.list': { key: ['audit:read'] },

  'intermediary.list': { operator: 'untenanted' },
  'intermediary.add': { operator: 'untenanted' },
  'intermediary.remove': { operator: 'named' },

  'viewer.read': { session: true },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof rules;

/** What a caller lacks for an action; null when nothing. Pure: decided from the caller alone, before anything runs. */
export function lack(
  caller: Caller,
  action: Action,
): 'credential' | 'kind' | { scopes: Scope[] } | null {
  const rule: Rule = rules[action];
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
    case 'endUser':
      return rule.session ? null : 'kind';
  }
}
