/** The reference of import and export. */
import { rules } from '../policy/rules.ts';
import { MEDIA_TYPES, NDJSON } from '../rest/bulk/lines.ts';
import { responseOf } from './refusals.ts';
import { headers, refToRefusal } from './responses.ts';
import { type Json, refTo } from './schema.ts';

const tags = ['Many users at once'];
const text = { type: 'string' };
const deviceId = { ...text, minLength: 8, maxLength: 8 };
const externalId = {
  ...text,
  minLength: 1,
  maxLength: 255,
  description: 'Your own id for a user.',
};

const MAX_DEVICES = 500;

const grants = (model: string, description: string): Json => ({
  type: 'array',
  maxItems: MAX_DEVICES,
  items: refTo(model),
  description,
});

const lists = (model: string) => ({
  devicePermissions: grants(model, 'Devices that the user reads.'),
  chargingPermissions: grants(model, 'Devices on which the user controls charging.'),
});

export const bulkModels = {
  ImportGrant: {
    type: 'object',
    description: 'Names the device by either of its ids.',
    properties: {
      deviceId,
      meterId: { ...text, minLength: 1, maxLength: 64 },
      expiresAt: {
        type: ['string', 'null'],
        format: 'date-time',
        description: 'When it expires. Null: never. Left out: a running one keeps its end.',
      },
    },
  },
  ImportLine: {
    type: 'object',
    required: ['externalId'],
    properties: {
      externalId,
      suspended: { type: 'boolean', description: 'Left out: it stays as it is.' },
      ...lists('ImportGrant'),
    },
  },
  ImportOutcome: {
    type: 'object',
    required: ['line'],
    properties: {
      line: { type: 'integer', description: 'The number of the line, from 1.' },
      externalId: { ...externalId, description: 'The user, if the line was done.' },
      outcome: { ...text, enum: ['created', 'changed', 'unchanged'] },
      errors: {
        type: 'array',
        description: 'Why the line was not done.',
        items: refTo('ImportError'),
      },
    },
  },
  ImportError: {
    type: 'object',
    required: ['code', 'message', 'path'],
    properties: { code: text, message: text, path: { type: 'array', items: text } },
  },
  ExportGrant: {
    type: 'object',
    required: ['deviceId', 'expiresAt'],
    properties: { deviceId, expiresAt: { type: ['string', 'null'], format: 'date-time' } },
  },
  ExportLine: {
    type: 'object',
    required: ['externalId', 'suspended', 'devicePermissions', 'chargingPermissions'],
    properties: { externalId, suspended: { type: 'boolean' }, ...lists('ExportGrant') },
  },
};

const linesOf = (model: keyof typeof bulkModels, example: Json): Json => ({
  schema: {
    ...text,
    description: `A line for each \`${model}\`.`,
    contentMediaType: NDJSON,
    contentSchema: refTo(model),
  },
  example: `${JSON.stringify(example)}\n`,
});

const scopesOf = (action: 'user.import' | 'user.export'): string =>
  rules[action].key.map((scope) => `\`${scope}\``).join(', ');

const refusals = { 401: refToRefusal(401), 403: refToRefusal(403), 503: refToRefusal(503) };
const tooMany = { 429: refToRefusal(429) };

const line = { externalId: 'tenant-4711', devicePermissions: [{ deviceId: 'ACME4711' }] };

export const bulkPaths = {
  '/import': {
    post: {
      tags,
      operationId: 'importUsers',
      summary: 'Import users',
      description:
        'Reads end users, one per line, and streams an outcome line for each. A line takes ' +
        'effect completely or not at all, and does not affect other lines. For API keys with ' +
        `${scopesOf('user.import')}.`,
      requestBody: {
        required: true,
        content: Object.fromEntries(MEDIA_TYPES.map((type) => [type, linesOf('ImportLine', line)])),
      },
      responses: {
        200: {
          description: 'The outcome of each line, in order.',
          headers,
          content: {
            [NDJSON]: linesOf('ImportOutcome', {
              line: 1,
              externalId: 'tenant-4711',
              outcome: 'created',
            }),
          },
        },
        ...refusals,
        415: responseOf(415, 'The Content-Type is not NDJSON in UTF-8.'),
        ...tooMany,
      },
    },
  },
  '/export': {
    get: {
      tags,
      operationId: 'exportUsers',
      summary: 'Export users',
      description:
        'Every end user with its permissions, one per line, in the format of an import. A user ' +
        'with more than 500 devices of a kind has several lines. For API keys with ' +
        `${scopesOf('user.export')}.`,
      parameters: [
        {
          name: 'after',
          in: 'query',
          description: 'The externalId to continue from.',
          schema: text,
        },
      ],
      responses: {
        200: {
          description: 'The users, by the bytes of their externalIds.',
          headers,
          content: {
            [NDJSON]: linesOf('ExportLine', {
              externalId: 'tenant-4711',
              suspended: false,
              devicePermissions: [{ deviceId: 'ACME4711', expiresAt: null }],
              chargingPermissions: [],
            }),
          },
        },
        400: responseOf(400, 'The query string is not UTF-8.'),
        ...refusals,
        ...tooMany,
      },
    },
  },
} satisfies Record<string, Json>;
