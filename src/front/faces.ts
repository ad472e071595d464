/** Which face answers a path. */
import { isEdgePath } from '../edge/routes.ts';

export type Face = 'graphql' | 'edge' | 'rest' | 'health';

/** Paths whose errors are GraphQL errors. */
const GRAPHQL = ['/', '/graphql', '/schema.graphql', '/console/api/graphql'];

/** `path`: without a slash at its end. */
export function faceOf(path: string): Face {
  if (GRAPHQL.includes(path)) return 'graphql';
  if (path === '/health') return 'health';
  return isEdgePath(path) ? 'edge' : 'rest';
}
