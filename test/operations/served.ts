/** What the Worker serves, and what of it the table of operations does not say. */
import { Hono } from 'hono';
import { vi } from 'vitest';
import { getSchema } from '../../src/graphql/schema.ts';
import { createApp, newIsolate, TokenAuthority } from '../../src/index.ts';
import { nestedRoutes } from '../../src/rest/nested-paths.ts';
import { routes } from '../../src/rest/routes.ts';
import { consoleOperations } from './console.ts';
import { edgeOperations, rpcOperations } from './edge.ts';
import { graphqlOperations } from './graphql.ts';
import { restOperations } from './rest.ts';

const nameOf = ({ method, path }: { method: string; path: string }): string =>
  `${method.toUpperCase()} ${path}`;

const ofConsole = (name: string): boolean => / \/console(\/|$)/.test(name);

/**
 * Every method and path behind the front door. What the console reaches by its cookie is what it
 * stands for.
 */
function frontPaths(): string[] {
  const mounting = vi.spyOn(Hono.prototype, 'route');
  createApp(newIsolate());
  const [front] = mounting.mock.contexts as Hono[];
  mounting.mockRestore();
  const isMiddleware = ({ method, path }: { method: string; path: string }) =>
    method === 'ALL' && path.endsWith('/*');
  return (front?.routes ?? [])
    .filter((route) => !isMiddleware(route))
    .map(nameOf)
    .map((name) => name.replace(' /console/api/', ' /'));
}

/** It stands before the front door. */
const FAST = ['GET /verify', 'GET /verify/:tenant', 'GET /verify/:tenant/a/path'];

const rootFields = (): string[] =>
  ['Query', 'Mutation'].flatMap((type) => {
    const root = getSchema().getType(type);
    return root && 'getFields' in root ? Object.keys(root.getFields()) : [];
  });

/** Each part of the table, with what it must have an entry for, and what an entry says. */
function parts() {
  const ofCompany = new Set([...routes, ...nestedRoutes].map(nameOf));
  const says = 'who calls it, with what, and what comes of it';
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(TokenAuthority.prototype);
  return [
    { file: 'graphql.ts', says, served: rootFields(), table: graphqlOperations },
    { file: 'rest.ts', says, served: routes.map(nameOf), table: restOperations },
    {
      ...{ file: 'edge.ts', says, table: edgeOperations },
      served: [...FAST, ...frontPaths().filter((path) => !ofCompany.has(path) && !ofConsole(path))],
    },
    {
      ...{ file: 'console.ts', says: 'where it is tested', table: consoleOperations },
      served: frontPaths().filter(ofConsole),
    },
    {
      ...{ file: 'edge.ts', says: 'what it is asked', table: rpcOperations },
      served: Object.keys(methods),
    },
  ];
}

/** A sentence for each operation that has no entry, and for each entry of what is not there. */
export const unlisted = (): string[] =>
  parts().flatMap(({ file, says, served, table }) => [
    ...[...new Set(served)]
      .filter((name) => !Object.hasOwn(table, name))
      .map((name) => `${name} has no entry: add one to test/operations/${file} that says ${says}.`),
    ...Object.keys(table)
      .filter((name) => !served.includes(name))
      .map((name) => `${name} is not served: take its entry out of test/operations/${file}.`),
  ]);
