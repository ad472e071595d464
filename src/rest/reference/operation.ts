/** A route as an operation of the reference. */
import type * as v from 'valibot';
import { isOptional, itemOf, type ObjectSchema } from '../../base/fields.ts';
import { mediaTypes } from '../body.ts';
import type { Route } from '../route.ts';
import { headers, refusalsOf, responseOf, ruleOf, type Status, token } from './refusals.ts';
import { defaultOf, exampleOf, type Json, objectOf, schemaOf } from './schema.ts';

/** Lists have brackets in forms. */
const inForm = (name: string, schema: v.GenericSchema): string =>
  itemOf(schema) ? `${name}[]` : name;

function bodyOf({ method }: Route, schema: ObjectSchema): Json {
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
    required: method !== 'delete',
    content: Object.fromEntries(
      mediaTypes.map((type) => [
        type,
        type === 'application/json' ? { schema: schemaOf(schema), example } : form,
      ]),
    ),
  };
}

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

function refusalOf({ meanings }: Route, status: Status): Json {
  const meaning = (meanings as Partial<Record<Status, string>>)?.[status];
  return meaning ? responseOf(status, meaning) : { $ref: `#/components/responses/${status}` };
}

export function operationOf(route: Route): Json {
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
    ...(body ? { requestBody: bodyOf(route, body) } : {}),
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
      ...Object.fromEntries(refusalsOf(route).map((status) => [status, refusalOf(route, status)])),
    },
  };
}
