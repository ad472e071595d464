/** Suggests the path that was probably meant. */
import { editDistance, typosBetween } from '../base/edit-distance.ts';

/** Names that other services use for our paths, compared with the first part of a path. */
const SYNONYMS: [path: string, names: string][] = [
  ['/authenticate', 'login signin auth token'],
  ['/session', 'logout signout userinfo'],
  ['/graphql', 'gql query graphiql playground device order permission intermediary company tenant'],
  ['/schema.graphql', 'schema sdl'],
  ['/openapi.json', 'swagger swagger.json openapi openapi.yaml apidoc'],
  ['/docs', 'reference'],
  ['/health', 'status ping ready'],
  ['/events', 'audit auditlog feed log change webhook'],
  ['/.well-known/oauth-authorization-server', 'openidconfiguration'],
];

/** Prefixes that other APIs have, and this one does not. */
const PREFIX = /^(?:api|rest|oauth2?|v\d+|\.well-known)$/;
/** The owner in a path. Here the credential tells it. */
const OWNER = /\/(?:compan(?:y|ies)|tenants?)\/\d+(?=\/\w)/;
/** Verbs at the end of a path. Here the method tells them. */
const VERB = /^(?:list|all|new|create|add|get|show|view|edit|update|save|delete|remove|search)$/;
/** In characters and parts. No path here is longer. */
const MAX_PATH = 120;
const MAX_PARTS = 10;

/** A word in the singular, without separators. */
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

/** The cost of another method. It is less than any difference in the path. */
const OTHER_METHOD = 3;

const isParameter = (known: string): boolean => known.startsWith(':');
const isId = (part: string): boolean => /^\d/.test(part);

function farness(part: string, known: string): number {
  if (isParameter(known)) return isId(part) ? 0 : 3;
  return typosBetween(plain(part), plain(known));
}

/**
 * The distance of a path from a known one. The last word of the known path must be there: it says
 * what the path is about.
 */
function farnessOf(parts: readonly string[], known: readonly string[]): number {
  const subject = known.findLast((one) => !isParameter(one));
  const named = known.at(-1);
  return editDistance(parts, known, {
    change: farness,
    // Parents may be left out. Without its id, the list is meant rather than the thing.
    add(one) {
      if (one === subject) return Number.POSITIVE_INFINITY;
      if (isParameter(one)) return one === named ? 7 : 1;
      return 5;
    },
    // Further parts may come before. An id after it is that of the thing itself.
    drop(part, isFirst) {
      if (isFirst) return isId(part) ? 1 : 2;
      return isId(part) ? 8 : 5;
    },
  });
}

/** A path that exists, in Hono's notation, with one of its methods. */
export interface KnownPath {
  path: string;
  method: string;
}

/** The path as people read it: parameters in angle brackets. */
const written = (path: string): string => path.replaceAll(/:(\w+)/g, '<$1>');

/**
 * The known path nearest to `path`, which may be misspelt, in the plural, or have more or fewer
 * parts. A path with the same method is nearer. Null if none is near.
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
