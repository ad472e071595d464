/** Face three over HTTP: what other services and apps ask about tokens. `/verify` stands apart, for its speed. */
import { type Handler, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { present, tooLarge, wrongMethod } from './answers.ts';
import type { EdgeEnv } from './context.ts';
import { introspect } from './introspect.ts';
import { metadata } from './metadata.ts';
import { revoke } from './revoke.ts';
import { readSession, signOut } from './session.ts';

/** In bytes. Whatever is sent as a token is answered for, be it ever so long. */
const MAX_BODY = 2_000_000;

const limited = bodyLimit({ maxSize: MAX_BODY, onError: tooLarge });

const only =
  (methods: string): Handler<EdgeEnv> =>
  () =>
    wrongMethod(methods);

export const edge = new Hono<EdgeEnv>()
  .post('/introspect', limited, introspect)
  .all('/introspect', only('POST'))
  .post('/revoke', limited, revoke)
  .all('/revoke', only('POST'))
  .get('/.well-known/oauth-authorization-server', metadata)
  .all('/.well-known/oauth-authorization-server', only('GET, HEAD'))
  .get('/session', readSession)
  .delete('/session', signOut)
  .all('/session', only('GET, HEAD, DELETE'))
  .onError((error, { get }) => present(error, get('handover').requestId));
