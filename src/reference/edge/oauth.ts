/** Introspection, revocation and their discovery. */
import { headers } from '../responses.ts';
import type { Json } from '../schema.ts';
import { badRequest, json, otherCharset, tooLarge, unavailable, unknownClient } from './answers.ts';
import { consistency, tags } from './parameters.ts';

const text = { type: 'string' };
/** The third way is in the form. */
const byClient = [{ credential: [] }, { client: [] }, {}];

const form = {
  required: true,
  content: {
    'application/x-www-form-urlencoded': {
      schema: {
        type: 'object',
        required: ['token'],
        properties: {
          token: { ...text, description: 'The access token.' },
          token_type_hint: { ...text, description: 'Not needed: there is only one kind of token.' },
          client_id: {
            ...text,
            description: 'Your company’s id, if there is no Authorization header.',
          },
          client_secret: { ...text, description: 'An API key, likewise.' },
        },
      },
      example: { token: 'lk_ses_…' },
    },
  },
};

const noForm = badRequest(
  'The body is not a form in UTF-8, has no token, or has a credential in addition to the header.',
  '"token" is missing. Send it in the form: token=….',
);

export const oauthPaths = {
  '/introspect': {
    post: {
      tags,
      operationId: 'introspectToken',
      summary: 'Introspect a token',
      description:
        'RFC 7662. The caller is an API key with the scope `introspect`: as Bearer, as Basic ' +
        'with your company’s id as the user name, or as `client_id` and `client_secret` in ' +
        'the form. Do not cache a response for more than a minute: a token may be withdrawn ' +
        'long before its `exp`.',
      security: byClient,
      parameters: [consistency],
      requestBody: form,
      responses: {
        200: {
          description:
            'What the token is. Anything but a live session of your company is inactive.',
          headers,
          content: json('Introspection', {
            active: true,
            sub: '452773855875688',
            client_id: '1016089423381460',
            username: 'tenant-4711',
            token_type: 'Bearer',
            iat: 1763890200,
            exp: 1766568600,
          }),
        },
        400: noForm,
        401: unknownClient,
        413: tooLarge,
        415: otherCharset,
        503: unavailable,
      },
    },
  },
  '/revoke': {
    post: {
      tags,
      operationId: 'revokeToken',
      summary: 'Revoke a token',
      description:
        'RFC 7009. The caller is an API key with the scope `sessions:write`, sent as for ' +
        'introspection. Or it is the session itself: then its token is both the Bearer and ' +
        'in the form.',
      security: byClient,
      requestBody: form,
      responses: {
        200: {
          description:
            'The token no longer works, whatever it was. If it does not look like an access ' +
            'token, `hint` in the body says what it looks like, for people.',
          headers,
          content: json('Revocation', { hint: 'It contains quotes. Leave them out.' }),
        },
        400: noForm,
        401: unknownClient,
        413: tooLarge,
        415: otherCharset,
        503: unavailable,
      },
    },
  },
  '/.well-known/oauth-authorization-server': {
    get: {
      tags,
      operationId: 'discoverTokenChecks',
      summary: 'Discover the token checks',
      description:
        'RFC 8414: where a client library finds introspection and revocation, and how it may ' +
        'authenticate there.',
      security: [],
      responses: {
        200: {
          description: 'The metadata.',
          headers,
          content: json('AuthorizationServer', {
            issuer: 'https://latchkey.example.com',
            introspection_endpoint: 'https://latchkey.example.com/introspect',
            revocation_endpoint: 'https://latchkey.example.com/revoke',
          }),
        },
      },
    },
  },
} satisfies Record<string, Json>;
