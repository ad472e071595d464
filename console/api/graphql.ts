/** Documents to the GraphQL API. */
import { Failure, type Reason, SENTENCES } from './failure.ts';
import { sendProven } from './proof.ts';
import { announce, readJson, reasonOf, sendPatiently, sentenceOf } from './request.ts';

interface GraphqlError {
  message: string;
  extensions?: { code?: string };
}

interface Answer {
  data: unknown;
  errors: GraphqlError[];
}

const REASONS: Record<string, Reason> = {
  UNAUTHENTICATED: 'signedOut',
  FORBIDDEN: 'forbidden',
  NOT_FOUND: 'missing',
  LIMITED: 'limited',
  UNAVAILABLE: 'broken',
  INVALID: 'refused',
  CONFLICT: 'refused',
  QUOTA: 'refused',
};

function failureIn([first]: GraphqlError[], response: Response): Failure {
  const reason = REASONS[first?.extensions?.code ?? ''] ?? reasonOf(response.status);
  const told = reason === 'refused' ? first?.message : undefined;
  return new Failure(reason, told ?? sentenceOf(reason, response));
}

/** Asks the GraphQL API. Throws a Failure if a part of the document is refused. */
export async function graphql<Data>(
  query: string,
  variables: object = {},
  signal?: AbortSignal,
): Promise<Data> {
  const body = { query, variables };
  const request = { method: 'POST', path: '/console/api/graphql', body, signal };
  const isMutation = /^\s*mutation/.test(query);
  const response = await (isMutation ? sendProven(request) : sendPatiently(request));
  const { data, errors = [] } = await readJson<Answer>(response);
  if (response.ok && errors.length === 0) return data as Data;
  const failure = failureIn(errors, response);
  announce(failure.reason);
  throw failure;
}

interface UserError {
  code: string;
  message: string;
  path: string[] | null;
}

interface Payload {
  success: boolean;
  errors: UserError[];
}

/** The last name in the path of an input field: forms name their fields so. */
const fieldOf = (path: string[] | null): string | undefined =>
  path?.findLast((part) => !/^\d+$/.test(part));

function refusalIn(errors: UserError[]): Failure {
  const fields: Record<string, string> = {};
  for (const { path, message } of errors) {
    const field = fieldOf(path);
    if (field) fields[field] ??= message;
  }
  const [first] = errors;
  const reason = REASONS[first?.code ?? ''] ?? 'refused';
  return new Failure(reason, first?.message ?? SENTENCES.refused, fields);
}

/**
 * Makes one mutation, such as `mutate('addApiKey', 'secret apiKey { id }', input)`. The selection
 * is what to read of its payload. Throws a Failure with its errors by field if it is refused.
 */
export async function mutate<Result>(
  name: string,
  selection: string,
  input: object,
): Promise<Result> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`;
  const data = await graphql<Record<string, (Payload & Result) | null>>(
    `mutation ($input: ${type}) {
      ${name}(input: $input) { success errors { code message path } ${selection} }
    }`,
    { input },
  );
  const payload = data[name];
  if (payload?.success) return payload;
  throw refusalIn(payload?.errors ?? []);
}
