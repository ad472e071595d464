/** API keys, and who made each. */

import { graphql } from './graphql.ts';
import { type KeyName, MAKER, type Maker } from './makers.ts';

export interface ApiKey extends KeyName {
  scopes: string[];
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  madeBy: Maker | null;
}

const QUERY = `{ apiKeys { id name scopes createdAt expiresAt lastUsedAt ${MAKER} } }`;

export async function readKeys(signal: AbortSignal): Promise<ApiKey[]> {
  return (await graphql<{ apiKeys: ApiKey[] }>(QUERY, {}, signal)).apiKeys;
}
