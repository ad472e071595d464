/** What keys may do, in words. */

const WORDS = {
  'users:read': 'Read customers, devices, permissions and sessions, and check access',
  'users:write': 'Add, change and remove customers and people',
  'permissions:write': 'Grant and withdraw access to devices',
  'sessions:write': 'Open and end sessions',
  'orders:read': 'Read orders',
  'orders:write': 'Place and cancel orders',
  'stations:read': 'Read stations and projects',
  'stations:write': 'Add, change and remove stations and projects',
  'audit:read': 'Read what was done by whom',
  'keys:write': 'Manage API keys',
  'webhooks:write': 'Manage webhooks',
  introspect: 'Ask whether a token is valid',
} as const;

export type Scope = keyof typeof WORDS;

export const ALL_SCOPES = Object.keys(WORDS) as Scope[];

/** A scope that is newer than this page keeps its own name. */
export const scopeWords = (scope: string): string =>
  Object.hasOwn(WORDS, scope) ? WORDS[scope as Scope] : scope;

/** What most programs need. */
export const PRESETS = {
  app: ['users:read', 'users:write', 'permissions:write', 'sessions:write'],
  gateway: ['users:read', 'introspect'],
  all: ALL_SCOPES,
} as const satisfies Record<string, readonly Scope[]>;

export const PRESET_NAMES = [
  ['app', 'The server behind an app: customers, access, sessions'],
  ['gateway', 'A gateway that only checks access'],
  ['all', 'Everything'],
  ['own', 'Choose one by one'],
] as const;
