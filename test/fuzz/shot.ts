/** One request, as it is made up, sent, shown and read. */

export interface Shot {
  method: string;
  /** Path and query. */
  target: string;
  headers: [name: string, value: string][];
  body: Buffer | null;
  /** Sent in pieces, without a length. */
  chunked: boolean;
}

/** In pieces, as if it came in over a slow line. */
const inPieces = (body: Buffer): ReadableStream =>
  new ReadableStream({
    start(controller) {
      const length = Math.max(1, Math.ceil(body.length / 7));
      for (let at = 0; at < body.length; at += length) {
        controller.enqueue(new Uint8Array(body.subarray(at, at + length)));
      }
      controller.close();
    },
  });

export function requestOf({ method, target, headers, body, chunked }: Shot): Request {
  const sent = new Headers();
  for (const [name, value] of headers) sent.append(name, value);
  return new Request(`http://latchkey.test${target}`, {
    method,
    headers: sent,
    body: body && (chunked ? inPieces(body) : new Uint8Array(body)),
  });
}

/** Bytes stand as the characters of their numbers. */
export function shown({ method, target, headers, body, chunked }: Shot): string {
  const shortened = (text: string) =>
    text.length > 3_000 ? `${text.slice(0, 3_000)}… (${text.length})` : text;
  return [
    `${method} ${shortened(target)}`,
    ...headers.map(([name, value]) => shortened(`${name}: ${value}`)),
    ...(body ? [chunked ? '(in pieces)' : '', shortened(body.toString('latin1'))] : []),
  ].join('\n');
}

/** Everything that a request says, as far as it can be read. */
export function saidBy({ target, headers, body }: Shot): string {
  const raw = [target, ...headers.flat(), body?.toString('utf8') ?? ''].join('\n');
  const decoded = raw.replaceAll('+', ' ').replaceAll(/(%[0-9A-Fa-f]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
  const secrets = headers.map(([, value]) =>
    Buffer.from(value.replace(/^basic +/i, ''), 'base64').toString('utf8'),
  );
  return [raw, decoded, ...secrets].join('\n');
}
