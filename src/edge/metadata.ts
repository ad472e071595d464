/**
 * `/.well-known/oauth-authorization-server` (RFC 8414): tells client libraries where introspection
 * and revocation are.
 */
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
    // Tenants open sessions with calls of their own: there is no authorization endpoint and no
    // grant type. RFC 8414 omits empty lists (section 3.2). But section 2 requires the first one,
    // and without the second the default would be two grant types.
    response_types_supported: [],
    grant_types_supported: [],
  });
}
