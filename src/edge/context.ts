/** What Hono passes to the routes of this face. */
import type { Context } from 'hono';
import type { FaceEnv } from '../policy/request-context.ts';

export type EdgeContext = Context<FaceEnv>;
