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
  'There is no session’s token, or none that works here.',
  'invalid_token',
  'The access token is not valid here. Send a current one as "Authorization: Bearer <token>".',
  challenge,
);
export const unknownClient = refusal(
  'The caller is not known, or may not do this.',
  'invalid_client',
  'The caller is not known, or may not do this.',
  challenge,
);
export const denied = refusal(
  'The token is good, and its user may not do what is asked; or the question cannot be understood.',
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
export const otherCharset = badRequest('The form is said not to be UTF-8.', OTHER_CHARSET);
export const unavailable = refusal(
  'No store that could tell does answer.',
  'temporarily_unavailable',
  'The database cannot be reached. Try again in a moment.',
  retryAfter,
);
