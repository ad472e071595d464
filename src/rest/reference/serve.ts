/** The reference of the company API: for programs, and as a page. */
import { Hono } from 'hono';
import { FROM_HERE } from '../../base/page.ts';
import { buildReference } from './document.ts';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Latchkey: the company API</title>
<link rel="icon" href="data:,">
<body>
<div id="reference"></div>
<script src="/docs/scalar.js"></script>
<script>Scalar.createApiReference('#reference', { url: '/openapi.json', withDefaultFonts: false, telemetry: false, hideClientButton: true, showDeveloperTools: 'never', agent: { disabled: true }, mcp: { disabled: true } })</script>
</body>
</html>
`;

let reference: object | undefined;

export const docs = new Hono<{ Bindings: { ASSETS: Fetcher } }>()
  .get('/openapi.json', (context) => {
    reference ??= buildReference();
    return context.json(reference);
  })
  .get('/docs', (context) => context.html(page, 200, FROM_HERE))
  .get('/docs/*', async ({ env, req }) => {
    const asset = await env.ASSETS.fetch(req.raw);
    // A copy, whose headers can be added to. A worker is bound by its own script's.
    const copy = new Response(asset.body, asset);
    for (const [name, value] of Object.entries(FROM_HERE)) copy.headers.set(name, value);
    return copy;
  });
