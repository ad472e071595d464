/** The call that a request makes of the domain. */
import type { Issuer } from '../base/issuer.ts';
import { type RelyingParty, relyingPartyAt } from '../base/relying-party.ts';
import type { Signer } from '../base/signer.ts';
import type { Database } from '../db/connect.ts';
import type { Isolate } from '../domain/isolate.ts';
import type { Call, Degradation } from '../domain/permit.ts';
import type { Env, Settings } from './settings.ts';

/** What a call takes from the context of its request. */
export interface CallContext extends Pick<Call, 'requestId' | 'db' | 'client' | 'defer'> {
  readonly room: Call['budget'];
  /** Where this service is. */
  readonly origin: string;
  readonly ownOrigins: readonly string[];
  degradation: Degradation | undefined;
}

/** The call of a request. A class, since each token check creates one and uses little of it. */
export class OpenCall implements Call {
  readonly now = Date.now();
  readonly isolate: Isolate;
  readonly #settings: Settings;
  readonly #context: CallContext;
  readonly #env: Env;

  constructor(context: CallContext, env: Env, isolate: Isolate, settings: Settings) {
    this.isolate = isolate;
    this.#settings = settings;
    this.#context = context;
    this.#env = env;
  }

  get requestId(): string {
    return this.#context.requestId;
  }

  get db(): Database {
    return this.#context.db;
  }

  get kv(): KVNamespace {
    return this.#env.SESSIONS;
  }

  get work(): Env['WORK'] {
    return this.#env.WORK;
  }

  get issuer(): Issuer {
    return this.#settings.issuer;
  }

  get signer(): Signer {
    return this.#settings.signer;
  }

  get webhookUrls(): Call['webhookUrls'] {
    return { own: this.#context.ownOrigins, insecure: this.#settings.webhooksInsecure };
  }

  get relyingParty(): RelyingParty | null {
    return relyingPartyAt(this.#context.origin, this.#settings.publicUrl);
  }

  get mail(): Call['mail'] {
    const { MAIL: binding } = this.#env;
    const { mailFrom: from, publicUrl: origin } = this.#settings;
    return binding && from && origin ? { binding, from, origin } : undefined;
  }

  get assets(): Env['ASSETS'] {
    return this.#env.ASSETS;
  }

  get budget(): Call['budget'] {
    return this.#context.room;
  }

  get client(): Call['client'] {
    return this.#context.client;
  }

  degrade(how: Degradation): void {
    this.#context.degradation = how;
    console.warn({ requestId: this.requestId, degraded: how });
  }

  defer(work: () => Promise<unknown>): void {
    this.#context.defer(work);
  }
}
