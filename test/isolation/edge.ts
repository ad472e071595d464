/** Questions about tokens, over HTTP and by RPC, and all other paths in front of the faces. */
import { exports } from 'cloudflare:workers';
import { Hono } from 'hono';
import { vi } from 'vitest';
import { readQuestion } from '../../src/edge/question.ts';
import { createApp, newIsolate, TokenAuthority } from '../../src/index.ts';
import { type Rule, rules } from '../../src/policy/rules.ts';
import type { Operation, Place, Shape, ValueAt } from './operation.ts';
import { type IdWord, questionWords, wordOf } from './words.ts';

const place = (at: string, word: IdWord): Place => ({ at, word });
const tenant = place('tenant', { id: 'tenantId', isOwn: true });
const token = place('token', { id: 'accessToken' });
/** Where the credential itself is what is asked about. */
const presented = (credential: string | null): Place => ({
  ...token,
  word: { ...token.word, mine: credential, isOwn: true },
});

const session: Rule = rules['session.removeOwn'];
const everybody: Rule = { guest: true };

interface Question {
  about: Place[];
  pairs(valueAt: ValueAt): Record<string, string>;
}

/** No question, and then each possible one, in the words of the message for a wrong question. */
const questions: [none: Question, ...Question[]] = (() => {
  const words =
    /none of (.*)\.$/.exec(readQuestion([['', '']]).malformed ?? '')?.[1]?.split(', ') ?? [];
  const always: [string, string][] = [];
  const subjects: Place[] = [];
  for (const name of words) {
    const word = wordOf(questionWords, [name], 'questionWords');
    if ('id' in word) subjects.push(place(name, word));
    else if (word.fill !== undefined) always.push([name, String(word.fill)]);
  }
  const about = (...places: Place[]): Question => ({
    about: places,
    pairs: (valueAt) =>
      Object.fromEntries([...always, ...places.map((one) => [one.at, String(valueAt(one))])]),
  });
  return [about(), ...subjects.map((subject) => about(subject))];
})();

const operationOf = (name: string, ...shapes: Omit<Shape, 'name'>[]): Operation => ({
  name,
  forbidden: 401,
  shapes: shapes.map((shape) => ({ name, ...shape })),
});

/** `path` is of the tenant that it is given, or of none. */
const verifying = (path: (tenantId: string) => string, asked: Question[], header?: string) =>
  operationOf(
    `GET ${path(':tenant')}${header ? ` with ${header}` : ''}`,
    ...asked.map(
      ({ about, pairs }): Omit<Shape, 'name'> => ({
        rules: [session],
        by: ['session'],
        places: path('') === path(':tenant') ? about : [...about, tenant, presented(null)],
        call(send, credential, valueAt) {
          const tenantId = String(valueAt(tenant));
          const bearer = credential && String(valueAt(presented(credential)));
          const search = new URLSearchParams(pairs(valueAt));
          return send(`${path(tenantId)}?${search}`, bearer, {
            headers: header ? { [header]: tenantId } : {},
          });
        },
      }),
    ),
  );

/**
 * A form that holds a token: sent with a bearer credential, or with the id of its tenant by Basic
 * or in the form.
 */
const holding = (
  name: string,
  rule: Rule,
  by: 'key' | 'session',
  scheme?: 'Basic' | 'form',
): Operation =>
  operationOf(name, {
    rules: [rule],
    by: [by],
    places: scheme ? [token, tenant] : [token],
    call(send, credential, valueAt) {
      const basic = `Basic ${btoa(`${valueAt(tenant)}:${credential}`)}`;
      const value = valueAt(by === 'session' ? presented(credential) : token);
      const client = { client_id: String(valueAt(tenant)), client_secret: String(credential) };
      return send(name.replace('POST ', ''), scheme ? null : credential, {
        method: 'POST',
        headers: scheme === 'Basic' && credential !== null ? { Authorization: basic } : {},
        body: new URLSearchParams({
          token: String(value),
          ...(scheme === 'form' && credential !== null ? client : {}),
        }),
      });
    },
  });

const plain = (name: string, rule: Rule, by: Shape['by'], body?: object): Operation => {
  const [method = '', path = ''] = name.split(' ');
  return operationOf(name.replace(/\?.*/, ''), {
    rules: [rule],
    by,
    places: [],
    isRefused: path.endsWith('*'),
    call: (send, credential) =>
      send(path.replace('*', 'nothing'), credential, {
        method,
        ...(body && {
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        }),
      }),
  });
};

const who = '{caller{kind,intermediary{id,name},scopes}}';
const remover: Rule = { ...rules['session.remove'], ...session };

export const edgeOperations: Operation[] = [
  verifying(() => '/verify', questions),
  verifying((tenantId) => `/verify/${tenantId}`, questions),
  // Without the header it is refused before anything is looked at.
  operationOf('GET /verify/:tenant/a/path', {
    rules: [everybody],
    by: ['guest', 'session'],
    places: [tenant],
    isRefused: true,
    call: (send, credential, valueAt) => send(`/verify/${valueAt(tenant)}/a/path`, credential),
  }),
  verifying((tenantId) => `/verify/${tenantId}/a/path`, [questions[0]], 'X-Latchkey-Verify'),
  holding('POST /introspect', rules['session.introspect'], 'key'),
  holding('POST /introspect', rules['session.introspect'], 'key', 'Basic'),
  holding('POST /introspect', rules['session.introspect'], 'key', 'form'),
  holding('POST /revoke', remover, 'key'),
  holding('POST /revoke', rules['session.remove'], 'key', 'Basic'),
  holding('POST /revoke', rules['session.remove'], 'key', 'form'),
  holding('POST /revoke', remover, 'session'),
  plain('GET /session', session, ['session']),
  plain('DELETE /session', session, ['session']),
  ...[
    '/',
    '/health',
    '/schema.graphql',
    '/openapi.json',
    '/docs',
    '/docs/*',
    '/.well-known/oauth-authorization-server',
  ].map((path) => plain(`GET ${path}`, everybody, ['guest'])),
  // The same server as that of `POST /graphql`, where all the operations of GraphQL are called.
  ...['/', '/graphql/'].map((path) => ({
    ...plain(`POST ${path}`, rules['caller.read'], ['key'], { query: who }),
    forbidden: 403 as const,
  })),
  ...['/graphql', '/graphql/'].map((path) => ({
    ...plain(`GET ${path}?query=${who}`, rules['caller.read'], ['key']),
    forbidden: 403 as const,
  })),
];

/** Every method and path behind the front door, `/verify` aside. */
export function frontPaths(): string[] {
  const mounting = vi.spyOn(Hono.prototype, 'route');
  createApp(newIsolate());
  const [front] = mounting.mock.contexts as Hono[];
  mounting.mockRestore();
  const isMiddleware = ({ method, path }: { method: string; path: string }) =>
    method === 'ALL' && path.endsWith('/*');
  const paths = front?.routes.filter((route) => !isMiddleware(route)) ?? [];
  return [...new Set(paths.map(({ method, path }) => `${method} ${path}`))];
}

const asked: Record<string, Question[]> = { verify: questions, introspect: [questions[0]] };

const statuses: Record<string, number> = { allowed: 200, active: 200, denied: 403 };

const { TokenAuthority: authority } = exports as unknown as {
  TokenAuthority: Record<string, (token: unknown, question: object) => Promise<{ kind: string }>>;
};

/** Of an answer that is none of HTTP's: the status that it would have there. */
export const rpcOperations: Operation[] = Object.getOwnPropertyNames(TokenAuthority.prototype)
  .filter((method) => method !== 'constructor')
  .map((method) => {
    if (!asked[method]) {
      throw new Error(
        `The isolation matrix does not know what TokenAuthority.${method} is asked: say so ` +
          'in test/isolation/edge.ts.',
      );
    }
    return operationOf(
      `TokenAuthority.${method}`,
      ...asked[method].map(
        ({ about, pairs }): Omit<Shape, 'name'> => ({
          rules: [session],
          by: ['session'],
          places: [...about, tenant, presented(null)],
          async call(_, credential, valueAt) {
            const question = { ...pairs(valueAt), tenant: String(valueAt(tenant)) };
            const answer = await authority[method]?.(valueAt(presented(credential)), question);
            return Response.json(answer, { status: statuses[answer?.kind ?? ''] ?? 401 });
          },
        }),
      ),
    );
  });
