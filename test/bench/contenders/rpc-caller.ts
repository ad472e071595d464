/** A Worker that asks another by RPC about its client's token. */
import type { TokenAuthority } from '../../../src/index.ts';
import { accepted, bearer, refused, TENANT } from './answer.ts';

interface Env {
  AUTHORITY: Service<TokenAuthority>;
}

export default {
  async fetch(request: Request, { AUTHORITY }: Env): Promise<Response> {
    const token = bearer(request.headers.get('Authorization') ?? '');
    const verified = await AUTHORITY.verify(token, { tenant: TENANT });
    if (verified.kind !== 'allowed') return refused();
    const { user, tenant, expiresAt } = verified;
    return accepted({ user, tenant, expiresAt: Date.parse(expiresAt) });
  },
};
