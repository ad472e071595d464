/** Query parameters about a token. */
import type { Json } from '../schema.ts';

const text = { type: 'string' };

export const tags = ['Token checks'];
/** A session's access token, and nothing else. */
export const bySession = [{ credential: [] }];

export const parameter = (
  name: string,
  description: string,
  schema: Json,
  example?: unknown,
): Json => ({
  name,
  in: 'query',
  description,
  schema,
  ...(example === undefined ? {} : { example }),
});
export const consistency = parameter(
  'consistency',
  '`strict` asks the database instead of the copies.',
  {
    ...text,
    enum: ['fast', 'strict'],
    default: 'fast',
  },
);
