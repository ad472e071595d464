/**
 * The envelope of the company API's responses. Maps faults to responses in one table; faults that
 * are not expected are masked.
 */
import {
  type Complaint,
  Fault,
  type FaultCode,
  INTERNAL_MESSAGE,
  Refusal,
} from '../base/faults.ts';
import { itemsThatFit, MAX_REFUSAL, quote, safeMessage } from '../base/messages.ts';
import { challengeBearer, NO_STORE, RETRY_SECONDS, retryAfter } from '../base/response-headers.ts';

export const succeeded = (data: object, status = 200): Response =>
  Response.json({ errors: false, data }, { status, headers: NO_STORE });

type FieldError = [field: string, sentence: string];

const shown = ([name, text]: FieldError): FieldError => [quote(name), safeMessage(text)];

const leftOut = (left: number): FieldError => ['more', `${left} more are omitted.`];

/**
 * A refusal with a message for each field at fault, as far as there is room. `beside`: what else
 * programs need to know.
 */
export function refused(
  status: number,
  errors: Record<string, string>,
  headers: Record<string, string> = {},
  beside: object = {},
): Response {
  const told = itemsThatFit(Object.entries(errors), MAX_REFUSAL, shown, leftOut);
  return Response.json(
    { errors: true, message: { errors: Object.fromEntries(told) }, ...beside },
    { status, headers: { ...NO_STORE, ...headers } },
  );
}

/**
 * A request that is refused before the domain sees it, or a result that the domain does not refuse
 * but the API does.
 */
export class BadRequest extends Error {
  readonly status: 400 | 413 | 415 | 422;
  readonly field: string;
  constructor(status: 400 | 413 | 415 | 422, field: string, message: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

const failed = (requestId: string, error: unknown): Response => {
  console.error({ requestId, error });
  return refused(500, { server: INTERNAL_MESSAGE });
};

/** The order of codes: what a client must fix first comes first. */
const ORDER = ['NOT_FOUND', 'FORBIDDEN', 'INVALID', 'CONFLICT', 'QUOTA'] as const;
const STATUS = {
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  INVALID: 422,
  CONFLICT: 409,
  QUOTA: 403,
} as const satisfies Record<Complaint['code'], number>;

/** A message for each field: the first one. */
function refusal({ complaints }: Refusal): Response {
  const codes = complaints.map(({ code }) => code);
  const code = ORDER.find((one) => codes.includes(one)) ?? 'INVALID';
  // An object would lose a field named "__proto__".
  const errors = new Map<string, string>();
  for (const { code, path, message } of complaints) {
    const field = code === 'QUOTA' ? 'limit' : (path[0] ?? 'body');
    if (!errors.has(field)) errors.set(field, message);
  }
  return refused(STATUS[code], Object.fromEntries(errors));
}

type Present = (fault: Fault, requestId: string) => Response;

const unexpected: Present = (fault, requestId) => failed(requestId, fault);

const wire = {
  UNAUTHENTICATED: ({ message, presented }) =>
    refused(401, { token: message }, challengeBearer(presented ? 'invalid_token' : undefined)),
  FORBIDDEN: ({ message }) => refused(403, { permission: message }),
  PROOF: ({ message }) => refused(403, { proof: message }),
  LIMITED: ({ message, retryAfter: seconds = RETRY_SECONDS.LIMITED }) =>
    refused(429, { limit: message }, retryAfter(seconds)),
  UNAVAILABLE: ({ message }) =>
    refused(503, { service: message }, retryAfter(RETRY_SECONDS.UNAVAILABLE)),
  INVALID: unexpected,
  NOT_FOUND: unexpected,
  CONFLICT: unexpected,
  QUOTA: unexpected,
} satisfies Record<FaultCode, Present>;

/** The response for anything that was thrown. */
export function present(error: unknown, requestId: string): Response {
  if (error instanceof Refusal) return refusal(error);
  if (error instanceof BadRequest) return refused(error.status, { [error.field]: error.message });
  if (!(error instanceof Fault)) return failed(requestId, error);
  if (error.cause !== undefined) {
    console.error({ requestId, code: error.code, cause: error.cause });
  }
  return wire[error.code](error, requestId);
}
