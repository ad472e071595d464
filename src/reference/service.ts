/** The reference of calls about the service itself. */
import { headers } from './responses.ts';
import { type Json, refTo } from './schema.ts';

const tags = ['Service'];

export const serviceModels = {
  Health: {
    type: 'object',
    required: ['status'],
    properties: {
      status: { type: 'string', description: '`ok`, or what is wrong.' },
      storage: {
        type: 'string',
        enum: ['full'],
        description:
          'Present if the database is nearly full: calls that would enlarge it are refused.',
      },
    },
  },
};

const health = (description: string, status: string): Json => ({
  description,
  headers,
  content: { 'application/json': { schema: refTo('Health'), example: { status } } },
});

export const servicePaths = {
  '/health': {
    get: {
      tags,
      operationId: 'readHealth',
      summary: 'Read the health',
      description: 'Whether the service can run. It asks no store.',
      security: [],
      responses: {
        200: health('It is.', 'ok'),
        503: health('It is not.', 'The secrets or settings are invalid: see the log.'),
      },
    },
  },
  '/openapi.json': {
    get: {
      tags,
      operationId: 'readReference',
      summary: 'Read this document',
      description: 'Every HTTP path except GraphQL’s, as OpenAPI 3.1.',
      security: [],
      responses: {
        200: {
          description: 'The document.',
          headers,
          content: { 'application/json': { schema: { type: 'object' } } },
        },
      },
    },
  },
} satisfies Record<string, Json>;
