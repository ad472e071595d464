/** Content negotiation. Other formats are refused with advice before anything is read or run. */
import { GraphQLError } from 'graphql';
import { FORM, mediaTypeOf } from '../base/headers.ts';

/** The types that Yoga supports. */
const ANSWERS = [
  'application/graphql-response+json',
  'application/json',
  'multipart/mixed',
  'text/event-stream',
];
const BODIES = ['application/json', 'application/graphql+json', 'application/graphql', FORM];

export const HOW_TO_SEND =
  'Send {"query": "…"} as JSON, with the header "Content-Type: application/json".';

/** In characters. Browsers send some 150. */
const MAX_ACCEPT = 1_000;

export const badRequest = (status: number, sentence: string, headers = {}) =>
  new GraphQLError(sentence, { extensions: { code: 'BAD_REQUEST', http: { status, headers } } });

/** Whether a range of `Accept` matches one of the response types. */
function takesOne(range: string): boolean {
  const [type, ...parameters] = range.toLowerCase().replaceAll(/\s/g, '').split(';');
  if (parameters.some((one) => /^q=0(\.0*)?$/.test(one) || /^charset=(?!"?utf-8"?$)/.test(one))) {
    return false;
  }
  return ANSWERS.some((answer) =>
    [answer, `${answer.split('/', 1)[0]}/*`, '*/*'].includes(type ?? ''),
  );
}

function assertAcceptable(accept: string, docs: boolean): void {
  if (accept === '' || accept.split(',').some(takesOne)) return;
  const page = accept.includes('text/html') && !docs;
  throw badRequest(
    406,
    page
      ? `This is for programs. ${HOW_TO_SEND} GraphiQL, the page for browsers, is off here. ` +
          'The operator can set DOCS = "on".'
      : 'Responses are JSON. Send "Accept: application/json", or leave the header out.',
    { Accept: ANSWERS.join(', ') },
  );
}

function assertReadable(contentType: string): void {
  const type = mediaTypeOf(contentType);
  if (BODIES.includes(type)) return;
  throw badRequest(
    415,
    type === ''
      ? `The request does not say what its body is. ${HOW_TO_SEND}`
      : `A body of this type is not supported. ${HOW_TO_SEND}`,
  );
}

/**
 * The request for Yoga, with an Accept header cut to a bounded length and the media type in lower
 * case. Throws 406 or 415.
 */
export function negotiate(request: Request, docs: boolean): Request {
  const headers = new Headers(request.headers);
  const accept = (headers.get('Accept') ?? '').slice(0, MAX_ACCEPT);
  assertAcceptable(accept, docs);
  const contentType = headers.get('Content-Type') ?? '';
  if (request.method === 'POST') assertReadable(contentType);
  const [type = '', ...parameters] = contentType.split(';');
  const plain = [mediaTypeOf(type), ...parameters].join(';');
  if (accept === (headers.get('Accept') ?? '') && plain === contentType) return request;
  if (accept !== '') headers.set('Accept', accept);
  if (contentType !== '') headers.set('Content-Type', plain);
  return new Request(request, { headers });
}

/** The byte of `{`. A form never begins with it. */
const BRACE = 0x7b;
const isBlank = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Throws for JSON that is declared as a form, as curl does by default. */
export function assertNoJsonInForm(headers: Headers, bytes: Uint8Array): void {
  if (mediaTypeOf(headers.get('Content-Type') ?? '') !== FORM) return;
  if (bytes.find((byte) => !isBlank(byte)) !== BRACE) return;
  throw badRequest(
    400,
    'The body is JSON but declared as a form. Add the header "Content-Type: application/json".',
  );
}
