/** The landing page at `/`, for browsers. */

export const landingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Latchkey</title>
<link rel="icon" href="data:,">
<style>
body{font:1rem/1.6 system-ui,sans-serif;max-width:38rem;margin:4rem auto;padding:0 1rem}
code{background:#8882;padding:.1em .3em}
</style>
<h1>Latchkey</h1>
<p>Access for fleets of devices in other people’s homes and fields:
users, device permissions, sessions, stations.</p>
<ul>
<li><code>POST /graphql</code> with an API key, as <code>Authorization: Bearer lk_key_…</code>
<li><a href="/graphql"><code>GET /graphql</code></a> in a browser: GraphiQL, where it is switched on
<li><code>POST /authenticate</code>, and the rest of the company API:
<a href="/openapi.json"><code>/openapi.json</code></a>,
and <a href="/docs"><code>/docs</code></a> to read, where it is switched on
<li><code>/verify/&lt;tenant&gt;</code>, <code>POST /introspect</code>,
<code>POST /revoke</code>, <code>/session</code> with a session’s token
<li><a href="/health"><code>GET /health</code></a>
</ul>
</html>
`;
