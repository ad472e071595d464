/** The context of one request. `front/` makes it, and each face takes from it what it needs. */
import type { Call, Degradation } from '../domain/permit.ts';
import type { Limits } from './limits.ts';

export interface RequestContext {
  readonly requestId: string;
  /**
   * Where the credential is: in the Authorization header or, below `/console`, in the cookie. What
   * is accepted in one place is refused in the other.
   */
  readonly credentialIn: 'header' | 'cookie';
  readonly operatorKeys: readonly string[];
  /** The origin under which clients reach the service. */
  readonly origin: string;
  /** Every origin by which this service is reached, as far as it knows. */
  readonly ownOrigins: readonly string[];
  readonly limits: Limits;
  /** Whether the reference and GraphiQL are served, and introspection is open. */
  readonly docs: boolean;
  /** Whether the console is served. */
  readonly console: boolean;
  /** The highest cost of a GraphQL document. */
  readonly maxCost: number;
  /** The units that were charged before the body was read. */
  counted: number;
  /** How the response may differ from D1, once that is known. */
  readonly degradation: Degradation | undefined;
  /**
   * Begins the call and starts its clock. Call it only when the body is there: otherwise a slow
   * body would make the clock late. Throws UNAVAILABLE if the deployment lacks something.
   */
  openCall(this: RequestContext): Call;
  /** Runs `answer` to its end, even if the client hangs up. */
  runToCompletion<Answer>(answer: () => Promise<Answer>): Promise<Answer>;
  /** Adds the request id to the response, and what `mark` adds. */
  stamp(response: Response): Response;
  /** Adds the degradation and the bookmark to a response. */
  mark(response: Response): Response;
}

/** What Hono passes to the routes of a face. */
export interface FaceEnv {
  Variables: { requestContext: RequestContext };
}
