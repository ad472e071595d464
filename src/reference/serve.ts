/**
 * Serves the reference, for programs and as a page. It is built at build time. The Worker inserts
 * its origin.
 */
import { Hono } from 'hono';
import { SAME_ORIGIN_ONLY } from '../base/security-headers.ts';
import type { FaceEnv } from '../policy/request-context.ts';
import { placeAt } from './origin.ts';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Latchkey: the company API</title>
<link rel="icon" href="data:,">
<body>
<div id="reference"></div>
<script src="/docs/scalar.js"></script>
<script>
Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
})
</script>
</body>
</html>
`;

interface DocsEnv extends FaceEnv {
  Bindings: { ASSETS: Fetcher };
}

export const docs = new Hono<DocsEnv>()
  .get('/openapi.json', async ({ env, req, get, body }) => {
    const asset = await env.ASSETS.fetch(new Request(new URL('/openapi.json', req.url)));
    if (!asset.ok) throw new Error(`The reference is not among the assets: ${asset.status}`);
    const reference = placeAt(await asset.text(), get('requestContext').origin);
    return body(reference, 200, { 'Content-Type': 'application/json' });
  })
  .get('/docs', (context) => context.html(page, 200, SAME_ORIGIN_ONLY))
  .get('/docs/*', async ({ env, req }) => {
    const asset = await env.ASSETS.fetch(req.raw);
    // A copy, so that headers can be added. A worker script is bound by the headers of its own
    // response.
    const copy = new Response(asset.body, asset);
    for (const [name, value] of Object.entries(SAME_ORIGIN_ONLY)) copy.headers.set(name, value);
    return copy;
  });
