/**
 * Bytes on sockets: what `fetch` would mend before it sends it, and what a server would mend before
 * it shows it.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const END = '\r\n\r\n';

interface Head {
  /** The first line. */
  start: string;
  /** Names as they were written. */
  headers: [name: string, value: string][];
}

function readHead(bytes: string): Head {
  const [start = '', ...lines] = bytes.slice(0, bytes.indexOf(END)).split('\r\n');
  return {
    start,
    headers: lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  };
}

/** The values of a header, by its name in any letter case. */
export const valuesOf = ({ headers }: Pick<Head, 'headers'>, wanted: string): string[] =>
  headers.filter(([name]) => name.toLowerCase() === wanted.toLowerCase()).map(([, value]) => value);

export interface Answer extends Head {
  /** 0: the connection was closed without an answer. */
  status: number;
  body: string;
}

/**
 * Sends a request, a target of any bytes (as Latin-1) and lines of headers, and reads what comes
 * back.
 */
export async function send(
  port: number,
  target: string,
  lines: string[] = [],
  { method = 'GET', body = '' } = {},
): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  const closing = lines.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close'];
  const length = body ? [`Content-Length: ${body.length}`] : [];
  const head = [`${method} ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...closing, ...length];
  socket.write([...head, ...lines, '', body].join('\r\n'), 'latin1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answer += text;
  });
  socket.setTimeout(10_000, () => socket.destroy(new Error(`no end of an answer to ${target}`)));
  await once(socket, 'close').catch((error) => {
    // A server that refuses a request may close the connection before it has read all.
    if (!['ECONNRESET', 'EPIPE'].includes(error.code)) throw error;
  });
  const read = readHead(answer);
  const status = Number(read.start.split(' ')[1] ?? 0);
  return { ...read, status, body: answer.slice(answer.indexOf(END) + END.length) };
}

/** Whether a request is there to its end. */
function isWhole(bytes: string): boolean {
  const end = bytes.indexOf(END);
  if (end < 0) return false;
  const head = readHead(bytes);
  if (valuesOf(head, 'Transfer-Encoding').includes('chunked')) return bytes.endsWith(`0${END}`);
  return bytes.length >= end + END.length + Number(valuesOf(head, 'Content-Length')[0] ?? 0);
}

export interface Service {
  port: number;
  /** The requests that reached it, since the last time it was asked. */
  seen(): Head[];
  close(): Promise<void>;
}

/** The target of a request, as it came. */
export const targetOf = ({ start }: Head): string => start.split(' ').slice(1, -1).join(' ');

/** A service that accepts every request and keeps it unchanged. */
export async function openService(): Promise<Service> {
  let heads: Head[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let bytes = '';
    sockets.add(socket.setEncoding('latin1'));
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.on('data', (text) => {
      bytes += text;
      if (!isWhole(bytes)) return;
      heads.push(readHead(bytes));
      bytes = '';
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nreadings');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen() {
      const seen = heads;
      heads = [];
      return seen;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
