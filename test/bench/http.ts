/** As much of HTTP/1.1 as the benchmark speaks: whole requests out, the ends of answers in. */
import { request } from 'node:http';
import type { Ask } from './contender.ts';

/** What the Host header says: without a port, so that no contender's answer depends on it. */
export const HOST = '127.0.0.1';

export const requestText = ({ method, path, headers, body = '' }: Ask): string =>
  [
    `${method} ${path} HTTP/1.1`,
    `Host: ${HOST}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body ? [`Content-Length: ${body.length}`] : []),
    '',
    body,
  ].join('\r\n');

const HEAD_END = '\r\n\r\n';
const NO_BODY = /^HTTP\/1\.1 (204|304) /;
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Whether an answer that began with `text` has come whole. */
export function answerEnds(text: string): boolean {
  const end = text.indexOf(HEAD_END);
  if (end < 0) return false;
  if (NO_BODY.test(text)) return true;
  const body = end + HEAD_END.length;
  const length = LENGTH.exec(text.slice(0, end))?.[1];
  return length === undefined
    ? text.endsWith(`0${HEAD_END}`)
    : text.length >= body + Number(length);
}

/**
 * One answer, with its headers and its body as a text. Not by `fetch`, which names the port in the
 * Host.
 */
export const answerTo = (
  port: number,
  { method, path, headers, body = '' }: Ask,
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const sent = request(
      { port, method, path, host: HOST, headers: { Host: HOST, ...headers } },
      (answer) => {
        let text = JSON.stringify(answer.headers);
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
