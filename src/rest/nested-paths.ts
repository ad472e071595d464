/**
 * The nested paths of the original documentation: `/project/<p>/station/<s>/sensor/<x>/channel/<c>`
 * and its parents. Each leads to the route of the innermost thing, if the nesting is correct.
 */
import type { PathParents } from '../domain/permit.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

/** The parents of each thing, from the outside in. */
const OUTER = {
  station: ['project'],
  sensor: ['project', 'station'],
  channel: ['project', 'station', 'sensor'],
} satisfies Record<string, (keyof PathParents)[]>;

const isNested = (noun: string): noun is keyof typeof OUTER => Object.hasOwn(OUTER, noun);

/** The nested path of a route. Null if it has none. */
function nestedPath(path: string): string | null {
  const [, noun = ''] = path.split('/', 2);
  if (!isNested(noun)) return null;
  return OUTER[noun].map((outer) => `/${outer}/:${outer}`).join('') + path;
}

/** Served but not in the reference, which has one path for each call. */
export const nestedRoutes: readonly Route[] = routes.flatMap((route) => {
  const path = nestedPath(route.path);
  return path === null ? [] : [{ ...route, path }];
});
