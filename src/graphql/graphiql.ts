/** The page for trying documents; its scripts are copied from their package, and served as assets. */
export const graphiql = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Latchkey: GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/graphiql.css">
<body class="no-focus-outline">
<div id="root"></div>
<script>
const files = { editorWorkerService: 'editor', json: 'json', graphql: 'graphql' };
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => '/docs/' + (files[label] ?? 'editor') + '.worker.js' };
</script>
<script src="/docs/graphiql.js"></script>
<script>YogaGraphiQL.renderYogaGraphiQL(root, {
  title: 'Latchkey',
  defaultQuery: '# Put your credential under Headers, below: { "Authorization": "Bearer lk_key_…" }\\n{ caller { kind intermediary { id name } scopes } }\\n',
})</script>
</body>
</html>
`;
