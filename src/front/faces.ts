/** In whose words a path is answered. */
import { isEdgePath } from '../edge/routes.ts';

export type Face = 'graphql' | 'edge' | 'rest' | 'health';

/** Where GraphQL's errors are what is read. */
const GRAPHQL = ['/', '/graphql', '/schema.graphql'];

/** `path`: without a slash at its end. */
export function faceOf(path: string): Face {
  if (GRAPHQL.includes(path)) return 'graphql';
  if (path === '/health') return 'health';
  return isEdgePath(path) ? 'edge' : 'rest';
}
