/** A receiver of webhooks on this machine: it answers what is signed, and keeps it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A delivery whose signature is good. */
export interface Verified {
  headers: Record<string, string>;
  event: { type: string; data: object };
}

/** No event of ours is longer, in bytes. */
const MAX_BODY = 100_000;

export interface Receiver {
  url: string;
  /** Only what is signed with this secret is taken. Until one is named, nothing is. */
  trust(secret: string): void;
  /** The next delivery, be it here already. Throws where none comes within `seconds`. */
  next(seconds: number): Promise<Verified>;
  close(): void;
}

/** Listens at a port that is free. */
export async function openReceiver(): Promise<Receiver> {
  let webhook: Webhook | undefined;
  const taken: Verified[] = [];
  let wake = () => {};

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > MAX_BODY) return response.writeHead(413).end();
      chunks.push(chunk);
    }
    try {
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => name.startsWith('webhook-')),
      ) as Record<string, string>;
      const event = webhook?.verify(Buffer.concat(chunks).toString(), headers);
      if (!event) return response.writeHead(503).end();
      taken.push({ headers, event: event as Verified['event'] });
      wake();
      return response.writeHead(204).end();
    } catch {
      return response.writeHead(400).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    trust(secret) {
      webhook = new Webhook(secret);
    },
    async next(seconds) {
      if (taken.length === 0) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        wake = resolve;
        const late = new Error(`No delivery came within ${seconds} seconds.`);
        const timer = setTimeout(() => reject(late), seconds * 1_000);
        await promise.finally(() => clearTimeout(timer));
      }
      return taken.shift() as Verified;
    },
    close: () => server.close().closeAllConnections(),
  };
}
