/** What becomes of requests when bytes, paths, queries and headers are tampered with. */
import fc from 'fast-check';
import { credentialFor, FORM_TYPE, JSON_TYPE } from './requests.ts';
import type { Shot } from './shot.ts';
import type { Stage } from './stage.ts';
import { oddText } from './values.ts';

export type Tampering = (shot: Shot) => Shot;

/** Where in something of any length: its start, its end or between. */
const share = fc.double({ min: 0, max: 1, noNaN: true });

const inBody = (change: (body: Buffer) => Buffer): Tampering => {
  return (shot) => ({ ...shot, body: shot.body && change(shot.body) });
};

const spliced = (body: Buffer, at: number, length: number, piece: Buffer): Buffer => {
  const start = Math.floor(at * body.length);
  return Buffer.concat([body.subarray(0, start), piece, body.subarray(start + length)]);
};

const bytes = fc.oneof(
  fc
    .constantFrom(
      [0],
      [0xff, 0xfe],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xef, 0xbb, 0xbf],
      [0x0d, 0x0a],
      [0x22],
      [0x5c, 0x75, 0x64, 0x38, 0x30, 0x30],
    )
    .map((list) => Buffer.from(list)),
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map((list) => Buffer.from(list)),
  fc
    .tuple(
      fc.constantFrom('[', '{"a":', '9', '%', '&a=', '{a', '--', '\n'),
      fc.constantFrom(1, 100, 30_000),
    )
    .map(([text, times]) => Buffer.from(text.repeat(times))),
);

const withBodies: fc.Arbitrary<Tampering> = fc.oneof(
  fc.tuple(share, bytes).map(([at, piece]) => inBody((body) => spliced(body, at, 0, piece))),
  fc.tuple(share, bytes).map(([at, piece]) => inBody((body) => spliced(body, at, 1, piece))),
  share.map((at) => inBody((body) => body.subarray(0, Math.floor(at * body.length)))),
  fc.tuple(share, share, fc.constantFrom(2, 50)).map(([from, to, times]) =>
    inBody((body) => {
      const [start, end] = [from, to].toSorted((a, b) => a - b).map((at) => at * body.length);
      const part = body.subarray(start, end).subarray(0, 10_000);
      return spliced(body, from, 0, Buffer.concat(Array<Buffer>(times).fill(part)));
    }),
  ),
  fc
    .tuple(
      share,
      fc.constantFrom('1e999', '-1', '9'.repeat(5_000), '9007199254740993', '0.1', 'null'),
    )
    .map(([at, number]) =>
      inBody((body) => {
        const text = body.toString('latin1');
        const numbers = [...text.matchAll(/\d+/g)];
        const one = numbers[Math.floor(at * numbers.length)];
        return one
          ? Buffer.from(
              text.slice(0, one.index) + number + text.slice(one.index + one[0].length),
              'latin1',
            )
          : body;
      }),
    ),
  fc.constant(inBody(() => Buffer.alloc(0))),
  fc
    .constantFrom(999_999, 1_000_001, 2_000_001)
    .map((length) =>
      inBody((body) =>
        Buffer.concat([body, Buffer.alloc(Math.max(0, length - body.length), 0x20)]),
      ),
    ),
  fc.constant<Tampering>((shot) => ({ ...shot, chunked: true })),
);

/** As they may stand in a URL that a client put together carelessly. */
const oddPath = fc.constantFrom(
  '/',
  '//',
  '/.',
  '/..;/',
  '/%2e%2e/',
  '/%2F',
  '/%',
  '/%00',
  '/%ff%fe',
  '/%E0%A4%A',
  '/%0d%0aX-Injected:%201',
  '/;a=b',
  '/\\',
  '/*',
  '/:id',
  '/__proto__',
  '/constructor',
  `/${'a'.repeat(8_000)}`,
  '/a'.repeat(2_000),
  '/１２',
  '/0x1F',
  '/-1',
  '/1e3',
  '/9007199254740993',
);

const oddQuery = fc.oneof(
  fc.constantFrom(
    '%',
    '%zz=%zz',
    '=',
    '&&&',
    'a'.repeat(8_000),
    'page=1&page=2',
    'page[]=1',
    '__proto__[a]=1',
    '__proto__=1',
    'query=%00',
    'query={__typename}&query={__typename}',
    'variables=[[[[',
    'variables=1',
    'extensions={',
    'operationName=__proto__',
    '%0d%0aX-Injected:1',
    'a=1;b=2',
    '?'.repeat(100),
    'a&'.repeat(2_000),
    '\ud800=\udfff',
    '+',
  ),
  oddText,
);

const withTargets: fc.Arbitrary<Tampering> = fc.oneof(
  oddQuery.map(
    (query): Tampering =>
      (shot) => ({
        ...shot,
        target: shot.target + (shot.target.includes('?') ? '&' : '?') + query.replaceAll('#', ''),
      }),
  ),
  fc.tuple(share, oddPath).map(
    ([at, odd]): Tampering =>
      (shot) => {
        const start = Math.floor(at * shot.target.length);
        return {
          ...shot,
          target: `/${shot.target.slice(1, start)}${odd}${shot.target.slice(start)}`,
        };
      },
  ),
  oddPath.map(
    (odd): Tampering =>
      (shot) => ({ ...shot, target: shot.target.replace(/\/[^/?]*(?=\?|$)/, () => odd) }),
  ),
  fc.constant<Tampering>((shot) => ({ ...shot, target: shot.target.toUpperCase() })),
  share.map(
    (at): Tampering =>
      (shot) => ({
        ...shot,
        target: shot.target.slice(0, Math.max(1, Math.floor(at * shot.target.length))),
      }),
  ),
);

const oddHeader: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(
    fc.constant('Content-Type'),
    fc.constantFrom(
      '',
      JSON_TYPE,
      FORM_TYPE,
      'multipart/form-data',
      'multipart/form-data; boundary=',
      `multipart/form-data; boundary=${'b'.repeat(5_000)}`,
      'multipart/form-data; boundary="a\\"b"',
      'application/json; charset=utf-16',
      'application/graphql',
      'text/plain',
      'APPLICATION/JSON;;;',
      'application/json, text/plain',
      '/',
    ),
  ),
  fc.tuple(
    fc.constantFrom(
      'Content-Length',
      'Content-Encoding',
      'Transfer-Encoding',
      'Accept',
      'Accept-Encoding',
      'Range',
      'If-None-Match',
      'Origin',
      'Host',
      'Cookie',
      'Expect',
      'X-Latchkey-Verify',
      'X-Latchkey-User',
      'X-HTTP-Method-Override',
      'X-Forwarded-For',
      'CF-Connecting-IP',
      'X-Request-Id',
      'X-Token',
      'GraphQL-Preflight',
      'Access-Control-Request-Method',
      '__proto__',
      'constructor',
    ),
    fc.constantFrom(
      '',
      '0',
      '-1',
      '99999999999999999999',
      'gzip',
      'chunked',
      'null',
      '::1',
      '1:2:3',
      ':::::::::::',
      'DELETE',
      'bytes=0-1',
      '*',
      'a'.repeat(16_000),
      '\u0001\u007f',
      '"',
      '%00',
      'text/html,multipart/mixed;deferSpec=20220824',
    ),
  ),
);

function withHeaders(stage: Stage): fc.Arbitrary<Tampering> {
  return fc.oneof(
    oddHeader.map(
      ([name, value]): Tampering =>
        (shot) => ({
          ...shot,
          headers: [...shot.headers.filter(([known]) => known !== name), [name, value]],
        }),
    ),
    oddHeader.map(
      (header): Tampering =>
        (shot) => ({ ...shot, headers: [...shot.headers, header] }),
    ),
    fc.constant<Tampering>((shot) => ({ ...shot, headers: [...shot.headers, ...shot.headers] })),
    fc.constant<Tampering>((shot) => ({ ...shot, headers: [] })),
    credentialFor(stage).map(
      (credential): Tampering =>
        (shot) => ({
          ...shot,
          headers: [...shot.headers, ['Authorization', credential ?? '']],
        }),
    ),
    fc
      .constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND')
      .map(
        (method): Tampering =>
          (shot) => ({ ...shot, method }),
      ),
  );
}

export const tamperingsFor = (stage: Stage): fc.Arbitrary<Tampering> =>
  fc.oneof(
    { weight: 3, arbitrary: withBodies },
    { weight: 2, arbitrary: withTargets },
    { weight: 2, arbitrary: withHeaders(stage) },
  );
