/** `/verify`, in all its forms. */
import { id } from '../../base/fields.ts';
import { headers } from '../responses.ts';
import { type Json, schemaOf } from '../schema.ts';
import { denied, unavailable, unknown } from './answers.ts';
import { bySession, consistency, parameter, tags } from './parameters.ts';

const text = { type: 'string' };
const time = { type: 'string', format: 'date-time' };

const header = (description: string, schema: Json = text, required = true): Json => ({
  description,
  schema,
  ...(required ? { required } : {}),
});

const aboutToken = {
  ...headers,
  'X-Latchkey-User': header('The user’s id.'),
  'X-Latchkey-External-Id': header('The user’s externalId, percent-encoded; empty for members.'),
  'X-Latchkey-Tenant': header('The company’s id.'),
  'X-Latchkey-Expires-At': header('When the session ends unless it is used again.', time),
  'X-Latchkey-Actor': header(
    'Only of a support session: who acts for the user, percent-encoded. It is the company’s own ' +
      'name for them, or a member’s user id.',
    text,
    false,
  ),
  'X-Latchkey-Degraded': header(
    'Only if the response could not be confirmed by the database.',
    { ...text, enum: ['unconfirmed', 'unrenewed'] },
    false,
  ),
};
const aboutQuestion = {
  'X-Latchkey-Device': header('The id of the device that was asked about.', text, false),
  'X-Latchkey-Station': header('The id of the station that was asked about.', text, false),
  'X-Latchkey-Permission': header(
    'The permission in the question, if there was one.',
    { ...text, enum: ['VIEW', 'CHARGE'] },
    false,
  ),
};

const yes = { description: 'Yes.', headers: { ...aboutToken, ...aboutQuestion } };

const question = [
  parameter('device', 'A device, by its id.', text),
  parameter('meter', 'A device, by the serial number of its meter.', text),
  parameter('station', 'A station, by its id.', schemaOf(id)),
  parameter('permission', 'The permission to check. A station only has `VIEW`.', {
    ...text,
    enum: ['VIEW', 'CHARGE'],
  }),
  consistency,
];

const inPath = (name: string, description: string, schema: Json, example: unknown): Json => ({
  name,
  in: 'path',
  required: true,
  description,
  schema,
  example,
});
const tenant = inPath('tenant', 'Your company’s id.', schemaOf(id), 1016089423381460);
const meant = (required: boolean): Json => ({
  name: 'X-Latchkey-Verify',
  in: 'header',
  required,
  description:
    'The company’s id again, from a proxy that takes any 200 for a yes, as Envoy does. A ' +
    'proxy must not let its clients send it.',
  schema: schemaOf(id),
});

const check = {
  tags,
  security: bySession,
  responses: { 401: unknown, 403: denied, 503: unavailable },
};
const FAILS_CLOSED =
  'A question names at most one of `device`, `meter` and `station`. Without one, the ' +
  'response is about the token alone. A parameter that is unknown, empty or repeated is 403. ' +
  'All methods work alike.';

export const verifyPaths = {
  '/verify/{tenant}': {
    get: {
      ...check,
      operationId: 'verifyToken',
      summary: 'Verify a token of your company',
      description:
        'Is the token valid, and may its user do what is asked? For reverse proxies. ' +
        `${FAILS_CLOSED}`,
      parameters: [tenant, meant(false), ...question],
      responses: {
        200: { ...yes, description: 'Yes, for a proxy that sends `X-Latchkey-Verify`.' },
        204: yes,
        ...check.responses,
      },
    },
  },
  '/verify/{tenant}/{path}': {
    get: {
      ...check,
      operationId: 'verifyTokenOnPath',
      summary: 'Verify a token, with a client’s path appended',
      description:
        'Is the token valid? For proxies that append their client’s path and query to ours, ' +
        'with any number of slashes. Neither is read. All methods work alike.',
      parameters: [
        tenant,
        inPath('path', 'The client’s path, which is not read.', text, 'devices/ACME4711'),
        meant(true),
      ],
      responses: { 200: { description: 'Yes.', headers: aboutToken }, ...check.responses },
    },
  },
  '/verify': {
    get: {
      ...check,
      operationId: 'verifyTokenOfAnyone',
      summary: 'Verify a token of any company',
      description:
        'Like the path with your company’s id, but for tokens of any company: compare ' +
        `\`X-Latchkey-Tenant\` yourself. ${FAILS_CLOSED}`,
      parameters: question,
      responses: { 204: yes, ...check.responses },
    },
  },
} satisfies Record<string, Json>;
