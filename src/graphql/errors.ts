/** Maps faults to GraphQL errors in one table. Faults that are not expected are masked. */
import { GraphQLError } from 'graphql';
import { Fault, type FaultCode, INTERNAL_MESSAGE, Refusal } from '../base/faults.ts';
import { complaintsThatFit, MAX_REFUSAL, quote, safeMessage } from '../base/messages.ts';
import { challengeBearer, RETRY_SECONDS, retryAfter } from '../base/response-headers.ts';
import { adviseOnRequest } from './advice.ts';
import { shortenMessage } from './shorten-message.ts';

interface Wire {
  status: number;
  headers?: Record<string, string>;
}

const wire = {
  INVALID: { status: 200 },
  NOT_FOUND: { status: 200 },
  CONFLICT: { status: 200 },
  QUOTA: { status: 200 },
  UNAUTHENTICATED: { status: 401, headers: challengeBearer() },
  FORBIDDEN: { status: 403 },
  PROOF: { status: 403 },
  LIMITED: { status: 429, headers: retryAfter(RETRY_SECONDS.LIMITED) },
  UNAVAILABLE: { status: 503, headers: retryAfter(RETRY_SECONDS.UNAVAILABLE) },
} as const satisfies Record<FaultCode, Wire>;

function wireOf(fault: Fault): Wire {
  if (fault.retryAfter !== undefined) {
    const { status } = wire[fault.code];
    return { status, headers: retryAfter(fault.retryAfter) };
  }
  if (fault.code !== 'UNAUTHENTICATED' || !fault.presented) return wire[fault.code];
  return { status: 401, headers: challengeBearer('invalid_token') };
}

/** The original error inside a GraphQLError. */
const cause = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError !== undefined
    ? cause(error.originalError)
    : error;

const extensionsOf = (error: unknown): object =>
  error instanceof GraphQLError ? error.extensions : {};

const BAD_JSON =
  'The request’s parameters are not valid JSON. A body is {"query": "…", "variables": {…}}, ' +
  'with names in double quotes and no comma at the end.';

/**
 * Wraps anything thrown in a GraphQLError. Internal errors are masked, and told apart later by
 * `present`.
 */
export function wrap(error: unknown): GraphQLError {
  const badJson = error instanceof SyntaxError || 'originalError' in extensionsOf(error);
  if (badJson) {
    return new GraphQLError(BAD_JSON, {
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    });
  }
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(INTERNAL_MESSAGE, {
    originalError: error instanceof Error ? error : new Error(String(error)),
    extensions: { code: 'INTERNAL', http: { status: 500 } },
  });
}

/** The most errors in one response. */
export const MAX_ERRORS = 5;
/** In bytes: the most that an error's message, path and locations take. */
const AROUND = 2_000;

interface Place {
  line: number;
  column: number;
}

/**
 * The locations of an error's nodes, from their tokens. At most two, for errors that compare two
 * nodes.
 */
const placesOf = ({ nodes, locations }: GraphQLError): readonly Place[] | undefined =>
  nodes
    ?.flatMap(({ loc }) => (loc ? [loc.startToken] : []))
    .slice(0, 2)
    .map(({ line, column }) => ({ line, column })) ?? locations?.slice(0, 2);

const told = (
  error: GraphQLError,
  message: string,
  extensions: GraphQLError['extensions'],
): GraphQLError => {
  const { path } = error;
  return Object.assign(new GraphQLError(safeMessage(message), { path, extensions }), {
    locations: placesOf(error),
  });
};

/** The extensions of a refused query. Mutations report refusals in their payload. */
function refusal({ complaints }: Refusal, room: number): GraphQLError['extensions'] {
  const [{ code, path }] = complaints;
  const errors = complaintsThatFit(complaints, room - AROUND);
  return {
    ...{ code, path: path.map(quote) },
    ...(complaints.length > 1 && errors.length > 0 && { errors }),
    http: wire[code],
  };
}

const RESPONSE = 'application/graphql-response+json';

/** The message and extensions of a fault. Its cause is logged. */
function fault(thrown: Fault, requestId: string) {
  const { code, message, cause } = thrown;
  if (cause !== undefined) console.error({ requestId, code, cause });
  return { message, extensions: { code, http: wireOf(thrown) } };
}

/** The Content-Type of the response to a request that is refused before it is read. */
export const refusalType = (headers: Headers): string =>
  headers.get('Accept')?.includes(RESPONSE) ? RESPONSE : 'application/json';

/**
 * The response, of type `refusalType`, to a request that is refused before it is read. It equals
 * the response that Yoga would give.
 */
export function earlyRefusal(thrown: unknown, type: string, requestId: string): Response {
  const { message, extensions } =
    thrown instanceof Fault
      ? fault(thrown, requestId)
      : present(wrap(thrown), requestId, MAX_REFUSAL, () => true);
  const { http, ...shown } = extensions as { http: Wire };
  return new Response(JSON.stringify({ errors: [{ message, extensions: shown }] }), {
    status: http.status,
    headers: { ...http.headers, 'Content-Type': `${type}; charset=utf-8` },
  });
}

/**
 * The error as clients see it, in `room` bytes. `isOurs` knows the names of the schema. An
 * unexpected error is logged with the request id and not shown.
 */
export function present(
  error: GraphQLError,
  requestId: string,
  room: number,
  isOurs: (name: string) => boolean,
): GraphQLError {
  const thrown = cause(error);
  if (thrown instanceof Refusal) return told(error, thrown.message, refusal(thrown, room));
  if (thrown instanceof Fault) {
    const { message, extensions } = fault(thrown, requestId);
    return told(error, message, extensions);
  }
  // An error of the executor itself that has a path arose during execution: a result did not fit
  // the schema.
  if (thrown instanceof GraphQLError && error.path === undefined) {
    const { code = 'BAD_REQUEST', http = { status: 400 }, ...extensions } = thrown.extensions;
    return told(error, adviseOnRequest(shortenMessage(error.message, isOurs)), {
      code,
      ...extensions,
      http,
    });
  }
  console.error({ requestId, error: thrown });
  return told(error, INTERNAL_MESSAGE, { code: 'INTERNAL', requestId, http: { status: 500 } });
}
