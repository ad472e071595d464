/** Calls over connections that stay open, each with an answer of the expected kind or an error. */
import * as http from 'node:http';
import * as https from 'node:https';

// biome-ignore lint/suspicious/noExplicitAny: answers are compared with the ledger, field by field.
export type Json = any;

/** An answer that is late is an error. */
const PATIENCE_MS = 10_000;

export class Client {
  readonly #url: URL;
  readonly #request: typeof http.request;
  readonly #agent: http.Agent;

  constructor(url: URL) {
    const { request, Agent } = url.protocol === 'https:' ? https : http;
    this.#url = url;
    this.#request = request;
    this.#agent = new Agent({ keepAlive: true });
  }

  /** The status and the body of an answer, whatever they say. */
  send(method: string, path: string, credential: string, json?: object, more: object = {}) {
    const body = json && JSON.stringify(json);
    const headers = {
      ...more,
      ...(credential && { Authorization: `Bearer ${credential}` }),
      ...(body && {
        'Content-Type': 'application/json',
        'Content-Length': String(Buffer.byteLength(body)),
      }),
    };
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = this.#request(new URL(path, this.#url), { method, headers, agent: this.#agent });
      const timer = setTimeout(() => sent.destroy(new Error('timeout')), PATIENCE_MS);
      sent.on('close', () => clearTimeout(timer));
      sent.on('error', reject);
      sent.on('response', (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      });
      sent.end(body);
    });
  }

  /** Throws unless `/verify` answers with one of these statuses. */
  async verify(path: string, token: string, statuses: number[], headers = {}): Promise<void> {
    const { status, text } = await this.send('GET', `/verify${path}`, token, undefined, headers);
    if (!statuses.includes(status)) throw new Error(`/verify${path} answered ${status} ${text}`);
  }

  /** The data of a document that runs without an error. */
  async graphql(credential: string, query: string, variables: object): Promise<Json> {
    const { status, text } = await this.send('POST', '/graphql', credential, { query, variables });
    const { data, errors } = status === 200 ? JSON.parse(text) : {};
    if (!data || errors) throw new Error(`GraphQL answered ${status} ${text}`);
    return data;
  }

  /** The payload of a mutation that succeeds. */
  async change(credential: string, mutation: string, input: object, fields = ''): Promise<Json> {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
    const query =
      `mutation ($input: ${type}) { ${mutation}(input: $input) { success errors { code message ` +
      `path } ${fields} } }`;
    const { [mutation]: payload } = await this.graphql(credential, query, { input });
    if (!payload.success) throw new Error(`${mutation} answered ${JSON.stringify(payload.errors)}`);
    return payload;
  }

  /** The data of a call of the company API that is done. */
  async rest(credential: string, call: string, body?: object): Promise<Json> {
    const [method = '', path = ''] = call.split(' ');
    const { status, text } = await this.send(method, path, credential, body);
    if (status !== 200) throw new Error(`${call} answered ${status} ${text}`);
    return JSON.parse(text).data;
  }
}
