/** The refusals of the company API's routes. */
import { type Rule, rules } from '../policy/rules.ts';
import type { Route } from '../rest/route.ts';
import { challenge, headers, ignored, NAMES, retryAfter, token } from './responses.ts';
import { type Json, refTo } from './schema.ts';

const refusals = {
  400: [
    'The body cannot be parsed, or the body or the query string is not UTF-8.',
    'body',
    'The body is not what its Content-Type says: it cannot be parsed.',
  ],
  401: [
    'No credential, or one that does not work.',
    'token',
    'A credential is needed. Send it as "Authorization: Bearer <credential>".',
  ],
  403: [
    'Your level, your scopes or your kind of credential do not suffice; or your company has reached a limit, which `limit` names then.',
    'permission',
    'Your member level does not suffice for this.',
  ],
  404: [
    'There is none with this id that you can see.',
    'id',
    'There is no such station, or you cannot see it.',
  ],
  409: [
    'Something else stands in the way.',
    'code',
    'Another station of your company has this code.',
  ],
  413: ['The body is larger than a megabyte.', 'body', 'The body is larger than a megabyte.'],
  415: [
    'The body is in none of the three encodings, or not in UTF-8.',
    'body',
    'The Content-Type must be one of application/json, application/x-www-form-urlencoded, multipart/form-data.',
  ],
  422: ['A field is missing, or is not what it must be.', 'name', 'Is missing.'],
  429: [
    'Too many calls, or tries: of this credential, its company, or from your network.',
    'limit',
    'Too many tries. Wait a minute, then try again.',
  ],
  503: [
    'The database is away.',
    'service',
    'The database cannot be reached. Try again in a moment.',
  ],
} as const;
export type Status = keyof typeof refusals;

const statuses = Object.keys(refusals).map(Number) as Status[];

export const ruleOf = ({ action }: Route): Rule => rules[action];

/** The statuses that a route can return besides 200. */
export function refusalsOf(route: Route): Status[] {
  const { body, query, path } = route;
  const all: Status[] = [
    503,
    ...(ruleOf(route).guest ? [] : ([401, 403, 429] as const)),
    ...(path.includes(':id') ? ([404] as const) : []),
    ...(query ? ([400, 422] as const) : []),
    ...(body ? ([400, 413, 415, 422] as const) : []),
    ...(route.refusals ?? []),
  ];
  return [...new Set(all)].sort();
}

export function responseOf(status: Status, meaning?: string): Json {
  const [usual, field, message] = refusals[status];
  return {
    description: meaning ?? usual,
    headers: {
      ...headers,
      ...(status === 401 || status === 413 ? {} : token),
      ...(status === 422 ? ignored : {}),
      ...(status === 401 ? challenge : {}),
      ...(status === 429 || status === 503 ? retryAfter : {}),
    },
    content: {
      'application/json': {
        schema: refTo('Refusal'),
        example: { errors: true, message: { errors: { [field]: message } } },
      },
    },
  };
}

/** The refusals that operations share, by name. */
export const refusalComponents: Json = Object.fromEntries(
  statuses.map((status) => [NAMES[status], responseOf(status)]),
);

export const Refusal = {
  type: 'object',
  required: ['errors', 'message'],
  properties: {
    errors: { type: 'boolean', const: true },
    message: {
      type: 'object',
      required: ['errors'],
      properties: {
        errors: {
          type: 'object',
          minProperties: 1,
          additionalProperties: { type: 'string' },
          description: 'A sentence for each field that stands in the way.',
        },
      },
    },
  },
};
