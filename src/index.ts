/** The entry points that Cloudflare and other Workers call. */
import { WorkerEntrypoint } from 'cloudflare:workers';
import type { MaybePromise } from './base/maybe-promise.ts';
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
 * For other Workers of the account, through a service binding with this entrypoint. It never
 * throws.
 */
export class TokenAuthority extends WorkerEntrypoint<Env> {
  /** Is this token valid, and may its user do what is asked? Like `/verify`. */
  verify(token: string, question: RpcQuestion = {}): MaybePromise<Verified> {
    return verifyByRpc(app.openRpc(this.env, this.ctx), token, question);
  }

  /** Whose token is this? Like `/introspect`. */
  introspect(token: string, options: RpcOptions = {}): MaybePromise<Introspected> {
    return introspectByRpc(app.openRpc(this.env, this.ctx), token, options);
  }
}
