/** From faults to what HTTP says at the edge: one table, and what is not in it is masked. */
import { Fault, type FaultCode, MASK } from '../base/faults.ts';
import { adviceOn, type Presented } from '../base/presented.ts';
import { quote, sentence } from '../base/sentences.ts';
import { OTHER_CHARSET } from '../base/utf8.ts';
import {
  CHALLENGE_BASIC,
  challengeBearer,
  NO_STORE,
  RETRY_SECONDS,
  retryAfter,
} from '../base/wire.ts';
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
): Response => answer(status, { error, error_description: sentence(description) }, headers);

const SEND = 'Send a current one as "Authorization: Bearer <token>".';
const INVALID = `The access token is not valid here. ${SEND}`;
/** Of a path to `/verify` that names a tenant: told whatever the token is, and whether or not there is the tenant. */
export const NOT_OF_TENANT = `The access token is not valid here, or not of the tenant in the path. ${SEND}`;
export const NOT_A_TENANT =
  'No token is valid here: the path must have the id of a tenant, a number, as caller { intermediary { id } } tells it, and X-Latchkey-Verify, where it is sent, the same.';

/**
 * `header`: of Authorization, as it came. RFC 6750, section 3: without a credential the challenge names no error. With one,
 * the answer goes by its looks alone.
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
        said + adviceOn(header, ['ses']),
        challengeBearer('invalid_token'),
      );

/** For what is not granted, and for what does not exist: what was judged. Nothing is looked up for it. */
export function noPermission(question?: Question): string {
  if (!question) return 'The token’s user has no such permission.';
  if ('stationId' in question) return `The token’s user has no station ${question.stationId}.`;
  const { deviceId, meterId, permission } = question;
  const [what, id] = deviceId == null ? ['meter', meterId ?? ''] : ['device', deviceId];
  return `The token’s user has no permission ${permission} on the ${what} "${quote(id)}". Letter case matters.`;
}

/** RFC 6750, section 3.1: more than the token is good for. */
export const deniedToken = (description: string): Response =>
  refusal(403, 'insufficient_scope', description, challengeBearer('insufficient_scope'));

export function schemeOf(header: string | undefined): 'Basic' | 'Bearer' | undefined {
  if (header === undefined) return undefined;
  return /^basic\b/i.test(header) ? 'Basic' : 'Bearer';
}

/**
 * RFC 6749, section 5.2: the challenge is of the scheme that the caller used; RFC 6750, section 3: it names an error
 * where a token was sent. What Basic holds is not looked at; of Bearer, the looks are.
 */
export function unknownClient(
  header: string | undefined,
  takes: readonly Presented[] = ['key'],
): Response {
  const scheme = schemeOf(header);
  const advice = header !== undefined && scheme === 'Bearer' ? adviceOn(header, takes) : '';
  return refusal(
    401,
    'invalid_client',
    `The caller is not known, or may not do this. Send an API key with the scope "introspect" or, to revoke, "sessions:write": as Bearer, or with its intermediary’s id as Basic or in the form.${advice}`,
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
  return refusal(500, 'server_error', MASK);
};

const away = (fault: Fault): Response =>
  refusal(503, 'temporarily_unavailable', fault.message, retryAfter(RETRY_SECONDS.UNAVAILABLE));

type Present = (fault: Fault, requestId: string, header: string | undefined) => Response;

const unexpected: Present = (fault, requestId) => failed(requestId, fault);

const wire = {
  UNAUTHENTICATED: (_, __, header) => unknownToken(header),
  FORBIDDEN: (_, __, header) => unknownToken(header),
  UNAVAILABLE: away,
  INVALID: unexpected,
  NOT_FOUND: unexpected,
  CONFLICT: unexpected,
  QUOTA: unexpected,
  LIMITED: unexpected,
} satisfies Record<FaultCode, Present>;

/** The answer for whatever was thrown; `header`: of Authorization, as it came. */
export function present(error: unknown, requestId: string, header: string | undefined): Response {
  if (!(error instanceof Fault)) return failed(requestId, error);
  if (error.cause !== undefined) {
    console.error({ requestId, code: error.code, cause: error.cause });
  }
  return wire[error.code](error, requestId, header);
}
