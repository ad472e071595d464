/** Who is measured, what each is asked, and what its answer must be. */
import { freshSecrets } from '../../scripts/secrets.ts';
import type { Ask, Contender, Sign } from './contender.ts';
import { TENANT } from './contenders/answer.ts';
import { SCHEMA } from './contenders/d1-schema.ts';
import type { Session } from './stage.ts';

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

const verify = ({ token }: Session): Ask => ({
  method: 'GET',
  path: `/verify/${TENANT}`,
  headers: bearer(token),
});

const introspect = (caller: string, { token }: Session): Ask => ({
  method: 'POST',
  path: '/introspect',
  headers: { ...bearer(caller), 'Content-Type': 'application/x-www-form-urlencoded' },
  body: `token=${token}`,
});

/** Whoever is asked about, the answer is the same. */
const NOBODY: Session = { token: 'none', user: '' };

const ok: Sign = { status: 204, marker: '' };
const active: Sign = { status: 200, marker: '"active":true' };
const unknown: Sign = { status: 401, marker: '' };

const HTTP = 'constant route';
const RPC = 'constant RPC method';

/** What the goals are about, and what they are told by. */
export const WARM = 'Latchkey /verify';
export const COLD = 'Latchkey /verify, cold';
export const INTROSPECT = 'Latchkey /introspect';
export const BY_RPC = 'Latchkey RPC verify';
export const LIMIT = 'limit';
export const AGAIN = 'limit, again';
const LIMIT_COLD = 'limit, cold';
const LIMIT_INTROSPECT = 'limit, /introspect';
/** The fastest that one gets without being able to revoke. */
export const SIGNED = 'jose HS256';

const constant = { kind: 'constant', upkeep: {} } as const;
const limited = { kind: 'limit', file: 'limit.ts', measure: HTTP, upkeep: {} } as const;

const latchkey = {
  kind: 'own',
  file: 'latchkey.ts',
  export: 'latchkey',
  bindings: { kv: 'SESSIONS', d1: 'DB' },
  vars: freshSecrets(),
  schema: 'migrations',
  good: ok,
  bad: unknown,
  revocable: true,
  measure: HTTP,
  // Rows as D1's own `meta` tells them: each index on what is written is a row more. A copy is one
  // KV write, and D1 is read before and after it.
  upkeep: {
    opening: { requests: 1, rowsWritten: 6, rowsRead: 30, kvWrites: 1 },
    renewal: { rowsWritten: 2, rowsRead: 15, kvWrites: 1 },
    grantChange: { requests: 1, rowsWritten: 4, rowsRead: 40, kvWrites: 1 },
  },
} as const;

const peer = {
  kind: 'peer',
  ask: verify,
  good: ok,
  bad: unknown,
  revocable: true,
  measure: HTTP,
} as const;

/** What changes a peer's grants is not counted. */
export const contenders: Contender[] = [
  {
    ...constant,
    name: HTTP,
    file: 'constant.ts',
    export: 'constant',
    measure: HTTP,
    ask: () => ({ method: 'GET', path: `/verify/${TENANT}`, headers: bearer('none') }),
    good: { status: 200, marker: 'ok' },
  },
  { ...limited, name: LIMIT, export: 'limit', ask: () => verify(NOBODY), good: ok },
  { ...limited, name: AGAIN, export: 'limit', ask: () => verify(NOBODY), good: ok },
  {
    ...limited,
    name: LIMIT_COLD,
    export: 'limitCold',
    bindings: { kv: 'SESSIONS' },
    ask: verify,
    good: ok,
    bad: unknown,
  },
  {
    ...limited,
    name: LIMIT_INTROSPECT,
    export: 'limitIntrospect',
    ask: () => introspect('none', NOBODY),
    good: active,
  },
  { ...latchkey, name: WARM, limit: LIMIT, warm: true, ask: verify },
  {
    ...latchkey,
    warm: true,
    name: 'Latchkey /verify?device',
    limit: LIMIT,
    ask: (session) => ({
      ...verify(session),
      path: `/verify/${TENANT}?device=${session.deviceId}`,
    }),
  },
  {
    ...latchkey,
    name: COLD,
    limit: LIMIT_COLD,
    export: 'latchkeyCold',
    ask: verify,
  },
  {
    ...latchkey,
    warm: true,
    name: INTROSPECT,
    limit: LIMIT_INTROSPECT,
    ask: (session, caller) => introspect(caller, session),
    good: active,
    bad: { status: 200, marker: '{"active":false}' },
  },
  {
    ...constant,
    name: RPC,
    file: 'rpc-constant.ts',
    export: 'constantRpc',
    rpc: true,
    measure: RPC,
    ask: () => verify(NOBODY),
    good: ok,
  },
  { ...latchkey, name: BY_RPC, warm: true, rpc: true, measure: RPC, limit: RPC, ask: verify },
  {
    ...peer,
    name: 'D1 lookup',
    file: 'd1-lookup.ts',
    export: 'd1Lookup',
    bindings: { d1: 'DB' },
    schema: SCHEMA,
    rowsPerQuery: 2,
    upkeep: { opening: { requests: 1, rowsWritten: 2 }, renewal: { rowsWritten: 1 } },
  },
  {
    ...peer,
    name: 'KV get and put',
    file: 'kv-session.ts',
    export: 'kvPut',
    bindings: { kv: 'SESSIONS' },
    upkeep: { opening: { requests: 1, kvWrites: 1 } },
  },
  {
    ...peer,
    name: 'KV get, no sliding',
    file: 'kv-session.ts',
    export: 'kvGet',
    bindings: { kv: 'SESSIONS' },
    upkeep: { opening: { requests: 1, kvWrites: 1 } },
  },
  {
    ...peer,
    name: SIGNED,
    file: 'jose.ts',
    export: 'hs256',
    revocable: false,
    upkeep: { opening: { requests: 1 } },
  },
  {
    ...peer,
    name: 'jose ES256',
    file: 'jose.ts',
    export: 'es256',
    revocable: false,
    upkeep: { opening: { requests: 1 } },
  },
  {
    ...peer,
    name: 'better-auth',
    file: 'better-auth.ts',
    export: 'secondaryStorage',
    bindings: { kv: 'SESSIONS' },
    ask: ({ token }) => ({
      method: 'GET',
      path: `/verify/${TENANT}`,
      headers: { Cookie: `better-auth.session_token=${token}` },
    }),
    // The session, and the list of its user's.
    upkeep: {
      opening: { requests: 1, kvReads: 1, kvWrites: 2 },
      renewal: { kvReads: 2, kvWrites: 2 },
    },
  },
  {
    ...peer,
    name: 'workers-oauth-provider',
    file: 'oauth-provider.ts',
    export: 'oauthProvider',
    bindings: { kv: 'OAUTH_KV' },
    // The grant twice, the token once; a refresh writes both anew.
    upkeep: {
      opening: { requests: 2, kvReads: 4, kvWrites: 3 },
      renewal: { requests: 1, kvReads: 2, kvWrites: 2 },
    },
  },
];
