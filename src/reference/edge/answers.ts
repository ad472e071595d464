/** Responses about tokens, and refusals in OAuth's format. */
import { OTHER_CHARSET } from '../../base/utf8.ts';
import { noPermission } from '../../edge/answers.ts';
import { challenge, headers, retryAfter } from '../responses.ts';
import { type Json, refTo } from '../schema.ts';
import type { edgeModels } from './models.ts';

export const json = (model: keyof typeof edgeModels, example: Json): Json => ({
  'application/json': { schema: refTo(model), example },
});

const refusal = (
  description: string,
  error: string,
  error_description: string,
  more: Json = {},
): Json => ({
  description,
  headers: { ...headers, ...more },
  content: json('OAuthError', { error, error_description }),
});

export const unknown = refusal(
  'There is no access token, or it does not work here.',
  'invalid_token',
  'The access token is not valid here. Send a current one as "Authorization: Bearer <token>".',
  challenge,
);
export const unknownClient = refusal(
  'The caller is unknown, or may not do this.',
  'invalid_client',
  'The caller is unknown, or may not do this.',
  challenge,
);
export const denied = refusal(
  'The token is valid but its user may not do what is asked. Or the question is invalid.',
  'insufficient_scope',
  noPermission({ deviceId: 'Ab3dE5gH', permission: 'CHARGE' }),
  challenge,
);
export const badRequest = (description: string, sentence: string): Json =>
  refusal(description, 'invalid_request', sentence);
export const tooLarge = badRequest(
  'The body is larger than two megabytes.',
  'The body is larger than two megabytes.',
);
export const otherCharset = badRequest('The form has a charset other than UTF-8.', OTHER_CHARSET);
export const unavailable = refusal(
  'Neither a copy nor the database answers.',
  'temporarily_unavailable',
  'The database cannot be reached. Try again in a moment.',
  retryAfter,
);
