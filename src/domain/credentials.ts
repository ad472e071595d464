/** Who is asking: as the credential tells it, and as the audit trail does. */
import type { Scope } from './entities/key.ts';
import type { Level } from './entities/user.ts';

export interface ApiKeyCredential {
  id: string;
  /** The first key of its rotations. */
  rootId: string;
  scopes: readonly Scope[];
  expiresAt: number | null;
  /** Replaced by a successor, and working on for its grace only. */
  inGrace: boolean;
}

/** A key together with its tenant, as authentication reads them. */
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
  /** The key that opened it, by its root, or the reset token whose password did. */
  madeBy: string | null;
  renewAfter: number;
}

/** Who is asking. The tenant comes from the credential and from nowhere else. */
export type Caller =
  | { kind: 'guest' }
  | { kind: 'operator' }
  | { kind: 'key'; tenantId: number; tenantName: string; key: ApiKeyCredential }
  | { kind: 'member'; tenantId: number; session: SessionCredential; level: Level }
  | { kind: 'endUser'; tenantId: number; session: SessionCredential };

/** How the audit trail calls them. */
export type ActorKind = 'OPERATOR' | 'API_KEY' | 'MEMBER' | 'END_USER' | 'SYSTEM';

/** Who acts: by which credential, as its public id, and which user. */
export interface Actor {
  kind: ActorKind;
  id: string | null;
  userId: number | null;
}
