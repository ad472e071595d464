/**
 * The refusal of a method that a path does not have, in the format of its face. It names the
 * methods that the path has, and what may be meant.
 */
import { wrongMethod as wrongAtEdge } from '../edge/answers.ts';
import { earlyRefusal, refusalType } from '../graphql/errors.ts';
import { badRequest } from '../graphql/negotiate.ts';
import { refused } from '../rest/answers.ts';
import { type Face, faceOf } from './faces.ts';

/** What was probably meant, by method and path. The first match is reported. */
const ELSEWHERE: [call: RegExp, advice: string][] = [
  [/^(GET|HEAD) .*\/import$/, 'GET /export reads users.'],
  [/^POST .*\/export$/, 'POST /import writes users.'],
  [/^POST .*\/events$/, 'GET reads them. addWebhook at /graphql has them sent.'],
  [
    /^POST .*\/session$/,
    'POST /authenticate opens one for a member, addUserSession for an end user.',
  ],
  [/^(PUT|POST) .*\/(\d+|me)$/, 'PATCH changes the fields that you send.'],
];

type Refuse = (
  sentence: string,
  allow: { Allow: string },
  request: Request,
  id: string,
) => Response;

const rest: Refuse = (sentence, allow) => refused(405, { method: sentence }, allow);

const faces = {
  graphql: (sentence, allow, { headers }, requestId) =>
    earlyRefusal(badRequest(405, sentence, allow), refusalType(headers), requestId),
  edge: wrongAtEdge,
  rest,
  health: rest,
} satisfies Record<Face, Refuse>;

/** `path` has no trailing slash. `methods`: those that it has. */
export function refuseMethod(
  request: Request,
  path: string,
  methods: readonly string[],
  requestId: string,
): Response {
  const Allow = methods.join(', ');
  const call = `${request.method} ${path}`;
  const advice = ELSEWHERE.find(([fits]) => fits.test(call))?.[1] ?? '';
  const refuse: Refuse = faces[faceOf(path)];
  return refuse(
    `This path only supports ${Allow}. ${advice}`.trimEnd(),
    { Allow },
    request,
    requestId,
  );
}
