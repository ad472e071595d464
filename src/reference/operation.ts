/** Builds the operation of a route of the company API. */
import type * as v from 'valibot';
import { id, type ObjectSchema } from '../base/fields.ts';
import { mediaTypes } from '../rest/body.ts';
import type { Route } from '../rest/route.ts';
import { encodingOf, formExampleOf, formOf } from './form.ts';
import { refusalsOf, responseOf, ruleOf, type Status } from './refusals.ts';
import { headers, ignored, refToRefusal, token } from './responses.ts';
import { defaultOf, exampleOf, fieldsOf, type Json, objectOf, refTo, schemaOf } from './schema.ts';

/** The operation's own models begin with its name. */
const capitalised = (name: string): string => name.replace(/^./, (first) => first.toUpperCase());
const bodyName = ({ name }: Route): string => `${capitalised(name)}Body`;
const formName = ({ name }: Route): string => `${capitalised(name)}Form`;
const resultName = ({ name }: Route): string => `${capitalised(name)}Result`;

/** The schemas of the operation's body and response, by name. */
export function modelsOf(route: Route): Json {
  const { body, data } = route;
  return {
    ...(body && { [bodyName(route)]: objectOf(body.entries), [formName(route)]: formOf(body) }),
    [resultName(route)]: {
      type: 'object',
      required: ['errors', 'data'],
      properties: { errors: { type: 'boolean', const: false }, data: schemaOf(data) },
    },
  };
}

function bodyOf(route: Route, body: ObjectSchema): Json {
  const example = exampleOf(body) as Json;
  const json = { schema: refTo(bodyName(route)), example };
  const form = {
    schema: refTo(formName(route)),
    ...encodingOf(body),
    example: formExampleOf(body, example),
  };
  return {
    required: route.method !== 'delete',
    content: Object.fromEntries(
      mediaTypes.map((type) => [type, type === 'application/json' ? json : form]),
    ),
  };
}

/** The allowed callers, as a sentence. */
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
  capitalised(name).replace(/[A-Z]/g, (at, place) => (place ? ` ${at.toLowerCase()}` : at));

const pathId = {
  name: 'id',
  in: 'path',
  required: true,
  schema: schemaOf(id),
  example: 5127743829102746,
};

function parameterOf([name, schema]: [string, v.GenericSchema]): Json {
  const { description, ...rest } = schemaOf(schema);
  return {
    name,
    in: 'query',
    description,
    schema: { ...rest, ...defaultOf(schema) },
    example: exampleOf(schema),
  };
}

function refusalOf({ meanings }: Route, status: Status): Json {
  const meaning = (meanings as Partial<Record<Status, string>>)?.[status];
  return meaning ? responseOf(status, meaning) : refToRefusal(status);
}

export function operationOf(route: Route): Json {
  const { query, body, data, path } = route;
  const parameters = [
    ...(path.includes(':id') ? [pathId] : []),
    ...fieldsOf(query?.entries ?? {}).map(parameterOf),
  ];
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: titleOf(route.name),
    description: `${route.summary} ${callersOf(route)}`,
    ...(ruleOf(route).guest ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: bodyOf(route, body) } : {}),
    responses: {
      [route.status ?? 200]: {
        description: route.status === 202 ? 'Accepted: it is done after the answer.' : 'Done.',
        headers: {
          ...headers,
          ...(ruleOf(route).member || 'token' in data.entries ? token : {}),
          ...(body || query ? ignored : {}),
        },
        content: {
          'application/json': {
            schema: refTo(resultName(route)),
            example: { errors: false, data: exampleOf(data) },
          },
        },
      },
      ...Object.fromEntries(refusalsOf(route).map((status) => [status, refusalOf(route, status)])),
    },
  };
}
