/**
 * The first face: the intermediaries' API over HTTP. The server is built with an isolate's first
 * request.
 */
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { unauthenticated } from '../base/faults.ts';
import { HOUR } from '../base/time.ts';
import { TtlCache } from '../base/ttl-cache.ts';
import { slideExpiry } from '../domain/sessions/sliding-expiry.ts';
import { networkOf, stayWithin } from '../policy/limits.ts';
import { authenticateAndCharge, chargeUnits, checkRateLimits } from '../policy/rate-limits.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { answerOf } from './answer.ts';
import { assertDocumentAuthorized } from './authorization.ts';
import type { Context } from './builder.ts';
import { assertAffordable, unitsOf } from './cost.ts';
import { earlyRefusal, refusalType, wrap } from './errors.ts';
import { negotiate } from './negotiate.ts';
import { assertOperation } from './operation-name.ts';
import { parseDocument } from './parse.ts';
import { readable } from './readable.ts';
import { reportRefusals } from './refusals.ts';
import { getSchema } from './schema.ts';
import { validateDocument } from './validate.ts';
import { readVariables } from './variables.ts';

/**
 * What Yoga passes to plugins. It copies this object, so the request context is a property: a copy
 * of the context itself would not work.
 */
interface ServerContext {
  requestContext: RequestContext;
}

/** Authenticates the caller, after the body has arrived and before it is parsed. */
async function open(
  requestContext: RequestContext,
  headers: Headers,
  bytes: number,
): Promise<Context> {
  const { docs, maxCost, limits } = requestContext;
  const call = requestContext.openCall();
  const caller = await authenticateAndCharge(call, headers, requestContext, bytes);
  if (caller.kind === 'guest') {
    if (!docs) throw unauthenticated(false);
    const network = networkOf(headers);
    if (network !== '') await stayWithin(limits.refusals, network);
  }
  // For end users, only `viewer` is activity.
  if (caller.kind === 'member') slideExpiry(call, caller.session);
  const pay = (units: number) => chargeUnits(call, caller, limits, units);
  return { call, caller, docs, account: { maxCost, refused: [], hints: [], charge: pay } };
}

const authentication: Plugin<object, ServerContext> = {
  onRequestParse({ requestParser, serverContext, setRequestParser }) {
    if (!requestParser) return;
    setRequestParser(async (sent) => {
      const bytes = sent.body && new Uint8Array(await sent.arrayBuffer());
      const context = await open(serverContext.requestContext, sent.headers, bytes?.length ?? 0);
      const request = readable(sent, bytes, context.caller.kind === 'guest');
      Object.assign(serverContext, context);
      const params = await requestParser(request);
      // Some clients send an empty operation name if a document has only one.
      if ('operationName' in params && params.operationName === '') delete params.operationName;
      return params;
    });
  },
};

const limits: Plugin<object, ServerContext> = {
  onParse({ setParseFn }) {
    setParseFn(parseDocument);
    return ({ result, context }) => {
      // Yoga's type of the context is too narrow here: it also holds the initial context.
      const { params } = context as unknown as YogaInitialContext;
      if (!(result instanceof Error)) assertOperation(result, params.operationName);
    };
  },
  onValidate({ context, setValidationFn }) {
    // Without open introspection, no message reveals names of the schema.
    // The context has what the server was given. Yoga's type leaves it out.
    const { docs: isOpen } = (context as unknown as ServerContext).requestContext;
    // Yoga passes more arguments than our validation takes.
    setValidationFn(((schema: GraphQLSchema, document: DocumentNode) =>
      validateDocument(schema, document, isOpen)) as never);
  },
};

/** In bytes. A call with a thousand devices takes some 50 KB. */
const MAX_BODY = 1_000_000;
/**
 * In characters. A longer document has inline values and will not come again, so it is not cached.
 */
const MAX_CACHED = 4_000;
const CACHED_MS = HOUR;
/** In bytes. */
const MAX_DOCUMENTS = 8_000_000;

/**
 * About the memory that a document takes: its nodes, some for each token, and its source. Comments
 * are tokens too, but not among those that the parser counts.
 */
function weigh({ loc }: DocumentNode): number {
  let tokens = 0;
  for (let token = loc?.startToken; token; token = token.next ?? undefined) tokens++;
  return MAX_CACHED + 400 * tokens;
}

const documents = new TtlCache<DocumentNode>(MAX_DOCUMENTS, weigh);
const shortDocuments = {
  get: (source: string) => documents.get(source, Date.now()),
  set(source: string, document: DocumentNode) {
    if (source.length <= MAX_CACHED) documents.set(source, document, Date.now() + CACHED_MS);
  },
};
const nothing = { get: () => undefined, set: () => {} };

const authorization: Plugin<Context, ServerContext> = {
  async onExecute({ args, context }) {
    const { caller, docs, account } = context;
    const read = readVariables(args, docs);
    if ('faults' in read) {
      if (caller.kind === 'guest') throw unauthenticated(false);
      throw new AggregateError(read.faults);
    }
    assertDocumentAuthorized(args, read.variables, context);
    account.cost = assertAffordable(args, read.variables, account.maxCost);
    await account.charge(unitsOf(args, account.cost));
    Object.assign(args, { hideSuggestions: !docs });
  },
};

const results: Plugin<object, ServerContext> = {
  onResultProcess({ result, serverContext, setResult }) {
    if (Array.isArray(result) || Symbol.asyncIterator in result) return;
    const { requestContext, account } = serverContext as ServerContext & Partial<Context>;
    const { requestId } = requestContext;
    if (!account?.cost) return setResult(answerOf(result, requestId));
    const { cost, room, refused, hints } = account;
    const told = room && {
      ...(refused.length > 0 && { refusals: reportRefusals(room, refused) }),
      ...(hints.length > 0 && { hints: reportRefusals(room, hints) }),
    };
    const extensions = { ...result.extensions, cost, ...told };
    setResult(answerOf({ ...result, extensions }, requestId));
  },
};

const newYoga = () =>
  createYoga<ServerContext>({
    schema: getSchema(),
    // The routes in `front/` define the paths.
    graphqlEndpoint: '*',
    plugins: [authentication, limits, authorization, results],
    maskedErrors: { maskError: wrap },
    maxRequestBodySize: MAX_BODY,
    // `validateDocument` remembers what is valid.
    parserAndValidationCache: {
      documentCache: shortDocuments,
      errorCache: nothing,
      validationCache: false,
    },
    logging: false,
    multipart: false,
    cors: false,
    landingPage: false,
    graphiql: false,
  });

let yoga: ReturnType<typeof newYoga> | undefined;

/**
 * The request after content negotiation. Without open introspection, a request without credentials
 * is told first how to authenticate.
 */
async function negotiated(sent: Request, requestContext: RequestContext): Promise<Request> {
  const { docs } = requestContext;
  if (!docs && !sent.headers.has('Authorization')) throw unauthenticated(false);
  try {
    return negotiate(sent, docs);
  } catch (fault) {
    if (!docs) await open(requestContext, sent.headers, 0);
    throw fault;
  }
}

/**
 * Serves a request. One over its limit is refused before the body is read, at a small part of the
 * usual cost.
 */
export async function serveGraphql(
  sent: Request,
  requestContext: RequestContext,
): Promise<Response> {
  let request: Request;
  try {
    await checkRateLimits(requestContext, sent.headers);
    request = await negotiated(sent, requestContext);
  } catch (fault) {
    return earlyRefusal(fault, refusalType(sent.headers), requestContext.requestId);
  }
  yoga ??= newYoga();
  return yoga.fetch(request, { requestContext });
}
