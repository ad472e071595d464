/** `/.well-known/oauth-authorization-server` (RFC 8414): where the two are, so that a client library finds them. */
import { answer } from './answers.ts';
import { CLIENT_AUTHENTICATION } from './clients.ts';
import type { EdgeContext } from './context.ts';

export function metadata({ get }: EdgeContext): Response {
  const { origin } = get('requestContext');
  return answer(200, {
    issuer: origin,
    introspection_endpoint: `${origin}/introspect`,
    introspection_endpoint_auth_methods_supported: [...CLIENT_AUTHENTICATION, 'Bearer'],
    revocation_endpoint: `${origin}/revoke`,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
    // Sessions are opened by the tenant's own calls: there is nothing to authorize and no grant to exchange. Section 3.2
    // wants empty lists left out; the first is required by section 2, and the second's absence would mean two grants.
    response_types_supported: [],
    grant_types_supported: [],
  });
}
