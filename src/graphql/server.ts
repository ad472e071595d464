/** Face one: the intermediaries' API over HTTP. Built once for each isolate. */
import type { DocumentNode } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { Memory } from '../base/memory.ts';
import { admit, type LimitedHandover } from '../policy/admit.ts';
import type { Context } from './builder.ts';
import { present, wrap } from './errors.ts';
import { assertDocumentAllowed } from './gate.ts';
import { parseDocument } from './parse.ts';
import { schema } from './schema.ts';

export interface GraphqlHandover extends LimitedHandover {
  /** Whether GraphiQL is served and introspection open to guests. */
  docs: boolean;
}

const limits: Plugin = {
  onParse({ setParseFn }) {
    setParseFn(parseDocument);
  },
};

/** In bytes: a call with a thousand devices takes some 50 KB. */
const MAX_BODY = 1_000_000;
/** In characters. A longer document has its values inlined and will not come again, nor be kept in memory. */
const MAX_CACHED = 4_000;
const CACHED_MS = 3_600_000;
/** In bytes. */
const MAX_DOCUMENTS = 8_000_000;

/** About what a document takes of an isolate's memory: its nodes, some for each token, and its source. */
const weigh = ({ tokenCount = 0 }: DocumentNode): number => MAX_CACHED + 400 * tokenCount;

const documents = new Memory<DocumentNode>(MAX_DOCUMENTS, weigh);
const shortDocuments = {
  get: (source: string) => documents.get(source, Date.now()),
  set(source: string, document: DocumentNode) {
    if (source.length <= MAX_CACHED) documents.set(source, document, Date.now() + CACHED_MS);
  },
};
const nothing = { get: () => undefined, set: () => {} };

const gate: Plugin<Context> = {
  onExecute({ args, context }) {
    assertDocumentAllowed(args, context);
  },
};

const errors: Plugin<object, GraphqlHandover> = {
  onExecutionResult({ result, context, setResult }) {
    if (!result || !('errors' in result) || !result.errors) return;
    const { requestId } = context;
    setResult({ ...result, errors: result.errors.map((error) => present(error, requestId)) });
  },
};

const yoga = createYoga<GraphqlHandover, Context>({
  schema,
  // The front door knows the paths.
  graphqlEndpoint: '*',
  async context({ request, docs, ...handover }) {
    const call = handover.openCall();
    return { call, caller: await admit(call, request.headers, handover), docs };
  },
  plugins: [limits, gate, errors],
  maskedErrors: { maskError: wrap },
  maxRequestBodySize: MAX_BODY,
  parserAndValidationCache: { documentCache: shortDocuments, errorCache: nothing },
  logging: false,
  multipart: false,
  cors: false,
  landingPage: false,
  graphiql: false,
});

export const serveGraphql = (request: Request, handover: GraphqlHandover): Promise<Response> =>
  Promise.resolve(yoga.fetch(request, handover));
