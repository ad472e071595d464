/** The refusals of the company API's routes. */
import { type Rule, rules } from '../policy/rules.ts';
import type { Route } from '../rest/route.ts';
import { challenge, headers, ignored, NAMES, retryAfter, token } from './responses.ts';
import { type Json, refTo } from './schema.ts';

const refusals = {
  400: [
    'The body cannot be parsed, or it or the query string is not UTF-8.',
    'body',
    'The body does not match its Content-Type: it cannot be parsed.',
  ],
  401: [
    'There is no credential, or it does not work.',
    'token',
    'A credential is needed. Send it as "Authorization: Bearer <credential>".',
  ],
  403: [
    'Your level, your scopes or your kind of credential are not sufficient. Or your company ' +
      'has reached a limit, which `limit` then names.',
    'permission',
    'Your member level is not sufficient for this.',
  ],
  404: [
    'There is none with this id, or you cannot see it.',
    'id',
    'There is no such station, or you cannot see it.',
  ],
  409: [
    'It conflicts with something else.',
    'code',
    'Another station of your company has this code.',
  ],
  413: ['The body is larger than a megabyte.', 'body', 'The body is larger than a megabyte.'],
  415: [
    'The body has none of the three encodings, or is not in UTF-8.',
    'body',
    'The Content-Type must be one of application/json, application/x-www-form-urlencoded, ' +
      'multipart/form-data.',
  ],
  422: ['A field is missing or invalid.', 'name', 'Is missing.'],
  429: [
    'Too many calls or attempts with this credential, of its company, or from your network.',
    'limit',
    'Too many tries. Wait a minute, then try again.',
  ],
  503: [
    'The database is unavailable.',
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
          description: 'A message for each field at fault.',
        },
      },
    },
  },
};
