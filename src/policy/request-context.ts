/**
 * A request on its way through a face. The front makes one for each; a face takes from it what it
 * needs.
 */
import type { Call, Degradation } from '../domain/permit.ts';
import type { Limits } from './limits.ts';

export interface RequestContext {
  readonly requestId: string;
  readonly operatorKeys: readonly string[];
  /** Where clients reach us, as they are to be told. */
  readonly origin: string;
  readonly limits: Limits;
  /** Whether the reference and GraphiQL are served and introspection is open. */
  readonly docs: boolean;
  /** What a GraphQL document may cost at most. */
  readonly maxCost: number;
  /** In units: what the call counted before it was read. */
  counted: number;
  /** How the answer falls short of the truth, once it is there. */
  readonly degradation: Degradation | undefined;
  /**
   * Begins the call, and with it its time: only once the body is there, or a slow one would stop
   * the clock. Throws UNAVAILABLE where the deployment lacks something.
   */
  openCall(this: RequestContext): Call;
  /** Answers whole, though the client hangs up. */
  runToCompletion<Answer>(answer: () => Promise<Answer>): Promise<Answer>;
  /** The answer, with the request's id, and with what it lacks of the truth. */
  stamp(response: Response): Response;
  /** The same, of an answer that has the id already. */
  mark(response: Response): Response;
}

/** What Hono hands to the routes of a face. */
export interface FaceEnv {
  Variables: { requestContext: RequestContext };
}
