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

/** What is imported, types as well. */
const IMPORTS =
  /\bfrom '(?<from>\.[^']+)'|^import '(?<bare>\.[^']+)'|\bimport\(\s*'(?<inner>\.[^']+)'/gm;

/** The files that one with this text imports. */
const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(IMPORTS)].map(({ groups }) =>
    normalize(join(dirname(file), groups?.from ?? groups?.bare ?? groups?.inner ?? '')),
  );

/** What is wrong with the imports of a file with this text. */
function wrongImports(file: string, text: string): string[] {
  const from = layerOf(file);
  return importsOf(file, text).flatMap((target) => {
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
    for (const target of importsOf(file, texts.get(file) ?? '')) {
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

  it('have no circle of files, be it of types', () => {
    expect(circleIn(sources)).toEqual([]);
  });

  it('have circles that this test finds', () => {
    const [x, y] = ["import './y.ts';", "export {\n  x,\n} from './z.ts';"];
    const circle = (z: string) =>
      circleIn(new Map(Object.entries({ 'a/x.ts': x, 'a/y.ts': y, 'a/z.ts': z })));
    expect(circle("import { y } from '../a/y.ts';")).toEqual(['a/y.ts', 'a/z.ts', 'a/y.ts']);
    expect(circle("import { x } from './x.ts';").at(0)).toBe('a/x.ts');
    expect(circle("import type { y } from './y.ts';")).toEqual(['a/y.ts', 'a/z.ts', 'a/y.ts']);
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

/** The noun of a file of the domain; undefined for others. */
function nounOf(file: string): string | undefined {
  const [layer, noun, name] = file.split('/');
  if (layer !== 'domain') return undefined;
  return name === undefined ? 'call' : noun;
}

/** The lines of the drawing, the highest first. */
const lines = (
  /### The order of the nouns.*?\n\n(?<lines>(?: {4}[^\n]*\n)+)/s.exec(
    readFileSync('docs/architecture.md', 'utf8'),
  )?.groups?.lines ?? ''
)
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/));

/** What is wrong with the imports of nouns in a file with this text, types as well. */
function wrongNouns(file: string, text: string): string[] {
  const from = nounOf(file);
  const lineOf = (noun: string) => lines.findIndex((line) => line.includes(noun));
  return importsOf(file, text).flatMap((target) => {
    const to = nounOf(target);
    if (from === undefined || to === undefined || from === to) return [];
    return lineOf(to) > lineOf(from) ? [] : [`${file} → ${target}`];
  });
}

describe('the nouns of the domain', () => {
  it('are all in the drawing of docs/architecture.md, once', () => {
    const nouns = new Set(files.map(nounOf).filter((noun) => noun !== undefined));
    expect(lines.flat().sort()).toEqual([...nouns].sort());
  });

  it('import only what is drawn below them, types as well', () => {
    expect([...sources].flatMap(([file, text]) => wrongNouns(file, text))).toEqual([]);
  });

  it('have circles that this test finds', () => {
    const up = "import { find } from '../members/find.ts';";
    const typesUp = "import type { Member } from '../members/member.ts';";
    expect(wrongNouns('domain/sessions/x.ts', up)).toHaveLength(1);
    expect(wrongNouns('domain/sessions/x.ts', typesUp)).toHaveLength(1);
    expect(wrongNouns('domain/keys/x.ts', up)).toHaveLength(1);
    const within = "type Member = import('../members/member.ts').Member;";
    expect(wrongNouns('domain/sessions/x.ts', within)).toHaveLength(1);
    expect(wrongNouns('domain/x.ts', "export type { x } from './sessions/x.ts';")).toHaveLength(1);
    expect(wrongNouns('domain/stations/x.ts', up)).toHaveLength(0);
    expect(wrongNouns('domain/members/x.ts', "import { x } from './find.ts';")).toHaveLength(0);
  });
});

/** Parameters and fields that say what somebody may. */
const flags = (text: string): string[] => text.match(/\b(?:may|can)[A-Z]\w*\??: boolean/g) ?? [];

/** The functions of a text that take a Permit and reach D1 by the call in it. */
const roundPermit = (text: string): string[] =>
  text
    .split(/^(?=(?:export )?(?:async )?(?:function|const) )/m)
    .filter((one) => /\bPermit</.test(one))
    .filter((one) =>
      /\bcall\.db\b|\bdb\b[^{}]*\} = (?:permit\.)?call\b|call: \{[^}]*\bdb\b/.test(one),
    )
    .map((one) => one.split('\n', 1)[0] ?? '');

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

  it('says by itself what a caller may: no flag beside it does', () => {
    const flagged = [...sources].filter(
      ([file, text]) => nounOf(file) !== undefined && flags(text).length > 0,
    );
    expect(flagged.map(([file]) => file)).toEqual([]);
    expect(flags('export const update = (permit: Permit<X>, mayEmpower: boolean) =>')).toHaveLength(
      1,
    );
    expect(flags('(permit: Permit<X>, empower: Permit<Y> | undefined)')).toHaveLength(0);
  });

  it('has the database that a verb uses: none goes round it to that of the call', () => {
    const round = [...sources].flatMap(([file, text]) =>
      nounOf(file) === undefined ? [] : roundPermit(text).map((verb) => `${file}: ${verb}`),
    );
    expect(round).toEqual([]);
    const verb = (body: string) => `export async function x(permit: Permit<'y'>) {\n  ${body}\n}\n`;
    expect(roundPermit(verb('await permit.call.db.read(z);'))).toHaveLength(1);
    expect(roundPermit(verb('const { db, isolate } = permit.call;'))).toHaveLength(1);
    expect(roundPermit(verb('const { call } = permit;\n  await call.db.batch(z);'))).toHaveLength(
      1,
    );
    expect(roundPermit(verb('await permit.db.read(z);'))).toHaveLength(0);
    expect(roundPermit('export const x = ({ db }: Call) => db.read(z);\n')).toHaveLength(0);
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

describe('a cast that the compiler cannot check', () => {
  const bare = (text: string): string[] => {
    const lines = text.split('\n');
    return lines.filter(
      (line, at) =>
        /\bas (?:unknown as|never\b|any\b)/.test(line) &&
        !/^\s*\*/.test(line) &&
        !lines.slice(Math.max(0, at - 5), at).some((above) => /^\s*\/\//.test(above)),
    );
  };

  it('has its reason above it', () => {
    expect([...sources].flatMap(([, text]) => bare(text))).toEqual([]);
    expect(bare('const x = y as unknown as Z;')).toHaveLength(1);
    expect(bare('f(x as never);')).toHaveLength(1);
    expect(bare('// Why.\nconst x = y as unknown as Z;')).toHaveLength(0);
  });
});
