/** The GraphiQL page. Its scripts are copied from their package and served as assets. */

const FIRST = `# Send a credential with each request.
# Put it under "Headers", below:
#
#   { "Authorization": "Bearer lk_key_…" }
#
# This takes an API key or the operator key,
# "viewer" the access token of a session.
# Reloading the page forgets it.

query WhoAmI {
  caller {
    kind
    scopes
    intermediary {
      id
      name
    }
  }
}
`;

/**
 * Headers are not stored. Documents and variables may hold access tokens: they stay in the tab's
 * session storage and out of the URL.
 */
const options = `{
  title: 'Latchkey',
  query: new URL(location.href).searchParams.get('query') ?? ${JSON.stringify(FIRST)},
  shouldPersistHeaders: false,
  storage: sessionStorage,
  onEditQuery: () => {},
}`;

export const graphiql = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey: GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/graphiql.css">
<style>@media (max-width: 700px) { #graphiql-session { flex-direction: column !important } }</style>
<body class="no-focus-outline">
<div id="root"></div>
<script>
const files = { editorWorkerService: 'editor', json: 'json', graphql: 'graphql' };
self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_, label) => '/docs/' + (files[label] ?? 'editor') + '.worker.js',
};
</script>
<script src="/docs/graphiql.js"></script>
<script>YogaGraphiQL.renderYogaGraphiQL(root, ${options})</script>
</body>
</html>
`;
