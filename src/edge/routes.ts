/**
 * The third face over HTTP: what other services and apps ask about tokens. `/verify` is separate,
 * for speed.
 */
import { Hono } from 'hono';
import type { FaceEnv } from '../policy/request-context.ts';
import { present } from './answers.ts';
import type { EdgeContext } from './context.ts';
import { metadata } from './metadata.ts';
import { type ServicePath, serve } from './services.ts';
import { readSession, signOut } from './session.ts';

const served =
  (path: ServicePath) =>
  ({ req, get }: EdgeContext): Promise<Response> =>
    serve(path, req.raw, get('requestContext'));

export const edge = new Hono<FaceEnv>()
  .post('/introspect', served('/introspect'))
  .post('/revoke', served('/revoke'))
  .get('/.well-known/oauth-authorization-server', metadata)
  .get('/session', readSession)
  .delete('/session', signOut)
  .onError((error, { req, get }) =>
    present(error, get('requestContext').requestId, req.header('Authorization')),
  );

const paths = new Set(edge.routes.map(({ path }) => path));

export const isEdgePath = (path: string): boolean => paths.has(path);
