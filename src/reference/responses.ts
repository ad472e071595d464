/** Response headers, and the names of shared refusals. */
import type { Json } from './schema.ts';

const ref = (kind: string, name: string): Json => ({ $ref: `#/components/${kind}/${name}` });

/** Headers of every response. */
export const headers = { 'X-Request-Id': ref('headers', 'X-Request-Id') };
export const token = { 'X-Token': ref('headers', 'X-Token') };
export const ignored = { 'X-Latchkey-Ignored': ref('headers', 'X-Latchkey-Ignored') };
export const challenge = { 'WWW-Authenticate': ref('headers', 'WWW-Authenticate') };
export const retryAfter = { 'Retry-After': ref('headers', 'Retry-After') };

export const headerComponents = {
  'X-Request-Id': {
    required: true,
    description: 'The id of the call in the log and in the audit trail.',
    schema: { type: 'string', format: 'uuid' },
  },
  'X-Token': {
    description: 'The token of the request, for clients that take the next one from each response.',
    schema: { type: 'string' },
  },
  'X-Latchkey-Ignored': {
    description: 'The names of unknown fields in the request, separated by commas.',
    schema: { type: 'string' },
  },
  'WWW-Authenticate': {
    required: true,
    description: 'How to send a credential (RFC 6750 and RFC 7617).',
    schema: { type: 'string' },
  },
  'Retry-After': {
    required: true,
    description: 'How many seconds to wait before trying again.',
    schema: { type: 'integer' },
  },
};

/** The names of the shared refusals, by status. */
export const NAMES = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  413: 'TooLarge',
  415: 'UnsupportedMediaType',
  422: 'Unprocessable',
  429: 'TooManyRequests',
  503: 'Unavailable',
} as const;

export const refToRefusal = (status: keyof typeof NAMES): Json => ref('responses', NAMES[status]);
