/** Who is calling, by credential, and who acts, for the audit trail. */
import type { Scope } from './entities/key.ts';
import type { Level } from './entities/user.ts';

export interface ApiKeyCredential {
  id: string;
  /** The first key of its rotations. */
  rootId: string;
  scopes: readonly Scope[];
  expiresAt: number | null;
  /** Whether it was replaced and works only for its grace period. */
  inGrace: boolean;
}

/** An API key with its tenant, as authentication reads them. */
export interface ApiKeyHolder {
  key: ApiKeyCredential;
  hash: string;
  tenantId: number;
  tenantName: string;
  lastUsedAt: number | null;
}

export interface SessionCredential {
  id: string;
  userId: number;
  /** The root id of the key that opened it, or the reset token whose password did. */
  madeBy: string | null;
  renewAfter: number;
  /** When a session of the console last proved who uses it. Null: it is none of the console. */
  provedAt: number | null;
}

/** Who is calling. The tenant comes from the credential and from nowhere else. */
export type Caller =
  | { kind: 'guest' }
  /** `provedAt`: as of a session. */
  | { kind: 'operator'; provedAt?: number }
  | { kind: 'key'; tenantId: number; tenantName: string; key: ApiKeyCredential }
  | { kind: 'member'; tenantId: number; session: SessionCredential; level: Level }
  | { kind: 'endUser'; tenantId: number; session: SessionCredential }
  | ({ kind: 'enrolling' } & Enrolment);

/** Somebody who signed in with a password, and must add a second factor before a session opens. */
export interface Enrolment {
  tenantId: number;
  userId: number;
  level: Level;
  /** The hash of that password. */
  passwordHash: string;
}

/** The kinds of actors in the audit trail. */
export type ActorKind = 'OPERATOR' | 'API_KEY' | 'MEMBER' | 'END_USER' | 'SYSTEM';

/** Who acts: the public id of the credential, and its user. */
export interface Actor {
  kind: ActorKind;
  id: string | null;
  userId: number | null;
}
