/** The company API as an OpenAPI 3.1 document, from the schemas that validate and the routes that are served. */
import type * as v from 'valibot';
import { isOptional, itemOf, type ObjectSchema } from '../base/fields.ts';
import { SCOPES } from '../domain/permit.ts';
import { type Rule, rules } from '../policy/rules.ts';
import { mediaTypes } from './body.ts';
import { defaultOf, exampleOf, type Json, objectOf, schemaOf } from './json-schema.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

/** Lists have brackets in forms. */
const inForm = (name: string, schema: v.GenericSchema): string =>
  itemOf(schema) ? `${name}[]` : name;

function bodyOf(schema: ObjectSchema): Json {
  const example = exampleOf(schema) as Json;
  const fields = Object.entries(schema.entries) as [string, v.GenericSchema][];
  const form = {
    schema: {
      ...objectOf(schema.entries, inForm),
      // A form without a list means the empty one.
      required: fields
        .filter(([, part]) => !isOptional(part) && !itemOf(part))
        .map(([name]) => name),
    },
    example: Object.fromEntries(fields.map(([name, part]) => [inForm(name, part), example[name]])),
  };
  if (form.schema.required.length === 0) delete (form.schema as Json).required;
  return {
    required: true,
    content: Object.fromEntries(
      mediaTypes.map((type) => [
        type,
        type === 'application/json' ? { schema: schemaOf(schema), example } : form,
      ]),
    ),
  };
}

const refusals = {
  400: [
    'The body cannot be parsed.',
    'body',
    'The body is not what its Content-Type says: it cannot be parsed.',
  ],
  401: [
    'No credential, or one that does not work.',
    'token',
    'A credential is needed. Send it as "Authorization: Bearer <credential>".',
  ],
  403: [
    'Your level, your scopes or your kind of credential do not suffice.',
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
type Status = keyof typeof refusals;

const ruleOf = ({ action }: Route): Rule => rules[action];

/** What a route can answer besides 200. */
export function refusalsOf(route: Route): Status[] {
  const { body, query, path } = route;
  const all: Status[] = [
    503,
    ...(ruleOf(route).guest ? [] : ([401, 403] as const)),
    ...(path.includes(':id') ? ([404] as const) : []),
    ...(query ? ([422] as const) : []),
    ...(body ? ([400, 413, 415, 422] as const) : []),
    ...(route.refusals ?? []),
  ];
  return [...new Set(all)].sort();
}

const headers = {
  'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
};
const token = { 'X-Token': { $ref: '#/components/headers/X-Token' } };

const responseOf = (status: Status): Json => {
  const [description, field, message] = refusals[status];
  const example = { errors: true, message: { errors: { [field]: message } } };
  return {
    description,
    headers: {
      ...headers,
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

/** Who may, in words. */
function callersOf(route: Route): string {
  const { guest, member, key } = ruleOf(route);
  if (guest) return 'Needs no credential.';
  const levels =
    member === undefined
      ? []
      : [member === 4 ? 'members of any level' : `members of level 1 to ${member}`];
  const keys =
    key === undefined ? [] : [`API keys with ${key.map((scope) => `\`${scope}\``).join(', ')}`];
  return `For ${[...levels, ...keys].join(', and ')}.`;
}

/** `addUser`: Add user. */
const titleOf = (name: string): string =>
  name
    .replace(/^./, (first) => first.toUpperCase())
    .replace(/[A-Z]/g, (at, place) => (place ? ` ${at.toLowerCase()}` : at));

function operationOf(route: Route): Json {
  const { query, body, data, path } = route;
  const parameters = [
    ...(path.includes(':id')
      ? [
          {
            name: 'id',
            in: 'path',
            required: true,
            schema: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
            example: 5127743829102746,
          },
        ]
      : []),
    ...(Object.entries(query?.entries ?? {}) as [string, v.GenericSchema][]).map(
      ([name, schema]) => {
        const { description, ...rest } = schemaOf(schema);
        return {
          name,
          in: 'query',
          description,
          schema: { ...rest, ...defaultOf(schema) },
          example: exampleOf(schema),
        };
      },
    ),
  ];
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: titleOf(route.name),
    description: `${route.summary} ${callersOf(route)}`,
    ...(ruleOf(route).guest ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: bodyOf(body) } : {}),
    responses: {
      200: {
        description: 'Done.',
        headers: { ...headers, ...(ruleOf(route).member || 'token' in data.entries ? token : {}) },
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['errors', 'data'],
              properties: { errors: { const: false }, data: schemaOf(data) },
            },
            example: { errors: false, data: exampleOf(data) },
          },
        },
      },
      ...Object.fromEntries(
        refusalsOf(route).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}

const tags: Record<Route['tag'], string> = {
  'Signing in': 'From an e-mail address and a password to a token, and to a new password.',
  Users: 'The staff of your company, and which stations they, and your end users, see.',
  Projects: 'What groups stations.',
  Stations: 'Data loggers in the field.',
  'Sensors and channels': 'What a station has, and what that measures.',
  Field: 'All of it at once.',
};

export function buildReference(): object {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(':id', '{id}');
    paths[path] ??= {};
    paths[path][route.method] = operationOf(route);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Latchkey: the company API',
      version: '1.0.0',
      license: { name: 'MIT', identifier: 'MIT' },
      description: `Where a company administers its own staff and stations. Bodies are JSON, \`application/x-www-form-urlencoded\` or \`multipart/form-data\` alike; in forms, a list is \`station_ids[]=1&station_ids[]=2\` and an empty value is an absent one, but that it clears \`sms\`, \`phone\` and \`location\`. Booleans are 0 and 1, times are UTC, ids are integers below 2^53.

What is done is \`{ "errors": false, "data": … }\`; what is refused is \`{ "errors": true, "message": { "errors": { "<field>": "…" } } }\`, and nothing has changed. What another company has, and what you cannot see, looks like what does not exist.

The credential is a member's token, from \`POST /authenticate\`, or an API key of the company (scopes: ${SCOPES.filter((scope) => /^(users|stations)/.test(scope)).join(', ')}), which sees what level 1 sees. A token is good for 30 days from its last use, and each answer to it repeats it in \`X-Token\`.`,
    },
    servers: [{ url: '/' }],
    security: [{ credential: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        credential: {
          type: 'http',
          scheme: 'bearer',
          description: 'A member’s token (`lk_ses_…`) or an API key (`lk_key_…`).',
        },
      },
      schemas: {
        Refusal: {
          type: 'object',
          required: ['errors', 'message'],
          properties: {
            errors: { const: true },
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
        },
      },
      headers: {
        'X-Request-Id': {
          description: 'Names the call, in our log and in the audit trail.',
          schema: { type: 'string', format: 'uuid' },
        },
        'X-Token': {
          description:
            'The token that was sent, for clients that take the next one from each answer.',
          schema: { type: 'string' },
        },
      },
      responses: Object.fromEntries(
        (Object.keys(refusals) as unknown as Status[]).map((status) => [
          status,
          responseOf(status),
        ]),
      ),
    },
  };
}
