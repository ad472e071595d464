/** Pages to read: the landing page, the schema and, if enabled, GraphiQL and the reference. */
import { Hono } from 'hono';
import { NO_SCRIPTS, SAME_ORIGIN_ONLY } from '../base/security-headers.ts';
import { graphiql } from '../graphql/graphiql.ts';
import { serveSchema } from '../graphql/sdl.ts';
import type { FrontEnv } from './env.ts';
import { landingPage } from './landing-page.ts';

export const pages = new Hono<FrontEnv>()
  .get('/', (context) => context.html(landingPage, 200, NO_SCRIPTS))
  .get('/graphql', ({ get, req, html }, next) =>
    get('requestContext').docs && req.header('Accept')?.includes('text/html')
      ? html(graphiql, 200, SAME_ORIGIN_ONLY)
      : next(),
  )
  .get('/schema.graphql', ({ req, get }) => serveSchema(req.raw.headers, get('requestContext')))
  .use('/docs/*', async ({ get, notFound }, next) =>
    get('requestContext').docs ? next() : notFound(),
  );
