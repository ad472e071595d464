/** The path that was meant by one where nothing is. */

/** What other services call what stands here under another name, by the first part of the path. */
const SYNONYMS: Record<string, string> = {
  login: '/authenticate',
  signin: '/authenticate',
  'sign-in': '/authenticate',
  auth: '/authenticate',
  token: '/authenticate',
  logout: '/session',
  signout: '/session',
  'sign-out': '/session',
  me: '/user/me',
  userinfo: '/session',
  gql: '/graphql',
  query: '/graphql',
  graphiql: '/graphql',
  playground: '/graphql',
  'schema.graphql': '/graphql',
  device: '/graphql',
  order: '/graphql',
  permission: '/graphql',
  intermediary: '/graphql',
  company: '/graphql',
  tenant: '/graphql',
  swagger: '/openapi.json',
  'swagger.json': '/openapi.json',
  openapi: '/openapi.json',
  'openapi.yaml': '/openapi.json',
  'api-docs': '/openapi.json',
  doc: '/docs',
  reference: '/docs',
  healthz: '/health',
  status: '/health',
  ping: '/health',
  ready: '/health',
  'openid-configuration': '/.well-known/oauth-authorization-server',
};

/** What stands before a path elsewhere, and not here. */
const PREFIX = /^(?:api|rest|oauth2?|v\d+|\.well-known)$/;
/** In characters and parts: nothing here is longer. */
const MAX_PATH = 100;
const MAX_PARTS = 6;

const singular = (part: string): string =>
  part
    .replace(/ies$/, 'y')
    .replace(/([^s])s$/, '$1')
    .replaceAll('_', '-');

function partsOf(path: string): string[] {
  const parts = path.toLowerCase().split('/').filter(Boolean);
  while (parts.length > 1 && PREFIX.test(parts[0] ?? '')) parts.shift();
  return parts.slice(0, MAX_PARTS);
}

/** How many letters have to be put in, taken away or changed (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let n = 1; n < row.length; n++) {
      const change = (row[n - 1] ?? 0) + (other[n - 1] === letter ? 0 : 1);
      next.push(Math.min(change, (row[n] ?? 0) + 1, (next[n - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** How far a part of a path is from that of a known one; more than all else where it is not it. */
const FAR = 1_000;
function farness(part: string | undefined, known: string): number {
  if (known.startsWith(':')) return part !== undefined && /^\d/.test(part) ? 0 : 3;
  const letters = distance(singular(part ?? ''), singular(known));
  return letters <= Math.min(2, Math.floor(known.length / 3)) ? letters : FAR;
}

/**
 * The known path that is nearest to `path`, with its parameters as Hono writes them, or the one that its first parts lead
 * to. Null where none is near.
 */
export function nearestPath(path: string, known: readonly string[]): string | null {
  if (path.length > MAX_PATH) return null;
  const parts = partsOf(path);
  let nearest: string | null = null;
  let least = FAR;
  for (const candidate of known) {
    const wanted = candidate.split('/').filter(Boolean);
    // At the end, an id may be missing.
    if (wanted.length === 0 || wanted.length > parts.length + 1) continue;
    const letters = wanted.reduce((sum, one, at) => sum + farness(parts[at], one), 0);
    // What is left out of the end counts more than any letter.
    const far = letters + 10 * Math.max(0, parts.length - wanted.length);
    if (far < least) [nearest, least] = [candidate, far];
  }
  const [first = ''] = parts;
  const synonym = SYNONYMS[first] ?? SYNONYMS[singular(first)];
  return synonym && known.includes(synonym) && (nearest === null || least > 2) ? synonym : nearest;
}
