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
        description: 'Where the database is nearly full: what would make it larger is refused.',
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
      description: 'Whether the service is fit to run. It asks no store.',
      security: [],
      responses: {
        200: health('It is.', 'ok'),
        503: health('It is not.', 'The secrets are not fit to run with: see the log.'),
      },
    },
  },
  '/openapi.json': {
    get: {
      tags,
      operationId: 'readReference',
      summary: 'Read this document',
      description: 'Every HTTP path but GraphQL’s, as OpenAPI 3.1 has it.',
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
