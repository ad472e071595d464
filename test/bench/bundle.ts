/** The Workers that stand in workerd, each as one module. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Contender } from './contender.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

type Modules = { type: 'ESModule'; path: string; contents: string }[];

async function bundle(contents: string): Promise<Modules> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'esnext',
    minify: true,
    write: false,
    external: ['node:*', 'cloudflare:*'],
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'error',
  });
  return [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0]?.text ?? '' }];
}

/** The contender's module, with what the stage puts round it. */
function entryOf({ file, export: name, bindings, rpc }: Contender, inMemory: boolean): string {
  return `
    import * as contender from './contenders/${file}';
    import { stage } from './stage.ts';
    const { worker, Backstage, bindings } = stage(
      contender.${name},
      ${JSON.stringify({ ...bindings, inMemory })},
    );
    export { worker as default, Backstage };
    ${
      rpc
        ? `export class TokenAuthority extends contender.TokenAuthority {
             constructor(context, env) { super(context, bindings(env)); }
           }`
        : ''
    }`;
}

/** The contender, on its stage. */
export const bundleStaged = (contender: Contender, inMemory: boolean): Promise<Modules> =>
  bundle(entryOf(contender, inMemory));

/** The Worker that asks a contender by RPC. */
export const bundleCaller = (): Promise<Modules> =>
  bundle(`export { default } from './contenders/rpc-caller.ts'`);
