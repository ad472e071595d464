/**
 * Builds the OpenAPI 3.1 document of every HTTP path except GraphQL. The company API comes from its
 * validation schemas and routes. It is built at build time, and no part of it is in the Worker.
 */
import type * as v from 'valibot';
import { SCOPES } from '../domain/entities/key.ts';
import type { Route } from '../rest/route.ts';
import { routes } from '../rest/routes.ts';
import { bulkModels, bulkPaths } from './bulk.ts';
import { edgeModels } from './edge/models.ts';
import { oauthPaths } from './edge/oauth.ts';
import { sessionPaths } from './edge/session.ts';
import { verifyPaths } from './edge/verify.ts';
import { eventModels } from './events/models.ts';
import { eventPaths, webhooks } from './events/paths.ts';
import { EmptyValue } from './form.ts';
import { models } from './models.ts';
import { modelsOf, operationOf } from './operation.ts';
import { ORIGIN } from './origin.ts';
import { Refusal, refusalComponents } from './refusals.ts';
import { headerComponents } from './responses.ts';
import { type Json, objectOf } from './schema.ts';
import { serviceModels, servicePaths } from './service.ts';

const tags: Record<
  Route['tag'] | 'Many users at once' | 'Events' | 'Token checks' | 'Service',
  string
> = {
  'Signing in': 'Sign in with an e-mail address and a password, and set a new password.',
  Users: 'The staff of your company, and the stations that they and your end users see.',
  Projects: 'Groups of stations.',
  Stations: 'Data loggers in the field.',
  'Sensors and channels': 'The sensors of a station, and what they measure.',
  Field: 'Everything in the field at once.',
  'Many users at once': 'Import and export of end users and their permissions, as lines of JSON.',
  Events: 'What was changed, in order: read, or sent as webhooks.',
  'Token checks': 'Is a token valid, and what may its user do? For proxies, services and apps.',
  Service: 'The service itself.',
};

const scopes = SCOPES.filter((scope) => /^(users|stations)/.test(scope)).join(', ');

const description = [
  'With this API a company manages its staff and stations, and services check tokens. Bodies of ' +
    'the company API are JSON, `application/x-www-form-urlencoded` or `multipart/form-data`. ' +
    'In forms, a list is `station_ids[]=1&station_ids[]=2`. An empty value counts as absent, ' +
    'with two exceptions: it clears `sms`, `phone` and `location`, and `station_ids[]=` ' +
    'is the empty list. `X-Latchkey-Ignored` names unknown fields; a body with unknown fields ' +
    'only is 422. All text is UTF-8. Booleans are 0 and 1 (`true`, `false`, `on` and ' +
    '`off` are accepted too), times are UTC, ids are integers below 2^53. Lists are ordered by ' +
    'id.',
  'A success is `{ "errors": false, "data": … }`. A refusal is `{ "errors": true, "message": ' +
    '{ "errors": { "<field>": "…" } } }`, and nothing has changed. Data of another company, and ' +
    'what you cannot see, look as if they did not exist.',
  "The credential is a member's token from `POST /authenticate`, or an API key of the company " +
    `(scopes: ${scopes}), which sees what level 1 sees. A token works for 30 days from its last ` +
    'use. Each response to a call that accepted it repeats it in `X-Token`.',
].join('\n\n');

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
    contact: { name: 'The operator of this service' },
    description,
  },
  servers: [{ url: ORIGIN }],
  security: [{ credential: [] }],
  tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  paths: {
    ...companyPaths(),
    ...bulkPaths,
    ...eventPaths,
    ...verifyPaths,
    ...oauthPaths,
    ...sessionPaths,
    ...servicePaths,
  },
  webhooks,
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
      ...eventModels,
      ...edgeModels,
      ...serviceModels,
    },
    headers: headerComponents,
    responses: refusalComponents,
  },
});
