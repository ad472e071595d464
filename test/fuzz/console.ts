/** Requests of the console: calls of the APIs with a cookie, and its session. */
import fc from 'fast-check';
import { graphqlFor, JSON_TYPE, mostly, restFor } from './requests.ts';
import type { Shot } from './shot.ts';
import type { Stage } from './stage.ts';
import { oddText, oddValue, textFor } from './values.ts';

type Headers = Shot['headers'];

/** What Fetch would not send in a header is left out. */
const sendable = (text: string): string => text.replace(/[^\t -~]/g, '');

const NAME = '__Host-latchkey';

/** The cookie of somebody, or something odd in its place. */
function cookieFor({ credentials }: Stage): fc.Arbitrary<Headers> {
  const token = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...credentials.console) },
    fc.constantFrom(...credentials.key, ...credentials.staff, ...credentials.operator),
  );
  const usual = token.map((value): Headers => [['Cookie', `${NAME}=${value}`]]);
  const odd = fc.tuple(token, oddText).map(([value, text]): Headers => {
    const other = sendable(text);
    return [['Cookie', `${other}; ${NAME}=${value}${other}; ${NAME}="${other}"`]];
  });
  return mostly(usual, odd, fc.constant([]));
}

const fromPage: fc.Arbitrary<Headers> = mostly(
  fc.constant([['Sec-Fetch-Site', 'same-origin']]),
  fc.constant([['Origin', 'http://latchkey.test']]),
  fc.constant([['Sec-Fetch-Site', 'cross-site']]),
  oddText.map((text): Headers => [['Origin', sendable(text)]]),
  fc.constant([]),
);

/** The same call, by the console: mostly without the credential that it had. */
const below = (shot: Shot, cookie: Headers, page: Headers, keepsBearer: boolean): Shot => ({
  ...shot,
  target: `/console/api${shot.target}`,
  headers: [
    ...shot.headers.filter(([name]) => keepsBearer || name !== 'Authorization'),
    ...cookie,
    ...page,
  ],
});

export function consoleFor(stage: Stage): fc.Arbitrary<Shot> {
  const signIn = mostly(
    fc.record(
      {
        email: textFor(stage, 'email'),
        password: textFor(stage, 'password'),
        company_id: fc.constantFrom(...(stage.known.company_id ?? [])),
      },
      { requiredKeys: ['email', 'password'] },
    ),
    fc.record({ operatorKey: oddText }),
    fc.dictionary(oddText, oddValue, { maxKeys: 3 }),
  );
  return fc.oneof(
    fc
      .tuple(
        fc.oneof(graphqlFor(stage), restFor(stage)),
        cookieFor(stage),
        fromPage,
        mostly(fc.constant(false), fc.constant(true)),
      )
      .map(([shot, cookie, page, keepsBearer]) => below(shot, cookie, page, keepsBearer)),
    fc.tuple(signIn, cookieFor(stage), fromPage).map(
      ([fields, cookie, page]): Shot => ({
        method: 'POST',
        target: '/console/session',
        headers: [['Content-Type', JSON_TYPE], ...cookie, ...page],
        body: Buffer.from(JSON.stringify(fields)),
        chunked: false,
      }),
    ),
  );
}
