/** Maps faults to responses of the edge, in one table. Faults that are not expected are masked. */
import { adviceOnHeader, type CredentialLook } from '../base/credential-advice.ts';
import { Fault, type FaultCode, INTERNAL_MESSAGE } from '../base/faults.ts';
import { quote, safeMessage } from '../base/messages.ts';
import {
  CHALLENGE_BASIC,
  challengeBearer,
  NO_STORE,
  RETRY_SECONDS,
  retryAfter,
} from '../base/response-headers.ts';
import { OTHER_CHARSET } from '../base/utf8.ts';
import type { Question } from '../domain/entities/session.ts';

/** RFC 6749, section 5.2, and RFC 6750, section 3.1. */
type ErrorName =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'temporarily_unavailable'
  | 'server_error';

export const answer = (
  status: number,
  body: object | null,
  headers: Record<string, string> = {},
): Response =>
  body
    ? Response.json(body, { status, headers: { ...NO_STORE, ...headers } })
    : new Response(null, { status, headers: { ...NO_STORE, ...headers } });

const refusal = (
  status: number,
  error: ErrorName,
  description: string,
  headers?: Record<string, string>,
): Response => answer(status, { error, error_description: safeMessage(description) }, headers);

const SEND = 'Send a current one as "Authorization: Bearer <token>".';
const INVALID = `The access token is not valid here. ${SEND}`;
/**
 * For `/verify` with a tenant in the path. It is the same whatever the token is, and whether or not
 * the tenant exists.
 */
export const NOT_OF_TENANT = [
  'The access token is not valid here, or does not belong to the tenant in the path.',
  SEND,
].join(' ');
export const NOT_A_TENANT =
  'No token is valid here. The path must have the id of a tenant, a number, as in caller { ' +
  'intermediary { id } }. X-Latchkey-Verify, if it is sent, must have the same.';

/**
 * `header`: the Authorization header as sent. Without a credential the challenge names no error
 * (RFC 6750, section 3). With one, the message depends only on what it looks like.
 */
export const unknownToken = (header: string | null | undefined, said = INVALID): Response =>
  header == null
    ? refusal(
        401,
        'invalid_token',
        'An access token is needed. Send it as "Authorization: Bearer <token>".',
        challengeBearer(),
      )
    : refusal(
        401,
        'invalid_token',
        said + adviceOnHeader(header, ['ses']),
        challengeBearer('invalid_token'),
      );

/**
 * The message for a device that is not granted or does not exist: it repeats the question. Nothing
 * is looked up for it.
 */
export function noPermission(question?: Question): string {
  if (!question) return 'The token’s user has no such permission.';
  if ('stationId' in question) return `The token’s user has no station ${question.stationId}.`;
  const { deviceId, meterId, permission } = question;
  const [what, id] = deviceId == null ? ['meter', meterId ?? ''] : ['device', deviceId];
  return (
    `The token’s user has no permission ${permission} on the ${what} "${quote(id)}". Letter ` +
    'case matters.'
  );
}

/** The request needs more rights than the token has (RFC 6750, section 3.1). */
export const deniedToken = (description: string): Response =>
  refusal(403, 'insufficient_scope', description, challengeBearer('insufficient_scope'));

export function schemeOf(header: string | undefined): 'Basic' | 'Bearer' | undefined {
  if (header === undefined) return undefined;
  return /^basic\b/i.test(header) ? 'Basic' : 'Bearer';
}

/**
 * The challenge has the scheme that the caller used (RFC 6749, section 5.2). It names an error if a
 * token was sent (RFC 6750, section 3). A hint is given about Bearer credentials only.
 */
export function unknownClient(
  header: string | undefined,
  takes: readonly CredentialLook[] = ['key'],
): Response {
  const scheme = schemeOf(header);
  const advice = header !== undefined && scheme === 'Bearer' ? adviceOnHeader(header, takes) : '';
  return refusal(
    401,
    'invalid_client',
    'The caller is unknown, or may not do this. Send an API key with the scope "introspect" ' +
      'or, to revoke, "sessions:write". Send it as Bearer, or with the intermediary’s id as ' +
      `Basic or in the form.${advice}`,
    CHALLENGES[scheme ?? 'none'],
  );
}

const CHALLENGES = {
  Basic: CHALLENGE_BASIC,
  Bearer: challengeBearer('invalid_token'),
  none: challengeBearer(),
};

export const badRequest = (description: string): Response =>
  refusal(400, 'invalid_request', description);

export const wrongMethod = (description: string, headers: Record<string, string>): Response =>
  refusal(405, 'invalid_request', description, headers);

export const otherCharset = (): Response => refusal(415, 'invalid_request', OTHER_CHARSET);

export const tooLarge = (): Response =>
  refusal(413, 'invalid_request', 'The body is larger than two megabytes.');

const failed = (requestId: string, error: unknown): Response => {
  console.error({ requestId, error });
  return refusal(500, 'server_error', INTERNAL_MESSAGE);
};

const unavailable = (fault: Fault): Response =>
  refusal(503, 'temporarily_unavailable', fault.message, retryAfter(RETRY_SECONDS.UNAVAILABLE));

type Present = (fault: Fault, requestId: string, header: string | undefined) => Response;

const unexpected: Present = (fault, requestId) => failed(requestId, fault);

const wire = {
  UNAUTHENTICATED: (_, __, header) => unknownToken(header),
  FORBIDDEN: (_, __, header) => unknownToken(header),
  UNAVAILABLE: unavailable,
  PROOF: unexpected,
  INVALID: unexpected,
  NOT_FOUND: unexpected,
  CONFLICT: unexpected,
  QUOTA: unexpected,
  LIMITED: unexpected,
} satisfies Record<FaultCode, Present>;

/** The response for anything that was thrown. `header`: the Authorization header as sent. */
export function present(error: unknown, requestId: string, header: string | undefined): Response {
  if (!(error instanceof Fault)) return failed(requestId, error);
  if (error.cause !== undefined) {
    console.error({ requestId, code: error.code, cause: error.cause });
  }
  return wire[error.code](error, requestId, header);
}
