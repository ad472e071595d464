/** From faults to GraphQL's errors: one table, and what is not in it is masked. */
import { GraphQLError } from 'graphql';
import { Fault, type FaultCode, MASK, Refusal } from '../base/faults.ts';

interface Wire {
  status: number;
  headers?: Record<string, string>;
}

/** RFC 6750, section 3: `error` is for a credential that was sent. */
const CHALLENGE = 'Bearer realm="latchkey"';

const wire = {
  INVALID: { status: 200 },
  NOT_FOUND: { status: 200 },
  CONFLICT: { status: 200 },
  UNAUTHENTICATED: { status: 401, headers: { 'WWW-Authenticate': CHALLENGE } },
  FORBIDDEN: { status: 403 },
  LIMITED: { status: 429, headers: { 'Retry-After': '60' } },
  UNAVAILABLE: { status: 503, headers: { 'Retry-After': '5' } },
} as const satisfies Record<FaultCode, Wire>;

function wireOf(fault: Fault): Wire {
  if (fault.code !== 'UNAUTHENTICATED' || !fault.presented) return wire[fault.code];
  return { status: 401, headers: { 'WWW-Authenticate': `${CHALLENGE}, error="invalid_token"` } };
}

/** What was thrown, below what GraphQL wrapped it in. */
const cause = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError !== undefined
    ? cause(error.originalError)
    : error;

const extensionsOf = (error: unknown): object =>
  error instanceof GraphQLError ? error.extensions : {};

/** Whatever is thrown, as a GraphQLError: what is not thrown while executing is never presented, so it is masked here. */
export function wrap(error: unknown): GraphQLError {
  const badJson = error instanceof SyntaxError || 'originalError' in extensionsOf(error);
  if (badJson) {
    return new GraphQLError('The request’s parameters are not valid JSON.', {
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    });
  }
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(MASK, {
    originalError: error instanceof Error ? error : new Error(String(error)),
    extensions: { code: 'INTERNAL', http: { status: 500 } },
  });
}

const RESPONSE = 'application/graphql-response+json';

/** The answer to a request that is refused before it is read: what it would have been else. */
export function refusal(fault: unknown, headers: Headers, requestId: string): Response {
  const { message, extensions } = present(wrap(fault), requestId);
  const { http, ...shown } = extensions as { http: Wire };
  const type = headers.get('Accept')?.includes(RESPONSE) ? RESPONSE : 'application/json';
  return new Response(JSON.stringify({ errors: [{ message, extensions: shown }] }), {
    status: http.status,
    headers: { ...http.headers, 'Content-Type': `${type}; charset=utf-8` },
  });
}

/** The error as clients see it. Whatever is no fault of ours is logged with the request id and told to nobody. */
export function present(error: GraphQLError, requestId: string): GraphQLError {
  const { nodes, source, positions, path } = error;
  const at = { nodes, source, positions, path };
  const thrown = cause(error);
  if (thrown instanceof Refusal) {
    // A refused query argument: mutations tell of refusals in their payload.
    const [{ code, message, path: argument }] = thrown.complaints;
    const all = thrown.complaints.length > 1 ? { errors: thrown.complaints } : {};
    return new GraphQLError(message, {
      ...at,
      extensions: { code, path: argument, ...all, http: wire[code] },
    });
  }
  if (thrown instanceof Fault) {
    if (thrown.cause !== undefined)
      console.error({ requestId, code: thrown.code, cause: thrown.cause });
    return new GraphQLError(thrown.message, {
      ...at,
      extensions: { code: thrown.code, http: wireOf(thrown) },
    });
  }
  // An error of the executor's own that has a path came up while executing: what we answered did not fit the schema.
  if (thrown instanceof GraphQLError && path === undefined) {
    thrown.extensions.code ??= 'BAD_REQUEST';
    thrown.extensions.http ??= { status: 400 };
    return error;
  }
  console.error({ requestId, error: thrown });
  return new GraphQLError(MASK, {
    ...at,
    extensions: { code: 'INTERNAL', requestId, http: { status: 500 } },
  });
}
