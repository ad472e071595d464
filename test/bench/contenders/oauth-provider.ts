/**
 * An API behind Cloudflare's OAuth provider: each access token is looked up in KV and its
 * properties are decrypted.
 */
import {
  getOAuthApi,
  OAuthProvider,
  type OAuthProviderOptions,
} from '@cloudflare/workers-oauth-provider';
import { MemoryKv, newCounts } from '../memory-bindings.ts';
import type { Contender, Seeds } from '../stage.ts';
import { accepted, LIFETIME_MS, TENANT, userId } from './answer.ts';

interface Env {
  OAUTH_KV: KVNamespace;
}

interface Props {
  user: string;
  tenant: string;
  expiresAt: number;
}

const ORIGIN = 'http://127.0.0.1';
const REDIRECT = 'http://127.0.0.1/callback';

const options: OAuthProviderOptions<Env> = {
  apiRoute: '/verify',
  apiHandler: {
    fetch: async (_request, _env, context) =>
      accepted((context as ExecutionContext & { props: Props }).props),
  },
  defaultHandler: { fetch: async () => new Response(null, { status: 404 }) },
  authorizeEndpoint: '/authorize',
  tokenEndpoint: '/token',
  resourceMetadata: { resource: `${ORIGIN}/verify`, authorization_servers: [ORIGIN] },
  accessTokenTTL: LIFETIME_MS / 1000,
  // Refusals of forged tokens are wanted here, and not worth a warning.
  onError: () => {},
};

const provider = new OAuthProvider<Env>(options);

/** Tokens as it issues them: an authorization that is completed, and its code exchanged. */
async function seed(many: number): Promise<Seeds> {
  const store = new MemoryKv(newCounts());
  const env = { OAUTH_KV: store as unknown as KVNamespace };
  const api = getOAuthApi(options, env);
  const client = await api.createClient({
    redirectUris: [REDIRECT],
    tokenEndpointAuthMethod: 'client_secret_post',
  });
  const sessions: Seeds['sessions'] = [];
  for (let n = 0; n < many; n++) {
    const user = String(userId(n));
    const props: Props = { user, tenant: TENANT, expiresAt: Date.now() + LIFETIME_MS };
    const { redirectTo } = await api.completeAuthorization({
      request: {
        responseType: 'code',
        clientId: client.clientId,
        redirectUri: REDIRECT,
        scope: [],
        state: '',
        resource: `${ORIGIN}/verify`,
      },
      userId: user,
      metadata: {},
      scope: [],
      props,
      revokeExistingGrants: false,
    });
    const exchange = new Request(`${ORIGIN}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: new URL(redirectTo).searchParams.get('code') ?? '',
        redirect_uri: REDIRECT,
        client_id: client.clientId,
        client_secret: client.clientSecret ?? '',
      }),
    });
    const answer = await provider.fetch(exchange, env, {} as ExecutionContext);
    if (!answer.ok) throw new Error(await answer.text());
    const { access_token } = (await answer.json()) as { access_token: string };
    sessions.push({ token: access_token, user });
  }
  return { sessions, kv: [...store.entries] };
}

export const oauthProvider: Contender<Env> = {
  fetch: (request, env, context) => provider.fetch(request, env, context),
  seed,
};
