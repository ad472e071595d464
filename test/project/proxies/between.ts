/**
 * What stands between a proxy and Latchkey in these tests: it keeps what is asked, and can be an
 * ill Latchkey.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Between {
  port: number;
  /**
   * What is answered in place of Latchkey; undefined: what Latchkey answers. `cut`: the connection
   * is.
   */
  instead: { status: number; headers: Record<string, string> } | 'cut' | undefined;
  /** The requests for Latchkey, since the last time it was asked. */
  asked(): Pick<IncomingMessage, 'url' | 'headers'>[];
  close(): Promise<void>;
}

export async function openBetween(latchkey: number): Promise<Between> {
  let requests: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
  const server = createServer((asked, answer) => {
    const { url, headers, method } = asked;
    requests.push({ url, headers });
    const { instead } = between;
    if (instead === 'cut') return asked.socket.destroy();
    if (instead) return answer.writeHead(instead.status, instead.headers).end();
    const onward = request({ port: latchkey, host: '127.0.0.1', path: url, headers, method });
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    asked.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const between: Between = {
    port: (server.address() as AddressInfo).port,
    instead: undefined,
    asked() {
      const asked = requests;
      requests = [];
      return asked;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return between;
}
