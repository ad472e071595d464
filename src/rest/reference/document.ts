/** The company API as an OpenAPI 3.1 document, from the schemas that validate and the routes that are served. */
import { SCOPES } from '../../domain/permit.ts';
import type { Route } from '../route.ts';
import { routes } from '../routes.ts';
import { operationOf } from './operation.ts';
import { responseOf, statuses } from './refusals.ts';
import type { Json } from './schema.ts';

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
      description: `Where a company administers its own staff and stations. Bodies are JSON, \`application/x-www-form-urlencoded\` or \`multipart/form-data\` alike; in forms, a list is \`station_ids[]=1&station_ids[]=2\` and an empty value is an absent one, but that it clears \`sms\`, \`phone\` and \`location\`, and that \`station_ids[]=\` is the empty list. Fields that a call does not have are named in \`X-Latchkey-Ignored\`; a body that has no others is 422. All text is UTF-8. Booleans are 0 and 1 (\`true\`, \`false\`, \`on\` and \`off\` are read as well), times are UTC, ids are integers below 2^53. Lists are in the order of ids.

What is done is \`{ "errors": false, "data": … }\`; what is refused is \`{ "errors": true, "message": { "errors": { "<field>": "…" } } }\`, and nothing has changed. What another company has, and what you cannot see, looks like what does not exist.

The credential is a member's token, from \`POST /authenticate\`, or an API key of the company (scopes: ${SCOPES.filter((scope) => /^(users|stations)/.test(scope)).join(', ')}), which sees what level 1 sees. A token is good for 30 days from its last use, and each answer to a call that it was let in with repeats it in \`X-Token\`.`,
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
      responses: Object.fromEntries(statuses.map((status) => [status, responseOf(status)])),
    },
  };
}
