/** The path that was meant by one where nothing is. */
import { editDistance, typosBetween } from '../base/edit-distance.ts';

/**
 * What stands here under another name than with other services: their names for it, by the first
 * part of the path.
 */
const SYNONYMS: [path: string, names: string][] = [
  ['/authenticate', 'login signin auth token'],
  ['/session', 'logout signout userinfo'],
  ['/graphql', 'gql query graphiql playground device order permission intermediary company tenant'],
  ['/schema.graphql', 'schema sdl'],
  ['/openapi.json', 'swagger swagger.json openapi openapi.yaml apidoc'],
  ['/docs', 'reference'],
  ['/health', 'status ping ready'],
  ['/.well-known/oauth-authorization-server', 'openidconfiguration'],
];

/** What stands before a path elsewhere, and not here. */
const PREFIX = /^(?:api|rest|oauth2?|v\d+|\.well-known)$/;
/** Whose a thing is: here that is told by the credential. */
const OWNER = /\/(?:compan(?:y|ies)|tenants?)\/\d+(?=\/\w)/;
/** What stands behind the path of a call elsewhere, and here is its method. */
const VERB = /^(?:list|all|new|create|add|get|show|view|edit|update|save|delete|remove|search)$/;
/** In characters and parts: nothing here is longer. */
const MAX_PATH = 120;
const MAX_PARTS = 10;

/** A word in the singular, in one piece. */
const plain = (part: string): string =>
  part
    .replaceAll(/[-_]/g, '')
    .replace(/ies$/, 'y')
    .replace(/([^s])s$/, '$1');

function partsOf(path: string): string[] {
  const parts = path
    .toLowerCase()
    .replace(OWNER, '')
    .split(/\/|%2f/)
    .filter(Boolean);
  while (parts.length > 1 && PREFIX.test(parts[0] ?? '')) parts.shift();
  while (parts.length > 1 && VERB.test(parts.at(-1) ?? '')) parts.pop();
  return parts.slice(0, MAX_PARTS);
}

/** Of a known path that has another method: less than anything that a path is about. */
const OTHER_METHOD = 3;

const isParameter = (known: string): boolean => known.startsWith(':');
const isId = (part: string): boolean => /^\d/.test(part);

function farness(part: string, known: string): number {
  if (isParameter(known)) return isId(part) ? 0 : 3;
  return typosBetween(plain(part), plain(known));
}

/**
 * How far a path is from a known one, whose last word must be there: it says what the path is
 * about.
 */
function farnessOf(parts: readonly string[], known: readonly string[]): number {
  const subject = known.findLast((one) => !isParameter(one));
  const named = known.at(-1);
  return editDistance(parts, known, {
    change: farness,
    // What it lies in may be left out. Without its id, a list is meant rather than the thing.
    add(one) {
      if (one === subject) return Number.POSITIVE_INFINITY;
      if (isParameter(one)) return one === named ? 7 : 1;
      return 5;
    },
    // More may stand before it. An id behind it is that of the very thing.
    drop(part, isFirst) {
      if (isFirst) return isId(part) ? 1 : 2;
      return isId(part) ? 8 : 5;
    },
  });
}

/** A path that there is, its parameters as Hono writes them, with a method that it has. */
export interface KnownPath {
  path: string;
  method: string;
}

/** As people read it: what is to be put in stands in angle brackets. */
const written = (path: string): string => path.replaceAll(/:(\w+)/g, '<$1>');

/**
 * The known path that is nearest to `path`, be it misspelt, in the plural, or with more or less
 * around it; one with the method is nearer than others. Null where none is near.
 */
export function nearestPath(
  path: string,
  method: string,
  known: readonly KnownPath[],
): string | null {
  if (path.length > MAX_PATH) return null;
  const parts = partsOf(path);
  let nearest: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const wanted = partsOf(candidate.path);
    if (wanted.length === 0) continue;
    const letters = farnessOf(parts, wanted);
    const far = letters + (candidate.method === method ? 0 : OTHER_METHOD);
    if (far < least) [nearest, least] = [candidate.path, far];
  }
  const first = plain(parts[0] ?? '');
  const [synonym] = SYNONYMS.find(([, names]) => names.split(' ').map(plain).includes(first)) ?? [];
  const isKnown = known.some(({ path }) => path === synonym);
  const meant = synonym && isKnown && least > 2 ? synonym : nearest;
  return meant && written(meant);
}
