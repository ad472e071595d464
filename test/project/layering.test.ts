/**
 * Imports point one way: index → front → reference → graphql | rest | edge → policy → domain → db →
 * base.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const LAYERS = [
  ...['base', 'db', 'domain', 'policy'],
  ...['face', 'reference', 'front', 'index'],
] as const;

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

const ANY = /\bfrom '(?<from>\.[^']+)'|^import '(?<bare>\.[^']+)'/gm;
/** What is still imported when the Worker runs. */
const AT_RUN_TIME = /^(?:im|ex)port (?!type\b)(?:[^;']*\bfrom )?'(?<from>\.[^']+)'/gm;

/** The files that one with this text imports. */
const importsOf = (file: string, text: string, kind: RegExp): string[] =>
  [...text.matchAll(kind)].map(({ groups }) =>
    normalize(join(dirname(file), groups?.from ?? groups?.bare ?? '')),
  );

/** What is wrong with the imports of a file with this text. */
function wrongImports(file: string, text: string): string[] {
  const from = layerOf(file);
  return importsOf(file, text, ANY).flatMap((target) => {
    const to = layerOf(target);
    const sameFace =
      from !== 'face' || to !== 'face' || file.split('/')[0] === target.split('/')[0];
    const allowed = LAYERS.indexOf(to) <= LAYERS.indexOf(from) && sameFace;
    return allowed ? [] : [`${file} → ${target}`];
  });
}

/** A way through imports that comes back to where it began, if there is one. */
function circleIn(texts: ReadonlyMap<string, string>): string[] {
  const done = new Set<string>();
  const circleFrom = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of importsOf(file, texts.get(file) ?? '', AT_RUN_TIME)) {
      const circle = circleFrom(target, [...way, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of texts.keys()) {
    const circle = circleFrom(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
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
    expect(wrongImports('rest/x.ts', "import type { y } from '../front/y.ts';")).toHaveLength(1);
    expect(wrongImports('front/x.ts', "import { y } from '../index.ts';")).toHaveLength(1);
    expect(wrongImports('graphql/x.ts', "import { y } from '../policy/y.ts';")).toHaveLength(0);
  });

  it('have no circle of files, but of types alone', () => {
    expect(circleIn(sources)).toEqual([]);
  });

  it('have circles that this test finds', () => {
    const [x, y] = ["import './y.ts';", "export {\n  x,\n} from './z.ts';"];
    const circle = (z: string) =>
      circleIn(new Map(Object.entries({ 'a/x.ts': x, 'a/y.ts': y, 'a/z.ts': z })));
    expect(circle("import { y } from '../a/y.ts';")).toEqual(['a/y.ts', 'a/z.ts', 'a/y.ts']);
    expect(circle("import { x } from './x.ts';").at(0)).toBe('a/x.ts');
    expect(circle("import type { y } from './y.ts';")).toEqual([]);
    expect(circle("import { z } from './w.ts';")).toEqual([]);
  });

  it('leave what makes the reference out of the Worker', () => {
    const importers = [...sources].filter(
      ([file, text]) => !file.startsWith('reference/') && /\breference\//.test(text),
    );
    expect(importers.map(([file]) => file)).toEqual(['front/routes.ts']);
    expect(sources.get('front/routes.ts')?.match(/reference\/[\w-]+\.ts/g)).toEqual([
      'reference/serve.ts',
    ]);
    const own = sources.get('reference/serve.ts')?.match(/from '\.\/[^']+'/g);
    expect(own).toEqual(["from './origin.ts'"]);
  });

  it('below the faces know nothing of HTTP or GraphQL', () => {
    for (const [file, text] of sources) {
      if (!['base', 'db', 'domain', 'policy'].includes(layerOf(file))) continue;
      expect(text, file).not.toMatch(/from '(hono|graphql|graphql-yoga|@pothos\/core)'/);
    }
  });
});

describe('a Permit', () => {
  it('is made in policy/ and nowhere else', () => {
    const makers = [...sources].filter(([, text]) => /\bas (unknown as )?Permit\b/.test(text));
    expect(makers.map(([file]) => file)).toEqual(['policy/authorize.ts']);
  });

  it('comes to a GraphQL field only from the action that is authorized for it', () => {
    const askers = [...sources].filter(
      ([file, text]) =>
        file.startsWith('graphql/') &&
        /import \{[^}]*\bauthorize\b[^}]*\} from .*policy\/authorize/.test(text),
    );
    expect(askers.map(([file]) => file)).toEqual(['graphql/guarded.ts']);
  });

  it(
    'is the first thing that each of the domain’s public verbs takes, so is D1 reached through ' +
      'it',
    () => {
      for (const [file, text] of sources) {
        if (layerOf(file) === 'face') expect(text, file).not.toMatch(/\/db\/(connect|commit)\.ts'/);
      }
    },
  );
});
