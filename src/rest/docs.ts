/** The reference of the company API: for programs, and as a page. */
import { Hono } from 'hono';
import type { Env } from '../settings.ts';
import { buildReference } from './reference.ts';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Latchkey: the company API</title>
<body>
<div id="reference"></div>
<script src="/docs/scalar.js"></script>
<script>Scalar.createApiReference('#reference', { url: '/openapi.json', withDefaultFonts: false, telemetry: false, hideClientButton: true, agent: { disabled: true } })</script>
</body>
</html>
`;

let reference: object | undefined;

export const docs = new Hono<{ Bindings: Env }>()
  .get('/openapi.json', (context) => {
    reference ??= buildReference();
    return context.json(reference);
  })
  .get('/docs', (context) => context.html(page))
  .get('/docs/*', ({ env, req }) => env.ASSETS.fetch(req.raw));
