/** A request on its way through this face. */
import type { Context } from 'hono';
import type { Call } from '../domain/permit.ts';
import type { Handover } from '../policy/authenticate.ts';

export interface EdgeEnv {
  Variables: { handover: Handover };
}

export type EdgeContext = Context<EdgeEnv>;

/** What answers the call of another service. */
export type Service = Pick<Handover, 'openCall' | 'operatorKeys'>;

/** A request that is answered ahead of all others. */
export interface Visitor {
  readonly requestId: string;
  /** Begins the call. UNAVAILABLE where the deployment lacks something. */
  openCall(): Call;
  /** Answers whole, though the client hangs up. */
  whole<Answer>(answer: () => Promise<Answer>): Promise<Answer>;
  /** The answer, with the request's id, and with what it lacks of the truth. */
  sign(response: Response): Response;
  /** The same, of an answer that has the id already. */
  mark(response: Response): Response;
}
