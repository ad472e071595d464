/**
 * Bundles the console into files with hashed names, and makes its page. The Worker serves the page
 * with its headers. Cloudflare serves the rest.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync, type Metafile } from 'esbuild';

const path = (relative: string) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

/** Where files are, below the folder of all assets, and below the Worker's origin. */
const FOLDER = 'console/assets';
const ASSETS = path('.wrangler/assets');
const ENTRY = 'main.tsx';
const ICON = 'icon.svg';

const HEADERS = `/${FOLDER}/*
  Content-Security-Policy: default-src 'none'; frame-ancestors 'none'
  Cross-Origin-Resource-Policy: same-origin
  X-Content-Type-Options: nosniff
`;

/** As many as Cloudflare reads: https://developers.cloudflare.com/workers/static-assets/headers */
const MOST_RULES = 100;

/**
 * The headers of files. A file is never changed: another content has another name. Each is named,
 * since a pattern would be for files too that are not there, and a browser would keep their 404.
 */
function headersFor(names: readonly string[]): string {
  if (names.length >= MOST_RULES) throw new Error('There are more files than rules for headers.');
  const kept = names.map(
    (name) => `/${FOLDER}/${name}
  Cache-Control: public, max-age=31536000, immutable
`,
  );
  return HEADERS + kept.join('');
}

const bundle = (): Metafile =>
  buildSync({
    absWorkingDir: path('console'),
    entryPoints: [ENTRY, ICON],
    outdir: `${ASSETS}/${FOLDER}`,
    ...{ bundle: true, splitting: true, metafile: true, minify: true, sourcemap: false },
    ...{ format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'none' },
    ...{ jsx: 'automatic', jsxImportSource: 'preact' },
    ...{ entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]', assetNames: '[name]-[hash]' },
    loader: { '.svg': 'copy' },
    logLevel: 'warning',
  }).metafile;

const nameOf = (output: string): string => output.slice(output.lastIndexOf('/') + 1);

/** The names of files by the names without hash that the page has: `main.js`, `main.css`. */
function namesOf({ outputs }: Metafile): Map<string, string> {
  const names = new Map<string, string>();
  for (const [output, { entryPoint, cssBundle, inputs }] of Object.entries(outputs)) {
    if (entryPoint === ENTRY) names.set('main.js', nameOf(output));
    if (entryPoint === ENTRY && cssBundle) names.set('main.css', nameOf(cssBundle));
    if (Object.hasOwn(inputs, ICON)) names.set(ICON, nameOf(output));
  }
  return names;
}

/** The page, with the names that files have now. A line about a file that is not there goes. */
function pageWith(names: ReadonlyMap<string, string>): string {
  const lines = readFileSync(path('console/page.html'), 'utf8').split('\n');
  return lines
    .map((line) => {
      const [, name] = /\/console\/assets\/([\w.-]+)/.exec(line) ?? [];
      if (name === undefined) return line;
      const hashed = names.get(name);
      return hashed === undefined ? null : line.replace(name, hashed);
    })
    .filter((line) => line !== null)
    .join('\n');
}

/**
 * What a browser loads to show the first screen, gzipped, in bytes: the page, its style and icon,
 * and the scripts that the first one imports.
 */
function firstScreenOf({ outputs }: Metafile, page: string, names: Iterable<string>): number {
  const loaded = new Set<string>();
  const load = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    const [, output] = Object.entries(outputs).find(([one]) => one.endsWith(`/${name}`)) ?? [];
    for (const { kind, path } of output?.imports ?? []) {
      if (kind === 'import-statement') load(nameOf(path));
    }
  };
  for (const name of names) load(name);
  const files = [...loaded].map((name) => readFileSync(`${ASSETS}/${FOLDER}/${name}`));
  return [page, ...files].reduce((bytes, file) => bytes + gzipSync(file).length, 0);
}

/** Removes files of earlier builds. Those that are the same stay: a server may be reading them. */
function removeOthers({ outputs }: Metafile): void {
  const names = new Set(Object.keys(outputs).map(nameOf));
  for (const name of readdirSync(`${ASSETS}/${FOLDER}`)) {
    if (!names.has(name)) rmSync(`${ASSETS}/${FOLDER}/${name}`);
  }
}

/** Makes the files of the console. Returns what its first screen takes, gzipped, in bytes. */
export function makeConsole(): number {
  const made = bundle();
  removeOthers(made);
  const names = namesOf(made);
  const page = pageWith(names);
  // Not ".html": then a path of the page would find it, and it would come without its headers.
  writeFileSync(`${ASSETS}/console/page.txt`, page);
  writeFileSync(`${ASSETS}/_headers`, headersFor(Object.keys(made.outputs).map(nameOf)));
  return firstScreenOf(made, page, names.values());
}
