/** A request on its way through this face. */
import type { Context } from 'hono';
import type { Handover } from '../policy/authenticate.ts';

export interface EdgeEnv {
  Variables: { handover: Handover };
}

export type EdgeContext = Context<EdgeEnv>;
