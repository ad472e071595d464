/** `/session`. */
import { headers } from '../responses.ts';
import type { Json } from '../schema.ts';
import { badRequest, json, unavailable, unknown } from './answers.ts';
import { bySession, consistency, tags } from './parameters.ts';

export const sessionPaths = {
  '/session': {
    get: {
      tags,
      operationId: 'readSession',
      summary: 'Read my session',
      description: 'The user of the token’s session, and when it ends. For the app itself.',
      security: bySession,
      parameters: [consistency],
      responses: {
        200: {
          description: 'The session.',
          headers,
          content: json('Session', {
            user: 452773855875688,
            expires_at: '2026-12-24T09:30:00.000Z',
          }),
        },
        400: badRequest(
          '`consistency` is invalid, or not UTF-8.',
          '"consistency" is neither "fast" nor "strict".',
        ),
        401: unknown,
        503: unavailable,
      },
    },
    delete: {
      tags,
      operationId: 'signOut',
      summary: 'Sign out',
      description: 'Ends the session of the token.',
      security: bySession,
      responses: {
        204: { description: 'It has ended.', headers },
        401: unknown,
        503: unavailable,
      },
    },
  },
} satisfies Record<string, Json>;
