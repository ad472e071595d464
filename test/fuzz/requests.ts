/** Requests to every face, as clients send them but for a value or a credential now and then. */
import fc from 'fast-check';
import type { ObjectSchema } from '../../src/base/fields.ts';
import { nestedRoutes } from '../../src/rest/nested-paths.ts';
import { routes } from '../../src/rest/routes.ts';
import { edgeOperations } from '../operations/edge.ts';
import { graphqlOperations } from '../operations/graphql.ts';
import { documentsFor } from './documents.ts';
import type { Shot } from './shot.ts';
import type { Stage } from './stage.ts';
import { oddText, oddValue, textFor, textOf, valueFor } from './values.ts';

type Arbitrary<Value> = fc.Arbitrary<Value>;

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';
const BOUNDARY = 'a-boundary';

export const mostly = <Value>(
  usual: Arbitrary<Value>,
  ...odd: Arbitrary<Value>[]
): Arbitrary<Value> => fc.oneof({ weight: 9, arbitrary: usual }, fc.oneof(...odd));

/**
 * What Fetch would not send in a header is left out, and what workerd would send with a warning.
 */
const sendable = (text: string): string => text.replace(/[^\t -~]/g, '');

const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

type Kind = keyof Stage['credentials'];

/** An Authorization header, or none: most often one of the kinds that are meant. */
export function credentialFor({ credentials }: Stage, ...meant: Kind[]): Arbitrary<string | null> {
  const any = fc.oneof(...Object.values(credentials).map((some) => fc.constantFrom(...some)));
  const usual = fc.oneof(...meant.map((kind) => fc.constantFrom(...credentials[kind])), any);
  const broken = fc.oneof(
    any.map((token) => `Bearer ${token.slice(0, -1)}0`),
    any.map((token) => `Bearer ${token.replace(/^lk_\w+?_/, 'lk_rst_')}`),
    any.map((token) => `Bearer ${token}, Bearer ${token}`),
    any.map((token) => `Token ${token}`),
    any,
    oddText.map((text) => `Bearer ${sendable(text)}`),
    oddText.map((text) => `Basic ${sendable(text)}`),
    oddText.map((text) => basic(text, text)),
  );
  return fc.oneof(
    { weight: 18, arbitrary: usual.map((token) => `Bearer ${token}`) },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: broken },
  );
}

/** A client's credential as OAuth has it. */
const basicFor = ({ clientId, ids, credentials }: Stage): Arbitrary<string> =>
  fc
    .tuple(
      mostly(fc.constant(clientId), fc.constantFrom(...ids)),
      fc.constantFrom(...credentials.key, ...credentials.lesser, ...credentials.dead),
    )
    .map(([id, secret]) => basic(id, secret));

const request = (
  method: string,
  target: string,
  credential: string | null,
  body: Buffer | string | null = null,
  type?: string,
): Shot => ({
  method,
  target,
  headers: [
    ...(credential === null ? [] : [['Authorization', credential] as [string, string]]),
    ...(type === undefined ? [] : [['Content-Type', type] as [string, string]]),
  ],
  body: body === null ? null : Buffer.from(body),
  chunked: false,
});

const queryOf = (fields: Record<string, unknown>): string =>
  Object.entries(fields)
    .map(
      ([name, value]) =>
        `${encodeURIComponent(name.toWellFormed())}=` +
        encodeURIComponent(textOf(value).toWellFormed()),
    )
    .join('&');

export function graphqlFor(stage: Stage): Arbitrary<Shot> {
  return fc
    .tuple(
      documentsFor(stage),
      fc.record({
        key: credentialFor(stage, 'key', 'key', 'key'),
        operator: credentialFor(stage, 'operator', 'operator', 'operator'),
        session: credentialFor(stage, 'endUser', 'staff', 'staff'),
      }),
      fc.constantFrom('/graphql', '/graphql', '/'),
      mostly(
        fc.constant('post' as const),
        fc.constantFrom('get' as const, 'form' as const, 'batch' as const, 'raw' as const),
      ),
      mostly(
        fc.constant(null),
        fc.constantFrom(
          JSON_TYPE,
          'application/graphql-response+json',
          'text/event-stream',
          'multipart/mixed',
          'text/html',
          '*/*;q=0',
          'nonsense',
        ),
      ),
    )
    .map(([operation, credentials, path, how, accept]) => {
      const [, root = ''] = /\{\s*(\w+)/.exec(textOf(operation.query)) ?? [];
      const [by] = graphqlOperations[root]?.by ?? [];
      const credential = credentials[by === 'operator' || by === 'session' ? by : 'key'];
      const json = JSON.stringify(operation);
      const fields = {
        ...operation,
        variables: JSON.stringify(operation.variables ?? {}),
        ...(operation.operationName === undefined ? {} : { operationName: 'It' }),
      };
      const shot = {
        post: () => request('POST', path, credential, json, JSON_TYPE),
        get: () => request('GET', `/graphql?${queryOf(fields)}`, credential),
        form: () => request('POST', path, credential, queryOf(fields), FORM_TYPE),
        batch: () => request('POST', path, credential, `[${json},${json}]`, JSON_TYPE),
        raw: () =>
          request('POST', path, credential, textOf(operation.query), 'application/graphql'),
      }[how]();
      if (accept !== null) shot.headers.push(['Accept', accept]);
      return shot;
    });
}

/** Fields in each of the three encodings. */
const encodings = {
  json: (fields: Record<string, unknown>) => [JSON.stringify(fields), JSON_TYPE],
  form: (fields: Record<string, unknown>) => [
    pairsOf(fields)
      .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
      .join('&'),
    FORM_TYPE,
  ],
  multipart: (fields: Record<string, unknown>) => [
    `${pairsOf(fields)
      .map(
        ([name, value]) =>
          `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      )
      .join('')}--${BOUNDARY}--\r\n`,
    `multipart/form-data; boundary=${BOUNDARY}`,
  ],
} satisfies Record<string, (fields: Record<string, unknown>) => [string, string] | string[]>;

const pairsOf = (fields: Record<string, unknown>): [string, string][] =>
  Object.entries(fields).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((item): [string, string] => [`${name}[]`, textOf(item)])
      : [[name, textOf(value ?? '')]],
  );

/** The fields of a schema: most often all that must be there, and some more. */
function fieldsFor(stage: Stage, schema: ObjectSchema | undefined) {
  const names = Object.keys(schema?.entries ?? {});
  const values = Object.fromEntries(names.map((name) => [name, valueFor(stage, name)]));
  return mostly(
    fc.oneof(fc.record(values), fc.record(values, { requiredKeys: [] })),
    fc.dictionary(oddText, oddValue, { maxKeys: 3 }),
  );
}

export function restFor(stage: Stage): Arbitrary<Shot> {
  const calls = [...routes, ...nestedRoutes].map((route) => {
    const noun = /(\w+)\/:id/.exec(route.path)?.[1] ?? '';
    const outer = route.path.match(/:(?!id\b)\w+/g) ?? [];
    return fc
      .tuple(
        fc.tuple(...outer.map((param) => textFor(stage, param.slice(1)))),
        mostly(textFor(stage, noun), fc.constantFrom('me', ...stage.ids), oddText),
        fieldsFor(stage, route.body),
        fieldsFor(stage, route.query),
        fc.constantFrom<keyof typeof encodings>('json', 'json', 'form', 'multipart'),
        credentialFor(stage, 'key', 'staff', 'staff', 'staff'),
      )
      .map(([ids, id, fields, asked, encoding, credential]) => {
        const query = route.query ? `?${queryOf(asked)}` : '';
        const called = [...outer, ':id'].reduce(
          (path, param, at) =>
            path.replace(param, () => encodeURIComponent((ids[at] ?? id).toWellFormed())),
          route.path,
        );
        const path = called + query;
        const method = route.method.toUpperCase();
        if (!route.body) return request(method, path, credential);
        const [body = '', type] = encodings[encoding](fields);
        return request(method, path, credential, body, type);
      });
  });
  return fc.oneof(...calls);
}

/** What anybody may read. */
const openPaths = (): string[] =>
  Object.entries(edgeOperations).flatMap(([name, { by }]) =>
    by[0] === 'guest' && !name.includes(':') ? [name.replace('GET ', '')] : [],
  );

export function edgeFor(stage: Stage): Arbitrary<Shot> {
  const session = credentialFor(stage, 'endUser', 'endUser', 'staff');
  const client = fc.oneof(credentialFor(stage, 'key', 'key'), basicFor(stage), session);
  const asked = fc.oneof(
    fc.constant(''),
    ...['device', 'meter', 'station'].map((word) =>
      textFor(stage, word).map((value) => `?${queryOf({ [word]: value })}`),
    ),
    fc
      .tuple(...['device', 'permission', 'consistency'].map((word) => textFor(stage, word)))
      .map(
        ([device, permission, consistency]) => `?${queryOf({ device, permission, consistency })}`,
      ),
  );
  const tenant = fc.oneof(
    fc.constantFrom('', `/${stage.clientId}`, `/${stage.theirId}`, `/${stage.clientId}/any/path`),
    oddText.map((text) => `/${encodeURIComponent(text.toWellFormed())}`),
  );
  const strictly = fc.constantFrom('', '', '?consistency=strict', '?consistency=never');
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PUT'), tenant, asked, session)
      .map(([method, whose, question, by]) => request(method, `/verify${whose}${question}`, by)),
    fc
      .tuple(
        fc.constantFrom('/introspect', '/revoke'),
        strictly,
        textFor(stage, 'token'),
        fc.option(textFor(stage, 'token_type_hint')),
        client,
      )
      .map(([path, how, token, hint, by]) =>
        request(
          'POST',
          path + how,
          by,
          queryOf({ token, ...(hint === null ? {} : { token_type_hint: hint }) }),
          FORM_TYPE,
        ),
      ),
    fc
      .tuple(fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'DELETE'), strictly, session)
      .map(([method, how, by]) => request(method, `/session${how}`, by)),
    fc
      .tuple(
        mostly(fc.constantFrom('latest', ...stage.cursors), oddText),
        mostly(fc.constantFrom('1', '100', '1000'), fc.constantFrom('0', '1001'), oddText),
        mostly(fc.constantFrom('order.*', 'user.add,device.*', 'permission.*'), oddText),
        fc.subarray(['after', 'limit', 'actions', 'first']),
        credentialFor(stage, 'key', 'key', 'lesser'),
      )
      .map(([after, limit, actions, names, by]) => {
        const all: Record<string, string> = { after, limit, actions, first: limit };
        const asked = Object.fromEntries(names.map((name) => [name, all[name]]));
        return request('GET', `/events?${queryOf(asked)}`, by);
      }),
    fc
      .tuple(
        fc.constantFrom(
          ...openPaths(),
          '/graphql',
          '/docs/scalar.js',
          '/docs/../wrangler.toml',
          '/docs/%2e%2e/x',
          '/.well-known/../.dev.vars',
          '/favicon.ico',
        ),
        session,
      )
      .map(([path, by]) => request('GET', path, by)),
  );
}
