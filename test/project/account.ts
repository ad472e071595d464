/**
 * An account of Cloudflare, as far as a deployment asks about one: what it has, and what was done
 * to it, in order.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Resource {
  id: string;
  name: string;
}

export interface Account {
  /** What Wrangler needs to call it. */
  env: Record<string, string>;
  databases: Resource[];
  namespaces: Resource[];
  queues: Resource[];
  /** The bindings of Workers, by the Worker's name. */
  workers: Map<string, { type: string; name: string }[]>;
  /** `<what> <name>`, in the order in which it was done. */
  done: string[];
  close(): void;
}

interface Asked {
  method: string;
  query: URLSearchParams;
  body: string;
  /** What the path's pattern found. */
  name: string;
}

type Answer = { result: unknown; status?: number; code?: number };

/** The answer to all other requests. */
const NOTHING: Answer = { result: [] };
const missing = (code: number): Answer => ({ result: null, status: 404, code });

/** What Wrangler uploads is a form, one part of which tells of the Worker. */
const METADATA = /name="metadata".*?\r\n\r\n(.*?)\r\n--/s;

export async function openAccount(): Promise<Account> {
  const databases: Resource[] = [];
  const namespaces: Resource[] = [];
  const queues: Resource[] = [];
  const workers: Account['workers'] = new Map();
  const done: string[] = [];

  function add(list: Resource[], kind: string, name: string): Resource {
    const one = { id: `${kind}-${list.length}`, name };
    list.push(one);
    done.push(`create ${kind} ${name}`);
    return one;
  }

  const asDatabase = ({ id, name }: Resource) => ({ uuid: id, name });
  const asQueue = ({ id, name }: Resource) => ({
    ...{ queue_id: id, queue_name: name, producers: [], consumers: [] },
  });

  const routes: [pattern: RegExp, answer: (asked: Asked) => Answer][] = [
    [
      /^\/d1\/database$/,
      ({ method, body }) => ({
        result:
          method === 'GET'
            ? databases.map(asDatabase)
            : asDatabase(add(databases, 'database', JSON.parse(body).name)),
      }),
    ],
    [
      /^\/d1\/database\/([^/]+)$/,
      ({ name }) => {
        const found = databases.find((one) => one.name === name || one.id === name);
        return found ? { result: asDatabase(found) } : missing(7404);
      },
    ],
    [
      /^\/d1\/database\/([^/]+)\/query$/,
      ({ name }) => {
        if (!databases.some(({ id }) => id === name)) return missing(7404);
        if (!done.includes(`migrate ${name}`)) done.push(`migrate ${name}`);
        return { result: [{ success: true, results: [], meta: {} }] };
      },
    ],
    [
      /^\/storage\/kv\/namespaces$/,
      ({ method, body }) => ({
        result:
          method === 'GET'
            ? namespaces.map(({ id, name }) => ({ id, title: name }))
            : add(namespaces, 'namespace', JSON.parse(body).title),
      }),
    ],
    [
      /^\/queues$/,
      ({ method, query, body }) => {
        if (method === 'POST') {
          return { result: asQueue(add(queues, 'queue', JSON.parse(body).queue_name)) };
        }
        const names = query.getAll('name');
        const found = queues.filter(({ name }) => names.length === 0 || names.includes(name));
        return { result: found.map(asQueue) };
      },
    ],
    [/^\/workers\/services\//, () => missing(10090)],
    [/^\/workers\/subdomain$/, () => ({ result: { subdomain: 'acme' } })],
    [
      /^\/workers\/scripts\/([^/]+)\/settings$/,
      ({ name }) => {
        const bindings = workers.get(name);
        return bindings ? { result: { bindings } } : missing(10007);
      },
    ],
    [/\/(?:deployments|versions)$/, () => missing(10007)],
    [/\/assets-upload-session$/, () => ({ result: { jwt: 'a.b.c', buckets: [] } })],
    [
      /^\/workers\/scripts\/([^/]+)$/,
      ({ name, body }) => {
        workers.set(name, JSON.parse(METADATA.exec(body)?.[1] ?? '{}').bindings);
        done.push(`deploy ${name}`);
        return { result: { id: name, deployment_id: 'a'.repeat(32), startup_time_ms: 1 } };
      },
    ],
    [/^\/workers\/workers\//, () => ({ result: { subdomain: { enabled: true } } })],
    [/\/subdomain$/, () => ({ result: { enabled: true, previews_enabled: true } })],
  ];

  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://account');
      const path = pathname.replace('/accounts/acme', '');
      const [match, answer] = routes
        .map(([pattern, answer]) => [pattern.exec(path), answer] as const)
        .find(([found]) => found) ?? [null, () => NOTHING];
      const asked = { method: request.method ?? '', query, body, name: match?.[1] ?? '' };
      const { result, status = 200, code } = answer(asked);
      const many = Array.isArray(result) ? result.length : 0;
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(
        JSON.stringify({
          success: status === 200,
          errors: code ? [{ code, message: 'It is not there.' }] : [],
          messages: [],
          result,
          result_info: { page: 1, per_page: 100, count: many, total_count: many, total_pages: 1 },
        }),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const env = {
    CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`,
    CLOUDFLARE_API_TOKEN: 'any',
    CLOUDFLARE_ACCOUNT_ID: 'acme',
  };
  return { env, databases, namespaces, queues, workers, done, close: () => server.close() };
}
