/** Face three over HTTP: what other services and apps ask about tokens. `/verify` stands apart, for its speed. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { present, tooLarge } from './answers.ts';
import type { EdgeEnv } from './context.ts';
import { introspect } from './introspect.ts';
import { metadata } from './metadata.ts';
import { revoke } from './revoke.ts';
import { readSession, signOut } from './session.ts';

/** In bytes. Whatever is sent as a token is answered for, be it ever so long. */
const MAX_BODY = 2_000_000;

const limited = bodyLimit({ maxSize: MAX_BODY, onError: tooLarge });

export const edge = new Hono<EdgeEnv>()
  .post('/introspect', limited, introspect)
  .post('/revoke', limited, revoke)
  .get('/.well-known/oauth-authorization-server', metadata)
  .get('/session', readSession)
  .delete('/session', signOut)
  .onError((error, { req, get }) =>
    present(error, get('handover').requestId, req.header('Authorization')),
  );

const paths = new Set(edge.routes.map(({ path }) => path));

export const isEdgePath = (path: string): boolean => paths.has(path);
