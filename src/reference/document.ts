/**
 * Builds the OpenAPI 3.1 document of every HTTP path except GraphQL. The company API comes from its
 * validation schemas and routes. It is built at build time, and no part of it is in the Worker.
 */
import type * as v from 'valibot';
import { SCOPES } from '../domain/permit.ts';
import type { Route } from '../rest/route.ts';
import { routes } from '../rest/routes.ts';
import { bulkModels, bulkPaths } from './bulk.ts';
import { edgeModels } from './edge/models.ts';
import { oauthPaths } from './edge/oauth.ts';
import { sessionPaths } from './edge/session.ts';
import { verifyPaths } from './edge/verify.ts';
import { EmptyValue } from './form.ts';
import { models } from './models.ts';
import { modelsOf, operationOf } from './operation.ts';
import { ORIGIN } from './origin.ts';
import { Refusal, refusalComponents } from './refusals.ts';
import { headerComponents } from './responses.ts';
import { type Json, objectOf } from './schema.ts';
import { serviceModels, servicePaths } from './service.ts';

const tags: Record<Route['tag'] | 'Many users at once' | 'Token checks' | 'Service', string> = {
  'Signing in': 'From an e-mail address and a password to a token, and to a new password.',
  Users: 'The staff of your company, and which stations they, and your end users, see.',
  Projects: 'What groups stations.',
  Stations: 'Data loggers in the field.',
  'Sensors and channels': 'What a station has, and what that measures.',
  Field: 'All of it at once.',
  'Many users at once': 'End users and their permissions in and out, a line of JSON each.',
  'Token checks': 'Is a token good, and what may its user do? For proxies, services and apps.',
  Service: 'The service itself.',
};

const scopes = SCOPES.filter((scope) => /^(users|stations)/.test(scope)).join(', ');

const description = `Where a company administers its own staff and stations, and where services check tokens. Bodies of the company API are JSON, \`application/x-www-form-urlencoded\` or \`multipart/form-data\` alike; in forms, a list is \`station_ids[]=1&station_ids[]=2\` and an empty value is an absent one, but that it clears \`sms\`, \`phone\` and \`location\`, and that \`station_ids[]=\` is the empty list. Fields that a call does not have are named in \`X-Latchkey-Ignored\`; a body that has no others is 422. All text is UTF-8. Booleans are 0 and 1 (\`true\`, \`false\`, \`on\` and \`off\` are read as well), times are UTC, ids are integers below 2^53. Lists are in the order of ids.

What is done is \`{ "errors": false, "data": … }\`; what is refused is \`{ "errors": true, "message": { "errors": { "<field>": "…" } } }\`, and nothing has changed. What another company has, and what you cannot see, looks like what does not exist.

The credential is a member's token, from \`POST /authenticate\`, or an API key of the company (scopes: ${scopes}), which sees what level 1 sees. A token is good for 30 days from its last use, and each answer to a call that it was let in with repeats it in \`X-Token\`.`;

function companyPaths(): Record<string, Json> {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(':id', '{id}');
    paths[path] ??= {};
    paths[path][route.method] = operationOf(route);
  }
  return paths;
}

const shapes: Json = Object.fromEntries(
  Object.entries<{ entries: v.ObjectEntries }>(models).map(([name, { entries }]) => [
    name,
    objectOf(entries),
  ]),
);

/** `servers` has a placeholder: see `origin.ts`. */
export const buildReference = (): object => ({
  openapi: '3.1.1',
  info: {
    title: 'Latchkey',
    version: '1.0.0',
    license: { name: 'MIT', identifier: 'MIT' },
    contact: { name: 'Whoever runs this service' },
    description,
  },
  servers: [{ url: ORIGIN }],
  security: [{ credential: [] }],
  tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  paths: {
    ...companyPaths(),
    ...bulkPaths,
    ...verifyPaths,
    ...oauthPaths,
    ...sessionPaths,
    ...servicePaths,
  },
  components: {
    securitySchemes: {
      credential: {
        type: 'http',
        scheme: 'bearer',
        description: 'A session’s token (`lk_ses_…`) or an API key (`lk_key_…`).',
      },
      client: {
        type: 'http',
        scheme: 'basic',
        description: 'Your company’s id, and an API key as the password.',
      },
    },
    schemas: {
      ...shapes,
      ...Object.assign({}, ...routes.map(modelsOf)),
      EmptyValue,
      Refusal,
      ...bulkModels,
      ...edgeModels,
      ...serviceModels,
    },
    headers: headerComponents,
    responses: refusalComponents,
  },
});
