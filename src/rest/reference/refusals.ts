/** What a route can answer besides what was asked for. */

import { type Rule, rules } from '../../policy/rules.ts';
import type { Route } from '../route.ts';
import type { Json } from './schema.ts';

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
    'The body is in none of the three encodings.',
    'body',
    'The Content-Type must be one of application/json, application/x-www-form-urlencoded, multipart/form-data.',
  ],
  422: ['A field is missing, or is not what it must be.', 'name', 'Is missing.'],
  429: ['Too many tries.', 'limit', 'Too many tries. Wait a minute, then try again.'],
  503: [
    'The database is away.',
    'service',
    'The database cannot be reached. Try again in a moment.',
  ],
} as const;
export type Status = keyof typeof refusals;

export const statuses = Object.keys(refusals).map(Number) as Status[];

export const ruleOf = ({ action }: Route): Rule => rules[action];

/** What a route can answer besides 200. */
export function refusalsOf(route: Route): Status[] {
  const { body, query, path } = route;
  const all: Status[] = [
    503,
    ...(ruleOf(route).guest ? [] : ([401, 403] as const)),
    ...(path.includes(':id') ? ([404] as const) : []),
    ...(query ? ([400, 422] as const) : []),
    ...(body ? ([400, 413, 415, 422] as const) : []),
    ...(route.refusals ?? []),
  ];
  return [...new Set(all)].sort();
}

export const headers = {
  'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
};
export const token = { 'X-Token': { $ref: '#/components/headers/X-Token' } };

export const responseOf = (status: Status, meaning?: string): Json => {
  const [usual, field, message] = refusals[status];
  const description = meaning ?? usual;
  const example = { errors: true, message: { errors: { [field]: message } } };
  return {
    description,
    headers: {
      ...headers,
      ...(status === 401 || status === 413 ? {} : token),
      ...(status === 401
        ? { 'WWW-Authenticate': { schema: { type: 'string' }, description: 'RFC 6750.' } }
        : {}),
      ...(status === 429 || status === 503
        ? { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds.' } }
        : {}),
    },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' }, example } },
  };
};
