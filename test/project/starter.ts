/**
 * Starts one server for all files that need no more than one, when the first of them asks: to start
 * takes more than most of these files do. Runs in Vitest's own process, and stops the server at the
 * end.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type LocalServer, startServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for the server. */
    starter: string;
  }
}

export default async function setup({ provide }: TestProject) {
  let server: Promise<LocalServer> | undefined;
  const starter = createServer((_, response) => {
    server ??= startServer();
    server.then(
      ({ url, greeting, operatorKey }) =>
        response.end(JSON.stringify({ url, greeting, operatorKey })),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((up) => starter.listen(0, '127.0.0.1', up));
  provide('starter', `http://127.0.0.1:${(starter.address() as AddressInfo).port}`);
  return async () => {
    starter.close();
    await (await server?.catch(() => undefined))?.stop();
  };
}
