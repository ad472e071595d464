/**
 * The nested paths of the given documentation: `/project/<p>/station/<s>/sensor/<x>/channel/<c>` and
 * its parents. Each leads to the route of the innermost thing, where the nesting is true.
 */
import type { PathParents } from '../domain/permit.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

/** What each thing lies in, from the outside in. */
const OUTER = {
  station: ['project'],
  sensor: ['project', 'station'],
  channel: ['project', 'station', 'sensor'],
} satisfies Record<string, (keyof PathParents)[]>;

const isNested = (noun: string): noun is keyof typeof OUTER => Object.hasOwn(OUTER, noun);

/** The nested path of a route; null: it has none. */
function nestedPath(path: string): string | null {
  const [, noun = ''] = path.split('/', 2);
  if (!isNested(noun)) return null;
  return OUTER[noun].map((outer) => `/${outer}/:${outer}`).join('') + path;
}

/** Served, and not in the reference: who reads it finds one path for each call. */
export const nestedRoutes: readonly Route[] = routes.flatMap((route) => {
  const path = nestedPath(route.path);
  return path === null ? [] : [{ ...route, path }];
});
