/** The entry: what Cloudflare and other Workers call. */
import { WorkerEntrypoint } from 'cloudflare:workers';
import type { Nudge } from './domain/permit.ts';
import {
  type Introspected,
  introspectByRpc,
  type RpcOptions,
  type RpcQuestion,
  type Verified,
  verifyByRpc,
} from './edge/rpc.ts';
import { createApp } from './front/app.ts';
import { newIsolate } from './front/isolate.ts';
import type { Env } from './front/settings.ts';

export { type App, createApp } from './front/app.ts';
export { newIsolate } from './front/isolate.ts';

const app = createApp(newIsolate());

export default {
  fetch: app.fetch,
  scheduled: (_, env, execution) => app.sweep(env, execution),
  queue: app.work,
} satisfies ExportedHandler<Env, Nudge>;

/**
 * For other Workers of the account, by a service binding with this entrypoint. No answer is a
 * throw.
 */
export class TokenAuthority extends WorkerEntrypoint<Env> {
  /** Is this token good, and may its user do what is asked? As `/verify`. */
  verify(token: string, question: RpcQuestion = {}): Promise<Verified> {
    return verifyByRpc(app.openRpc(this.env, this.ctx), token, question);
  }

  /** Whose token is this? As `/introspect`. */
  introspect(token: string, options: RpcOptions = {}): Promise<Introspected> {
    return introspectByRpc(app.openRpc(this.env, this.ctx), token, options);
  }
}
