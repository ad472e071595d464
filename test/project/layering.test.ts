/** Imports point one way: index → graphql | rest | edge → policy → domain → db → base. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const LAYERS = ['base', 'db', 'domain', 'policy', 'face', 'index'] as const;

/** The layer of a file below src/. */
function layerOf(file: string): (typeof LAYERS)[number] {
  const [folder] = file.split('/');
  if (folder === 'graphql' || folder === 'rest' || folder === 'edge') return 'face';
  return LAYERS.find((layer) => layer === folder) ?? 'index';
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

const sources = new Map(files.map((file) => [file, readFileSync(join('src', file), 'utf8')]));

/** What is wrong with the imports of a file with this text. */
function wrongImports(file: string, text: string): string[] {
  const from = layerOf(file);
  return [...text.matchAll(/\bfrom '(\.[^']+)'|^import '(\.[^']+)'/gm)].flatMap((match) => {
    const target = normalize(join(dirname(file), match[1] ?? match[2] ?? ''));
    const to = layerOf(target);
    const sameFace =
      from !== 'face' || to !== 'face' || file.split('/')[0] === target.split('/')[0];
    const allowed = LAYERS.indexOf(to) <= LAYERS.indexOf(from) && sameFace;
    return allowed ? [] : [`${file} → ${target}`];
  });
}

describe('layers', () => {
  it('import only what lies below them', () => {
    expect(files.length).toBeGreaterThan(40);
    expect([...sources].flatMap(([file, text]) => wrongImports(file, text))).toEqual([]);
  });

  it('are told apart by this test', () => {
    expect(wrongImports('domain/x.ts', "import { y } from '../graphql/y.ts';")).toHaveLength(1);
    expect(wrongImports('db/x.ts', "import type { y } from '../domain/y.ts';")).toHaveLength(1);
    expect(wrongImports('edge/x.ts', "import '../graphql/y.ts';")).toHaveLength(1);
    expect(wrongImports('policy/x.ts', "import { y } from '../index.ts';")).toHaveLength(1);
    expect(wrongImports('graphql/x.ts', "import { y } from '../policy/y.ts';")).toHaveLength(0);
  });

  it('leave what makes the reference out of the Worker', () => {
    const importers = [...sources].filter(
      ([file, text]) => !file.startsWith('reference/') && /\breference\//.test(text),
    );
    expect(importers.map(([file]) => file)).toEqual(['index.ts']);
    expect(sources.get('index.ts')?.match(/reference\/[\w-]+\.ts/g)).toEqual([
      'reference/serve.ts',
    ]);
    const own = sources.get('reference/serve.ts')?.match(/from '\.\/[^']+'/g);
    expect(own).toEqual(["from './origin.ts'"]);
  });

  it('below the faces know nothing of HTTP or GraphQL', () => {
    for (const [file, text] of sources) {
      if (['face', 'index'].includes(layerOf(file))) continue;
      expect(text, file).not.toMatch(/from '(hono|graphql|graphql-yoga|@pothos\/core)'/);
    }
  });
});

describe('a Permit', () => {
  it('is made in policy/ and nowhere else', () => {
    const makers = [...sources].filter(([, text]) => /\bas (unknown as )?Permit\b/.test(text));
    expect(makers.map(([file]) => file)).toEqual(['policy/allow.ts']);
  });

  it('comes to a GraphQL field from the action that its gate checks, and from nowhere else', () => {
    const askers = [...sources].filter(
      ([file, text]) =>
        file.startsWith('graphql/') &&
        /import \{[^}]*\ballow\b[^}]*\} from .*policy\/allow/.test(text),
    );
    expect(askers.map(([file]) => file)).toEqual(['graphql/guarded.ts']);
  });

  it('is the first thing that each of the domain’s public verbs takes, so is D1 reached through it', () => {
    for (const [file, text] of sources) {
      if (layerOf(file) === 'face') expect(text, file).not.toMatch(/\/db\/(connect|commit)\.ts'/);
    }
  });
});
