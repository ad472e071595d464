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
        description: 'When it ends. Null: never. Left out: a running one keeps its end.',
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
      line: { type: 'integer', description: 'The number of the line, from 1 on.' },
      externalId: { ...externalId, description: 'Where it was done.' },
      outcome: { ...text, enum: ['created', 'changed', 'unchanged'] },
      errors: {
        type: 'array',
        description: 'Why nothing of the line was done.',
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
      description: `Takes end users, a line each, and answers a line for each as it goes. A line takes effect whole or not at all, and leaves the others be. For API keys with ${scopesOf('user.import')}.`,
      requestBody: {
        required: true,
        content: Object.fromEntries(MEDIA_TYPES.map((type) => [type, linesOf('ImportLine', line)])),
      },
      responses: {
        200: {
          description: 'What became of each line, in their order.',
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
        415: responseOf(415, 'The body is not said to be lines of JSON in UTF-8.'),
        ...tooMany,
      },
    },
  },
  '/export': {
    get: {
      tags,
      operationId: 'exportUsers',
      summary: 'Export users',
      description: `Every end user with its permissions, a line each, as an import takes them. Who has more than 500 devices of a kind has several lines. For API keys with ${scopesOf('user.export')}.`,
      parameters: [
        {
          name: 'after',
          in: 'query',
          description: 'Goes on behind this externalId.',
          schema: text,
        },
      ],
      responses: {
        200: {
          description: 'The users, in the order of the bytes of their externalIds.',
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
