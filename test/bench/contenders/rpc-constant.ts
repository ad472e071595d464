/** The measure of an RPC method: one of the same name that returns a constant. */
import { WorkerEntrypoint } from 'cloudflare:workers';
import type { Verified } from '../../../src/edge/rpc.ts';
import type { Contender } from '../stage.ts';
import { LIFETIME_MS, TENANT, userId } from './answer.ts';

const answer: Verified = {
  kind: 'allowed',
  user: String(userId(0)),
  externalId: 'external-0',
  tenant: TENANT,
  expiresAt: new Date(LIFETIME_MS).toISOString(),
};

export class TokenAuthority extends WorkerEntrypoint {
  async verify(_token: string, _question: object): Promise<Verified> {
    return answer;
  }
}

export const constantRpc: Contender<object> = { fetch: () => new Response(null, { status: 404 }) };
