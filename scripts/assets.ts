/**
 * Creates the Worker's static assets: the console, the reference, the scripts of its page and of
 * GraphiQL, and tables that few requests need.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { makeConsole } from './console.ts';

const path = (relative: string) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

const GRAPHIQL = 'node_modules/@graphql-yoga/graphiql/dist';

const assets = {
  'numbering-plans.json': 'node_modules/libphonenumber-js/metadata.min.json',
  'common-passwords.txt': 'src/domain/passwords/common-passwords.txt',
  'docs/scalar.js': 'node_modules/@scalar/api-reference/dist/browser/standalone.js',
  'docs/graphiql.js': `${GRAPHIQL}/yoga-graphiql.umd.js`,
  'docs/graphiql.css': `${GRAPHIQL}/graphiql.css`,
  'docs/editor.worker.js': `${GRAPHIQL}/monacoeditorwork/editor.worker.bundle.js`,
  'docs/graphql.worker.js': `${GRAPHIQL}/monacoeditorwork/graphql.worker..bundle.js`,
  'docs/json.worker.js': `${GRAPHIQL}/monacoeditorwork/json.worker.bundle.js`,
};

/** The reference. Its maker is bundled: to load its many modules one by one takes far longer. */
async function makeReference(): Promise<object> {
  const [bundle] = buildSync({
    entryPoints: [path('src/reference/document.ts')],
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', logLevel: 'warning' },
  }).outputFiles;
  const code = Buffer.from(bundle?.contents ?? '').toString('base64');
  const { buildReference } = await import(`data:text/javascript;base64,${code}`);
  return buildReference();
}

async function makeAssets(): Promise<void> {
  mkdirSync(path('.wrangler/assets/docs'), { recursive: true });
  for (const [to, from] of Object.entries(assets))
    cpSync(path(from), path(`.wrangler/assets/${to}`));
  writeFileSync(path('.wrangler/assets/openapi.json'), JSON.stringify(await makeReference()));
  makeConsole();
}

await makeAssets();
