/** Face one: the intermediaries' API over HTTP. Built once for each isolate. */
import { type DocumentNode, validate } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { Memory } from '../base/memory.ts';
import { admit, charge, knock, type LimitedHandover } from '../policy/admit.ts';
import type { Context } from './builder.ts';
import { assertAffordable, unitsOf } from './cost.ts';
import { present, refusal, wrap } from './errors.ts';
import { assertDocumentAllowed, variablesOf } from './gate.ts';
import { parseDocument } from './parse.ts';
import { schema } from './schema.ts';

export interface GraphqlHandover extends LimitedHandover {
  /** Whether GraphiQL is served and introspection open. */
  docs: boolean;
  /** What a document may cost at most. */
  maxCost: number;
}

const limits: Plugin<object, GraphqlHandover> = {
  onParse({ setParseFn }) {
    setParseFn(parseDocument);
  },
  onValidate({ context, setValidationFn }) {
    // What is there is told to nobody who does not know it, where the schema is not open.
    const { docs: isOpen } = context as unknown as GraphqlHandover;
    setValidationFn(((...[schema, document, rules, options]: Parameters<typeof validate>) =>
      validate(schema, document, rules, { ...options, hideSuggestions: !isOpen })) as never);
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

const gate: Plugin<Context, GraphqlHandover> = {
  async onExecute({ args, context }) {
    const variables = variablesOf(args);
    const { docs, account } = context;
    assertDocumentAllowed(args, variables, context);
    account.cost = assertAffordable(args, variables, account.maxCost);
    await account.charge(unitsOf(args, account.cost));
    Object.assign(args, { hideSuggestions: !docs });
  },
};

const results: Plugin<Context, GraphqlHandover> = {
  onExecutionResult({ result, context, setResult }) {
    if (!result || Symbol.asyncIterator in result) return;
    const { requestId, account } = context as typeof context & Partial<Context>;
    const cost = account?.cost;
    setResult({
      ...result,
      ...(result.errors && { errors: result.errors.map((error) => present(error, requestId)) }),
      ...(cost && { extensions: { ...result.extensions, cost } }),
    });
  },
};

const yoga = createYoga<GraphqlHandover, Context>({
  schema,
  // The front door knows the paths.
  graphqlEndpoint: '*',
  async context({ request, docs, maxCost, ...handover }) {
    const call = handover.openCall();
    const caller = await admit(call, request.headers, handover);
    const pay = (units: number) => charge(call, caller, handover.limits, units);
    return { call, caller, docs, account: { maxCost, charge: pay } };
  },
  plugins: [limits, gate, results],
  maskedErrors: { maskError: wrap },
  maxRequestBodySize: MAX_BODY,
  parserAndValidationCache: { documentCache: shortDocuments, errorCache: nothing },
  logging: false,
  multipart: false,
  cors: false,
  landingPage: false,
  graphiql: false,
});

/** Whoever asks for too much is refused before the body is read, and at a small part of the price of an answer. */
export async function serveGraphql(request: Request, handover: GraphqlHandover): Promise<Response> {
  try {
    await knock(handover, request.headers);
  } catch (fault) {
    return refusal(fault, request.headers, handover.requestId);
  }
  return yoga.fetch(request, handover);
}
