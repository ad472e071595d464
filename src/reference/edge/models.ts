/** The schemas of responses about tokens, by name. */
import { id } from '../../base/fields.ts';
import { schemaOf } from '../schema.ts';

const text = { type: 'string' };
const acting = {
  ...text,
  description:
    'Only of a support session: who acts for the user, by the company’s own name for them. For ' +
    'a member: their user id.',
};
const seconds = { type: 'integer', format: 'int64' };

export const edgeModels = {
  OAuthError: {
    type: 'object',
    required: ['error', 'error_description'],
    properties: {
      error: { ...text, description: 'An error code of RFC 6749 or RFC 6750.' },
      error_description: { ...text, description: 'What to do, as a sentence.' },
    },
  },
  Introspection: {
    type: 'object',
    description: 'RFC 7662, section 2.2. If `active` is false, there is nothing else.',
    required: ['active'],
    properties: {
      active: { type: 'boolean', description: 'Whether it is a live session of your company.' },
      sub: { ...text, description: 'The user’s id.' },
      client_id: { ...text, description: 'The company’s id.' },
      username: { ...text, description: 'The user’s externalId, or a member’s e-mail address.' },
      token_type: { ...text, enum: ['Bearer'] },
      iat: { ...seconds, description: 'When the session began, in seconds since 1970.' },
      exp: {
        ...seconds,
        description:
          'When it ends unless it is used again, in seconds since 1970. It may be withdrawn ' +
          'at any time before, so do not cache the response until then.',
      },
      act: {
        type: 'object',
        description: 'RFC 8693, section 4.1. Only of a support session.',
        required: ['sub'],
        properties: { sub: acting },
      },
    },
  },
  Revocation: {
    type: 'object',
    description: 'Programs can ignore it (RFC 7009, section 2.2). It is often absent.',
    properties: {
      hint: {
        ...text,
        description: 'What the input looks like, if it does not look like a token.',
      },
    },
  },
  Session: {
    type: 'object',
    required: ['user', 'expires_at'],
    properties: {
      user: { ...schemaOf(id), description: 'The user’s id.' },
      expires_at: {
        ...text,
        format: 'date-time',
        description: 'When it ends unless it is used again.',
      },
      actor: acting,
    },
  },
  AuthorizationServer: {
    type: 'object',
    description: 'RFC 8414, section 2.',
    required: ['issuer', 'introspection_endpoint', 'revocation_endpoint'],
    properties: {
      issuer: { ...text, format: 'uri' },
      introspection_endpoint: { ...text, format: 'uri' },
      introspection_endpoint_auth_methods_supported: { type: 'array', items: text },
      revocation_endpoint: { ...text, format: 'uri' },
      revocation_endpoint_auth_methods_supported: { type: 'array', items: text },
      response_types_supported: { type: 'array', items: text },
      grant_types_supported: { type: 'array', items: text },
    },
  },
};
