/**
 * Calls of the demo: told as curl commands that can be pasted, with their real answers, or made
 * quietly.
 */
import { quote, stop } from '../local.ts';
import { reasonOf } from '../reach.ts';

export interface Target {
  url: string;
  /** Whether calls and answers are printed. What is refused is always told. */
  isTold: boolean;
}

export interface Call {
  method: string;
  path: string;
  credential?: string;
  /** A form. */
  form?: [string, string | number][];
  json?: object;
}

/** The call as a command for a shell. */
function curlOf(url: string, { method, path, form, json }: Call, headers: [string, string][]) {
  const fields = form?.map(([name, value]) => `--data-urlencode ${quote(`${name}=${value}`)}`);
  const words = [
    `curl -s ${method === 'POST' ? '' : `-X ${method} `}${quote(url + path)}`,
    ...headers.map(([name, value]) => `-H '${name}: ${value}'`),
    ...(json ? [`-d ${quote(JSON.stringify(json))}`] : (fields ?? [])),
    ...(method === 'POST' && !json && !form ? ['-d ""'] : []),
  ];
  return words.join(' \\\n  ');
}

function bodyOf({ form, json }: Call): string | URLSearchParams | null {
  if (json) return JSON.stringify(json);
  return form ? new URLSearchParams(form.map(([name, value]) => [name, String(value)])) : null;
}

/** Sends a call and returns the answer, which must not be a refusal. */
async function send({ url, isTold }: Target, title: string, call: Call): Promise<unknown> {
  const headers: [string, string][] = [
    ...(call.json ? [['Content-Type', 'application/json'] as [string, string]] : []),
    ...(call.credential
      ? [['Authorization', `Bearer ${call.credential}`] as [string, string]]
      : []),
  ];
  if (isTold) console.log(`\n${title}:\n${curlOf(url, call, headers)}`);
  const response = await fetch(url + call.path, {
    ...{ method: call.method, headers, body: bodyOf(call) },
  }).catch((error) => stop(`\n${url} does not answer any more: ${reasonOf(error, url)}`));
  const text = await response.text();
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  const told = text === '' ? `${response.status}` : JSON.stringify(answer, null, 2);
  if (isTold || !response.ok) console.log(told);
  if (!response.ok) stop(`"${title}" was refused.`);
  return answer;
}

export interface Refusable {
  success?: boolean;
}

interface GraphqlAnswer {
  data?: Record<string, Refusable>;
  errors?: unknown;
}

export type Calls = ReturnType<typeof callsTo>;

/** The calls of a demo at a deployment. */
export function callsTo(target: Target) {
  const document = (title: string, credential: string, query: string) =>
    send(target, title, {
      ...{ method: 'POST', path: '/graphql', credential },
      json: { query: query.replace(/\s+/g, ' ').trim() },
    }) as Promise<GraphqlAnswer>;

  /** Sends a document and returns its one root field; null: it was refused. */
  async function attempt<Answer extends Refusable>(
    title: string,
    credential: string,
    query: string,
  ): Promise<Answer | null> {
    const { data, errors } = await document(title, credential, query);
    const [field] = Object.values(data ?? {});
    return errors || !field || field.success === false ? null : (field as Answer);
  }

  return {
    attempt,
    send: (title: string, call: Call) => send(target, title, call),

    /** The same for what must not be refused. */
    step: async <Answer extends Refusable>(
      title: string,
      credential: string,
      query: string,
    ): Promise<Answer> =>
      (await attempt<Answer>(title, credential, query)) ?? stop(`"${title}" was refused.`),

    /** Makes several mutations with one document, by their names in the answer. */
    async all<Answer extends Refusable>(
      title: string,
      credential: string,
      mutations: Record<string, string>,
    ): Promise<Record<string, Answer>> {
      const parts = Object.entries(mutations).map(([name, call]) => `${name}: ${call}`);
      const answer = await document(title, credential, `mutation { ${parts.join(' ')} }`);
      const fields = Object.values(answer.data ?? {});
      if (!answer.errors && fields.every((field) => field?.success)) {
        return answer.data as Record<string, Answer>;
      }
      console.log(JSON.stringify(answer, null, 2));
      return stop(`"${title}" was refused.`);
    },

    /** Sends a call of the company API and returns the data of its answer. */
    async rest<Data>(
      title: string,
      call: string,
      credential?: string,
      form?: Call['form'],
    ): Promise<Data> {
      const [method = '', path = ''] = call.split(' ');
      const answer = await send(target, title, {
        ...{ method, path },
        ...(credential ? { credential } : {}),
        ...(form ? { form } : {}),
      });
      return (answer as { data: Data }).data;
    },
  };
}
