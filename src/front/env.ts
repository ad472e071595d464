/** What Hono passes along with a request. */
import type { FaceEnv } from '../policy/request-context.ts';
import type { Env } from './settings.ts';

export interface FrontEnv extends FaceEnv {
  Bindings: Env;
}
